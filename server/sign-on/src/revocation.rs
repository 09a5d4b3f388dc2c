//! Token revocation (RFC 7009): a system gives back a token of its own.

use crate::client_authentication::OauthError;
use crate::introspection::AnyToken;
use crate::relying_party::RelyingParty;

/// What to delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// Nothing: the token is unknown, which is as good as revoked (section 2.2).
    Nothing,
    /// This access token.
    Token,
    /// All codes and tokens of this grant: it was a refresh token (section 2.1).
    Grant(String),
}

/// Decides for a system that has proved itself.
///
/// # Errors
/// The token belongs to another system.
pub fn revoke(token: Option<&AnyToken>, party: &RelyingParty) -> Result<Revoked, OauthError> {
    let Some(token) = token else { return Ok(Revoked::Nothing) };
    if token.grant().client != party.id {
        return Err(OauthError::new("invalid_grant", "the token was issued to another client"));
    }
    Ok(match token {
        AnyToken::Access(_) => Revoked::Token,
        AnyToken::Refresh(token) => Revoked::Grant(token.grant.id.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::{Revoked, revoke};
    use crate::introspection::AnyToken;
    use crate::testing::{NOW, access_token, erp, oa};
    use crate::token::RefreshToken;

    #[test]
    fn an_access_token_dies_alone_and_a_refresh_token_with_all_that_came_of_it() {
        let access = AnyToken::Access(access_token());
        assert_eq!(revoke(Some(&access), &oa()), Ok(Revoked::Token));
        let grant = access_token().grant;
        let refresh = AnyToken::Refresh(RefreshToken { grant: grant.clone(), issued: NOW, expires: NOW });
        assert_eq!(revoke(Some(&refresh), &oa()), Ok(Revoked::Grant(grant.id)));
    }

    #[test]
    fn an_unknown_token_is_revoked_already_and_one_of_another_system_is_none_of_its_business() {
        assert_eq!(revoke(None, &oa()), Ok(Revoked::Nothing));
        assert_eq!(
            revoke(Some(&AnyToken::Access(access_token())), &erp()).unwrap_err().code,
            "invalid_grant"
        );
    }
}
