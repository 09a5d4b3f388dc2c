//! From the first byte to a bound session (RFC 6120 sections 4 to 7): elements in, what to do out.
//! No input, no output, no clock, no randomness; `accepting` has those.

use std::sync::Arc;

use jid::BareJid;
use posthouse_protocol::wire::{Frame, StanzaKind, StreamHeader, escape};

use super::credentials::AccountState;
use super::features::Features;
use super::names::HostNames;
use super::sasl::{Channel, Failure, Login, Next, SASL, TriedInVain};
use super::scram::{Hash, ScramCredentials};
use super::stream_error::StreamError;
use crate::routing::replies;
use crate::routing::stanza_error::{Condition, StanzaError};

const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
pub(crate) const STREAM_MANAGEMENT: &str = "urn:xmpp:sm:3";

/// What is the same for every client.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) names: HostNames,
    pub(crate) features: Features,
    /// Failed logins on one stream before it is closed.
    pub(crate) tries: u32,
}

/// What to do next, after sending `bytes`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) bytes: Vec<u8>,
    pub(crate) then: Then,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Read the next element.
    Read,
    /// Start TLS, then read a stream header.
    StartTls,
    /// Read a stream header: the login succeeded.
    Restart,
    /// Look up keys, for [`Negotiation::keys`] or [`Negotiation::refuse_login`].
    Keys(String, Hash),
    /// Count a try, then go on with [`Negotiation::approve`], [`Negotiation::wrong_password`] or
    /// [`Negotiation::refuse_login`]. Nothing is said before.
    Tried { login: String, is_right: bool },
    /// Bind a resource for [`Negotiation::bound`] or [`Negotiation::not_bound`]; `None`: the server chooses.
    Bind { resource: Option<String>, request: Request },
    /// Find a session to resume (XEP-0198 section 5).
    Resume { previous: String, handled: u32 },
    /// Close the connection.
    Close,
}

/// A request for a resource.
#[derive(Debug, Clone)]
pub(crate) struct Request(pub(crate) Frame);

impl PartialEq for Request {
    fn eq(&self, other: &Self) -> bool {
        self.0.bytes() == other.0.bytes()
    }
}

impl Eq for Request {}

#[derive(Debug)]
enum Phase {
    BeforeTls,
    Login(Login),
    Binding,
}

/// One client's negotiation.
#[derive(Debug)]
pub(crate) struct Negotiation {
    offer: Arc<Offer>,
    phase: Phase,
    exporter: Option<Vec<u8>>,
    end_point: Option<Vec<u8>>,
    tried_in_vain: TriedInVain,
    failures: u32,
    account: Option<BareJid>,
    lang: Option<String>,
}

impl Negotiation {
    pub(crate) fn new(offer: Arc<Offer>) -> Self {
        Self {
            offer,
            phase: Phase::BeforeTls,
            exporter: None,
            end_point: None,
            tried_in_vain: TriedInVain::default(),
            failures: 0,
            account: None,
            lang: None,
        }
    }

    /// TLS is on, with this exporter data (RFC 9266).
    pub(crate) fn secured(&mut self, exporter: Option<Vec<u8>>) {
        self.exporter = exporter;
        self.phase = Phase::Login(Login::default());
    }

    /// The certificate has this `tls-server-end-point` data (RFC 5929 section 4).
    pub(crate) fn certified(&mut self, end_point: Option<Vec<u8>>) {
        self.end_point = end_point;
    }

    /// Who has signed in.
    pub(crate) fn account(&self) -> Option<&BareJid> {
        self.account.as_ref()
    }

    /// The stream's `xml:lang`.
    pub(crate) fn take_lang(&mut self) -> Option<String> {
        self.lang.take()
    }

    /// Takes the client's stream header; `id` is the fresh id of our stream.
    pub(crate) fn header(&mut self, header: &StreamHeader, id: &str) -> Reply {
        let mut bytes = self.own_header(Some(header), id);
        let error = if header.default_namespace != "jabber:client" {
            Some(StreamError::InvalidNamespace)
        } else if !self.offer.names.serves(header.to.as_deref()) {
            Some(StreamError::HostUnknown)
        } else if header.version.is_none_or(|version| version.0 < 1) {
            Some(StreamError::UnsupportedVersion)
        } else {
            None
        };
        if let Some(error) = error {
            bytes.extend_from_slice(&error.write());
            return Reply { bytes, then: Then::Close };
        }
        self.lang.clone_from(&header.lang);
        let features = &self.offer.features;
        let features = match self.phase {
            Phase::BeforeTls => &features.before_tls,
            Phase::Login(_) if self.end_point.is_some() => &features.before_certified_login,
            Phase::Login(_) if self.exporter.is_some() => &features.before_login,
            Phase::Login(_) => &features.before_unbound_login,
            Phase::Binding => &features.before_binding,
        };
        bytes.extend_from_slice(features.as_bytes());
        Reply { bytes, then: Then::Read }
    }

    /// Our stream header, which a stream error needs in front when the client's could not be read.
    pub(crate) fn own_header(&self, header: Option<&StreamHeader>, id: &str) -> Vec<u8> {
        // The client's `from` is only a claim: it comes back if it is an address at all (section 4.7.2).
        let from = header.and_then(|header| header.from.as_deref());
        let to = from.filter(|from| BareJid::new(from).is_ok()).map(str::to_owned);
        let own = StreamHeader {
            from: Some(self.offer.names.domain().to_owned()),
            to,
            id: Some(id.to_owned()),
            lang: Some("en".to_owned()),
            version: Some((1, 0)),
            default_namespace: "jabber:client".to_owned(),
        };
        own.write()
    }

    /// Takes an element of the client.
    pub(crate) fn element(&mut self, element: &Frame) -> Reply {
        let channel = Channel {
            exporter: self.exporter.as_deref(),
            end_point: self.end_point.as_deref(),
            was_tried: self.tried_in_vain.is_all(),
        };
        match &mut self.phase {
            Phase::BeforeTls if element.name() == "starttls" && element.namespace() == TLS => {
                Reply { bytes: format!("<proceed xmlns='{TLS}'/>").into_bytes(), then: Then::StartTls }
            }
            // Without TLS nothing else is allowed (section 5.3.1).
            Phase::BeforeTls => close(StreamError::PolicyViolation),
            Phase::Login(login) if element.namespace() == SASL => {
                let next = login.element(element, channel, self.offer.names.domain());
                self.login_step(next)
            }
            Phase::Login(_) => close(StreamError::NotAuthorized),
            Phase::Binding => binding_step(element),
        }
    }

    /// The keys that [`Then::Keys`] asked for; `nonce` is fresh.
    pub(crate) fn keys(&mut self, login: String, credentials: ScramCredentials, nonce: &str) -> Reply {
        let Phase::Login(state) = &mut self.phase else { return close(StreamError::InternalServerError) };
        let channel = Channel {
            exporter: self.exporter.as_deref(),
            end_point: self.end_point.as_deref(),
            was_tried: self.tried_in_vain.is_all(),
        };
        let next = state.keys(login, credentials, channel, nonce);
        self.login_step(next)
    }

    /// Too many wrong passwords for this account or from this address.
    pub(crate) fn refuse_login(&mut self) -> Reply {
        self.phase = Phase::Login(Login::default());
        self.fail(Failure::TryLater)
    }

    /// The password that was tried is wrong.
    pub(crate) fn wrong_password(&mut self) -> Reply {
        self.fail(Failure::NotAuthorized)
    }

    /// Whether the owner of a right password may sign in.
    pub(crate) fn approve(&mut self, login: &str, state: AccountState) -> Reply {
        let Phase::Login(phase) = &mut self.phase else { return close(StreamError::InternalServerError) };
        let success = phase.success();
        let account = BareJid::new(&format!("{login}@{}", self.offer.names.domain()));
        match (state, account) {
            (AccountState::Live, Ok(account)) => {
                self.account = Some(account);
                self.phase = Phase::Binding;
                Reply { bytes: success, then: Then::Restart }
            }
            (AccountState::Disabled, _) => self.fail(Failure::AccountDisabled),
            (AccountState::Live, Err(_)) | (AccountState::Unknown, _) => self.fail(Failure::NotAuthorized),
        }
    }

    fn login_step(&mut self, next: Next) -> Reply {
        let (bytes, then) = match next {
            Next::Challenge(bytes) => (bytes, Then::Read),
            Next::Keys(login, hash) => (Vec::new(), Then::Keys(login, hash)),
            Next::Tried { login, is_right } => (Vec::new(), Then::Tried { login, is_right }),
            Next::Failed(failure) => return self.fail(failure),
        };
        Reply { bytes, then }
    }

    fn fail(&mut self, failure: Failure) -> Reply {
        // It was no guess, and cannot be repeated without end.
        if !self.tried_in_vain.note(failure) {
            self.failures = self.failures.saturating_add(1);
        }
        let is_last = self.failures >= self.offer.tries;
        let mut bytes = failure.write();
        if is_last {
            bytes.extend_from_slice(&StreamError::PolicyViolation.write());
        }
        Reply { bytes, then: if is_last { Then::Close } else { Then::Read } }
    }

    /// The resource is bound: the answer to `request`.
    pub(crate) fn bound(request: &Frame, jid: &str) -> Vec<u8> {
        let payload = format!("<bind xmlns='{BIND}'><jid>{}</jid></bind>", escape(jid));
        replies::result(request, jid, Some(payload.as_bytes())).to_vec()
    }

    /// The resource cannot be bound; the client may ask for another one.
    pub(crate) fn not_bound(&self, request: &Frame, condition: Condition) -> Reply {
        let to = self.account.as_ref().map(|account| account.as_str()).unwrap_or_default();
        let answer = replies::error(request, to, &StanzaError::new(condition));
        Reply { bytes: answer.map(Vec::from).unwrap_or_default(), then: Then::Read }
    }

    /// There is nothing to resume; the client may bind instead. `handled`: how many of its stanzas the lost
    /// session had handled, if that is still known.
    pub(crate) fn not_resumed(handled: Option<u32>) -> Reply {
        let handled = handled.map(|count| format!(" h='{count}'")).unwrap_or_default();
        let bytes = format!(
            "<failed xmlns='{STREAM_MANAGEMENT}'{handled}>\
             <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
        );
        Reply { bytes: bytes.into_bytes(), then: Then::Read }
    }
}

fn close(error: StreamError) -> Reply {
    Reply { bytes: error.write(), then: Then::Close }
}

fn binding_step(element: &Frame) -> Reply {
    if element.kind() == StanzaKind::Iq
        && element.type_().as_deref() == Some("set")
        && let Some(bind) = element.child("bind", BIND)
    {
        let resource = bind.children().find(|child| child.name == "resource" && child.namespace == BIND);
        let resource = resource.map(|child| child.text().into_owned()).filter(|text| !text.is_empty());
        return Reply { bytes: Vec::new(), then: Then::Bind { resource, request: Request(element.clone()) } };
    }
    if element.namespace() == STREAM_MANAGEMENT {
        return match element.name() {
            "resume" => resume_step(element),
            _ => unexpected_management(),
        };
    }
    // Nothing is routed before a resource is bound (section 7.1).
    close(StreamError::NotAuthorized)
}

fn resume_step(element: &Frame) -> Reply {
    let handled = element.attribute("h").and_then(|value| value.parse().ok());
    match (element.attribute("previd"), handled) {
        (Some(previous), Some(handled)) => {
            Reply { bytes: Vec::new(), then: Then::Resume { previous: previous.into_owned(), handled } }
        }
        _ => unexpected_management(),
    }
}

/// Stream management is switched on after binding (XEP-0198 section 3).
fn unexpected_management() -> Reply {
    let bytes = format!(
        "<failed xmlns='{STREAM_MANAGEMENT}'>\
         <unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
    );
    Reply { bytes: bytes.into_bytes(), then: Then::Read }
}

#[cfg(test)]
mod tests;
