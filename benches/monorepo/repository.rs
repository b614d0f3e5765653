//! A made-up repository of many applications: each with a chart of about fifty
//! objects over a shared library chart, beside sources, documents and pictures.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

const LIBRARY: &str = r#"{{- define "lib.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}
{{- define "lib.name" -}}
{{ printf "%s-%s" .Release.Name (default .Chart.Name .Values.nameOverride) | trunc 63 | trimSuffix "-" }}
{{- end -}}
{{- define "lib.container" -}}
- name: {{ .name }}
  image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}"
  ports: [{containerPort: {{ .port }}}]
  env:
  {{- range $name, $value := .root.Values.env }}
  - name: {{ $name | upper | replace "-" "_" }}
    value: {{ tpl (toString $value) $.root | quote }}
  {{- end }}
  resources: {{- toYaml .root.Values.resources | nindent 4 }}
{{- end -}}
"#;

const SERVICES: &str = r#"{{- range $i := until 10 }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "lib.name" $ }}-{{ $i }}
  labels: {{- include "lib.labels" $ | nindent 4 }}
spec:
  replicas: {{ $.Values.replicas }}
  selector: {matchLabels: {app: {{ include "lib.name" $ }}-{{ $i }}}}
  template:
    metadata: {labels: {app: {{ include "lib.name" $ }}-{{ $i }}}}
    spec:
      containers: {{- include "lib.container" (dict "root" $ "name" (printf "c%d" $i) "port" (add 8000 $i)) | nindent 6 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "lib.name" $ }}-{{ $i }}
  labels: {{- include "lib.labels" $ | nindent 4 }}
spec: {selector: {app: {{ include "lib.name" $ }}-{{ $i }}}, ports: [{port: {{ add 8000 $i }}}]}
{{- end }}
"#;

const CONFIG: &str = r#"{{- range $i := until 10 }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "lib.name" $ }}-{{ $i }}-config
  labels: {{- include "lib.labels" $ | nindent 4 }}
data: {{- toYaml $.Values.config | nindent 2 }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "lib.name" $ }}-{{ $i }}
  labels: {{- include "lib.labels" $ | nindent 4 }}
{{- if $.Values.autoscaling.enabled }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "lib.name" $ }}-{{ $i }}
  labels: {{- include "lib.labels" $ | nindent 4 }}
spec:
  minReplicas: {{ $.Values.replicas }}
  maxReplicas: {{ mul $.Values.replicas 4 }}
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ include "lib.name" $ }}-{{ $i }}}
{{- end }}
{{- end }}
"#;

/// How large a repository is.
#[derive(Clone, Copy)]
pub struct Size {
    pub applications: usize,
    pub files: usize,
    pub bytes: usize,
}

/// The directory of an application.
pub fn application(number: usize) -> String {
    format!("apps/app-{number:04}")
}

/// The repository's archive at its first commit, or at one that changed the first
/// application, and how many bytes its files have.
pub fn archive(size: Size, changed: bool) -> (Vec<u8>, usize) {
    let mut pack =
        Pack { tar: tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast())), files: 0, bytes: 0 };
    for number in 0..size.applications {
        pack.application(number, changed && number == 0);
    }
    let mut noise = Noise(42);
    // Large pictures, where there are files beside the applications' at all.
    for number in 0..size.bytes.min(8) {
        pack.add(&format!("docs/film-{number}.mp4"), &noise.bytes(2 << 20));
    }
    let rest = size.files.saturating_sub(pack.files);
    let each = size.bytes.saturating_sub(pack.bytes) / rest.max(1);
    for number in 0..rest {
        match number % 10 {
            0 => pack.add(&format!("docs/{:03}/{number}.png", number / 100), &noise.bytes(each * 3)),
            _ => {
                pack.add(&format!("src/{:03}/{number}.go", number / 100), noise.text(each * 7 / 9).as_bytes())
            }
        }
    }
    let bytes = pack.bytes;
    (pack.tar.into_inner().expect("tar").finish().expect("gzip"), bytes)
}

struct Pack {
    tar: tar::Builder<GzEncoder<Vec<u8>>>,
    files: usize,
    bytes: usize,
}

impl Pack {
    fn add(&mut self, path: &str, data: &[u8]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        self.tar.append_data(&mut header, path, data).expect("tar");
        self.files += 1;
        self.bytes += data.len();
    }

    fn application(&mut self, number: usize, changed: bool) {
        let app = application(number);
        let mut chart =
            format!("apiVersion: v2\nname: service-{number}\nversion: 1.2.3\nappVersion: \"4.5\"\n");
        chart.push_str("dependencies: [{name: library, version: 1.0.0}]\n");
        let mut values = format!("replicas: {}\nlabels: {{team: t{number}}}\n", if changed { 7 } else { 2 });
        values.push_str(
            "image: {repository: registry.example.com/service, tag: ''}\nautoscaling: {enabled: true}\n",
        );
        values.push_str(
            "resources:\n  limits: {cpu: 500m, memory: 256Mi}\n  requests: {cpu: 100m, memory: 128Mi}\n",
        );
        values
            .push_str("env: {log-level: info, release: '{{ .Release.Name }}', region: eu-west-1}\nconfig:\n");
        for key in 0..20 {
            let _ = writeln!(values, "  key-{key}: \"value {key} of service {number}\"");
        }
        self.add(&format!("{app}/Chart.yaml"), chart.as_bytes());
        self.add(&format!("{app}/values.yaml"), values.as_bytes());
        self.add(&format!("{app}/values/production.yaml"), b"autoscaling: {enabled: true}\n");
        self.add(&format!("{app}/values/staging.yaml"), b"autoscaling: {enabled: false}\n");
        self.add(&format!("{app}/templates/services.yaml"), SERVICES.as_bytes());
        self.add(&format!("{app}/templates/config.yaml"), CONFIG.as_bytes());
        let library = b"apiVersion: v2\nname: library\nversion: 1.0.0\ntype: library\n";
        self.add(&format!("{app}/charts/library/Chart.yaml"), library);
        self.add(&format!("{app}/charts/library/templates/_lib.tpl"), LIBRARY.as_bytes());
    }
}

/// The same numbers in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            bytes.write_all(&self.next().to_le_bytes()).expect("memory");
        }
        bytes.truncate(length);
        bytes
    }

    /// Words, which gzip makes about a third as long.
    fn text(&mut self, length: usize) -> String {
        const WORDS: [&str; 12] = [
            "func",
            "return",
            "if err != nil {\n\t",
            "}\n",
            "context",
            "string",
            "request",
            "(",
            ")",
            " := ",
            "range",
            ", ",
        ];
        let mut text = String::with_capacity(length + 32);
        while text.len() < length {
            let next = self.next();
            text.push_str(WORDS[usize::try_from(next % 12).expect("small")]);
            if next & 0x100 != 0 {
                let _ = write!(text, " {:x}", next >> 44);
            }
        }
        text
    }
}
