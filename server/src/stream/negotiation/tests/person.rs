//! Somebody who signs in: the client's side of SCRAM, and the keys the server would look up.

use std::num::NonZeroU32;

use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::super::{Negotiation, Reply, Then};
use super::{frame, text};
use crate::stream::sasl::SASL;
use crate::stream::scram::{Hash, ScramCredentials};

const SALT: &[u8] = b"a salt of some length";
const ITERATIONS: u32 = 4_096;
pub(super) const NONCE: &str = "server-nonce";

/// What a client does in a login.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub(super) mechanism: &'static str,
    /// The channel binding flag of the first message.
    pub(super) flag: &'static str,
    pub(super) name: String,
    pub(super) identity: String,
    pub(super) password: String,
    /// The channel binding data the client has.
    pub(super) exporter: Vec<u8>,
    pub(super) nonce: &'static str,
}

impl Login {
    pub(super) fn new(mechanism: &'static str, password: &str) -> Self {
        let flag = if mechanism.ends_with("-PLUS") { "p=tls-exporter" } else { "n" };
        Self {
            mechanism,
            flag,
            name: "alice".into(),
            identity: String::new(),
            password: password.into(),
            exporter: super::EXPORTER.to_vec(),
            nonce: "client-nonce",
        }
    }

    fn header(&self) -> String {
        let identity = if self.identity.is_empty() { String::new() } else { format!("a={}", self.identity) };
        format!("{},{identity},", self.flag)
    }

    fn bare(&self) -> String {
        format!("n={},r={}", self.name, self.nonce)
    }

    /// The first element.
    pub(super) fn auth(&self) -> String {
        let message = BASE64.encode(format!("{}{}", self.header(), self.bare()));
        format!("<auth xmlns='{SASL}' mechanism='{}'>{message}</auth>", self.mechanism)
    }

    /// The last element, and the server's proof that has to come back.
    pub(super) fn response(&self, challenge: &str) -> (String, String) {
        let hash = hash(self.mechanism);
        let server_first = String::from_utf8(BASE64.decode(inner(challenge)).unwrap()).unwrap();
        let nonce = server_first.strip_prefix("r=").unwrap().split(',').next().unwrap();
        let mut bound = self.header().into_bytes();
        if self.mechanism.ends_with("-PLUS") {
            bound.extend_from_slice(&self.exporter);
        }
        let without_proof = format!("c={},r={nonce}", BASE64.encode(bound));
        let signed = format!("{},{server_first},{without_proof}", self.bare());
        let key = salted(hash, &self.password);
        let client_key = hmac::sign(&key, b"Client Key");
        let stored = digest::digest(hash.digest(), client_key.as_ref());
        let signature = hmac::sign(&hmac::Key::new(hash.hmac(), stored.as_ref()), signed.as_bytes());
        let proof: Vec<u8> = client_key.as_ref().iter().zip(signature.as_ref()).map(|(a, b)| a ^ b).collect();
        let server_key = hmac::sign(&key, b"Server Key");
        let server = hmac::sign(&hmac::Key::new(hash.hmac(), server_key.as_ref()), signed.as_bytes());
        let message = BASE64.encode(format!("{without_proof},p={}", BASE64.encode(proof)));
        (format!("<response xmlns='{SASL}'>{message}</response>"), format!("v={}", BASE64.encode(server)))
    }

    /// Signs in as far as the server's judgement. The account's real password is "pencil".
    pub(super) fn run(&self, negotiation: &mut Negotiation, known: bool) -> Run {
        let reply = negotiation.element(&frame(&self.auth()));
        let Then::Keys(login, hash) = reply.then else { return Run::ended(reply) };
        let reply = negotiation.keys(login.clone(), keys(hash, "pencil", known), NONCE);
        let (response, server_proof) = self.response(text(&reply));
        let mut verdict = negotiation.element(&frame(&response));
        if matches!(verdict.then, Then::Tried { is_right: false, .. }) {
            assert!(verdict.bytes.is_empty(), "nothing is said before the try is counted");
            verdict = negotiation.wrong_password();
        }
        Run { login, server_proof, challenge: reply, verdict }
    }
}

/// What becomes of Alice's right password.
pub(super) fn right() -> Then {
    Then::Tried { login: "alice".into(), is_right: true }
}

/// What the server said.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) login: String,
    pub(super) server_proof: String,
    pub(super) challenge: Reply,
    pub(super) verdict: Reply,
}

impl Run {
    fn ended(verdict: Reply) -> Self {
        let challenge = Reply { bytes: Vec::new(), then: Then::Read };
        Self { login: String::new(), server_proof: String::new(), challenge, verdict }
    }
}

/// The text inside an element, from base64.
pub(super) fn decoded(element: &str) -> String {
    String::from_utf8(BASE64.decode(inner(element)).unwrap()).unwrap()
}

fn inner(element: &str) -> String {
    frame(element).text().into_owned()
}

fn hash(mechanism: &str) -> Hash {
    match mechanism.trim_end_matches("-PLUS") {
        "SCRAM-SHA-1" => Hash::Sha1,
        "SCRAM-SHA-256" => Hash::Sha256,
        _ => Hash::Sha512,
    }
}

fn salted(hash: Hash, password: &str) -> hmac::Key {
    let (algorithm, length) = match hash {
        Hash::Sha1 => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
        Hash::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
        Hash::Sha512 => (pbkdf2::PBKDF2_HMAC_SHA512, 64),
    };
    let mut salted = vec![0; length];
    let iterations = NonZeroU32::new(ITERATIONS).unwrap();
    pbkdf2::derive(algorithm, iterations, SALT, password.as_bytes(), &mut salted);
    hmac::Key::new(hash.hmac(), &salted)
}

/// What the server has stored for a password.
pub(super) fn keys(hash: Hash, password: &str, known: bool) -> ScramCredentials {
    let key = salted(hash, password);
    let client_key = hmac::sign(&key, b"Client Key");
    ScramCredentials {
        salt: SALT.to_vec(),
        iterations: ITERATIONS,
        stored_key: digest::digest(hash.digest(), client_key.as_ref()).as_ref().to_vec(),
        server_key: hmac::sign(&key, b"Server Key").as_ref().to_vec(),
        known,
    }
}
