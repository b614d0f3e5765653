{{- define "gl.host" -}}{{ coalesce (index .Values.global.hosts .name | default dict).name (printf "%s.%s" .name .Values.global.hosts.domain) }}{{- end -}}
{{- define "gl.check" -}}
{{- $messages := list -}}
{{- $messages = append $messages (include "gl.check.a" .) -}}{{- $messages = append $messages (include "gl.check.b" .) -}}
{{- $messages = without $messages "" -}}{{- $message := join "\n" $messages -}}
{{- if $message -}}{{- printf "\nCONFIGURATION CHECKS:\n%s" $message | fail -}}{{- end -}}
{{- end -}}
{{- define "gl.check.a" -}}{{- if and (hasKey .Values.global "x") .Values.global.x }}
a: bad {{ .Release.Name }}
{{- end -}}{{- end -}}
{{- define "gl.check.b" -}}{{- end -}}
