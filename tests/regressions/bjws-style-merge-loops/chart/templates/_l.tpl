{{- define "l.enabled" -}}
  {{- $out := dict -}}
  {{- range $id, $r := (.resources | default dict) -}}
    {{- $en := true -}}
    {{- if hasKey $r "enabled" -}}{{- $en = $r.enabled -}}{{- if kindIs "string" $en -}}{{- $en = tpl $en $.root | eq "true" -}}{{- end -}}{{- end -}}
    {{- if $en -}}{{- $_ := set $out $id (mustMergeOverwrite (dict "identifier" $id "type" "deployment") (deepCopy $r)) -}}{{- end -}}
  {{- end -}}
  {{- $out | toYaml -}}
{{- end -}}
{{- define "l.option" -}}
{{- $o := get .ctx.opts .key -}}{{- if kindIs "bool" $o -}}{{- $o -}}{{- else if not (empty $o) -}}{{- if kindIs "map" $o -}}{{- $o | toYaml -}}{{- else -}}{{- $o -}}{{- end -}}{{- end -}}
{{- end -}}
