//! One call: what it is called, how long it may take, and how it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tonic::{Request, Response, Status};
use tracing::{info, warn};

use crate::error::{Error, Kind, Result};
use crate::pipeline;

use super::metrics::{Metrics, Phase};
use super::status;

/// Where the caller sets no deadline.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(90);
/// The answer leaves this long before the caller gives up, as argocd-cmp-server's does.
const MARGIN: Duration = Duration::from_millis(100);

/// A call. What works for it stops when it is dropped, since its client is gone.
pub struct Call {
    name: &'static str,
    started: Instant,
    deadline: Instant,
    cancelled: Arc<AtomicBool>,
    metrics: Arc<Metrics>,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Call {
    /// The call of that method.
    pub fn of<T>(name: &'static str, request: &Request<T>, metrics: &Arc<Metrics>) -> Call {
        let timeout = request.metadata().get("grpc-timeout").and_then(|v| v.to_str().ok()).and_then(timeout);
        let started = Instant::now();
        let deadline = started + timeout.map_or(DEFAULT_DEADLINE, |t| t.saturating_sub(MARGIN));
        Call { name, started, deadline, cancelled: Arc::default(), metrics: metrics.clone() }
    }

    /// What its work may use of time.
    pub fn budget(&self) -> Budget {
        Budget { deadline: self.deadline, cancelled: self.cancelled.clone() }
    }

    /// Runs one phase of the call, at most until its deadline.
    pub async fn until<T>(&self, phase: Phase, work: impl Future<Output = Result<T>>) -> Result<T> {
        let started = Instant::now();
        let result = self.wait(phase, work).await;
        self.metrics.spent(phase, started.elapsed());
        result
    }

    /// Waits for a phase that may be another call's work, at most until the deadline.
    pub async fn wait<T>(&self, phase: Phase, work: impl Future<Output = Result<T>>) -> Result<T> {
        let result = tokio::time::timeout_at(self.deadline.into(), work).await;
        result.unwrap_or_else(|_| Err(too_late(phase)))
    }

    /// Logs how the call ended.
    pub fn finish<T>(&self, result: Result<T>) -> std::result::Result<Response<T>, Status> {
        let time_ms = self.started.elapsed().as_secs_f64() * 1000.0;
        match result {
            Ok(answer) => {
                self.metrics.called(self.name, "OK");
                info!(grpc.method = self.name, grpc.code = "OK", grpc.time_ms = time_ms, "finished call");
                Ok(Response::new(answer))
            }
            Err(error) => {
                let status = status::from(&error);
                let code = format!("{:?}", status.code());
                self.metrics.called(self.name, &code);
                warn!(
                    grpc.method = self.name,
                    grpc.code = code,
                    grpc.time_ms = time_ms,
                    error = status.message(),
                    "finished call"
                );
                Err(status)
            }
        }
    }
}

/// What a call's work may use of time.
#[derive(Debug, Clone)]
pub struct Budget {
    /// When the answer has to be there.
    pub deadline: Instant,
    /// Set when nobody waits for it any more.
    pub cancelled: Arc<AtomicBool>,
}

impl Budget {
    /// Gives a request the call's time.
    pub fn limit(&self, request: &mut pipeline::Request) {
        request.limits.deadline = Some(self.deadline);
        request.limits.cancelled = Some(self.cancelled.clone());
    }

    /// Says whether work has to stop.
    ///
    /// # Errors
    /// The client is gone, or the deadline has passed.
    pub fn check(&self, phase: Phase) -> Result<()> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Error::new(Kind::Cancelled, "the request was cancelled"));
        }
        if Instant::now() >= self.deadline { Err(too_late(phase)) } else { Ok(()) }
    }
}

fn too_late(phase: Phase) -> Error {
    Error::new(Kind::Deadline, format!("the caller's deadline passed while {}", phase.words()))
}

/// gRPC's timeout header: digits and a unit.
fn timeout(header: &str) -> Option<Duration> {
    let (digits, unit) = header.split_at_checked(header.len().checked_sub(1)?)?;
    let n: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(n.saturating_mul(3600)),
        "M" => Duration::from_secs(n.saturating_mul(60)),
        "S" => Duration::from_secs(n),
        "m" => Duration::from_millis(n),
        "u" => Duration::from_micros(n),
        "n" => Duration::from_nanos(n),
        _ => return None,
    })
    .map(|d| d.min(Duration::from_secs(24 * 3600)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_header_is_read_in_all_its_units() {
        assert_eq!(timeout("90S"), Some(Duration::from_secs(90)));
        assert_eq!(timeout("59999m"), Some(Duration::from_millis(59999)));
        assert_eq!(timeout("2M"), Some(Duration::from_secs(120)));
        assert_eq!(timeout("5000000u"), Some(Duration::from_secs(5)));
        for bad in ["", "S", "5", "5x", "é", "-1S"] {
            assert_eq!(timeout(bad), None, "{bad}");
        }
        assert_eq!(timeout("99999999H"), Some(Duration::from_secs(24 * 3600)));
    }
}
