//! The client's side of SCRAM (RFC 5802, RFC 7677), as short as it can be.

use std::num::NonZeroU32;

use anyhow::Context;
use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::login::{Hash, Login};

/// A login that has sent its first message.
#[derive(Debug)]
pub(super) struct Exchange<'a> {
    login: &'a Login,
    /// The channel binding header, and the data behind it.
    bound: Vec<u8>,
    bare: String,
}

impl<'a> Exchange<'a> {
    /// `data` is the connection's channel binding data, or what the client believes it to be.
    pub(super) fn begin(login: &'a Login, data: &[u8], nonce: &str) -> (String, Self) {
        let header = format!("{},,", login.flag);
        let mut bound = header.clone().into_bytes();
        if login.mechanism.is_plus {
            bound.extend_from_slice(data);
        }
        let bare = format!("n={},r={nonce}", login.name.replace('=', "=3D").replace(',', "=2C"));
        let message = BASE64.encode(format!("{header}{bare}"));
        (message, Self { login, bound, bare })
    }

    /// The last message, and what the server has to prove itself with.
    pub(super) fn answer(&self, challenge: &str) -> anyhow::Result<(String, String)> {
        let server_first = String::from_utf8(BASE64.decode(challenge.trim())?)?;
        let mut parts = server_first.split(',');
        let mut part = |name: &str| {
            let part = parts.next().and_then(|part| part.strip_prefix(name));
            part.with_context(|| format!("no {name} in {server_first}"))
        };
        let (nonce, salt, iterations) = (part("r=")?, part("s=")?, part("i=")?);
        anyhow::ensure!(nonce.len() > 20, "a short nonce: {nonce}");
        let iterations: NonZeroU32 = iterations.parse()?;
        let without_proof = format!("c={},r={nonce}", BASE64.encode(&self.bound));
        let signed = format!("{},{server_first},{without_proof}", self.bare);
        let hash = self.login.mechanism.hash;
        let key = salted(hash, &self.login.password, &BASE64.decode(salt)?, iterations);
        let client_key = hmac::sign(&key, b"Client Key");
        let stored_key = digest::digest(digest_of(hash), client_key.as_ref());
        let signature = sign(hash, stored_key.as_ref(), &signed);
        let proof: Vec<u8> =
            client_key.as_ref().iter().zip(signature.as_ref()).map(|(one, other)| one ^ other).collect();
        let server_key = hmac::sign(&key, b"Server Key");
        let proof_of_server = BASE64.encode(sign(hash, server_key.as_ref(), &signed));
        let message = format!("{without_proof},p={}", BASE64.encode(proof));
        Ok((BASE64.encode(message), BASE64.encode(format!("v={proof_of_server}"))))
    }
}

fn sign(hash: Hash, key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac_of(hash), key), text.as_bytes())
}

fn salted(hash: Hash, password: &str, salt: &[u8], iterations: NonZeroU32) -> hmac::Key {
    let (algorithm, length) = match hash {
        Hash::Sha1 => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
        Hash::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
        Hash::Sha512 => (pbkdf2::PBKDF2_HMAC_SHA512, 64),
    };
    let mut salted = vec![0_u8; length];
    pbkdf2::derive(algorithm, iterations, salt, password.as_bytes(), &mut salted);
    hmac::Key::new(hmac_of(hash), &salted)
}

fn hmac_of(hash: Hash) -> hmac::Algorithm {
    match hash {
        Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha512 => hmac::HMAC_SHA512,
    }
}

fn digest_of(hash: Hash) -> &'static digest::Algorithm {
    match hash {
        Hash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => &digest::SHA256,
        Hash::Sha512 => &digest::SHA512,
    }
}
