//! IQ requests that the server answers itself.

use jid::{BareJid, Jid};
use posthouse_protocol::wire::{Child, Frame};
use xso::{AsXml, FromXml};

use super::session::Session;
use super::stanza_error::{Condition, StanzaError};

/// Whom a request is addressed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IqTarget {
    /// The server's domain.
    Server,
    /// The sender's own account (no `to`, or the own bare address).
    OwnAccount,
    /// Another account's bare address.
    Account(BareJid),
}

/// A get or set.
#[derive(Debug, Clone, Copy)]
pub struct IqRequest<'a> {
    /// The client that asks; `None` for a component.
    pub session: Option<&'a Session>,
    /// Address of the asker.
    pub from: &'a Jid,
    /// Whom it asks.
    pub target: &'a IqTarget,
    /// `set`, otherwise `get`.
    pub is_set: bool,
    /// The whole stanza.
    pub frame: &'a Frame,
    /// The one payload element.
    pub payload: Child<'a>,
}

impl IqRequest<'_> {
    /// The payload as a typed value.
    ///
    /// # Errors
    /// `bad-request` when it is not of that shape.
    pub fn parse<T: FromXml>(&self) -> Result<T, StanzaError> {
        xso::from_bytes(&self.payload.standalone()).map_err(|error| {
            tracing::debug!(%error, "an IQ payload does not have its shape");
            StanzaError::new(Condition::BadRequest)
        })
    }
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IqAnswer {
    /// `<iq type='result'/>` without a payload.
    Empty,
    /// A result with this payload: one element, its namespace declared.
    Payload(Vec<u8>),
    /// The handler answers by itself, now or later.
    Answered,
}

impl IqAnswer {
    /// A result with a typed payload.
    ///
    /// # Errors
    /// `internal-server-error` when the value cannot be written.
    pub fn of<T: AsXml>(payload: &T) -> Result<Self, StanzaError> {
        xso::to_vec(payload).map(Self::Payload).map_err(|error| {
            tracing::error!(%error, "an IQ answer cannot be written");
            StanzaError::new(Condition::InternalServerError)
        })
    }
}
