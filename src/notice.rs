//! What a person should hear of beside the answer: warnings and remarks that do
//! not stop a render. Collected where they arise, printed or logged at the door.

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Worth knowing (slog's INFO).
    Info,
    /// Probably a mistake (slog's WARN).
    Warn,
    /// What an error follows that says it again (slog's ERROR).
    Error,
}

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub level: Level,
    /// Helm's wording, without `level=` and `msg=`.
    pub message: String,
    /// Further `key=value` pairs of the line, in order.
    pub fields: Vec<(&'static str, String)>,
}

/// The remarks of one request, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notices(pub Vec<Notice>);

impl Notices {
    /// Adds a remark worth knowing.
    pub fn info(&mut self, message: impl Into<String>) {
        self.0.push(Notice { level: Level::Info, message: message.into(), fields: Vec::new() });
    }

    /// Adds a remark with one `key=value` pair.
    pub fn info_with(&mut self, message: impl Into<String>, key: &'static str, value: impl Into<String>) {
        let fields = vec![(key, value.into())];
        self.0.push(Notice { level: Level::Info, message: message.into(), fields });
    }

    /// Adds what went wrong, as Helm logs it before it says it.
    pub fn error(&mut self, message: impl Into<String>, error: impl ToString) {
        let fields = vec![("error", error.to_string())];
        self.0.push(Notice { level: Level::Error, message: message.into(), fields });
    }

    /// Adds a probable mistake.
    pub fn warn(&mut self, message: impl Into<String>) {
        self.0.push(Notice { level: Level::Warn, message: message.into(), fields: Vec::new() });
    }
}
