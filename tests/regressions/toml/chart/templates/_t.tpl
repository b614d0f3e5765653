{{- define "t" -}}
{{ toToml .Values.t }}
{{ fromToml "a = 1\n[b]\nc = [1, 2]" | toJson }} {{ (fromToml "a = ").Error }}
{{- end -}}
