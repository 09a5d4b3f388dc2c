//! The face of the directory that the session needs; the directory itself moves in here.

use crate::connection::Line;
use crate::error::EngineError;
use crate::events::Events;
use crate::model::{AvatarPicture, PersonCard, PersonHit, PersonPresence, TreeBatch};
use crate::store::Store;
use jid::{BareJid, DomainPart};
use posthouse_protocol::organization::Entries;
#[derive(Debug)]
pub(crate) struct Organization {
    line: Line,
    domain: DomainPart,
}
impl Organization {
    pub(crate) fn new(_store: Store, line: Line, _events: Events, domain: DomainPart) -> Self {
        Self { line, domain }
    }
    pub(crate) async fn online(&self) -> Result<(), EngineError> {
        let to = jid::Jid::from(BareJid::from_parts(None, &self.domain));
        let _ = self
            .line
            .ask(
                Some(to),
                crate::connection::IqPayload::get(posthouse_protocol::organization::Query::default()),
            )
            .await;
        Ok(())
    }
    pub(crate) async fn pushed(&self, _entries: Entries) {}
    pub(crate) fn name_of(&self, _person: &BareJid) -> Option<String> {
        None
    }
    pub(crate) async fn batches(&self, _batches: impl FnMut(TreeBatch) + Send) -> Result<(), EngineError> {
        Ok(())
    }
    pub(crate) async fn search(&self, _text: &str, _limit: u32) -> Result<Vec<PersonHit>, EngineError> {
        Ok(vec![])
    }
    pub(crate) async fn card(
        &self,
        _person: &BareJid,
        _presence: PersonPresence,
    ) -> Result<PersonCard, EngineError> {
        Err(EngineError::new(crate::error::EngineErrorCode::NotFound, ""))
    }
    pub(crate) async fn avatar(&self, _person: &BareJid) -> Result<Option<AvatarPicture>, EngineError> {
        Ok(None)
    }
}
