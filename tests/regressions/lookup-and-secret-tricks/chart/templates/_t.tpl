{{- define "t" -}}
{{- $s := (lookup "v1" "Secret" .Release.Namespace "x") }}
{{- $pw := "" }}
{{- if and $s $s.data }}{{ $pw = index $s.data "k" | b64dec }}{{ else }}{{ $pw = .Values.auth.password | default "gen" }}{{ end }}
pw: {{ $pw | b64enc | quote }}
n: {{ (lookup "v1" "Namespace" "" "x").metadata }}
x: {{ get (lookup "v1" "Secret" "a" "b") "data" | default dict | toJson }}
y: {{ index (lookup "v1" "Secret" "a" "b") "data" | default "none" }}
{{- end -}}
