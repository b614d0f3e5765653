{{- define "t" -}}
{{ template "gl.check" . }}
host: {{ include "gl.host" (dict "name" "registry" "Values" .Values) }} {{ include "gl.host" (dict "name" "gitlab" "Values" .Values) }}
values: {{ toJson .Values }}
chart: {{ toJson .Chart }} {{ .Chart.Version | replace "+" "_" }}
{{- end -}}
