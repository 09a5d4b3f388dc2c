//! The server's side of SCRAM (RFC 5802, RFC 7677) without input and output: messages in, messages out.

use std::ops::RangeInclusive;

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use subtle::ConstantTimeEq;

pub use crate::accounts::{Hash, ScramCredentials};

/// Digits that Python writes behind the point of a random fraction. Fewer are so rare that the next try has
/// enough.
const DECIMALS: RangeInclusive<usize> = 15..=20;

/// What the connection knows about channel binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding<'a> {
    /// The chosen mechanism is a `-PLUS` one.
    pub is_plus: bool,
    /// `tls-exporter` data (RFC 9266); `None` when the connection has none and no `-PLUS` was offered.
    pub exporter: Option<&'a [u8]>,
    /// `tls-server-end-point` data (RFC 5929), which XEP-0440 asks of every server.
    pub end_point: Option<&'a [u8]>,
    /// On this connection every `-PLUS` mechanism was tried with `tls-unique`, which it does not have.
    pub was_tried: bool,
}

impl<'a> Binding<'a> {
    /// What a login with that flag is bound to.
    fn data(self, flag: &str) -> Option<&'a [u8]> {
        match flag {
            "p=tls-exporter" => self.exporter,
            "p=tls-server-end-point" => self.end_point,
            _ => None,
        }
    }
}

/// Why an exchange failed; each stands for a SASL error (RFC 6120 section 6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScramError {
    /// `malformed-request`
    #[error("the message does not have the form of RFC 5802")]
    Malformed,
    /// `not-authorized`: wrong proof, nonce or channel binding, or an attempt to talk the client out of it.
    #[error("not authorized")]
    NotAuthorized,
    /// `not-authorized`: `tls-unique`, which this connection does not have.
    #[error("this connection has no tls-unique")]
    NoTlsUnique,
}

/// The client's first message, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFirst {
    /// Login name as sent, unescaped.
    pub login: String,
    /// The identity to act as; empty when none was asked for.
    pub authorization_identity: String,
    header: String,
    bare: String,
    nonce: String,
}

/// Waits for the client's final message.
#[derive(Debug)]
pub struct Exchange {
    hash: Hash,
    credentials: ScramCredentials,
    bound: Vec<u8>,
    nonce: String,
    /// `client-first-message-bare,server-first-message`
    so_far: String,
}

impl ClientFirst {
    /// Understands the client's first message.
    ///
    /// # Errors
    /// It is malformed, or its channel binding flag does not fit the mechanism (RFC 5802 section 6).
    pub fn read(message: &str, binding: Binding<'_>) -> Result<Self, ScramError> {
        let (flag, rest) = message.split_once(',').ok_or(ScramError::Malformed)?;
        let (identity, bare) = rest.split_once(',').ok_or(ScramError::Malformed)?;
        let authorization_identity = match identity.strip_prefix("a=") {
            Some(name) => unescape(name)?,
            None if identity.is_empty() => String::new(),
            None => return Err(ScramError::Malformed),
        };
        let mut attributes = bare.split(',');
        // A mandatory extension (`m=`) before the name is one we do not know.
        let login =
            attributes.next().and_then(|part| part.strip_prefix("n=")).ok_or(ScramError::Malformed)?;
        let nonce =
            attributes.next().and_then(|part| part.strip_prefix("r=")).ok_or(ScramError::Malformed)?;
        if nonce.is_empty() || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ScramError::Malformed);
        }
        check_flag(flag, nonce, binding)?;
        let login = unescape(login)?;
        if login.is_empty() {
            return Err(ScramError::Malformed);
        }
        Ok(Self {
            login,
            authorization_identity,
            header: format!("{flag},{identity},"),
            bare: bare.to_owned(),
            nonce: nonce.to_owned(),
        })
    }

    /// The server's first message, and the exchange that goes on. `server_nonce` is fresh, printable and has
    /// no comma.
    pub fn answer(
        self,
        hash: Hash,
        credentials: ScramCredentials,
        binding: Binding<'_>,
        server_nonce: &str,
    ) -> (String, Exchange) {
        let nonce = format!("{}{server_nonce}", self.nonce);
        let salt = BASE64.encode(&credentials.salt);
        let message = format!("r={nonce},s={salt},i={}", credentials.iterations);
        let data = self.header.split(',').next().and_then(|flag| binding.data(flag));
        let mut bound = self.header.clone().into_bytes();
        bound.extend_from_slice(data.unwrap_or_default());
        let so_far = format!("{},{message}", self.bare);
        (message, Exchange { hash, credentials, bound, nonce, so_far })
    }
}

impl Exchange {
    /// Checks the client's final message; the answer is the server's final message.
    ///
    /// # Errors
    /// It is malformed, or proves nothing. A login name that nobody has takes the same way and time.
    pub fn finish(&self, message: &str) -> Result<String, ScramError> {
        let (without_proof, proof) = message.rsplit_once(",p=").ok_or(ScramError::Malformed)?;
        let proof = BASE64.decode(proof).map_err(|_| ScramError::Malformed)?;
        let mut attributes = without_proof.split(',');
        let bound =
            attributes.next().and_then(|part| part.strip_prefix("c=")).ok_or(ScramError::Malformed)?;
        let nonce =
            attributes.next().and_then(|part| part.strip_prefix("r=")).ok_or(ScramError::Malformed)?;
        let bound = BASE64.decode(bound).map_err(|_| ScramError::Malformed)?;
        let authenticated = format!("{},{without_proof}", self.so_far);
        let is_right = self.is_right(&authenticated, &proof);
        let is_bound = bool::from(bound.ct_eq(&self.bound));
        let is_same_nonce = bool::from(nonce.as_bytes().ct_eq(self.nonce.as_bytes()));
        if !(is_right && is_bound && is_same_nonce && self.credentials.known) {
            return Err(ScramError::NotAuthorized);
        }
        let key = hmac::Key::new(self.hash.hmac(), &self.credentials.server_key);
        let signature = hmac::sign(&key, authenticated.as_bytes());
        Ok(format!("v={}", BASE64.encode(signature)))
    }

    fn is_right(&self, authenticated: &str, proof: &[u8]) -> bool {
        let key = hmac::Key::new(self.hash.hmac(), &self.credentials.stored_key);
        let signature = hmac::sign(&key, authenticated.as_bytes());
        if signature.as_ref().len() != proof.len() {
            return false;
        }
        let client_key: Vec<u8> = signature.as_ref().iter().zip(proof).map(|(a, b)| a ^ b).collect();
        let stored_key = digest::digest(self.hash.digest(), &client_key);
        stored_key.as_ref().ct_eq(&self.credentials.stored_key).into()
    }
}

fn check_flag(flag: &str, nonce: &str, binding: Binding<'_>) -> Result<(), ScramError> {
    let is_offered = binding.exporter.is_some() || binding.end_point.is_some();
    match (flag, binding.is_plus) {
        ("n", false) => Ok(()),
        // The client could bind and believes that we cannot: somebody took the offer away on the way.
        ("y", false) if is_offered && !is_slixmpp(nonce, binding) => Err(ScramError::NotAuthorized),
        ("y", false) => Ok(()),
        (_, true) if binding.data(flag).is_some() => Ok(()),
        ("n" | "y", true) => Err(ScramError::Malformed),
        ("p=tls-unique", true) => Err(ScramError::NoTlsUnique),
        _ if flag.starts_with("p=") => Err(ScramError::NotAuthorized),
        _ => Err(ScramError::Malformed),
    }
}

/// COMPAT(slixmpp 1.8): it knows `tls-unique` alone, tries every `-PLUS` mechanism with that, then says `y`,
/// and would never get in otherwise. Whoever sits in between can try in vain in a client's name as well; but
/// the client's proof covers its nonce, and no other client has the decimals of a random fraction for one.
fn is_slixmpp(nonce: &str, binding: Binding<'_>) -> bool {
    binding.was_tried && DECIMALS.contains(&nonce.len()) && nonce.bytes().all(|byte| byte.is_ascii_digit())
}

/// `=2C` is a comma, `=3D` an equals sign, nothing else follows an equals sign (RFC 5802 section 5.1).
fn unescape(name: &str) -> Result<String, ScramError> {
    let mut parts = name.split('=');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some(rest) = part.strip_prefix("2C") {
            plain.push(',');
            plain.push_str(rest);
        } else if let Some(rest) = part.strip_prefix("3D") {
            plain.push('=');
            plain.push_str(rest);
        } else {
            return Err(ScramError::Malformed);
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests;
