{{- define "t" -}}
{{ range .Values.l }}{{ toYaml (dict "k" .) }}
{{ end }}
{{- end -}}
