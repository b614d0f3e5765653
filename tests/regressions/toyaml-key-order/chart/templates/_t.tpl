{{- define "t" -}}
{{ toYaml .Values.m }}
{{ toJson .Values.m }}
{{- end -}}
