//! Token introspection (RFC 7662): a system learns about its own tokens, and nothing about those of others.

use serde_json::{Value, json};

use crate::authorize::Grant;
use crate::moment::{Lifetimes, Moment};
use crate::relying_party::RelyingParty;
use crate::session::SignedIn;
use crate::token::{AccessToken, RefreshToken};

/// A token that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnyToken {
    /// An access token.
    Access(AccessToken),
    /// A refresh token that was not used.
    Refresh(RefreshToken),
}

impl AnyToken {
    /// What it came of.
    pub fn grant(&self) -> &Grant {
        match self {
            Self::Access(token) => &token.grant,
            Self::Refresh(token) => &token.grant,
        }
    }
}

/// Answers a system that has proved itself by its secret.
pub fn tell(
    token: Option<&AnyToken>,
    (party, session): (&RelyingParty, Option<&SignedIn>),
    issuer: &str,
    lifetimes: &Lifetimes,
    now: Moment,
) -> Value {
    let inactive = json!({ "active": false });
    let Some(token) = token.filter(|token| token.grant().client == party.id) else { return inactive };
    let grant = token.grant();
    let session = session.filter(|session| session.child.cookie == grant.child);
    let person = session.and_then(|session| session.person(lifetimes, now));
    let Some(person) = person.filter(|person| person.subject == grant.subject) else { return inactive };
    if party.admits(Some(person)).is_err() {
        return inactive;
    }
    let (kind, scopes, issued, expires) = match token {
        AnyToken::Access(token) => ("Bearer", &token.scopes, token.issued, token.expires),
        AnyToken::Refresh(token) => ("refresh_token", &token.grant.scopes, token.issued, token.expires),
    };
    if now > expires {
        return inactive;
    }
    json!({
        "active": true,
        "client_id": grant.client,
        "sub": grant.subject,
        "username": person.login,
        "scope": scopes.to_text(),
        "token_type": kind,
        "iat": issued.0,
        "exp": expires.0,
        "iss": issuer,
        "aud": grant.client,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{AnyToken, tell};
    use crate::moment::{Lifetimes, Moment};
    use crate::relying_party::RelyingParty;
    use crate::session::SignedIn;
    use crate::testing::{NOW, access_token, erp, issuer, oa, signed_in};

    fn ask(party: &RelyingParty, session: Option<&SignedIn>, now: Moment) -> Value {
        let token = AnyToken::Access(access_token());
        tell(Some(&token), (party, session), issuer().as_str(), &Lifetimes::default(), now)
    }

    #[test]
    fn a_system_learns_about_its_own_token() {
        let told = ask(&oa(), Some(&signed_in()), NOW);
        assert_eq!(
            (&told["active"], &told["sub"], &told["client_id"]),
            (&json!(true), &json!("p7"), &json!("oa"))
        );
    }

    #[test]
    fn tokens_of_others_dead_ones_and_strange_ones_look_the_same() {
        let inactive = json!({ "active": false });
        assert_eq!(ask(&erp(), Some(&signed_in()), NOW), inactive);
        assert_eq!(ask(&oa(), None, NOW), inactive);
        assert_eq!(ask(&oa(), Some(&signed_in()), NOW.plus(301)), inactive);
        let unknown = tell(None, (&oa(), Some(&signed_in())), issuer().as_str(), &Lifetimes::default(), NOW);
        assert_eq!(unknown, inactive);
    }
}
