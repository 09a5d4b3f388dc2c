//! Bodies in JSON, with the field named that is wrong.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{ApiError, Code};
use crate::modules::notices::read;

/// A body, as it was meant and as it was written.
#[derive(Debug)]
pub(super) struct JsonBody<T> {
    pub(super) content: T,
    pub(super) written: Value,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| refused(&rejection))?;
        let written: Value = serde_json::from_slice(&bytes)
            .map_err(|error| ApiError::new(Code::BadRequest, format!("The body is no JSON: {error}.")))?;
        Ok(Self { content: read(&written)?, written })
    }
}

fn refused(rejection: &BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return ApiError::new(Code::TooLarge, "The body is longer than the server takes.");
    }
    ApiError::new(Code::BadRequest, "The body broke off.")
}
