//! From a login to a session: an old one resumed, or a resource bound (RFC 6120 section 7, XEP-0198).

use std::collections::VecDeque;
use std::sync::Arc;

use jid::FullJid;
use xmpp_parsers::bind::{BindQuery, BindResponse};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::sm;
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::answers::Answers;
use super::fault::Fault;
use super::ledger::Ledger;
use super::link::{Incoming, Link, Outgoing};
use super::login::SignedIn;

const BIND: &str = "bind";

/// A session; it can outlive its connection.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) address: FullJid,
    pub(super) ledger: Ledger,
    pub(super) answers: Answers,
}

/// A session with a connection.
pub(super) struct Established {
    pub(super) link: Link,
    pub(super) session: Session,
    pub(super) resumed: bool,
    /// Came in before everything was agreed upon.
    pub(super) early: VecDeque<Box<Stanza>>,
}

/// Resumes `previous` or starts a new session. As long as it may still be resumed, `previous` stays where it is.
pub(super) async fn establish(
    signed_in: SignedIn,
    previous: &mut Option<Session>,
    resource: &str,
) -> Result<Established, Fault> {
    let SignedIn { stream, features, .. } = signed_in;
    let has_management = features.stream_management.is_some();
    let mut negotiation = Negotiation { link: Link::new(stream), early: VecDeque::new() };
    if has_management && let Some(resumed) = negotiation.resume(previous).await? {
        let Negotiation { link, early } = negotiation;
        return Ok(Established { link, session: resumed, resumed: true, early });
    }
    // Whatever is not acknowledged by now is lost with the session.
    if let Some(mut lost) = previous.take() {
        lost.answers.lose();
    }
    let address = negotiation.bind(resource).await?;
    let ledger = if has_management { negotiation.enable().await? } else { Ledger::unmanaged() };
    let Negotiation { link, early } = negotiation;
    let session = Session { address, ledger, answers: Answers::default() };
    Ok(Established { link, session, resumed: false, early })
}

struct Negotiation {
    link: Link,
    early: VecDeque<Box<Stanza>>,
}

impl Negotiation {
    /// `None`: there is nothing to resume any more.
    async fn resume(&mut self, previous: &mut Option<Session>) -> Result<Option<Session>, Fault> {
        let Some((token, h)) = previous.as_ref().and_then(|session| session.ledger.resumption()) else {
            return Ok(None);
        };
        let previd = sm::StreamId(token.to_owned());
        self.link.push(Outgoing::Management(sm::Nonza::Resume(sm::Resume { h, previd })));
        match self.management().await? {
            sm::Nonza::Resumed(resumed) => {
                let Some(mut session) = previous.take() else { return Ok(None) };
                session.ledger.acknowledge(resumed.h)?;
                session.ledger.reconnected();
                for stanza in session.ledger.lost() {
                    self.link.push(Outgoing::Stanza(Arc::clone(stanza)));
                }
                Ok(Some(session))
            }
            sm::Nonza::Failed(failed) => {
                // The server may still know how far the lost session came: that much need not be sent again.
                if let (Some(session), Some(h)) = (previous.as_mut(), failed.h)
                    && let Err(fault) = session.ledger.acknowledge(h)
                {
                    tracing::warn!(%fault, "the count of the lost session is of no use");
                }
                Ok(None)
            }
            other => Err(Fault::StreamError(format!("{other:?}"))),
        }
    }

    async fn bind(&mut self, resource: &str) -> Result<FullJid, Fault> {
        match self.bind_to(Some(resource.to_owned())).await? {
            Ok(address) => Ok(address),
            // Our own session of before may still stand there, and the server keep it: take any other resource.
            Err(DefinedCondition::Conflict | DefinedCondition::BadRequest) => self
                .bind_to(None)
                .await?
                .map_err(|condition| Fault::StreamError(format!("no resource: {condition:?}"))),
            Err(condition) => Err(Fault::StreamError(format!("no resource: {condition:?}"))),
        }
    }

    async fn bind_to(
        &mut self,
        resource: Option<String>,
    ) -> Result<Result<FullJid, DefinedCondition>, Fault> {
        let request = Iq::from_set(BIND, BindQuery::new(resource));
        self.link.push(Outgoing::Stanza(Arc::new(request.into())));
        loop {
            match self.link.next(true).await? {
                Incoming::Stanza(stanza) => match *stanza {
                    Stanza::Iq(Iq::Result { id, payload: Some(payload), .. }) if id == BIND => {
                        let response = BindResponse::try_from(payload)
                            .map_err(|error| Fault::StreamError(error.to_string()))?;
                        return Ok(Ok(response.into()));
                    }
                    Stanza::Iq(Iq::Error { id, error, .. }) if id == BIND => {
                        return Ok(Err(error.defined_condition));
                    }
                    other => self.early.push_back(Box::new(other)),
                },
                Incoming::Unreadable(_) | Incoming::Management(_) | Incoming::Silence | Incoming::Other => {}
            }
        }
    }

    async fn enable(&mut self) -> Result<Ledger, Fault> {
        let enable = sm::Enable { max: None, resume: true };
        self.link.push(Outgoing::Management(sm::Nonza::Enable(enable)));
        match self.management().await? {
            sm::Nonza::Enabled(enabled) => {
                let token = enabled.id.filter(|_| enabled.resume).map(|id| id.0);
                Ok(Ledger::managed(token))
            }
            // It offers what it does not give; it works without.
            sm::Nonza::Failed(_) => Ok(Ledger::unmanaged()),
            other => Err(Fault::StreamError(format!("{other:?}"))),
        }
    }

    async fn management(&mut self) -> Result<sm::Nonza, Fault> {
        loop {
            match self.link.next(true).await? {
                Incoming::Management(nonza) => return Ok(nonza),
                Incoming::Stanza(stanza) => self.early.push_back(stanza),
                Incoming::Unreadable(_) | Incoming::Silence | Incoming::Other => {}
            }
        }
    }
}
