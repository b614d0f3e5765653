{{- define "t" -}}
{{- $rootContext := $ -}}
{{- $cs := include "l.enabled" (dict "resources" .Values.controllers "root" $) | fromYaml }}
{{- range $name, $c := $cs }}
---
kind: {{ $c.type | title }}
name: {{ $name }}-{{ $c.identifier }}
replicas: {{ $c.replicas }} {{ kindOf $c.replicas }} {{ typeOf $c.replicas }}
hostNetwork: {{ include "l.option" (dict "ctx" (dict "opts" $rootContext.Values.defaultPodOptions) "key" "hostNetwork") }}
ann: {{ include "l.option" (dict "ctx" (dict "opts" $rootContext.Values.defaultPodOptions) "key" "annotations") | nindent 2 }}
{{- $graph := dict -}}
{{- range $cn, $ct := $c.containers }}
  {{- $_ := set $graph $cn ($ct.dependsOn | default list) }}
- {{ $cn }}: {{ if kindIs "string" $ct.image }}{{ $ct.image }}{{ else }}{{ printf "%s:%s" $ct.image.repository ($ct.image.tag | toString) }}{{ end }}
  probe: {{ dig "probes" "liveness" "spec" (dict) $ct | toJson }}
  env: {{ range $k, $v := $ct.env }}{{ $k }}={{ if kindIs "map" $v }}{{ tpl (toYaml $v.value) $rootContext }}{{ else }}{{ $v | toString }}{{ end }};{{ end }}
{{- end }}
graph: {{ toJson $graph }} {{ values $graph | toString }}
{{- end }}
{{- end -}}
