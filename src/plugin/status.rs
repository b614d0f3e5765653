//! The only map from the library's errors to gRPC's codes.

use tonic::{Code, Status};

use crate::error::{Error, Kind, printable};

/// Errors reach Argo CD's UI and its cache: enough to act on, never a flood.
const LONGEST_MESSAGE: usize = 8 << 10;

/// The status of an error: its message with control characters dropped, 8 KiB at most.
pub fn from(error: &Error) -> Status {
    let code = match error.kind {
        Kind::Usage => Code::InvalidArgument,
        Kind::Invalid | Kind::Render => Code::FailedPrecondition,
        Kind::NotFound => Code::NotFound,
        Kind::Forbidden => Code::PermissionDenied,
        Kind::Corrupt => Code::DataLoss,
        Kind::Limit => Code::ResourceExhausted,
        Kind::Deadline => Code::DeadlineExceeded,
        Kind::Cancelled => Code::Cancelled,
        Kind::Io => Code::Unavailable,
        Kind::Internal => Code::Internal,
    };
    Status::new(code, shortened(printable(&error.to_string())))
}

/// A chain of templates inside each other names its cause last: of a long message
/// the beginning and, longer, the end are kept.
fn shortened(message: String) -> String {
    if message.len() <= LONGEST_MESSAGE {
        return message;
    }
    let boundary = |at: usize| (0..=at).rev().find(|at| message.is_char_boundary(*at)).unwrap_or(0);
    let head = message.get(..boundary(LONGEST_MESSAGE / 4)).unwrap_or_default();
    let tail = message.get(boundary(message.len() - LONGEST_MESSAGE * 3 / 4 + 8)..).unwrap_or_default();
    format!("{head} … {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_keeps_its_beginning_and_its_cause() {
        let error = Error::new(Kind::Render, format!("begin {}é the cause", "ab\x1bé".repeat(10_000)));
        let status = from(&error);
        assert!(status.message().len() <= LONGEST_MESSAGE, "{}", status.message().len());
        assert!(status.message().starts_with("begin abé"), "{}", status.message());
        assert!(status.message().ends_with("é the cause"), "{}", status.message());
        assert!(!status.message().contains('\x1b'));
    }
}
