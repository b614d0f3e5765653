{{- define "s.req" -}}
{{ required (printf "%s is needed in %s" .k .root.Chart.Name) (index .root.Values .k) }}
{{- end -}}
{{- define "s.outer" -}}
{{- range $i, $k := list "a" "b" }}
{{ include "s.req" (dict "k" $k "root" $) }}
{{- end }}
{{- end -}}
