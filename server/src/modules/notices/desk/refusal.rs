//! Why a request is not done. Each door says it in its own words.

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalCode {
    /// The request itself makes no sense.
    BadRequest,
    /// The application may not do this.
    Forbidden,
    /// The application has nothing of this name.
    NotFound,
    /// What is there stands against it.
    Conflict,
    /// The application asks too fast.
    TooFast,
    /// There is no more of something for the time being.
    Exhausted,
    /// The server is at fault; its log tells more.
    Internal,
}

/// Why a request is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// For programs.
    pub code: RefusalCode,
    /// A sentence for people.
    pub message: String,
    /// Which field of the request is wrong.
    pub field: Option<String>,
    /// When it may be tried again.
    pub retry_after_seconds: Option<u64>,
}

impl Refusal {
    /// A refusal without more.
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, retry_after_seconds: None }
    }

    /// A field of the request is wrong.
    pub fn of_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(RefusalCode::BadRequest, message) }
    }

    /// It may be tried again after so many seconds.
    pub fn later(code: RefusalCode, seconds: u64, message: impl Into<String>) -> Self {
        Self { retry_after_seconds: Some(seconds), ..Self::new(code, message) }
    }

    /// The log gets the cause, who asks a bland text.
    pub fn internal(cause: impl std::error::Error) -> Self {
        tracing::error!(error = %cause, "a request cannot be done");
        Self::new(RefusalCode::Internal, "The server cannot do this now; its log tells why.")
    }
}
