//! Entity time (XEP-0202): the server's clock, in UTC.

use std::sync::Arc;

use async_trait::async_trait;

use crate::clock::Clock;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};

/// Answers `urn:xmpp:time`.
#[derive(Debug)]
pub struct EntityTime {
    clock: Arc<Clock>,
}

impl EntityTime {
    /// Tells the time of that clock.
    pub fn new(clock: Arc<Clock>) -> Self {
        Self { clock }
    }
}

#[async_trait]
impl IqHandler for EntityTime {
    fn namespaces(&self) -> &'static [&'static str] {
        &["urn:xmpp:time"]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        if request.is_set || *request.target != IqTarget::Server {
            return Err(StanzaError::new(Condition::ServiceUnavailable));
        }
        let now = self.clock.now().to_xmpp();
        let time = format!("<time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc>{now}</utc></time>");
        Ok(IqAnswer::Payload(time.into_bytes()))
    }
}
