{{ define "h" }}{{ index .Values.l 7 }}{{ end }}
