//! The token endpoint: codes become tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.6), refresh tokens rotate, and
//! whatever is used a second time kills all that came of it (RFC 9700 section 4.14).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::authorize::{Code, Grant};
use crate::client_authentication::OauthError;
use crate::id_token::{self, Content};
use crate::issuer::Issuer;
use crate::keys::KeyRing;
use crate::moment::{Lifetimes, Moment};
use crate::parameters::Parameters;
use crate::person::{Person, Scopes};
use crate::relying_party::RelyingParty;
use crate::secret::{Digest, Random};
use crate::session::SignedIn;
use crate::taken::Taken;

/// What is stored of an access token, under its hash. It is opaque, so that its end needs no list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessToken {
    /// What it came of.
    pub grant: Grant,
    /// What it may tell.
    pub scopes: Scopes,
    /// When it was made.
    pub issued: Moment,
    /// End.
    pub expires: Moment,
}

/// What is stored of a refresh token, under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshToken {
    /// What it came of.
    pub grant: Grant,
    /// When it was made.
    pub issued: Moment,
    /// End.
    pub expires: Moment,
}

/// What the caller has to take, in one atomic step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToTake {
    /// The code with this hash.
    Code(Digest),
    /// The refresh token with this hash.
    Refresh(Digest),
}

/// Reads a request of a system that has proved itself. Nothing is taken when it is wrong in itself.
///
/// # Errors
/// What the system is told.
pub fn wanted(form: &Parameters) -> Result<ToTake, OauthError> {
    if form.repeated().is_some() {
        return Err(OauthError::new("invalid_request", "a parameter comes more than once"));
    }
    match form.value("grant_type") {
        Some("authorization_code") => {
            let code = form.value("code").ok_or(OauthError::new("invalid_request", "code is missing"))?;
            Ok(ToTake::Code(Digest::of(code)))
        }
        Some("refresh_token") => {
            let token = form
                .value("refresh_token")
                .ok_or(OauthError::new("invalid_request", "refresh_token is missing"))?;
            Ok(ToTake::Refresh(Digest::of(token)))
        }
        Some(_) => {
            Err(OauthError::new("unsupported_grant_type", "authorization_code and refresh_token are offered"))
        }
        None => Err(OauthError::new("invalid_request", "grant_type is missing")),
    }
}

/// What is known for a request.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The system, which has proved itself.
    pub party: &'a RelyingParty,
    /// The session of the grant.
    pub session: Option<&'a SignedIn>,
    /// The provider's address.
    pub issuer: &'a Issuer,
    /// How long things live.
    pub lifetimes: &'a Lifetimes,
    /// Keys.
    pub ring: &'a KeyRing,
}

/// Tokens were made.
#[derive(Debug, Clone, PartialEq)]
pub struct Issued {
    /// The body of the answer.
    pub answer: Value,
    /// Store this.
    pub access: (Digest, AccessToken),
    /// Store this as well.
    pub refresh: Option<(Digest, RefreshToken)>,
}

/// No tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What the system is told.
    pub error: OauthError,
    /// Delete all codes and tokens of this grant: one of them was used twice.
    pub revoke: Option<String>,
}

impl From<OauthError> for Refused {
    fn from(error: OauthError) -> Self {
        Self { error, revoke: None }
    }
}

const UNKNOWN: OauthError = OauthError::new(
    "invalid_grant",
    "it is unknown, was used before, has expired, or was meant for another client",
);
const NO_KEY: OauthError =
    OauthError { code: "server_error", description: "there is no signing key", status: 500 };

/// Redeems a code that was just taken.
///
/// # Errors
/// Why not. The code is gone all the same.
pub fn redeem(
    form: &Parameters,
    taken: &Taken<Code>,
    facts: &Facts<'_>,
    now: Moment,
    random: &mut Random,
) -> Result<Issued, Refused> {
    let code = fresh(taken, |code| &code.grant, facts)?;
    if now > code.expires {
        return Err(UNKNOWN.into());
    }
    check_redirect_uri(form, code, facts.party)?;
    check_verifier(form.value("code_verifier"), code.challenge.as_ref())?;
    let person = person(&code.grant, facts, now)?;
    let parts =
        Parts { grant: &code.grant, scopes: &code.grant.scopes, person, nonce: code.nonce.as_deref() };
    issue(&parts, facts, now, random)
}

/// Exchanges a refresh token that was just taken for new tokens.
///
/// # Errors
/// Why not. The token is gone all the same.
pub fn refresh(
    form: &Parameters,
    taken: &Taken<RefreshToken>,
    facts: &Facts<'_>,
    now: Moment,
    random: &mut Random,
) -> Result<Issued, Refused> {
    let token = fresh(taken, |token| &token.grant, facts)?;
    if now > token.expires {
        return Err(UNKNOWN.into());
    }
    let person = person(&token.grant, facts, now)?;
    let asked = form.value("scope").map(|text| Scopes::parse(text).map(|scopes| scopes.known()));
    let scopes = match &asked {
        None => &token.grant.scopes,
        Some(Some(scopes)) if scopes.is_within(&token.grant.scopes) => scopes,
        Some(_) => return Err(OauthError::new("invalid_scope", "more than was granted").into()),
    };
    issue(&Parts { grant: &token.grant, scopes, person, nonce: None }, facts, now, random)
}

/// What was taken, when this system was the first to use it.
fn fresh<'a, T>(
    taken: &'a Taken<T>,
    grant: impl Fn(&T) -> &Grant,
    facts: &Facts<'_>,
) -> Result<&'a T, Refused> {
    match taken {
        Taken::Fresh(value) if grant(value).client == facts.party.id => Ok(value),
        Taken::Fresh(_) | Taken::Unknown => Err(UNKNOWN.into()),
        Taken::Spent(value) => Err(Refused { error: UNKNOWN, revoke: Some(grant(value).id.clone()) }),
    }
}

/// RFC 6749 section 4.1.3: the same as in the request, and there when it was there.
/// Whoever left it away in the request was answered at the only one that is registered.
fn check_redirect_uri(form: &Parameters, code: &Code, party: &RelyingParty) -> Result<(), OauthError> {
    let is_right = match (&code.redirect_uri, form.value("redirect_uri")) {
        (Some(asked), Some(again)) => asked == again,
        (Some(_), None) => false,
        (None, None) => true,
        (None, Some(again)) => {
            party.open_id.as_ref().is_some_and(|open_id| open_id.redirect_uris.iter().any(|one| one == again))
        }
    };
    let wrong = OauthError::new("invalid_grant", "redirect_uri is not the one of the authorization request");
    if is_right { Ok(()) } else { Err(wrong) }
}

/// RFC 7636 section 4.6. A verifier without a challenge means that somebody took the challenge out on the way.
fn check_verifier(verifier: Option<&str>, challenge: Option<&Digest>) -> Result<(), OauthError> {
    let is_right = match (verifier, challenge) {
        (None, None) => true,
        (Some(verifier), Some(challenge)) => is_verifier(verifier) && Digest::of(verifier) == *challenge,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if is_right {
        Ok(())
    } else {
        Err(OauthError::new("invalid_grant", "code_verifier does not fit code_challenge"))
    }
}

fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// The person, who must still be signed in and may still use the system.
fn person<'a>(grant: &Grant, facts: &Facts<'a>, now: Moment) -> Result<&'a Person, OauthError> {
    let over = OauthError::new("invalid_grant", "the session is over");
    let session = facts.session.filter(|session| session.child.cookie == grant.child).ok_or(over)?;
    let person = session.person(facts.lifetimes, now).ok_or(over)?;
    if person.subject != grant.subject || facts.party.admits(Some(person)).is_err() {
        return Err(over);
    }
    Ok(person)
}

struct Parts<'a> {
    grant: &'a Grant,
    scopes: &'a Scopes,
    person: &'a Person,
    nonce: Option<&'a str>,
}

fn issue(parts: &Parts<'_>, facts: &Facts<'_>, now: Moment, random: &mut Random) -> Result<Issued, Refused> {
    let Parts { grant, scopes, person, nonce } = *parts;
    let open_id =
        facts.party.open_id.as_ref().ok_or(OauthError::new("unauthorized_client", "not for this client"))?;
    let secret = random.secret();
    let access = AccessToken {
        grant: grant.clone(),
        scopes: scopes.clone(),
        issued: now,
        expires: now.plus(facts.lifetimes.access_token),
    };
    let mut answer = json!({
        "access_token": secret.as_str(),
        "token_type": "Bearer",
        "expires_in": facts.lifetimes.access_token,
    });
    let mut put = |name: &str, value: Value| {
        if let Some(fields) = answer.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    // A scope has one word at least (RFC 6749 section 3.3).
    let told = scopes.to_text();
    if !told.is_empty() {
        put("scope", json!(told));
    }
    if scopes.has("openid") {
        let narrowed = Grant { scopes: scopes.clone(), ..grant.clone() };
        let content = Content { grant: &narrowed, person, nonce, access_token: secret.as_str() };
        let parts = (facts.issuer, facts.lifetimes, facts.ring);
        put("id_token", json!(id_token::sign(&content, parts, open_id.algorithm, now).map_err(|_| NO_KEY)?));
    }
    let refresh = grant.scopes.has("offline_access").then(|| {
        let secret = random.secret();
        put("refresh_token", json!(secret.as_str()));
        let expires = now.plus(facts.lifetimes.refresh_token);
        (secret.digest(), RefreshToken { grant: grant.clone(), issued: now, expires })
    });
    Ok(Issued { answer, access: (secret.digest(), access), refresh })
}

#[cfg(test)]
mod tests;
