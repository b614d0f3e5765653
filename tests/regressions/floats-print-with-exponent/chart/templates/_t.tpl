{{- define "t" -}}
{{ range .Values.l }}
- {{ . }} {{ . | quote }} {{ . | int64 }} {{ . | toJson }} {{ . | toYaml }} {{ toString . }} {{ printf "%.0f %v %d %s %e %g %T" . . . . . . . }}
{{- end }}
{{- end -}}
