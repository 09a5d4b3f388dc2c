//! The card of a person (XEP-0054) from the directory, as far as the asker may see it. Users set their own
//! picture; everything else is the organisation's.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jid::BareJid;
use posthouse_protocol::error_code::{self, ErrorCode};
use posthouse_protocol::wire::Child;

use crate::organization::directory::Directory;
use crate::organization::pictures::{self, PictureError, Pictures};
use crate::organization::visibility::Audience;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::{IqHandler, Observers};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::avatar::Avatar;

mod card;

const NAMESPACE: &str = "vcard-temp";

/// Answers `vcard-temp`.
pub struct Cards {
    directory: Arc<Directory>,
    pictures: Arc<Pictures>,
    observers: Arc<Observers>,
}

impl std::fmt::Debug for Cards {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Cards").finish_non_exhaustive()
    }
}

impl Cards {
    /// Cards from these.
    pub fn new(directory: Arc<Directory>, pictures: Arc<Pictures>, observers: Arc<Observers>) -> Self {
        Self { directory, pictures, observers }
    }

    async fn card(&self, asker: &BareJid, account: &BareJid) -> Result<String, StanzaError> {
        let person = self.directory.person_for(asker, account);
        let avatar = self.pictures.of(account).await.map_err(|error| failed(&error))?;
        let Some(person) = person else {
            // One's own account may have no place in the organisation; it may have a picture all the same.
            let is_own = asker == account;
            return if is_own { Ok(card::of_picture(avatar.as_ref())) } else { Err(unknown()) };
        };
        let is_shown = asker == account || self.directory.rules().fields.avatar == Audience::Everybody;
        let avatar = avatar.filter(|_| is_shown || person.avatar.is_some());
        Ok(card::write(&self.directory, &person, avatar.as_ref()))
    }

    async fn set(&self, account: &BareJid, payload: Child<'_>) -> Result<IqAnswer, StanzaError> {
        let now = self.card(account, account).await?;
        if !card::changes_only_picture(&payload, &now) {
            return Err(StanzaError::new(Condition::NotAllowed)
                .with_application(ErrorCode::FieldNotYours.name(), error_code::NAMESPACE));
        }
        let avatar = picture_of(&payload)?;
        self.pictures.set(account, avatar.clone()).await.map_err(|error| failed(&error))?;
        for observer in self.observers.all() {
            observer.picture_set(account, avatar.as_ref()).await;
        }
        Ok(IqAnswer::Empty)
    }
}

/// The picture in a card; `None` when it has none.
fn picture_of(payload: &Child<'_>) -> Result<Option<Avatar>, StanzaError> {
    let Some(photo) = payload.children().find(|child| child.name == "PHOTO") else { return Ok(None) };
    let text = |name: &str| {
        let child = photo.children().find(|child| child.name == name);
        child.map(|child| child.text().into_owned()).unwrap_or_default()
    };
    let encoded: String = text("BINVAL").split_whitespace().collect();
    if encoded.is_empty() {
        return Ok(None);
    }
    let picture = STANDARD.decode(encoded).map_err(|_| StanzaError::new(Condition::BadRequest))?;
    match pictures::read(picture) {
        Ok(picture) => Ok(Some(picture)),
        Err(PictureError::UnknownKind) => Err(StanzaError::new(Condition::NotAcceptable)),
        Err(PictureError::TooLarge) => {
            Err(StanzaError::new(Condition::NotAcceptable).with_text("the picture is too large"))
        }
    }
}

fn unknown() -> StanzaError {
    // XEP-0054 section 4.2 allows either; this is what routing says of unknown accounts.
    StanzaError::new(Condition::ServiceUnavailable)
}

fn failed(error: &impl std::fmt::Display) -> StanzaError {
    tracing::error!(%error, "a picture cannot be read or written");
    StanzaError::new(Condition::InternalServerError)
}

#[async_trait]
impl IqHandler for Cards {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let asker = request.from.to_bare();
        let account = match request.target {
            IqTarget::Server => return Err(StanzaError::new(Condition::ItemNotFound)),
            IqTarget::OwnAccount => &asker,
            IqTarget::Account(account) => account,
        };
        if !request.is_set {
            return Ok(IqAnswer::Payload(self.card(&asker, account).await?.into_bytes()));
        }
        if *account != asker {
            return Err(StanzaError::new(Condition::Forbidden));
        }
        self.set(&asker, request.payload).await
    }
}

#[cfg(test)]
mod tests;
