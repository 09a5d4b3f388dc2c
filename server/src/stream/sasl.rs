//! SASL as XMPP speaks it (RFC 6120 section 6): elements in, steps out. The proof itself is in `scram`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use posthouse_protocol::wire::Frame;

use super::scram::{Binding, ClientFirst, Exchange, Hash, ScramCredentials, ScramError};

pub(crate) const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

/// A mechanism we offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mechanism {
    hash: Hash,
    is_plus: bool,
}

impl Mechanism {
    /// Strongest first.
    pub(crate) const ALL: [Self; 6] = [
        Self { hash: Hash::Sha512, is_plus: true },
        Self { hash: Hash::Sha256, is_plus: true },
        Self { hash: Hash::Sha1, is_plus: true },
        Self { hash: Hash::Sha512, is_plus: false },
        Self { hash: Hash::Sha256, is_plus: false },
        Self { hash: Hash::Sha1, is_plus: false },
    ];

    pub(crate) fn name(self) -> &'static str {
        match (self.hash, self.is_plus) {
            (Hash::Sha512, true) => "SCRAM-SHA-512-PLUS",
            (Hash::Sha256, true) => "SCRAM-SHA-256-PLUS",
            (Hash::Sha1, true) => "SCRAM-SHA-1-PLUS",
            (Hash::Sha512, false) => "SCRAM-SHA-512",
            (Hash::Sha256, false) => "SCRAM-SHA-256",
            (Hash::Sha1, false) => "SCRAM-SHA-1",
        }
    }

    /// Binds the login to the connection.
    pub(crate) fn is_plus(self) -> bool {
        self.is_plus
    }

    fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// SASL error conditions (RFC 6120 section 6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Aborted,
    AccountDisabled,
    IncorrectEncoding,
    InvalidAuthzid,
    InvalidMechanism,
    MalformedRequest,
    NotAuthorized,
    TryLater,
    /// A `-PLUS` mechanism of this hash was tried with `tls-unique`; looks like any other refusal.
    NoTlsUnique(Hash),
}

impl Failure {
    fn name(self) -> &'static str {
        match self {
            Self::Aborted => "aborted",
            Self::AccountDisabled => "account-disabled",
            Self::IncorrectEncoding => "incorrect-encoding",
            Self::InvalidAuthzid => "invalid-authzid",
            Self::InvalidMechanism => "invalid-mechanism",
            Self::MalformedRequest => "malformed-request",
            Self::NotAuthorized | Self::NoTlsUnique(_) => "not-authorized",
            Self::TryLater => "temporary-auth-failure",
        }
    }

    pub(crate) fn write(self) -> Vec<u8> {
        format!("<failure xmlns='{SASL}'><{}/></failure>", self.name()).into_bytes()
    }

    fn of(error: ScramError, hash: Hash) -> Self {
        match error {
            ScramError::Malformed => Self::MalformedRequest,
            ScramError::NotAuthorized => Self::NotAuthorized,
            ScramError::NoTlsUnique => Self::NoTlsUnique(hash),
        }
    }
}

/// The `-PLUS` mechanisms, by hash, that a client has tried with `tls-unique`.
#[derive(Debug, Default)]
pub(crate) struct TriedInVain(Vec<Hash>);

impl TriedInVain {
    /// Whether the failure is one more of them.
    pub(crate) fn note(&mut self, failure: Failure) -> bool {
        match failure {
            Failure::NoTlsUnique(hash) if !self.0.contains(&hash) => {
                self.0.push(hash);
                true
            }
            _ => false,
        }
    }

    /// Whether none is left.
    pub(crate) fn is_all(&self) -> bool {
        Mechanism::ALL.iter().filter(|one| one.is_plus).all(|one| self.0.contains(&one.hash))
    }
}

/// Where a login stands.
#[derive(Debug, Default)]
pub(crate) enum Login {
    /// Nothing tried, or the last try failed.
    #[default]
    Idle,
    /// The mechanism is chosen; the client's first message is to come.
    Chosen(Mechanism),
    /// The keys are being looked up.
    LookingUp(Mechanism, ClientFirst),
    /// The client's proof is to come.
    Proving(Exchange, String),
    /// The proof was right; the server's signature.
    Proved(String),
}

/// What a login needs next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The client's next element, after sending it this.
    Challenge(Vec<u8>),
    /// The keys of this login name.
    Keys(String, Hash),
    /// To know whether the try counts: a password of this login name was tried.
    Tried { login: String, is_right: bool },
    /// Another try, after sending this.
    Failed(Failure),
}

/// What logins on this connection can be bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Channel<'a> {
    /// Its `tls-exporter` data.
    pub(crate) exporter: Option<&'a [u8]>,
    /// Its `tls-server-end-point` data.
    pub(crate) end_point: Option<&'a [u8]>,
    /// Every `-PLUS` mechanism was tried on it with `tls-unique`.
    pub(crate) was_tried: bool,
}

impl<'a> Channel<'a> {
    fn binding(self, mechanism: Mechanism) -> Binding<'a> {
        let Self { exporter, end_point, was_tried } = self;
        Binding { is_plus: mechanism.is_plus, exporter, end_point, was_tried }
    }
}

impl Login {
    /// Takes an element of the client.
    pub(crate) fn element(&mut self, element: &Frame, channel: Channel<'_>, domain: &str) -> Next {
        let state = std::mem::take(self);
        let step = match (element.name(), state) {
            ("abort", _) => Err(Failure::Aborted),
            ("auth", Self::Idle) => self.choose(element, channel, domain),
            ("response", Self::Chosen(mechanism)) => {
                decode(&element.text()).and_then(|message| self.first(mechanism, &message, channel, domain))
            }
            ("response", Self::Proving(exchange, login)) => {
                decode(&element.text()).map(|message| self.prove(&exchange, login, &message))
            }
            _ => Err(Failure::MalformedRequest),
        };
        step.unwrap_or_else(Next::Failed)
    }

    fn choose(&mut self, element: &Frame, channel: Channel<'_>, domain: &str) -> Result<Next, Failure> {
        let name = element.attribute("mechanism").unwrap_or_default();
        let mechanism = Mechanism::find(&name).ok_or(Failure::InvalidMechanism)?;
        let text = element.text();
        if text.trim().is_empty() {
            *self = Self::Chosen(mechanism);
            return Ok(Next::Challenge(format!("<challenge xmlns='{SASL}'/>").into_bytes()));
        }
        let message = decode(&text)?;
        self.first(mechanism, &message, channel, domain)
    }

    fn first(
        &mut self,
        mechanism: Mechanism,
        message: &str,
        channel: Channel<'_>,
        domain: &str,
    ) -> Result<Next, Failure> {
        let first = ClientFirst::read(message, channel.binding(mechanism))
            .map_err(|error| Failure::of(error, mechanism.hash))?;
        let login = login_name(&first.login, domain)?;
        check_identity(&first.authorization_identity, &login, domain)?;
        *self = Self::LookingUp(mechanism, first);
        Ok(Next::Keys(login, mechanism.hash))
    }

    /// The keys that [`Next::Keys`] asked for.
    pub(crate) fn keys(
        &mut self,
        login: String,
        credentials: ScramCredentials,
        channel: Channel<'_>,
        server_nonce: &str,
    ) -> Next {
        let Self::LookingUp(mechanism, first) = std::mem::take(self) else {
            return Next::Failed(Failure::MalformedRequest);
        };
        let binding = channel.binding(mechanism);
        let (message, exchange) = first.answer(mechanism.hash, credentials, binding, server_nonce);
        *self = Self::Proving(exchange, login);
        Next::Challenge(
            format!("<challenge xmlns='{SASL}'>{}</challenge>", BASE64.encode(message)).into_bytes(),
        )
    }

    fn prove(&mut self, exchange: &Exchange, login: String, message: &str) -> Next {
        match exchange.finish(message) {
            Ok(signature) => {
                *self = Self::Proved(signature);
                Next::Tried { login, is_right: true }
            }
            Err(ScramError::Malformed) => Next::Failed(Failure::MalformedRequest),
            Err(ScramError::NotAuthorized | ScramError::NoTlsUnique) => {
                Next::Tried { login, is_right: false }
            }
        }
    }

    /// The end of a login that was approved.
    pub(crate) fn success(&mut self) -> Vec<u8> {
        let signature = match std::mem::take(self) {
            Self::Proved(signature) => signature,
            _ => String::new(),
        };
        format!("<success xmlns='{SASL}'>{}</success>", BASE64.encode(signature)).into_bytes()
    }
}

fn decode(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if text == "=" {
        return Ok(String::new());
    }
    let bytes = BASE64.decode(text).map_err(|_| Failure::IncorrectEncoding)?;
    String::from_utf8(bytes).map_err(|_| Failure::MalformedRequest)
}

/// SASLprep, and the local part as accounts are named. Some people type their whole address.
fn login_name(sent: &str, domain: &str) -> Result<String, Failure> {
    let prepared = stringprep::saslprep(sent).map_err(|_| Failure::MalformedRequest)?;
    let local = match prepared.rsplit_once('@') {
        Some((local, host)) if host.eq_ignore_ascii_case(domain) => local,
        _ => &prepared,
    };
    // A name that cannot be an account's is as wrong as an unknown one, and looks the same.
    Ok(jid::NodePart::new(local).map_or_else(|_| local.to_owned(), |node| node.as_str().to_owned()))
}

/// Nobody acts for somebody else (RFC 6120 section 6.3.8).
fn check_identity(wanted: &str, login: &str, domain: &str) -> Result<(), Failure> {
    if wanted.is_empty() {
        return Ok(());
    }
    let is_own = jid::BareJid::new(wanted).is_ok_and(|jid| {
        jid.node().is_some_and(|node| node.as_str() == login) && jid.domain().as_str() == domain
    });
    if is_own { Ok(()) } else { Err(Failure::InvalidAuthzid) }
}
