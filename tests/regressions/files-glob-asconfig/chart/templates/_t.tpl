{{- define "t" -}}
one: {{ (.Files.Glob "conf/*").AsConfig | nindent 2 }}
two: {{ (.Files.Glob "conf/**.txt").AsConfig | nindent 2 }}
sec: {{ (.Files.Glob "conf/{a,b}*").AsSecrets | nindent 2 }}
none: {{ (.Files.Glob "nope").AsConfig }}
get: {{ .Files.Get "conf/a.txt" | quote }} {{ .Files.Get "nope" | quote }}
lines: {{ range .Files.Lines "conf/deep/c.txt" }}[{{ . }}]{{ end }}
each: {{ range $p, $b := .Files.Glob "**.json" }}{{ base $p }}={{ $b | toString }}{{ end }}
{{- end -}}
