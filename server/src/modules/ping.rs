//! Answers pings (XEP-0199) and the session request of RFC 3921, which has nothing left to do.

use async_trait::async_trait;

use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};

const PING: &str = "urn:xmpp:ping";
const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";

/// Features announced by service discovery.
pub const FEATURES: &[&str] = &[PING];

/// Answers both with nothing.
#[derive(Debug, Clone, Copy)]
pub struct Ping;

#[async_trait]
impl IqHandler for Ping {
    fn namespaces(&self) -> &'static [&'static str] {
        &[PING, SESSION]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let is_ping = request.payload.namespace == PING;
        // Whether somebody else is there is not for a ping to tell.
        let is_ours = !matches!(request.target, IqTarget::Account(_));
        if is_ours && is_ping != request.is_set {
            Ok(IqAnswer::Empty)
        } else {
            Err(StanzaError::new(Condition::ServiceUnavailable))
        }
    }
}
