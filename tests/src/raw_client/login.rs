//! Signing in and binding a resource.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::RawClient;
use super::scram::Exchange;
use crate::element::Element;

const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";

/// The hash of a mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// A SCRAM mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mechanism {
    pub(super) hash: Hash,
    pub(super) is_plus: bool,
}

impl Mechanism {
    /// In the order in which the server has to offer them.
    pub const ALL: [Self; 6] = [
        Self { hash: Hash::Sha512, is_plus: true },
        Self { hash: Hash::Sha256, is_plus: true },
        Self { hash: Hash::Sha1, is_plus: true },
        Self { hash: Hash::Sha512, is_plus: false },
        Self { hash: Hash::Sha256, is_plus: false },
        Self { hash: Hash::Sha1, is_plus: false },
    ];

    /// What most clients take.
    pub const USUAL: Self = Self { hash: Hash::Sha256, is_plus: true };

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
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

/// How somebody signs in.
#[derive(Debug, Clone)]
pub struct Login {
    /// As typed.
    pub name: String,
    /// As typed.
    pub password: String,
    /// Which mechanism.
    pub mechanism: Mechanism,
    /// The channel binding flag; `n`, `y`, `p=tls-exporter` or `p=tls-server-end-point`.
    pub flag: &'static str,
    /// The client believes to be on another connection than it is.
    pub is_intercepted: bool,
}

/// A login that lacks its last message.
#[derive(Debug)]
pub struct Prepared {
    answer: String,
    /// What the server has to prove itself with.
    proof: String,
}

/// What the server says to a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It has proved that it knows the password as well.
    Success,
    /// A condition of RFC 6120 section 6.5.
    Failure(String),
}

impl Login {
    /// A login as an honest client makes it.
    #[must_use]
    pub fn new(name: &str, password: &str, mechanism: Mechanism) -> Self {
        let flag = if mechanism.is_plus { "p=tls-exporter" } else { "n" };
        Self { name: name.to_owned(), password: password.to_owned(), mechanism, flag, is_intercepted: false }
    }
}

impl RawClient {
    /// Signs in on the open stream.
    ///
    /// # Errors
    /// The server breaks the rules: says something else, or succeeds without proving itself.
    pub async fn sign_in(&mut self, login: &Login) -> anyhow::Result<Verdict> {
        match self.begin_login(login).await? {
            Ok(prepared) => self.prove(&prepared).await,
            Err(verdict) => Ok(verdict),
        }
    }

    /// Goes as far in a login as one can without proving anything; the server may refuse already.
    ///
    /// # Errors
    /// The server breaks the rules.
    pub async fn begin_login(&mut self, login: &Login) -> anyhow::Result<Result<Prepared, Verdict>> {
        let bound = match login.flag {
            _ if login.is_intercepted => vec![7; 32],
            "p=tls-server-end-point" => self.end_point()?,
            _ => self.exporter()?,
        };
        let (first, exchange) = Exchange::begin(login, &bound, &nonce()?);
        let mechanism = login.mechanism.name();
        self.send(&format!("<auth xmlns='{SASL}' mechanism='{mechanism}'>{first}</auth>")).await?;
        let challenge = self.next_element().await?;
        if let Some(verdict) = failure(&challenge) {
            return Ok(Err(verdict));
        }
        anyhow::ensure!(challenge.name == "challenge" && challenge.namespace == SASL, "{challenge:?}");
        let (answer, proof) = exchange.answer(&challenge.text)?;
        Ok(Ok(Prepared { answer, proof }))
    }

    /// Proves the password of a login that has begun here.
    ///
    /// # Errors
    /// The server breaks the rules: says something else, or succeeds without proving itself.
    pub async fn prove(&mut self, prepared: &Prepared) -> anyhow::Result<Verdict> {
        let Prepared { answer, proof } = prepared;
        self.send(&format!("<response xmlns='{SASL}'>{answer}</response>")).await?;
        let verdict = self.next_element().await?;
        if let Some(verdict) = failure(&verdict) {
            return Ok(verdict);
        }
        anyhow::ensure!(verdict.name == "success" && verdict.namespace == SASL, "{verdict:?}");
        anyhow::ensure!(verdict.text == *proof, "the server does not know the password");
        Ok(Verdict::Success)
    }

    /// Binds a resource on a stream whose login succeeded; answers the full address.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn bind(&mut self, resource: Option<&str>) -> anyhow::Result<String> {
        let answer = self.ask_for_resource(resource).await?;
        let jid = answer.find("jid", BIND).map(|jid| jid.text.clone());
        jid.with_context(|| format!("nothing is bound: {answer:?}"))
    }

    /// Asks for a resource; answers the server's answer.
    ///
    /// # Errors
    /// The stream ends.
    pub async fn ask_for_resource(&mut self, resource: Option<&str>) -> anyhow::Result<Element> {
        let wish = resource.map(|name| format!("<resource>{name}</resource>")).unwrap_or_default();
        self.send(&format!("<iq type='set' id='bind'><bind xmlns='{BIND}'>{wish}</bind></iq>")).await?;
        self.next_element().await
    }
}

fn failure(answer: &Element) -> Option<Verdict> {
    let is_failure = answer.name == "failure" && answer.namespace == SASL;
    let condition = answer.children.first().filter(|_| is_failure)?;
    Some(Verdict::Failure(condition.name.clone()))
}

fn nonce() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 18];
    aws_lc_rs::rand::fill(&mut bytes).context("the system gives no randomness")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
