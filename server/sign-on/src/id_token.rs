//! ID tokens (OpenID Connect Core section 2), also as they come back as hints.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::authorize::Grant;
use crate::issuer::Issuer;
use crate::keys::{KeyProblem, KeyRing};
use crate::moment::{Lifetimes, Moment};
use crate::person::Person;
use crate::relying_party::Algorithm;

/// What goes into an ID token.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// What was granted.
    pub grant: &'a Grant,
    /// To whom it belongs.
    pub person: &'a Person,
    /// `nonce` of the request.
    pub nonce: Option<&'a str>,
    /// The access token it comes with.
    pub access_token: &'a str,
}

/// Writes an ID token.
///
/// # Errors
/// There is no key.
pub fn sign(
    content: &Content<'_>,
    (issuer, lifetimes, ring): (&Issuer, &Lifetimes, &KeyRing),
    algorithm: Algorithm,
    now: Moment,
) -> Result<String, KeyProblem> {
    let Content { grant, person, nonce, access_token } = content;
    let mut claims = person.claims(&grant.scopes);
    let mut put = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
    put("iss", json!(issuer.as_str()));
    put("sub", json!(grant.subject));
    put("aud", json!(grant.client));
    put("iat", json!(now.0));
    put("exp", json!(now.plus(lifetimes.id_token).0));
    put("auth_time", json!(grant.auth_time.0));
    put("acr", json!(grant.strength.name()));
    put("sid", json!(grant.sid));
    put("at_hash", json!(half_hash(access_token)));
    if let Some(nonce) = nonce {
        put("nonce", json!(nonce));
    }
    ring.sign("JWT", algorithm, &Value::Object(claims), now)
}

/// `at_hash` (section 3.1.3.6): the left half of the SHA-256; both algorithms have it.
fn half_hash(token: &str) -> String {
    let hash = digest::digest(&digest::SHA256, token.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().split_at_checked(16).map(|(left, _)| left).unwrap_or_default())
}

/// What an ID token says that we have signed, however old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The system it was for.
    pub client: String,
    /// The person.
    pub subject: String,
    /// The system's name for the session.
    pub sid: Option<String>,
}

/// Reads `id_token_hint`; none when we have not signed it.
pub fn hint(token: &str, issuer: &Issuer, ring: &KeyRing) -> Option<Hint> {
    let claims = ring.verify("JWT", token)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    if text("iss")? != issuer.as_str() {
        return None;
    }
    Some(Hint { client: text("aud")?, subject: text("sub")?, sid: text("sid") })
}
