{{- define "t" -}}
a  {{- /* c */ -}}  b {{/* d */}} c {{- "x" -}} d
  {{- if true }}
e
{{- end }}
f {{-3}}
{{- end -}}
