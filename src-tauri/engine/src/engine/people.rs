//! The tree, people and who is there.

use super::Engine;
use crate::error::EngineError;
use crate::model::{Availability, AvatarPicture, PersonCard, PersonHit, TreeBatch};
use crate::outgoing::address;

impl Engine {
    /// The tree in batches, parents before children.
    ///
    /// # Errors
    /// `NotSignedIn`, `Internal`.
    pub async fn organization(&self, batches: impl FnMut(TreeBatch) + Send) -> Result<(), EngineError> {
        self.session()?.organization().batches(batches).await
    }

    /// People whose name, pinyin, initials, ID, phone or department has the text in it, best first.
    ///
    /// # Errors
    /// `NotSignedIn`, `Internal`.
    pub async fn search_people(&self, text: &str, limit: u32) -> Result<Vec<PersonHit>, EngineError> {
        self.session()?.organization().search(text, limit).await
    }

    /// The card of a person.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`, `NotFound`.
    #[expect(clippy::unused_async, reason = "all commands are asked in the same way")]
    pub async fn person_card(&self, person: &str) -> Result<PersonCard, EngineError> {
        let session = self.session()?;
        let person = address(person)?;
        let presence = session.presence().presence_of(&person);
        session.organization().card(&person, presence)
    }

    /// The picture of a person.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`, `StoreFailed`, or what became of the line.
    pub async fn avatar(&self, person: &str) -> Result<Option<AvatarPicture>, EngineError> {
        self.session()?.organization().avatar(&address(person)?).await
    }

    /// The picture of a business system, by its short name and the hash that the server tells.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`, `StoreFailed`, or what became of the line.
    pub async fn system_picture(
        &self,
        system: &str,
        hash: &str,
    ) -> Result<Option<AvatarPicture>, EngineError> {
        let session = self.session()?;
        let home = posthouse_protocol::notice::domain_below(session.mailbox().me().domain().as_str());
        let address = address(&format!("{system}@{home}"))?;
        session.organization().picture(&address, hash).await
    }

    /// The departments and people on the screen; replaces those before.
    ///
    /// # Errors
    /// `NotSignedIn`.
    #[expect(clippy::unused_async, reason = "all commands are asked in the same way")]
    pub async fn watch_presence(
        &self,
        departments: Vec<String>,
        people: Vec<String>,
    ) -> Result<(), EngineError> {
        self.session()?.presence().watch(departments, &people);
        Ok(())
    }

    /// The person's own presence. Who does not want to be disturbed gets no notifications.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`.
    #[expect(clippy::unused_async, reason = "all commands are asked in the same way")]
    pub async fn set_own_presence(
        &self,
        availability: Availability,
        status: Option<String>,
    ) -> Result<(), EngineError> {
        self.session()?.presence().set_own(availability, status)?;
        self.attention.busy(availability == Availability::DoNotDisturb);
        Ok(())
    }
}
