{{ define "outer" }}
{{ include "inner" . }}{{ end }}
{{ define "inner" }}{{ if true }}{{ fail "no\nway" }}{{ end }}{{ end }}
