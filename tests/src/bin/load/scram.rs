//! SCRAM-SHA-256 (RFC 5802, RFC 7677) from the client's side, without channel binding, and the keys that a
//! server keeps.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

const LENGTH: usize = 32;

/// Password salted and hashed. Deriving it takes long on purpose; whoever signs in often keeps it, as real
/// clients do.
#[derive(Debug, Default)]
pub(crate) struct KeyRing(Mutex<HashMap<Salted, [u8; LENGTH]>>);

/// Salt and iterations.
type Salted = (Vec<u8>, u32);

/// The first message of a client, sent.
#[derive(Debug)]
pub(crate) struct First {
    bare: String,
}

impl First {
    /// `nonce` is fresh and has no comma.
    pub(crate) fn new(login: &str, nonce: &str) -> Self {
        Self { bare: format!("n={login},r={nonce}") }
    }

    /// In base64.
    pub(crate) fn message(&self) -> String {
        BASE64.encode(format!("n,,{}", self.bare))
    }

    /// Answers the challenge; both in base64.
    pub(crate) fn answer(&self, challenge: &str, password: &str, keys: &KeyRing) -> anyhow::Result<String> {
        let challenge = String::from_utf8(BASE64.decode(challenge).context("the challenge is no base64")?)?;
        let part = |name: &str| {
            challenge
                .split(',')
                .find_map(|part| part.strip_prefix(name))
                .with_context(|| format!("the challenge has no {name}"))
        };
        let salt = BASE64.decode(part("s=")?).context("the salt is no base64")?;
        let iterations = part("i=")?.parse().context("iterations")?;
        let client_key = sign(&keys.salted(password, salt, iterations), b"Client Key");
        let without_proof = format!("c=biws,r={}", part("r=")?);
        let authenticated = format!("{},{challenge},{without_proof}", self.bare);
        let stored = digest::digest(&digest::SHA256, &client_key);
        let signature = sign(stored.as_ref(), authenticated.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(signature).map(|(key, sign)| key ^ sign).collect();
        Ok(BASE64.encode(format!("{without_proof},p={}", BASE64.encode(proof))))
    }
}

impl KeyRing {
    fn salted(&self, password: &str, salt: Vec<u8>, iterations: u32) -> [u8; LENGTH] {
        let place = (salt, iterations);
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return *known;
        }
        let salted = derive(password, &place.0, iterations);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place, salted);
        salted
    }
}

/// What a server keeps of a password: `H(ClientKey)` and the server key.
pub(crate) fn kept_by_server(password: &str, salt: &[u8], iterations: u32) -> (Vec<u8>, Vec<u8>) {
    let salted = derive(password, salt, iterations);
    let stored = digest::digest(&digest::SHA256, &sign(&salted, b"Client Key")).as_ref().to_vec();
    (stored, sign(&salted, b"Server Key"))
}

fn derive(password: &str, salt: &[u8], iterations: u32) -> [u8; LENGTH] {
    let mut salted = [0; LENGTH];
    let iterations = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, password.as_bytes(), &mut salted);
    salted
}

fn sign(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7677_is_answered_as_printed_there() {
        let first = First::new("user", "rOprNGfwEbeRWgbNEkqO");
        let challenge = BASE64
            .encode("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        let answer = first.answer(&challenge, "pencil", &KeyRing::default()).unwrap();
        assert_eq!(
            BASE64.decode(answer).unwrap(),
            b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
              p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
    }
}
