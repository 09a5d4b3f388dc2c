//! The face of presence that the session needs; the watch itself moves in here.

use crate::connection::Line;
use crate::error::EngineError;
use crate::events::Events;
use crate::model::{Availability, PersonPresence};
use jid::{BareJid, DomainPart};
use posthouse_protocol::presence::State;
#[derive(Debug)]
pub(crate) struct PresenceWatch {
    line: Line,
}
impl PresenceWatch {
    pub(crate) fn new(line: Line, _events: Events, _domain: DomainPart) -> Self {
        Self { line }
    }
    pub(crate) async fn online(&self) -> Result<(), EngineError> {
        self.line.send(xmpp_parsers::presence::Presence::available()).await.map(|_| ())
    }
    pub(crate) fn pushed(&self, _state: State) {}
    pub(crate) async fn watch(
        &self,
        _departments: Vec<String>,
        _people: Vec<String>,
    ) -> Result<(), EngineError> {
        Ok(())
    }
    pub(crate) async fn set_own(
        &self,
        _availability: Availability,
        _status: Option<String>,
    ) -> Result<(), EngineError> {
        Ok(())
    }
    pub(crate) fn presence_of(&self, person: &BareJid) -> PersonPresence {
        PersonPresence { person: person.to_string(), availability: Availability::Offline, status: None }
    }
}
