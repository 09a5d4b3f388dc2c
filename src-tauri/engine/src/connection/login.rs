//! Signing in (RFC 6120 section 6): the strongest mechanism both sides know, and never the bare password.

use std::borrow::Cow;
use std::collections::BTreeSet;

use futures_util::{SinkExt, StreamExt};
use tokio_xmpp::xmlstream::{FallibleStreamElement, ReadError, StreamHeader, XmppStream, XmppStreamElement};
use xmpp_parsers::sasl::{DefinedCondition, Failure, Nonza, Response};
use xmpp_parsers::sasl_cb::Type;
use xmpp_parsers::stream_features::StreamFeatures;
use xso::AsXml;
use xso::text::Base64;

use super::connector::{Io, Opened};
use super::fault::Fault;
use super::scram::{Binding, First, Hash, Last, ScramError};
use super::stream_fault;

/// A mechanism this client knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mechanism {
    hash: Hash,
    is_plus: bool,
}

impl Mechanism {
    /// Strongest first: binding to the connection counts for more than the hash.
    const ALL: [Self; 6] = [
        Self { hash: Hash::Sha512, is_plus: true },
        Self { hash: Hash::Sha256, is_plus: true },
        Self { hash: Hash::Sha1, is_plus: true },
        Self { hash: Hash::Sha512, is_plus: false },
        Self { hash: Hash::Sha256, is_plus: false },
        Self { hash: Hash::Sha1, is_plus: false },
    ];

    pub(super) fn name(self) -> &'static str {
        match (self.hash, self.is_plus) {
            (Hash::Sha512, true) => "SCRAM-SHA-512-PLUS",
            (Hash::Sha256, true) => "SCRAM-SHA-256-PLUS",
            (Hash::Sha1, true) => "SCRAM-SHA-1-PLUS",
            (Hash::Sha512, false) => "SCRAM-SHA-512",
            (Hash::Sha256, false) => "SCRAM-SHA-256",
            (Hash::Sha1, false) => "SCRAM-SHA-1",
        }
    }
}

/// The mechanism to use and what to say about channel binding, if any is good enough. `must_bind`: the server has
/// bound a login before, so that one without a binding is somebody else's doing.
pub(super) fn choose(
    features: &StreamFeatures,
    exporter: Option<&[u8]>,
    must_bind: bool,
) -> Result<(Mechanism, Binding), Fault> {
    let offered: &BTreeSet<String> = &features.sasl_mechanisms;
    // XEP-0440: which kinds of binding the server knows, when it says so.
    let knows_exporter =
        features.sasl_cb.as_ref().is_none_or(|known| known.types.contains(&Type::TlsExporter));
    let exporter = exporter.filter(|_| knows_exporter);
    let offers_plus = offered.iter().any(|name| name.ends_with("-PLUS"));
    let strongest = |is_plus| {
        Mechanism::ALL.into_iter().find(|one| one.is_plus == is_plus && offered.contains(one.name()))
    };
    if let Some(exporter) = exporter
        && let Some(mechanism) = strongest(true)
    {
        return Ok((mechanism, Binding::Exporter(exporter.to_vec())));
    }
    let names = || offered.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    if must_bind {
        return Err(Fault::BindingGone(names()));
    }
    let binding = if exporter.is_some() && !offers_plus { Binding::NotOffered } else { Binding::Impossible };
    strongest(false).map(|mechanism| (mechanism, binding)).ok_or_else(|| Fault::NoSafeLogin(names()))
}

/// The library's own element knows no SHA-512.
#[derive(AsXml, Debug)]
#[xml(namespace = xmpp_parsers::ns::SASL, name = "auth")]
struct Auth {
    #[xml(attribute)]
    mechanism: String,
    #[xml(text = Base64)]
    data: Vec<u8>,
}

/// A stream after login, before a resource is bound.
pub(super) struct SignedIn {
    pub(super) stream: XmppStream<Io>,
    pub(super) features: StreamFeatures,
    /// The login was bound to the connection.
    pub(super) is_bound: bool,
}

/// Who signs in, and how.
pub(super) struct Credentials<'a> {
    pub(super) login: &'a str,
    pub(super) password: &'a str,
    /// See [`choose`].
    pub(super) must_bind: bool,
}

/// Signs in; one try. `nonce` is fresh.
pub(super) async fn sign_in(
    opened: Opened,
    credentials: Credentials<'_>,
    nonce: String,
) -> Result<SignedIn, Fault> {
    let Credentials { login, password, must_bind } = credentials;
    let Opened { mut stream, features, domain, exporter } = opened;
    let (mechanism, binding) = choose(&features, exporter.as_deref(), must_bind)?;
    let first = First::new(mechanism.hash, binding, login, nonce).map_err(scram_fault)?;
    let auth = Auth { mechanism: mechanism.name().to_owned(), data: first.message().into_bytes() };
    stream.send(&auth).await.map_err(broken)?;
    exchange(&mut stream, first, password).await?;
    let header = StreamHeader { to: Some(Cow::Owned(domain)), from: None, id: None };
    let pending = stream.initiate_reset().send_header(header).await.map_err(broken)?;
    let (features, stream) =
        pending.recv_features().await.map_err(|error| Fault::Broken(error.to_string()))?;
    Ok(SignedIn { stream, features, is_bound: mechanism.is_plus })
}

async fn exchange(stream: &mut XmppStream<Io>, first: First, password: &str) -> Result<(), Fault> {
    let Nonza::Challenge(challenge) = answer(stream).await? else {
        return Err(Fault::ServerNotAuthentic("no challenge"));
    };
    let (response, last) = compute(first, challenge.data, password.to_owned()).await?;
    respond(stream, response.into_bytes()).await?;
    match answer(stream).await? {
        Nonza::Success(success) => last.check(&success.data).map_err(scram_fault),
        // Some servers send their signature first and the success behind it.
        Nonza::Challenge(challenge) => {
            last.check(&challenge.data).map_err(scram_fault)?;
            respond(stream, Vec::new()).await?;
            match answer(stream).await? {
                Nonza::Success(_) => Ok(()),
                _ => Err(Fault::ServerNotAuthentic("no success")),
            }
        }
        _ => Err(Fault::ServerNotAuthentic("no success")),
    }
}

/// The hashing is meant to be slow; it must not hold up the other tasks.
async fn compute(first: First, challenge: Vec<u8>, password: String) -> Result<(String, Last), Fault> {
    tokio::task::spawn_blocking(move || first.answer(&challenge, &password))
        .await
        .map_err(|error| Fault::Broken(error.to_string()))?
        .map_err(scram_fault)
}

async fn respond(stream: &mut XmppStream<Io>, data: Vec<u8>) -> Result<(), Fault> {
    stream.send(&XmppStreamElement::Sasl(Nonza::Response(Response { data }))).await.map_err(broken)
}

/// The server's next SASL element; a refusal is an error.
pub(super) async fn answer(stream: &mut XmppStream<Io>) -> Result<Nonza, Fault> {
    loop {
        match stream.next().await {
            Some(Ok(FallibleStreamElement::Ok(XmppStreamElement::Sasl(Nonza::Failure(failure))))) => {
                return Err(refusal(&failure));
            }
            Some(Ok(FallibleStreamElement::Ok(XmppStreamElement::Sasl(nonza)))) => return Ok(nonza),
            Some(Ok(FallibleStreamElement::Ok(XmppStreamElement::StreamError(error)))) => {
                return Err(stream_fault(error.0));
            }
            Some(Err(ReadError::SoftTimeout)) => {}
            Some(Ok(FallibleStreamElement::Err(error))) => {
                return Err(Fault::LoginRefused(error.to_string()));
            }
            Some(Ok(other)) => return Err(Fault::NotXmpp(format!("{other:?}"))),
            Some(Err(error)) => return Err(Fault::Broken(error.to_string())),
            None => return Err(Fault::Broken("end of connection".to_owned())),
        }
    }
}

/// RFC 6120 section 6.5.
fn refusal(failure: &Failure) -> Fault {
    match failure.defined_condition {
        DefinedCondition::NotAuthorized | DefinedCondition::CredentialsExpired => Fault::NotAuthorized,
        DefinedCondition::AccountDisabled => Fault::AccountDisabled,
        DefinedCondition::TemporaryAuthFailure => Fault::LockedOut,
        DefinedCondition::EncryptionRequired
        | DefinedCondition::InvalidMechanism
        | DefinedCondition::MechanismTooWeak => {
            Fault::NoSafeLogin(format!("{:?}", failure.defined_condition))
        }
        DefinedCondition::Aborted
        | DefinedCondition::IncorrectEncoding
        | DefinedCondition::InvalidAuthzid
        | DefinedCondition::MalformedRequest => {
            Fault::LoginRefused(format!("{:?}", failure.defined_condition))
        }
    }
}

fn scram_fault(error: ScramError) -> Fault {
    match error {
        ScramError::Unusable => Fault::NotAuthorized,
        ScramError::Server(why) => Fault::ServerNotAuthentic(why),
    }
}

fn broken(error: std::io::Error) -> Fault {
    Fault::Broken(error.to_string())
}

#[cfg(test)]
mod tests;
