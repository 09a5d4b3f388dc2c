//! Lets messages, presence and requests pass only between people whom the organisation lets reach each other.

mod acquaintances;

use std::sync::Arc;

use async_trait::async_trait;
use jid::BareJid;
use posthouse_protocol::error_code::{self, ErrorCode};
use posthouse_protocol::wire::StanzaKind;

use crate::organization::directory::Directory;
use crate::routing::passage::{MessageType, Origin, Passage};
use crate::routing::stages::{Accept, AcceptStep, StepError};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::{Database, StorageError};
use acquaintances::Acquaintances;

/// The rule at the door: refuses what one person may not send another. Addresses that are no people (rooms,
/// components, the server) have rules of their own.
#[derive(Debug)]
pub struct Visibility {
    domain: String,
    directory: Arc<Directory>,
    acquaintances: Acquaintances,
}

/// What a stanza is to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Matter {
    /// It goes to the person.
    To,
    /// The server answers it in the person's place, such as with a card.
    About,
}

impl Visibility {
    /// The rule of that directory; people have addresses at `domain`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn open(
        domain: &str,
        directory: Arc<Directory>,
        database: Database,
    ) -> Result<Self, StorageError> {
        let acquaintances = Acquaintances::open(database).await?;
        Ok(Self { domain: domain.to_owned(), directory, acquaintances })
    }

    async fn judge(&self, from: &BareJid, to: &BareJid, matter: Matter) -> Result<Accept, StepError> {
        // Accounts that are nobody's place in the organisation stay as reachable as before; an address that
        // does not exist at all is answered by routing.
        if from == to || !self.directory.is_member(to) || !self.directory.is_member(from) {
            return Ok(Accept::Continue);
        }
        let may_chat = self.directory.may_chat(from, to);
        if !self.directory.may_see(from, to) {
            // Whoever is hidden does not exist, except for those whom they have written to.
            return Ok(if may_chat && self.acquaintances.has(to, from) {
                Accept::Continue
            } else {
                Accept::Reject(StanzaError::new(Condition::ServiceUnavailable))
            });
        }
        if matter == Matter::About {
            return Ok(Accept::Continue);
        }
        if !may_chat {
            return Ok(Accept::Reject(
                StanzaError::new(Condition::Forbidden)
                    .with_application(ErrorCode::ChatNotAllowed.name(), error_code::NAMESPACE),
            ));
        }
        if !self.directory.may_see(to, from) {
            self.acquaintances.note(from, to).await.map_err(StepError::of("visibility"))?;
        }
        Ok(Accept::Continue)
    }
}

#[async_trait]
impl AcceptStep for Visibility {
    fn concerns(&self, passage: &Passage) -> bool {
        matches!(passage.origin, Origin::Session(_)) && self.directory.keeps_anybody_apart()
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        let is_person = passage.to.node().is_some() && passage.to.domain().as_str() == self.domain;
        if !is_person {
            return Ok(Accept::Continue);
        }
        // Errors and results answer something that was let pass.
        let is_answer = match passage.frame.kind() {
            StanzaKind::Message => passage.traits.message_type == MessageType::Error,
            StanzaKind::Presence | StanzaKind::Iq => {
                matches!(passage.frame.type_().as_deref(), Some("error" | "result"))
            }
            StanzaKind::Nonza => true,
        };
        // Subscriptions are answered one by one; a refusal would show who exists.
        let is_subscription = passage.frame.kind() == StanzaKind::Presence && passage.frame.type_().is_some();
        if is_answer || is_subscription {
            return Ok(Accept::Continue);
        }
        let is_about = passage.frame.kind() == StanzaKind::Iq && passage.to.is_bare();
        let matter = if is_about { Matter::About } else { Matter::To };
        self.judge(&passage.sender, &passage.receiver, matter).await
    }
}

#[cfg(test)]
mod tests;
