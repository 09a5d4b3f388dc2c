//! Lets applications in: by their key, from their networks, as fast as they may.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header;
use axum::http::request::Parts as Head;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::{ApiError, Code};
use super::guard::Peer;
use super::parts::Parts;
use crate::accounts::application_key::ShownKey;
use crate::clock::Clock;
use crate::modules::notices::Pace;
use crate::storage::applications::{ApplicationRow, ApplicationStore};

/// What the gate knows. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    applications: ApplicationStore,
    clock: Arc<Clock>,
    pace: Pace,
}

/// The application that asks; handlers take it as an argument.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub(super) Arc<ApplicationRow>);

impl Gate {
    pub(super) fn new(parts: &Parts) -> Self {
        Self {
            applications: ApplicationStore::new(parts.database.clone()),
            clock: Arc::clone(&parts.clock),
            pace: parts.pace.clone(),
        }
    }

    async fn caller(&self, head: &Head) -> Result<Caller, ApiError> {
        let shown = head.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let shown = shown.and_then(|value| value.split_once(' '));
        let shown = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let shown = shown.and_then(|(_, key)| ShownKey::parse(key.trim()));
        let unknown =
            || ApiError::new(Code::Unauthorized, "Authorization: Bearer with a good key is missing.");
        let shown = shown.ok_or_else(unknown)?;
        let found = self.applications.find(shown.application).await.map_err(ApiError::internal)?;
        let row = found.filter(|row| self.is_good(row, &shown)).ok_or_else(unknown)?;
        tracing::Span::current().record("application", row.name.as_str());
        if row.disabled {
            return Err(ApiError::new(Code::Forbidden, "This application is disabled."));
        }
        let address = head.extensions.get::<Peer>().map(|peer| peer.client(&head.headers));
        if !row.scope.admits(address) {
            return Err(ApiError::new(Code::Forbidden, "This key is not good from this address."));
        }
        self.pace
            .admit(row.id, Instant::now())
            .map_err(|wait| ApiError::too_many(wait.as_secs().saturating_add(1), "Too many requests."))?;
        Ok(Caller(Arc::new(row)))
    }

    fn is_good(&self, row: &ApplicationRow, shown: &ShownKey) -> bool {
        // Both are compared whatever the first says.
        let is_old = shown.is(&row.old_key_hash) & (self.clock.now() < row.old_key_until);
        shown.is(&row.key_hash) | is_old
    }
}

/// Goes around the routes of applications.
pub(super) async fn admit(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    match gate.caller(&head).await {
        Ok(caller) => {
            head.extensions.insert(caller);
            next.run(Request::from_parts(head, body)).await
        }
        Err(error) => error.into_response(),
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Head, _state: &S) -> Result<Self, ApiError> {
        let caller = head.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| ApiError::new(Code::Unauthorized, "Nobody was let in."))
    }
}
