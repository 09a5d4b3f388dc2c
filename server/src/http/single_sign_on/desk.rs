//! What the routes of single sign-on share: the provider, and how they fail.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use posthouse_sign_on::moment::Moment;
use posthouse_sign_on::page;
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::relying_party::RelyingParty;
use posthouse_sign_on::secret::Digest;
use posthouse_sign_on::session::SignedIn;
use serde::Serialize;

use super::browser::{self, Browser};
use crate::routing::sessions::Sessions;
use crate::sign_on::Provider;
use crate::storage::StorageError;
use crate::storage::sign_on::{Ended, Kind, Value};

/// State of the routes. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub(super) provider: Provider,
    pub(super) sessions: Arc<Sessions>,
}

/// Why a route stops; a browser is shown a page.
#[derive(Debug)]
pub(super) enum Stop {
    /// A rule says no.
    Refused(Refusal),
    /// The server is at fault.
    Broken,
}

impl From<StorageError> for Stop {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "single sign-on cannot go on");
        Self::Broken
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Desk {
    pub(super) fn new(provider: Provider, sessions: Arc<Sessions>) -> Self {
        Self { provider, sessions }
    }

    /// The session of the browser's cookie; its use is noted.
    pub(super) async fn session(&self, browser: &Browser<'_>) -> Result<Option<SignedIn>, StorageError> {
        let cookie = browser.cookie(posthouse_sign_on::session::COOKIE);
        let session = self.provider.session(cookie).await?;
        if let Some(session) = &session {
            self.provider.store().touch(&session.child, self.provider.now()).await?;
        }
        Ok(session)
    }

    /// The system of that name.
    pub(super) async fn party(&self, id: Option<&str>) -> Result<Option<RelyingParty>, StorageError> {
        match id {
            None => Ok(None),
            Some(id) => self.provider.store().party(id).await,
        }
    }

    /// Keeps a ticket of a session until then, and sends the browser on with it.
    pub(super) async fn keep_and_go(
        &self,
        name: (Digest, Kind),
        (child, until): (Digest, Moment),
        ticket: &impl Serialize,
        to: &str,
    ) -> Result<Response, Stop> {
        let value = Value::new(name, "", Some(child), (self.provider.now(), until), ticket)?;
        self.provider.store().keep(vec![value]).await?;
        Ok(browser::go(to))
    }

    /// Ends a tab's session and has its systems told.
    pub(super) async fn end(&self, child: Digest) -> Result<(), StorageError> {
        let ended: Vec<Ended> = self.provider.store().end_child(child, "signed-out").await?;
        self.provider.tell(&ended);
        Ok(())
    }

    /// The page of all refusals; the reason is kept for the administrator.
    pub(super) async fn stop(&self, stop: Stop, party: &str, login: &str) -> Response {
        match stop {
            Stop::Refused(refusal) => {
                self.provider.note_refusal(refusal, party, login).await;
                browser::show(StatusCode::FORBIDDEN, &page::refusal())
            }
            Stop::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// Login of whoever is signed in, for the list of refusals.
pub(super) fn login_of(session: Option<&SignedIn>) -> &str {
    session.map_or("", |session| session.parent.login.as_str())
}
