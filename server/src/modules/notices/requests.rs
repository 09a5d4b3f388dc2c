//! What components ask (XEP-0114): the gateway, whether a text is an answer; the component of a business system, all
//! that the system's key would let it ask over HTTP. A component stands for the application that the administrator has
//! tied it to, and for no other. People ask what became of a notice for themselves, and nothing else.

mod own;
mod reading;
mod refusing;
mod writing;

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use posthouse_protocol::notice::NAMESPACE;
use posthouse_protocol::wire::Child;

use super::Inner;
use super::answers::Answers;
use super::desk::{Desk, Refusal, RefusalCode};
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::applications::ApplicationRow;

/// Most receivers of a part of a timeline.
const MOST: u32 = 100;

/// The handler.
#[derive(Debug)]
pub(super) struct Requests {
    answers: Answers,
    desk: Desk,
}

impl Requests {
    pub(super) fn new(inner: &Arc<Inner>) -> Self {
        Self { answers: Answers(Arc::clone(inner)), desk: Desk(Arc::clone(inner)) }
    }

    /// The application that the component of this domain stands for, if it may ask now.
    async fn admit(&self, domain: &str) -> Result<ApplicationRow, Refusal> {
        let parts = &self.desk.0.parts;
        let forbidden = |sentence: &str| Refusal::new(RefusalCode::Forbidden, sentence);
        let found = parts.applications.of_component(domain.to_owned()).await.map_err(Refusal::internal)?;
        let row = found.ok_or_else(|| forbidden("No business system is tied to this component."))?;
        if row.disabled {
            return Err(forbidden("This application is disabled."));
        }
        let address = parts.components.find(domain).flatten().and_then(|link| link.address());
        if !row.scope.admits(address) {
            return Err(forbidden("This component is not good from this address."));
        }
        parts.pace.admit(row.id, Instant::now()).map_err(|wait| {
            Refusal::later(RefusalCode::TooFast, wait.as_secs().saturating_add(1), "Too many requests.")
        })?;
        Ok(row)
    }

    async fn send(&self, application: &ApplicationRow, element: &Child<'_>) -> Result<String, Refusal> {
        let written = reading::message(element);
        let message = super::desk::read(&written)?;
        Ok(writing::sent(&self.desk.send(application, &message, &written).await?))
    }

    async fn change(&self, application: &ApplicationRow, element: &Child<'_>) -> Result<String, Refusal> {
        let wanted = super::desk::read(&reading::change(element))?;
        let row = self.desk.change(application, reading::id(element)?, wanted).await?;
        Ok(writing::changed(&row))
    }

    async fn withdraw(&self, application: &ApplicationRow, element: &Child<'_>) -> Result<String, Refusal> {
        Ok(writing::changed(&self.desk.withdraw(application, reading::id(element)?).await?))
    }

    async fn timeline(&self, application: &ApplicationRow, element: &Child<'_>) -> Result<String, Refusal> {
        let after = reading::number(element, "after")?.unwrap_or_default();
        let most = reading::number(element, "max")?.map_or(Some(MOST), |most| u32::try_from(most).ok());
        let most = most
            .filter(|most| (1..=MOST).contains(most))
            .ok_or_else(|| Refusal::of_field("max", format!("Between 1 and {MOST}.")))?;
        let found = self.desk.timeline(application, reading::id(element)?, after, most).await?;
        Ok(writing::timeline(&found, &self.desk.0.parts.directory))
    }
}

#[async_trait]
impl IqHandler for Requests {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let element = &request.payload;
        if element.name == "answer" {
            return self.answers.handle(request).await;
        }
        if let Some(session) = request.session {
            return own::answer(&self.desk.0.parts.notices, session.bare(), &request).await;
        }
        if *request.target != IqTarget::Server {
            return Err(StanzaError::new(Condition::Forbidden));
        }
        let admitted = self.admit(request.from.domain().as_str()).await;
        let application = admitted.map_err(refusing::stanza_error)?;
        let answered = match (element.name, request.is_set) {
            ("send", true) => self.send(&application, element).await,
            ("change", true) => self.change(&application, element).await,
            ("withdraw", true) => self.withdraw(&application, element).await,
            ("timeline", false) => self.timeline(&application, element).await,
            _ => return Err(StanzaError::new(Condition::FeatureNotImplemented)),
        };
        answered.map(|payload| IqAnswer::Payload(payload.into_bytes())).map_err(refusing::stanza_error)
    }
}
