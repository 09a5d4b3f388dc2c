//! What stands in the address of a request, with refusals of the one shape.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts as Head;
use serde::de::DeserializeOwned;

use super::error::{ApiError, Code};

/// A part of the path.
#[derive(Debug)]
pub(super) struct AskedPath(pub(super) String);

/// What stands behind the question mark.
#[derive(Debug)]
pub(super) struct AskedQuery<T>(pub(super) T);

impl<S: Send + Sync> FromRequestParts<S> for AskedPath {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Head, state: &S) -> Result<Self, ApiError> {
        let found = Path::<String>::from_request_parts(head, state).await;
        // Nothing has a name that is no text.
        found
            .map(|Path(name)| Self(name))
            .map_err(|_| ApiError::new(Code::NotFound, "There is nothing here."))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for AskedQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Head, state: &S) -> Result<Self, ApiError> {
        let found = Query::<T>::from_request_parts(head, state).await;
        found.map(|Query(asked)| Self(asked)).map_err(|rejection| {
            ApiError::new(Code::BadRequest, format!("{}.", rejection.body_text().trim_end_matches('.')))
        })
    }
}
