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
use crate::organization::visibility::Audience;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::StorageError;
use crate::storage::avatar::{Avatar, AvatarStore};

mod card;

const NAMESPACE: &str = "vcard-temp";

/// Largest picture, in bytes.
const PICTURE: usize = 128 * 1024;

/// Told the hash of a new picture, so that the directory shows it; `None` when the picture is gone.
pub type AvatarChanged = Box<dyn Fn(&BareJid, Option<&str>) + Send + Sync>;

/// Answers `vcard-temp`.
pub struct Cards {
    directory: Arc<Directory>,
    avatars: AvatarStore,
    avatar_changed: AvatarChanged,
}

impl std::fmt::Debug for Cards {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Cards").finish_non_exhaustive()
    }
}

impl Cards {
    /// Cards from these.
    pub fn new(directory: Arc<Directory>, avatars: AvatarStore, avatar_changed: AvatarChanged) -> Self {
        Self { directory, avatars, avatar_changed }
    }

    async fn card(&self, asker: &BareJid, account: &BareJid) -> Result<String, StanzaError> {
        let person = self.directory.person_for(asker, account);
        let avatar = self.avatars.avatar_of(account.clone()).await.map_err(failed)?;
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
        let hash = avatar.as_ref().map(|avatar| avatar.hash.clone());
        self.avatars.set(account.clone(), avatar).await.map_err(failed)?;
        (self.avatar_changed)(account, hash.as_deref());
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
    let media_type = media_type_of(&picture).ok_or_else(|| StanzaError::new(Condition::NotAcceptable))?;
    if picture.len() > PICTURE {
        return Err(StanzaError::new(Condition::NotAcceptable).with_text("the picture is too large"));
    }
    Ok(Some(Avatar { hash: sha1(&picture), media_type: media_type.to_owned(), picture }))
}

/// By the first bytes, not by what the client says.
fn media_type_of(picture: &[u8]) -> Option<&'static str> {
    match picture {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

fn sha1(bytes: &[u8]) -> String {
    // XEP-0153 names pictures by SHA-1; nothing secret depends on it.
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unknown() -> StanzaError {
    // XEP-0054 section 4.2 allows either; this is what routing says of unknown accounts.
    StanzaError::new(Condition::ServiceUnavailable)
}

fn failed(error: StorageError) -> StanzaError {
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
