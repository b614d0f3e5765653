{{- define "t" -}}
{{ toYaml .Values }}
{{ range $k, $v := .Values }}{{ $k }}: {{ typeOf $v }}
{{ end }}
{{- end -}}
