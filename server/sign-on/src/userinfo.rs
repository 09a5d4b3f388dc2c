//! The userinfo endpoint (OpenID Connect Core section 5.3). It answers plain OAuth 2.0 clients too, which never said
//! `openid`.

use serde_json::{Value, json};

use crate::client_authentication::OauthError;
use crate::moment::{Lifetimes, Moment};
use crate::relying_party::RelyingParty;
use crate::session::SignedIn;
use crate::token::AccessToken;

const INVALID: OauthError = OauthError::unauthorized("invalid_token", "the token is unknown or has expired");

/// Tells who the token belongs to.
///
/// # Errors
/// The token is none, or whatever it hangs on has ended.
pub fn tell(
    token: Option<&AccessToken>,
    party: Option<&RelyingParty>,
    session: Option<&SignedIn>,
    lifetimes: &Lifetimes,
    now: Moment,
) -> Result<Value, OauthError> {
    let token = token.filter(|token| now <= token.expires).ok_or(INVALID)?;
    let session = session.filter(|session| session.child.cookie == token.grant.child).ok_or(INVALID)?;
    let person = session.person(lifetimes, now).ok_or(INVALID)?;
    let party = party.filter(|party| party.id == token.grant.client).ok_or(INVALID)?;
    if person.subject != token.grant.subject || party.admits(Some(person)).is_err() {
        return Err(INVALID);
    }
    let mut claims = person.claims(&token.scopes);
    claims.insert("sub".to_owned(), json!(person.subject));
    Ok(Value::Object(claims))
}

/// Value of `WWW-Authenticate` (RFC 6750 section 3).
pub fn challenge(error: OauthError) -> String {
    if error.code.is_empty() {
        return "Bearer realm=\"posthouse\"".to_owned();
    }
    format!(
        "Bearer realm=\"posthouse\", error=\"{}\", error_description=\"{}\"",
        error.code, error.description
    )
}

#[cfg(test)]
mod tests {
    use super::{challenge, tell};
    use crate::client_authentication::{OauthError, bearer};
    use crate::moment::{Lifetimes, Moment};
    use crate::person::Scopes;
    use crate::session::SignedIn;
    use crate::testing::{NOW, access_token, oa, signed_in};
    use crate::token::AccessToken;

    fn ask(
        token: Option<&AccessToken>,
        session: Option<&SignedIn>,
        now: Moment,
    ) -> Result<serde_json::Value, OauthError> {
        tell(token, Some(&oa()), session, &Lifetimes::default(), now)
    }

    #[test]
    fn the_person_of_the_token_is_told_under_its_scopes() {
        let told = ask(Some(&access_token()), Some(&signed_in()), NOW).unwrap();
        assert_eq!((told["sub"].as_str(), told["name"].as_str()), (Some("p7"), Some("张爱丽")));
        let plain = AccessToken { scopes: Scopes::default(), ..access_token() };
        assert_eq!(ask(Some(&plain), Some(&signed_in()), NOW).unwrap()["preferred_username"], "zhang.aili");
    }

    #[test]
    fn a_token_dies_with_its_time_its_session_and_its_account() {
        let invalid =
            |outcome: Result<serde_json::Value, OauthError>| outcome.unwrap_err().code == "invalid_token";
        assert!(invalid(ask(None, Some(&signed_in()), NOW)));
        assert!(invalid(ask(Some(&access_token()), Some(&signed_in()), NOW.plus(301))));
        assert!(invalid(ask(Some(&access_token()), None, NOW)));
        let mut locked = signed_in();
        locked.person = None;
        assert!(invalid(ask(Some(&access_token()), Some(&locked), NOW)));
        let mut closed = oa();
        closed.audience.people = vec!["li.si".to_owned()];
        let outcome =
            tell(Some(&access_token()), Some(&closed), Some(&signed_in()), &Lifetimes::default(), NOW);
        assert!(invalid(outcome));
    }

    #[test]
    fn the_challenge_names_an_error_only_when_a_token_came() {
        assert_eq!(challenge(bearer(None, None).unwrap_err()), "Bearer realm=\"posthouse\"");
        assert!(challenge(ask(None, None, NOW).unwrap_err()).contains(", error=\"invalid_token\","));
    }
}
