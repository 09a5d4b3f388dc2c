//! Reads an authorization request, once it is certain where errors go.

use crate::moment::Moment;
use crate::parameters::Parameters;
use crate::person::Scopes;
use crate::relying_party::OpenId;
use crate::secret::Digest;
use crate::step_up::Strength;

/// Most characters of `state` and `nonce`.
const LONGEST: usize = 4_096;

/// An error that the system is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RequestError {
    pub(super) code: &'static str,
    pub(super) description: &'static str,
}

impl RequestError {
    pub(super) fn new(code: &'static str, description: &'static str) -> Self {
        Self { code, description }
    }
}

/// A request that is right in itself.
#[derive(Debug, Clone)]
pub(super) struct Request<'a> {
    pub(super) redirect_uri: Option<&'a str>,
    pub(super) scopes: Scopes,
    pub(super) nonce: Option<&'a str>,
    pub(super) challenge: Option<Digest>,
    pub(super) hint: Option<&'a str>,
    /// `prompt=none`
    pub(super) is_silent: bool,
    /// `prompt=login`
    asks_anew: bool,
    max_age: Option<i64>,
    /// The strength that is wanted (`acr_values`).
    pub(super) strength: Option<Strength>,
}

impl<'a> Request<'a> {
    pub(super) fn read(parameters: &'a Parameters, open_id: &OpenId) -> Result<Self, RequestError> {
        let wrong = |description| Err(RequestError::new("invalid_request", description));
        if parameters.repeated().is_some() {
            return wrong("a parameter comes more than once");
        }
        unsupported(parameters)?;
        if [parameters.value("state"), parameters.value("nonce")]
            .into_iter()
            .flatten()
            .any(|it| it.len() > LONGEST)
        {
            return wrong("state or nonce is too long");
        }
        let Some(scopes) = Scopes::parse(parameters.value("scope").unwrap_or_default()) else {
            return Err(RequestError::new("invalid_scope", "the scope holds characters that no scope has"));
        };
        let prompts: Vec<&str> =
            parameters.value("prompt").unwrap_or_default().split(' ').filter(|one| !one.is_empty()).collect();
        let is_silent = prompts.contains(&"none");
        if is_silent && prompts.len() > 1 {
            return wrong("prompt=none stands alone");
        }
        if prompts.iter().any(|one| !["none", "login", "consent", "select_account"].contains(one)) {
            return wrong("prompt is none of none, login, consent and select_account");
        }
        let max_age = match parameters.value("max_age").map(str::parse::<u32>) {
            None => None,
            Some(Ok(seconds)) => Some(i64::from(seconds)),
            Some(Err(_)) => return wrong("max_age is not a number of seconds"),
        };
        Ok(Self {
            redirect_uri: parameters.value("redirect_uri"),
            scopes: scopes.known(),
            nonce: parameters.value("nonce"),
            challenge: challenge(parameters, open_id)?,
            hint: parameters.value("id_token_hint"),
            is_silent,
            asks_anew: prompts.contains(&"login"),
            max_age,
            strength: parameters.value("acr_values").and_then(Strength::first_of),
        })
    }

    /// A proof of that time is not new enough.
    pub(super) fn wants_newer_than(&self, auth_time: Moment, now: Moment) -> bool {
        self.asks_anew || self.max_age.is_some_and(|seconds| now.since(auth_time) > seconds)
    }
}

/// Refuses what is not offered (RFC 6749 section 4.1.2.1, OpenID Connect Core sections 3.1.2.6 and 6).
fn unsupported(parameters: &Parameters) -> Result<(), RequestError> {
    for (name, code) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ] {
        if parameters.has(name) {
            return Err(RequestError::new(code, "request objects and registration are not offered"));
        }
    }
    match parameters.value("response_type") {
        Some("code") => {}
        None => return Err(RequestError::new("invalid_request", "response_type is missing")),
        Some(_) => {
            return Err(RequestError::new("unsupported_response_type", "only the code flow is offered"));
        }
    }
    match parameters.value("response_mode") {
        None | Some("query") => Ok(()),
        Some(_) => Err(RequestError::new("invalid_request", "only response_mode=query is offered")),
    }
}

/// `S256` and nothing else (RFC 7636 section 4.2): `plain` would show the verifier to whoever sees the request.
fn challenge(parameters: &Parameters, open_id: &OpenId) -> Result<Option<Digest>, RequestError> {
    let wrong = |description| Err(RequestError::new("invalid_request", description));
    match (parameters.value("code_challenge"), parameters.value("code_challenge_method")) {
        (None, None) if open_id.must_prove_the_code() => wrong("code_challenge is needed (PKCE, S256)"),
        (None, None) => Ok(None),
        (None, Some(_)) => wrong("code_challenge_method without code_challenge"),
        (Some(text), Some("S256")) => match Digest::parse(text) {
            Some(challenge) => Ok(Some(challenge)),
            None => wrong("code_challenge is not the base64url of a SHA-256"),
        },
        (Some(_), _) => wrong("code_challenge_method must be S256"),
    }
}
