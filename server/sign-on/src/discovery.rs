//! The discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414): what is offered, and nothing else.

use serde_json::{Value, json};

use crate::issuer::Issuer;
use crate::person::KNOWN_SCOPES;
use crate::step_up::Strength;

/// Path of the authorization endpoint.
pub const AUTHORIZE: &str = "/oauth2/authorize";
/// Path of the token endpoint.
pub const TOKEN: &str = "/oauth2/token";
/// Path of the userinfo endpoint.
pub const USERINFO: &str = "/oauth2/userinfo";
/// Path of the introspection endpoint.
pub const INTROSPECT: &str = "/oauth2/introspect";
/// Path of the revocation endpoint.
pub const REVOKE: &str = "/oauth2/revoke";
/// Path of the keys.
pub const JWKS: &str = "/oauth2/jwks";
/// Path of the end of a session.
pub const LOGOUT: &str = "/logout";

/// The document.
pub fn document(issuer: &Issuer) -> Value {
    let by_secret = ["client_secret_basic", "client_secret_post"];
    let any = ["client_secret_basic", "client_secret_post", "none"];
    json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.at(AUTHORIZE),
        "token_endpoint": issuer.at(TOKEN),
        "userinfo_endpoint": issuer.at(USERINFO),
        "introspection_endpoint": issuer.at(INTROSPECT),
        "revocation_endpoint": issuer.at(REVOKE),
        "jwks_uri": issuer.at(JWKS),
        "end_session_endpoint": issuer.at(LOGOUT),
        "scopes_supported": KNOWN_SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": any,
        "introspection_endpoint_auth_methods_supported": by_secret,
        "revocation_endpoint_auth_methods_supported": any,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": [Strength::App.name(), Strength::Confirmed.name()],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "nonce", "sid", "at_hash", "name", "preferred_username",
            "title", "department", "email", "email_verified", "phone_number", "groups", "departments"
        ],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    })
}

#[cfg(test)]
mod tests {
    use super::document;
    use crate::testing::issuer;

    #[test]
    fn every_address_begins_with_the_issuer_and_nothing_is_promised_that_is_not_there() {
        let document = document(&issuer());
        for (name, value) in document.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                assert!(value.as_str().unwrap().starts_with("https://im.example.org/"), "{name}");
            }
        }
        assert_eq!(document["response_types_supported"].as_array().unwrap().len(), 1);
        assert_eq!(document["code_challenge_methods_supported"][0], "S256");
        assert!(document.get("registration_endpoint").is_none());
    }
}
