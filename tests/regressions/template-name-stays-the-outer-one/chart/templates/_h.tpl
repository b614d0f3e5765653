{{ define "h" }}{{ .Template.Name }} {{ .Template.BasePath }}{{ end }}
