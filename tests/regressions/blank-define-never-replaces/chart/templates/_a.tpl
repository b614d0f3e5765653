{{ define "x" }}
  {{/* nothing */}}
{{ end }}
