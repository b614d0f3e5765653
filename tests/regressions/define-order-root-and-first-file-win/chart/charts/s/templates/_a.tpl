{{ define "x" }}s{{ end }}
