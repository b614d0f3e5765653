{{ define "x" }}sub{{ end }}
