//! What a client is told when its request is not done: one shape for all, `{code, message, field?,
//! retryAfterSeconds?}`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::modules::notices::{Refusal, RefusalCode};

/// What went wrong, in a word that programs may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Code {
    /// The request itself makes no sense.
    BadRequest,
    /// No key, or one that is not good.
    Unauthorized,
    /// The key is good, but not for this.
    Forbidden,
    /// There is nothing at this path.
    NotFound,
    /// The path knows other methods.
    MethodNotAllowed,
    /// The same key stands for something else already.
    Conflict,
    /// What is there is not what the request was made for.
    PreconditionFailed,
    /// The body is longer than bodies may be.
    TooLarge,
    /// The request has to say which state it was made for.
    PreconditionRequired,
    /// The request took too long.
    TimedOut,
    /// Too much at once; the answer says when to come back.
    TooManyRequests,
    /// The server is at fault; its log tells more.
    Internal,
}

impl Code {
    fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// An answer that says why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
pub(super) struct ApiError {
    pub(super) code: Code,
    /// A sentence for people.
    pub(super) message: String,
    /// Which field of the request is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<String>,
    /// When it may be tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry_after_seconds: Option<u64>,
    /// Which rows of an import are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) problems: Vec<RowProblem>,
}

/// What is wrong with a row of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct RowProblem {
    /// Counted from 1; 0 is all of them.
    pub(super) row: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<String>,
    /// A sentence for people.
    pub(super) message: String,
}

/// The refusals that every request may meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it only describes")]
pub(super) enum Refusals {
    /// No key, or none that is good
    #[response(status = 401)]
    Unauthorized(ApiError),
    /// Not for this key, or not from this address
    #[response(status = 403)]
    Forbidden(ApiError),
    /// The request took too long
    #[response(status = 408)]
    TimedOut(ApiError),
    /// Too much at once; `retryAfterSeconds` says when to come back
    #[response(status = 429)]
    TooManyRequests(ApiError),
    /// The server is at fault
    #[response(status = 500)]
    Internal(ApiError),
}

impl ApiError {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, retry_after_seconds: None, problems: Vec::new() }
    }

    /// A field of the request is wrong.
    pub(super) fn of_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(Code::BadRequest, message) }
    }

    /// It may be tried again after so many seconds.
    pub(super) fn too_many(seconds: u64, message: impl Into<String>) -> Self {
        Self { retry_after_seconds: Some(seconds), ..Self::new(Code::TooManyRequests, message) }
    }

    /// The log gets the cause, the client a bland text.
    pub(super) fn internal(cause: impl std::error::Error) -> Self {
        tracing::error!(error = %cause, "a request cannot be done");
        Self::new(Code::Internal, "The server cannot do this now; its log tells why.")
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.code {
            RefusalCode::BadRequest => Code::BadRequest,
            RefusalCode::Forbidden => Code::Forbidden,
            RefusalCode::NotFound => Code::NotFound,
            RefusalCode::Conflict => Code::Conflict,
            RefusalCode::TooFast | RefusalCode::Exhausted => Code::TooManyRequests,
            RefusalCode::Internal => Code::Internal,
        };
        Self {
            field: refusal.field,
            retry_after_seconds: refusal.retry_after_seconds,
            ..Self::new(code, refusal.message)
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, wait) = (self.code.status(), self.retry_after_seconds);
        let mut response = (status, Json(self)).into_response();
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 6750 section 3: something always follows the word.
            let challenge = HeaderValue::from_static("Bearer realm=\"posthouse\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
