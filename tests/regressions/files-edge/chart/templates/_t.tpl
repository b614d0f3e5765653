{{- define "t" -}}
a: {{ .Files.Get "a.txt" | quote }}
b: {{ len (.Files.Lines "a.txt") }}
c: {{ range $k, $v := .Files.Glob "*" }}{{ $k }}:{{ len $v }} {{ end }}
d: {{ .Files.GetBytes "a.txt" | toString | quote }}
e: {{ (.Files.Glob "*.txt").AsSecrets | quote }}
f: {{ typeOf (.Files.Glob "*") }} {{ kindOf (.Files.GetBytes "a.txt") }} {{ (.Files.Glob "a.txt") | len }}
g: {{ .Files.Glob "*.txt" | toYaml | quote }} {{ toJson (.Files.Glob "a.txt") }}

{{- end -}}
