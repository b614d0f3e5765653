//! What the sidecar counts, in Prometheus' text format.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the duration buckets, in seconds.
const BUCKETS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// A part of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The stream comes in.
    Receiving,
    /// All cores are busy.
    Queueing,
    /// An archive becomes a snapshot.
    Unpacking,
    /// A chart becomes an answer.
    Rendering,
    /// Discovery rules are held against a repository.
    Discovering,
    /// Parameters are read for their announcement.
    Announcing,
}

impl Phase {
    const ALL: [Phase; 6] = [
        Phase::Receiving,
        Phase::Queueing,
        Phase::Unpacking,
        Phase::Rendering,
        Phase::Discovering,
        Phase::Announcing,
    ];

    /// What a message says of it.
    pub fn words(self) -> &'static str {
        match self {
            Phase::Receiving => "receiving the repository",
            Phase::Queueing => "waiting for a free core",
            Phase::Unpacking => "unpacking the repository",
            Phase::Rendering => "rendering",
            Phase::Discovering => "discovering",
            Phase::Announcing => "reading the parameters",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Phase::Receiving => "receive",
            Phase::Queueing => "queue",
            Phase::Unpacking => "unpack",
            Phase::Rendering => "render",
            Phase::Discovering => "discover",
            Phase::Announcing => "announce",
        }
    }
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more, or `more` more.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Histogram {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    sum: f64,
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    calls: Mutex<BTreeMap<(&'static str, String), u64>>,
    phases: Mutex<BTreeMap<Phase, Histogram>>,
    waiting: AtomicU64,
    /// Archives that were unpacked.
    pub unpacked: Counter,
    /// Streams whose snapshot was there already.
    pub snapshot_hits: Counter,
    /// Charts that were rendered.
    pub rendered: Counter,
    /// Answers that were there already.
    pub answer_hits: Counter,
    /// Bytes of archives that came in.
    pub received: Counter,
}

/// What stands in memory now, and what may.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gauges {
    /// Snapshots that are kept.
    pub snapshots: u64,
    /// Bytes of their files.
    pub snapshot_bytes: u64,
    /// Bytes of the answers that are kept.
    pub answer_bytes: u64,
    /// Bytes of the parsed templates that are kept, about.
    pub template_bytes: u64,
    /// Template files that did not have to be parsed.
    pub template_hits: u64,
    /// Bytes of the values files that are kept, about.
    pub values_bytes: u64,
    /// Values files that did not have to be read.
    pub values_hits: u64,
    /// Bytes of the unpacked charts that are kept, about.
    pub archive_bytes: u64,
    /// Packed charts that did not have to be unpacked.
    pub archive_hits: u64,
    /// Bytes of the compiled schemas that are kept, about.
    pub schema_bytes: u64,
    /// Schemas that did not have to be compiled.
    pub schema_hits: u64,
    /// Bytes of the documents that are kept, about.
    pub document_bytes: u64,
    /// Documents that did not have to be read.
    pub document_hits: u64,
    /// Bytes of archives that are coming in.
    pub incoming_bytes: u64,
    /// Bytes that all of it may take.
    pub budget_bytes: u64,
    /// Calls that wait for a core.
    pub queue: u64,
    /// Cores that work.
    pub busy: u64,
}

/// Counts as a call that waits for a core until it is dropped.
pub struct Waiting<'a>(&'a AtomicU64);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// A call ended with that code.
    pub fn called(&self, method: &'static str, code: &str) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry((method, code.to_owned())).or_default() += 1;
    }

    /// A phase of a call took that long.
    pub fn spent(&self, phase: Phase, time: Duration) {
        let mut phases = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = phases.entry(phase).or_default();
        let seconds = time.as_secs_f64();
        histogram.count += 1;
        histogram.sum += seconds;
        for (count, bound) in histogram.buckets.iter_mut().zip(BUCKETS) {
            *count += u64::from(seconds <= bound);
        }
    }

    /// A call waits for a core.
    pub fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.waiting)
    }

    /// How many calls wait for a core.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// All of it as text.
    pub fn text(&self, gauges: &Gauges) -> String {
        let mut out = String::new();
        family(&mut out, "tiphys_calls_total", "counter", "Calls by method and gRPC code.");
        for ((method, code), count) in self.calls.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = writeln!(out, "tiphys_calls_total{{method=\"{method}\",code=\"{code}\"}} {count}");
        }
        self.durations(&mut out);
        for (name, help, value) in [
            ("tiphys_snapshots_unpacked_total", "Archives that were unpacked.", self.unpacked.get()),
            ("tiphys_snapshot_hits_total", "Streams whose snapshot was known.", self.snapshot_hits.get()),
            ("tiphys_renders_total", "Charts that were rendered.", self.rendered.get()),
            ("tiphys_answer_hits_total", "Answers that were known.", self.answer_hits.get()),
            ("tiphys_template_hits_total", "Template files that were known.", gauges.template_hits),
            ("tiphys_values_hits_total", "Values files that were known.", gauges.values_hits),
            ("tiphys_archive_hits_total", "Packed charts that were known.", gauges.archive_hits),
            ("tiphys_schema_hits_total", "Schemas that were known.", gauges.schema_hits),
            ("tiphys_document_hits_total", "Documents whose JSON was known.", gauges.document_hits),
            ("tiphys_received_bytes_total", "Bytes of archives that came in.", self.received.get()),
        ] {
            family(&mut out, name, "counter", help);
            let _ = writeln!(out, "{name} {value}");
        }
        for (name, help, value) in [
            ("tiphys_snapshots", "Snapshots in memory.", gauges.snapshots),
            ("tiphys_snapshot_bytes", "Bytes of their files.", gauges.snapshot_bytes),
            ("tiphys_answer_bytes", "Bytes of the answers in memory.", gauges.answer_bytes),
            (
                "tiphys_template_bytes",
                "Bytes of the parsed templates in memory, about.",
                gauges.template_bytes,
            ),
            ("tiphys_values_bytes", "Bytes of the read values files in memory, about.", gauges.values_bytes),
            ("tiphys_archive_bytes", "Bytes of the unpacked charts in memory, about.", gauges.archive_bytes),
            ("tiphys_schema_bytes", "Bytes of the compiled schemas in memory, about.", gauges.schema_bytes),
            ("tiphys_document_bytes", "Bytes of the documents in memory, about.", gauges.document_bytes),
            ("tiphys_incoming_bytes", "Bytes of archives that are coming in.", gauges.incoming_bytes),
            ("tiphys_budget_bytes", "Bytes that all of it may take.", gauges.budget_bytes),
            ("tiphys_queue", "Calls that wait for a core.", gauges.queue),
            ("tiphys_busy_cores", "Cores that work.", gauges.busy),
        ] {
            family(&mut out, name, "gauge", help);
            let _ = writeln!(out, "{name} {value}");
        }
        out
    }

    fn durations(&self, out: &mut String) {
        const NAME: &str = "tiphys_phase_seconds";
        family(out, NAME, "histogram", "Time that the phases of calls take.");
        let phases = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        for phase in Phase::ALL {
            let Some(histogram) = phases.get(&phase) else { continue };
            let phase = phase.label();
            for (count, bound) in histogram.buckets.iter().zip(BUCKETS) {
                let _ = writeln!(out, "{NAME}_bucket{{phase=\"{phase}\",le=\"{bound}\"}} {count}");
            }
            let Histogram { count, sum, .. } = histogram;
            let _ = writeln!(out, "{NAME}_bucket{{phase=\"{phase}\",le=\"+Inf\"}} {count}");
            let _ = writeln!(out, "{NAME}_sum{{phase=\"{phase}\"}} {sum}");
            let _ = writeln!(out, "{NAME}_count{{phase=\"{phase}\"}} {count}");
        }
    }
}

fn family(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_prometheus_own() {
        let metrics = Metrics::default();
        metrics.called("GenerateManifest", "OK");
        metrics.called("GenerateManifest", "OK");
        metrics.spent(Phase::Rendering, Duration::from_millis(7));
        metrics.unpacked.add(3);
        let text = metrics.text(&Gauges { queue: 2, ..Gauges::default() });
        for line in [
            "# TYPE tiphys_calls_total counter",
            "tiphys_calls_total{method=\"GenerateManifest\",code=\"OK\"} 2",
            "# TYPE tiphys_phase_seconds histogram",
            "tiphys_phase_seconds_bucket{phase=\"render\",le=\"0.005\"} 0",
            "tiphys_phase_seconds_bucket{phase=\"render\",le=\"0.01\"} 1",
            "tiphys_phase_seconds_bucket{phase=\"render\",le=\"+Inf\"} 1",
            "tiphys_phase_seconds_sum{phase=\"render\"} 0.007",
            "tiphys_phase_seconds_count{phase=\"render\"} 1",
            "tiphys_snapshots_unpacked_total 3",
            "# TYPE tiphys_queue gauge",
            "tiphys_queue 2",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }
}
