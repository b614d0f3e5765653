{{- define "t" -}}
{{ toYaml .Values }}
{{ toYamlPretty .Values }}
{{- end -}}
