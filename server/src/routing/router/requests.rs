//! IQs that the server answers (RFC 6120 section 8.2.3, RFC 6121 section 8.5.2).

use posthouse_protocol::wire::StanzaKind;

use super::Router;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::outcome::Outcome;
use crate::routing::passage::{MessageType, Origin, Passage};
use crate::routing::replies;
use crate::routing::stanza_error::{Condition, StanzaError};

impl Router {
    /// A stanza to the server's own address.
    pub(super) async fn to_server(&self, passage: &Passage) -> Outcome {
        match passage.frame.kind() {
            StanzaKind::Iq if passage.to.is_bare() => self.answer_request(passage, IqTarget::Server).await,
            StanzaKind::Iq => self.unavailable(passage),
            StanzaKind::Message if passage.traits.message_type == MessageType::Headline => Outcome::Dropped,
            StanzaKind::Message => self.unavailable(passage),
            StanzaKind::Presence | StanzaKind::Nonza => Outcome::Dropped,
        }
    }

    pub(super) async fn answer_request(&self, passage: &Passage, target: IqTarget) -> Outcome {
        let is_set = match passage.frame.type_().as_deref() {
            Some("set") => true,
            Some("get") => false,
            // Answers to requests of the server's own; the modules that ask take theirs while accepting.
            _ => return Outcome::Dropped,
        };
        match self.ask_owner(passage, &target, is_set).await {
            Ok(IqAnswer::Answered) => Outcome::Delivered,
            Ok(IqAnswer::Empty) => self.answer_with(passage, None),
            Ok(IqAnswer::Payload(payload)) => self.answer_with(passage, Some(&payload)),
            Err(error) => self.refuse(passage, &error),
        }
    }

    async fn ask_owner(
        &self,
        passage: &Passage,
        target: &IqTarget,
        is_set: bool,
    ) -> Result<IqAnswer, StanzaError> {
        let payload =
            passage.frame.children().next().ok_or_else(|| StanzaError::new(Condition::BadRequest))?;
        let owner = self
            .pipeline()
            .iq
            .owner(payload.namespace)
            .ok_or_else(|| StanzaError::new(Condition::ServiceUnavailable))?;
        let session = match &passage.origin {
            Origin::Session(session) => Some(session),
            Origin::Component(_) | Origin::Server => None,
        };
        let request =
            IqRequest { session, from: &passage.from, target, is_set, frame: &passage.frame, payload };
        owner.handle(request).await
    }

    fn answer_with(&self, passage: &Passage, payload: Option<&[u8]>) -> Outcome {
        let reply = replies::result(&passage.frame, passage.from.as_str(), payload);
        self.answer(&passage.origin, &passage.from, reply);
        Outcome::Delivered
    }
}
