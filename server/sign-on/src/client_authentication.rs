//! How a system proves itself at the token, introspection, revocation and launch endpoints (RFC 6749 section 2.3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::parameters::{Parameters, decode};
use crate::relying_party::RelyingParty;
use crate::secret::Digest;

/// An error of RFC 6749 section 5.2, RFC 6750 or RFC 7009.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct OauthError {
    /// Its word.
    pub code: &'static str,
    /// For the developer of the system.
    pub description: &'static str,
    /// HTTP status.
    pub status: u16,
}

impl OauthError {
    /// Status 400.
    pub const fn new(code: &'static str, description: &'static str) -> Self {
        Self { code, description, status: 400 }
    }

    /// Status 401.
    pub const fn unauthorized(code: &'static str, description: &'static str) -> Self {
        Self { code, description, status: 401 }
    }

    /// The body of the answer. A request without any proof is told nothing of an error (RFC 6750 section 3.1).
    pub fn to_json(self) -> Value {
        if self.code.is_empty() {
            return json!({});
        }
        json!({ "error": self.code, "error_description": self.description })
    }
}

const NOT_PROVED: OauthError =
    OauthError::unauthorized("invalid_client", "the client is unknown or its secret is missing or wrong");

/// What a request shows of its sender.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented {
    /// Name of the system.
    pub id: String,
    secret: Option<String>,
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Presented").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Reads `Authorization: Basic`, or `client_id` and `client_secret` of the form; not both.
///
/// # Errors
/// Neither is there, both are, or a parameter comes twice.
pub fn presented(authorization: Option<&str>, form: &Parameters) -> Result<Presented, OauthError> {
    if form.repeated().is_some() {
        return Err(OauthError::new("invalid_request", "a parameter comes more than once"));
    }
    let Some(header) = authorization else {
        let id = form.value("client_id").ok_or(NOT_PROVED)?.to_owned();
        return Ok(Presented { id, secret: form.value("client_secret").map(str::to_owned) });
    };
    let (id, secret) = basic(header).ok_or(NOT_PROVED)?;
    if form.value("client_secret").is_some() {
        return Err(OauthError::new("invalid_request", "the client proves itself in two ways at once"));
    }
    if form.value("client_id").is_some_and(|other| other != id) {
        return Err(OauthError::new("invalid_request", "client_id is not the client that proves itself"));
    }
    Ok(Presented { id, secret: Some(secret).filter(|secret| !secret.is_empty()) })
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, value) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    // Section 2.3.1 wants both form-encoded first; ids and secrets of ours are the same either way.
    Some((decode(id).ok()?, decode(secret).ok()?))
}

impl Presented {
    /// Holds it against the registration. Systems without a secret have nothing to prove and must not claim to.
    ///
    /// # Errors
    /// It is not that system.
    pub fn prove(&self, party: Option<&RelyingParty>) -> Result<(), OauthError> {
        let party = party.filter(|party| party.enabled && party.id == self.id).ok_or(NOT_PROVED)?;
        match (party.secret(), &self.secret) {
            (Some(known), Some(secret)) if *known == Digest::of(secret) => Ok(()),
            (None, None) if party.open_id.is_some() => Ok(()),
            _ => Err(NOT_PROVED),
        }
    }

    /// Like [`Presented::prove`], for what only systems with a secret may do.
    ///
    /// # Errors
    /// It is not that system, or has no secret.
    pub fn prove_by_secret(&self, party: Option<&RelyingParty>) -> Result<(), OauthError> {
        self.prove(party)?;
        if self.secret.is_some() { Ok(()) } else { Err(NOT_PROVED) }
    }
}

/// `Authorization: Bearer` (RFC 6750 section 2.1), or `access_token` of a form (section 2.2); never of a query.
///
/// # Errors
/// There is none (no error word then, section 3.1), or there are two.
pub fn bearer<'a>(
    authorization: Option<&'a str>,
    form: Option<&'a Parameters>,
) -> Result<&'a str, OauthError> {
    let of_header = authorization.and_then(|header| {
        let (scheme, token) = header.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    match (of_header, form.and_then(|form| form.value("access_token"))) {
        (Some(_), Some(_)) => Err(OauthError::new("invalid_request", "the token comes in two ways at once")),
        (Some(token), None) | (None, Some(token)) => Ok(token),
        (None, None) => Err(OauthError::unauthorized("", "a bearer token is needed")),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::{Presented, bearer, presented};
    use crate::parameters::Parameters;
    use crate::testing::{SECRET, form, native, oa};

    fn header(id: &str, secret: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
    }

    fn read(authorization: Option<&str>, pairs: &[(&str, &str)]) -> Result<Presented, super::OauthError> {
        presented(authorization, &form(pairs))
    }

    #[test]
    fn a_secret_proves_the_system_in_the_header_or_in_the_form() {
        for presented in [
            read(Some(&header("oa", SECRET)), &[]),
            read(Some(&header("oa", SECRET).replace("Basic", "basic")), &[("client_id", "oa")]),
            read(None, &[("client_id", "oa"), ("client_secret", SECRET)]),
        ] {
            assert_eq!(presented.unwrap().prove(Some(&oa())), Ok(()));
        }
    }

    #[test]
    fn who_shows_no_token_at_all_is_told_of_no_error() {
        let missing = bearer(None, None).unwrap_err();
        assert_eq!(missing.to_json().to_string(), "{}");
    }

    #[test]
    fn wrong_missing_and_double_proofs_are_refused() {
        for presented in [
            read(Some(&header("oa", "wrong")), &[]),
            read(Some(&header("oa", "")), &[]),
            read(None, &[("client_id", "oa")]),
            read(Some(&header("erp", SECRET)), &[]),
        ] {
            assert_eq!(presented.unwrap().prove(Some(&oa())).unwrap_err().code, "invalid_client");
        }
        let double = read(Some(&header("oa", SECRET)), &[("client_secret", SECRET)]);
        assert_eq!(double.unwrap_err().code, "invalid_request");
        let other = read(Some(&header("oa", SECRET)), &[("client_id", "erp")]);
        assert_eq!(other.unwrap_err().code, "invalid_request");
        assert_eq!(read(Some("Basic !!"), &[]).unwrap_err().status, 401);
        assert_eq!(read(None, &[]).unwrap_err().code, "invalid_client");
        let twice = Parameters::parse("client_id=oa&client_id=erp").unwrap();
        assert_eq!(presented(None, &twice).unwrap_err().code, "invalid_request");
    }

    #[test]
    fn a_public_client_has_no_secret_and_gets_nothing_that_needs_one() {
        let without = read(None, &[("client_id", "native")]).unwrap();
        assert_eq!(without.prove(Some(&native())), Ok(()));
        assert!(without.prove_by_secret(Some(&native())).is_err());
        let claims = read(None, &[("client_id", "native"), ("client_secret", "guess")]).unwrap();
        assert!(claims.prove(Some(&native())).is_err());
    }

    #[test]
    fn a_bearer_token_comes_in_one_way() {
        let posted = form(&[("access_token", "b")]);
        assert_eq!(bearer(Some("Bearer a"), None).unwrap(), "a");
        assert_eq!(bearer(None, Some(&posted)).unwrap(), "b");
        assert_eq!(bearer(Some("Bearer a"), Some(&posted)).unwrap_err().status, 400);
        assert_eq!(bearer(Some("Basic a"), None).unwrap_err().status, 401);
        assert_eq!(bearer(None, None).unwrap_err().code, "");
    }
}
