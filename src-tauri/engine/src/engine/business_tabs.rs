//! Business systems and the ways into them.

use super::Engine;
use crate::business_tabs::Entrance;
use crate::error::EngineError;
use crate::model::BusinessSystem;
use crate::store::sign_in;

impl Engine {
    /// The business systems that the person may open, in the order of the organisation.
    ///
    /// # Errors
    /// `NotSignedIn`, or what became of the line.
    pub async fn business_systems(&self) -> Result<Vec<BusinessSystem>, EngineError> {
        self.session()?.business_systems().await
    }

    /// A one-time entrance into a business system, and into a place in it. It is for the shell: the window's page
    /// must not have it.
    ///
    /// # Errors
    /// `NotSignedIn`, `NotFound`, `Forbidden`, or what became of the line.
    pub async fn enter(&self, system: &str, path: Option<&str>) -> Result<Entrance, EngineError> {
        self.session()?.enter(system, path).await
    }

    /// Answers a [`ProofWanted`](crate::events::EngineEvent::ProofWanted); without a password the person does not want
    /// to.
    ///
    /// # Errors
    /// `NotSignedIn`, `NotAuthorized` when the password is wrong and another may be tried, `NotFound` when it is over,
    /// or what became of the line.
    pub async fn answer_proof(&self, id: &str, password: Option<String>) -> Result<(), EngineError> {
        self.session()?.answer_proof(id, password).await
    }

    /// The certificate authority that the person has accepted for the server in use: SHA-256, lower-case
    /// hexadecimal.
    ///
    /// # Errors
    /// `NotSignedIn`, `StoreFailed`.
    pub async fn accepted_authority(&self) -> Result<Option<String>, EngineError> {
        let server = self.session()?.account().server;
        Ok(self.store.read(move |connection| sign_in::trusted(connection, &server)).await?)
    }
}
