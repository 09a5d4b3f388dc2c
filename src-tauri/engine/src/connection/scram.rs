//! The client's side of SCRAM (RFC 5802, RFC 7677, RFC 9266) without input and output: messages in, messages out.

use std::num::NonZeroU32;

use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use subtle::ConstantTimeEq;

/// Fewer iterations make a stolen exchange too cheap to guess from (RFC 7677 section 4).
const FEWEST_ITERATIONS: u32 = 4_096;
/// More would let a server keep this computer busy.
const MOST_ITERATIONS: u32 = 2_000_000;
const LONGEST_SALT: usize = 1_024;

/// The hash function of a mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

impl Hash {
    fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha512 => &digest::SHA512,
        }
    }

    fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }

    fn length(self) -> usize {
        self.digest().output_len()
    }
}

/// What the client says about channel binding (RFC 5802 section 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Binding {
    /// `n`: this client cannot bind here.
    Impossible,
    /// `y`: it could, but the server seems not to offer it. A server that does knows that somebody cut its offer.
    NotOffered,
    /// `p=tls-exporter` with the connection's exporter data.
    Exporter(Vec<u8>),
}

/// Why an exchange cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ScramError {
    /// ID or password have characters no account has (RFC 4013).
    #[error("characters that no account has")]
    Unusable,
    /// The server does not keep to the rules, or is not the server.
    #[error("{0}")]
    Server(&'static str),
}

/// SASLprep (RFC 4013).
pub(super) fn prepare(text: &str) -> Result<String, ScramError> {
    let prepared = stringprep::saslprep(text).map_err(|_| ScramError::Unusable)?;
    if prepared.is_empty() { Err(ScramError::Unusable) } else { Ok(prepared.into_owned()) }
}

/// The client's first message, made.
#[derive(Debug)]
pub(super) struct First {
    hash: Hash,
    /// `n,,` and its kind
    header: &'static str,
    exporter: Vec<u8>,
    bare: String,
    nonce: String,
}

/// Waits for the server's last message.
#[derive(Debug)]
pub(super) struct Last {
    signature: Vec<u8>,
}

impl First {
    /// `nonce` is fresh, printable and has no comma.
    pub(super) fn new(hash: Hash, binding: Binding, login: &str, nonce: String) -> Result<Self, ScramError> {
        let name = prepare(login)?.replace('=', "=3D").replace(',', "=2C");
        let (header, exporter) = match binding {
            Binding::Impossible => ("n,,", Vec::new()),
            Binding::NotOffered => ("y,,", Vec::new()),
            Binding::Exporter(exporter) => ("p=tls-exporter,,", exporter),
        };
        Ok(Self { hash, header, exporter, bare: format!("n={name},r={nonce}"), nonce })
    }

    /// `client-first-message`
    pub(super) fn message(&self) -> String {
        format!("{}{}", self.header, self.bare)
    }

    /// Answers `server-first-message`. Takes a while: that is the purpose of the iterations.
    pub(super) fn answer(&self, challenge: &[u8], password: &str) -> Result<(String, Last), ScramError> {
        let challenge =
            str::from_utf8(challenge).map_err(|_| ScramError::Server("the challenge is no text"))?;
        let Challenge { nonce, salt, iterations } = Challenge::read(challenge, &self.nonce)?;
        let mut salted = vec![0; self.hash.length()];
        let password = prepare(password)?;
        pbkdf2::derive(self.hash.pbkdf2(), iterations, &salt, password.as_bytes(), &mut salted);
        let salted = hmac::Key::new(self.hash.hmac(), &salted);
        let client_key = hmac::sign(&salted, b"Client Key");
        let stored_key = digest::digest(self.hash.digest(), client_key.as_ref());
        let bound = BASE64.encode([self.header.as_bytes(), &self.exporter].concat());
        let without_proof = format!("c={bound},r={nonce}");
        let authenticated = format!("{},{challenge},{without_proof}", self.bare);
        let signature =
            hmac::sign(&hmac::Key::new(self.hash.hmac(), stored_key.as_ref()), authenticated.as_bytes());
        let proof: Vec<u8> =
            client_key.as_ref().iter().zip(signature.as_ref()).map(|(key, sign)| key ^ sign).collect();
        let server_key = hmac::sign(&salted, b"Server Key");
        let server_key = hmac::Key::new(self.hash.hmac(), server_key.as_ref());
        let signature = hmac::sign(&server_key, authenticated.as_bytes()).as_ref().to_vec();
        Ok((format!("{without_proof},p={}", BASE64.encode(proof)), Last { signature }))
    }
}

impl Last {
    /// Checks `server-final-message`: only who knows the account's keys can make it.
    pub(super) fn check(&self, message: &[u8]) -> Result<(), ScramError> {
        let signature = str::from_utf8(message)
            .ok()
            .and_then(|message| message.split(',').next())
            .and_then(|first| first.strip_prefix("v="))
            .and_then(|signature| BASE64.decode(signature).ok())
            .ok_or(ScramError::Server("no signature"))?;
        if bool::from(signature.ct_eq(&self.signature)) {
            Ok(())
        } else {
            Err(ScramError::Server("wrong signature"))
        }
    }
}

struct Challenge<'a> {
    nonce: &'a str,
    salt: Vec<u8>,
    iterations: NonZeroU32,
}

impl<'a> Challenge<'a> {
    fn read(message: &'a str, own_nonce: &str) -> Result<Self, ScramError> {
        let mut attributes = message.split(',');
        // A mandatory extension (`m=`) would stand first; we know none.
        let mut next = |name| attributes.next().and_then(|part| part.strip_prefix(name));
        let malformed = ScramError::Server("malformed challenge");
        let nonce = next("r=").ok_or(malformed)?;
        let salt = next("s=").and_then(|salt| BASE64.decode(salt).ok()).ok_or(malformed)?;
        let iterations = next("i=").and_then(|count| count.parse::<u32>().ok()).ok_or(malformed)?;
        if nonce.strip_prefix(own_nonce).is_none_or(str::is_empty) {
            return Err(ScramError::Server("a nonce that is not ours"));
        }
        if salt.is_empty() || salt.len() > LONGEST_SALT {
            return Err(malformed);
        }
        if !(FEWEST_ITERATIONS..=MOST_ITERATIONS).contains(&iterations) {
            return Err(ScramError::Server("an iteration count out of bounds"));
        }
        let iterations = NonZeroU32::new(iterations).ok_or(malformed)?;
        Ok(Self { nonce, salt, iterations })
    }
}

#[cfg(test)]
mod tests;
