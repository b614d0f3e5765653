//! When to try again: how often, after how long, and never past the deadline.

use std::time::{Duration, Instant};

use hyper::StatusCode;
use hyper::header::{HeaderMap, RETRY_AFTER};

use crate::error::{Error, Kind, Result};

/// Tries of one request.
const MOST: u32 = 5;
/// The first pause; each one after it is twice as long.
const FIRST: Duration = Duration::from_millis(200);

/// Whether the status says that the same request may be answered later.
pub fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// How long a server wants to be left alone (Retry-After: seconds, or a date).
pub fn after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let wait = date.as_second().saturating_sub(jiff::Timestamp::now().as_second());
    Some(Duration::from_secs(u64::try_from(wait).unwrap_or_default()))
}

/// The tries of one request.
#[derive(Debug)]
pub struct Tries {
    started: Instant,
    deadline: Instant,
    made: u32,
}

impl Tries {
    /// None so far.
    pub fn new(deadline: Instant) -> Tries {
        Tries { started: Instant::now(), deadline, made: 0 }
    }

    /// Waits before another try after one that failed with `error`.
    ///
    /// # Errors
    /// The error itself, after the last try, or where the pause would not end
    /// before the deadline.
    pub async fn wait(&mut self, peace: Option<Duration>, error: Error) -> Result<()> {
        self.made += 1;
        let pause = peace.unwrap_or_else(|| backoff(self.made));
        if self.made >= MOST || Instant::now() + pause >= self.deadline {
            let why = match peace {
                Some(peace) if self.made < MOST => {
                    format!("; the server asks to come back in {} s, after the deadline", peace.as_secs())
                }
                _ => String::new(),
            };
            return Err(Error { message: format!("{} ({}{why})", error.message, self.said()), ..error });
        }
        tracing::debug!(error = error.message.as_str(), "trying again");
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// The deadline came in the middle of a try.
    pub fn too_late(&self, shown: &str) -> Error {
        let seconds = self.started.elapsed().as_secs();
        let message =
            format!("{shown}: no whole answer before the deadline (try {} after {seconds} s)", self.made + 1);
        Error::new(Kind::Deadline, message)
    }

    fn said(&self) -> String {
        match self.made {
            1 => "tried once".to_owned(),
            n => format!("tried {n} times"),
        }
    }
}

/// The pause after the `made`th try: up to half as long again, by chance, so that
/// many clients do not come back at once.
fn backoff(made: u32) -> Duration {
    let mut byte = [0];
    // Without randomness the pause has no jitter.
    let _ = getrandom::fill(&mut byte);
    let [chance] = byte;
    let pause = FIRST * 2_u32.saturating_pow(made.saturating_sub(1).min(10));
    pause + pause * u32::from(chance) / 512
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let after = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            after(&headers)
        };
        assert_eq!(after("7"), Some(Duration::from_secs(7)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert!(after("Fri, 01 Jan 2100 00:00:00 GMT").unwrap() > Duration::from_secs(1_000_000_000));
        assert_eq!(after("soon"), None);
    }

    #[test]
    fn pauses_grow_and_vary() {
        for (made, least) in [(1, 200), (2, 400), (3, 800), (4, 1600)] {
            let least = Duration::from_millis(least);
            assert!(backoff(made) >= least && backoff(made) <= least * 3 / 2);
        }
    }
}
