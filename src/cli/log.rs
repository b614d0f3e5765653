//! Logging of the server: one line an event on standard error, in the fields and
//! formats of argocd-cmp-server (logrus): `level`, `msg`, `time`, then the event's.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::data::{Map, Value, json};
use crate::error::{Error, Result};

/// Libraries that hold credentials in their hands are not listened to closely.
macro_rules! quiet {
    () => {
        "hyper=info,hyper_util=info,rustls=info,aws_config=warn,aws_runtime=warn,aws_sigv4=warn,\
         aws_sdk_ecr=warn,aws_sdk_ecrpublic=warn,aws_sdk_sts=warn,aws_smithy_runtime=warn,\
         aws_smithy_runtime_api=warn,aws_smithy_http_client=warn,aws_credential_types=warn"
    };
}

/// Starts logging to standard error.
///
/// # Errors
/// The level or the format is not known.
pub fn start(level: &str, format: &str) -> Result<()> {
    let filter = match level.to_lowercase().as_str() {
        "trace" => concat!("trace,", quiet!()),
        "debug" => concat!("debug,h2=info,tonic=info,", quiet!()),
        "info" => "info",
        "warn" | "warning" => "warn",
        "error" | "fatal" | "panic" => "error",
        _ => {
            return Err(Error::usage(format!(
                "there is no log level {level:?}: use debug, info, warn or error"
            )));
        }
    };
    let lines = match format {
        "json" => Lines::Json,
        "text" => Lines::Text,
        _ => return Err(Error::usage(format!("there is no log format {format:?}: use json or text"))),
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(EnvFilter::new(filter))
        .event_format(lines)
        .init();
    Ok(())
}

/// A value as slog's and logrus's text lines write it: quoted where it is empty or
/// has a space, a quote, an equals sign or a control character.
pub fn quoted(value: &str) -> String {
    let special = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '=');
    let plain = !value.is_empty() && !value.contains(special);
    if plain { value.to_owned() } else { crate::template::print::quote(value.as_bytes()) }
}

/// How an event becomes a line.
#[derive(Debug, Clone, Copy)]
enum Lines {
    Json,
    Text,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>, N: for<'a> FormatFields<'a> + 'static> FormatEvent<S, N>
    for Lines
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let time = jiff::Timestamp::now();
        writeln!(
            writer,
            "{}",
            self.line(&time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), *event.metadata().level(), &fields)
        )
    }
}

impl Lines {
    fn line(self, time: &str, level: Level, fields: &Fields) -> String {
        let level = level.as_str().to_lowercase().replace("warn", "warning");
        match self {
            Lines::Json => {
                let named =
                    [("level", level.into()), ("msg", fields.message.as_str().into()), ("time", time.into())];
                let others = fields.others.iter().map(|(name, value)| (*name, value.clone()));
                let object: Map = named.into_iter().chain(others).collect();
                // A text of strings and numbers can always be written.
                let line = json::write(&object.into(), false, usize::MAX).unwrap_or_default();
                String::from_utf8_lossy(&line).into_owned()
            }
            Lines::Text => {
                let mut line = format!("time=\"{time}\" level={level} msg={}", quoted(&fields.message));
                for (name, value) in &fields.others {
                    let value = match value {
                        Value::Str(text) => quoted(&text.to_str_lossy()),
                        Value::Float(n) => n.to_string(),
                        other => format!("{other:?}"),
                    };
                    line.push_str(&format!(" {name}={value}"));
                }
                line
            }
        }
    }
}

/// What an event carries.
#[derive(Debug, Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, Value)>,
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.others.push((field.name(), value.into()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => value.clone_into(&mut self.message),
            name => self.others.push((name, value.into())),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_logrus_lines() {
        let fields = Fields {
            message: "finished call".to_owned(),
            others: vec![("grpc.code", "OK".into()), ("grpc.time_ms", 1.5.into()), ("error", "".into())],
        };
        assert_eq!(
            Lines::Json.line("2026-01-02T03:04:05Z", Level::INFO, &fields),
            r#"{"error":"","grpc.code":"OK","grpc.time_ms":1.5,"level":"info","msg":"finished call","time":"2026-01-02T03:04:05Z"}"#
        );
        assert_eq!(
            Lines::Text.line("2026-01-02T03:04:05Z", Level::WARN, &fields),
            r#"time="2026-01-02T03:04:05Z" level=warning msg="finished call" grpc.code=OK grpc.time_ms=1.5 error="""#
        );
    }
}
