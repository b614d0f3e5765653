{{- define "t" -}}
{{ (fromYaml "a: b: c").Error }}
{{ fromYamlArray "a: 1" }}
{{ fromYaml "- 1" | toJson }}
{{ (fromJson "{").Error }} {{ fromJsonArray "{}" }}
{{ fromYaml "a: 1\n---\nb: 2" | toJson }} {{ fromYaml "" | toJson }} {{ fromYaml "null" | toJson }}
{{- end -}}
