{{ define "lib.x" }}from {{ .Chart.Name }}{{ end }}
