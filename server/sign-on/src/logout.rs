//! Tells systems that a session has ended: by OpenID Connect Back-Channel Logout 1.0, and by the single sign-out of
//! CAS. Where it is told is registered, never taken from a request.

use serde_json::json;

use crate::cas;
use crate::issuer::Issuer;
use crate::keys::{KeyProblem, KeyRing};
use crate::moment::Moment;
use crate::parameters::encode;
use crate::relying_party::RelyingParty;
use crate::secret::Random;
use crate::session::Participation;

/// Most seconds that a system may take to answer.
pub const PATIENCE: u64 = 5;
/// Most bytes of its answer that are read.
pub const LONGEST_ANSWER: usize = 16_384;
/// A logout token is good for so long.
const TOKEN_LIFE: i64 = 120;
/// Seconds before the second and the third try.
const PAUSES: [u64; 2] = [2, 15];

/// A POST to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The system.
    pub party: String,
    /// Where to.
    pub url: String,
    /// The body; always `application/x-www-form-urlencoded`.
    pub body: String,
}

/// Seconds to wait after that many failed tries; none when it is over.
pub fn pause_after(failures: usize) -> Option<u64> {
    PAUSES.get(failures.checked_sub(1)?).copied()
}

/// What a system has to be told; none when it has no ear for it.
///
/// # Errors
/// There is no key.
pub fn notice(
    participation: &Participation,
    party: &RelyingParty,
    (issuer, ring): (&Issuer, &KeyRing),
    now: Moment,
    random: &mut Random,
) -> Result<Option<Notice>, KeyProblem> {
    if participation.party != party.id {
        return Ok(None);
    }
    if let (Some(ticket), Some(service)) = (&participation.service_ticket, &participation.service) {
        let wanted =
            party.cas.as_ref().is_some_and(|cas| cas.single_logout && cas::service::is_below(service, cas));
        let request = encode(&cas::logout_request(ticket, &participation.user, now, random));
        return Ok(wanted.then(|| Notice {
            party: party.id.clone(),
            url: service.clone(),
            body: format!("logoutRequest={request}"),
        }));
    }
    let Some(open_id) = &party.open_id else { return Ok(None) };
    let Some(url) = &open_id.back_channel_logout else { return Ok(None) };
    let claims = json!({
        "iss": issuer.as_str(),
        "sub": participation.user,
        "aud": party.id,
        "iat": now.0,
        "exp": now.plus(TOKEN_LIFE).0,
        "jti": random.secret().as_str(),
        "sid": participation.sid,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    let token = ring.sign("logout+jwt", open_id.algorithm, &claims, now)?;
    Ok(Some(Notice { party: party.id.clone(), url: url.clone(), body: format!("logout_token={token}") }))
}

#[cfg(test)]
mod tests {
    use super::{Notice, notice, pause_after};
    use crate::relying_party::RelyingParty;
    use crate::session::Participation;
    use crate::testing::{NOW, erp, issuer, oa, participation, random, ring};

    fn tell(participation: &Participation, party: &RelyingParty) -> Option<Notice> {
        notice(participation, party, (&issuer(), ring()), NOW, &mut random()).unwrap()
    }

    #[test]
    fn a_system_gets_a_signed_token_that_names_the_session_and_is_no_id_token() {
        let told = tell(&participation(), &oa()).unwrap();
        assert_eq!(told.url, "https://oa.example.org/backchannel");
        let token = told.body.strip_prefix("logout_token=").unwrap();
        let claims = ring().verify("logout+jwt", token).unwrap();
        assert_eq!((claims["sid"].as_str(), claims["sub"].as_str()), (Some("sid-1"), Some("p7")));
        assert_eq!(claims["aud"], "oa");
        assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
        assert!(claims.get("nonce").is_none(), "Back-Channel Logout section 2.4");
        assert!(ring().verify("JWT", token).is_none());
    }

    #[test]
    fn a_cas_system_is_told_at_the_service_with_its_own_ticket() {
        let part = Participation {
            party: "erp".to_owned(),
            user: "zhang.aili".to_owned(),
            sid: "s".to_owned(),
            service_ticket: Some("ST-1".to_owned()),
            service: Some("https://erp.example.org/app/".to_owned()),
        };
        let told = tell(&part, &erp()).unwrap();
        assert_eq!(told.url, "https://erp.example.org/app/");
        let body = crate::parameters::Parameters::parse(&told.body).unwrap();
        let request = body.value("logoutRequest").unwrap();
        assert!(request.contains("<samlp:SessionIndex>ST-1</samlp:SessionIndex>"), "{request}");
        assert!(request.contains("<saml:NameID>zhang.aili</saml:NameID>"), "{request}");
        let moved = Participation { service: Some("https://intranet.example.org/".to_owned()), ..part };
        assert!(tell(&moved, &erp()).is_none(), "not registered any more");
    }

    #[test]
    fn a_system_without_an_ear_is_told_nothing() {
        let mut deaf = oa();
        deaf.open_id.as_mut().unwrap().back_channel_logout = None;
        assert!(tell(&participation(), &deaf).is_none());
        assert!(tell(&participation(), &erp()).is_none(), "another system");
    }

    #[test]
    fn there_are_three_tries() {
        assert_eq!((pause_after(1), pause_after(2), pause_after(3)), (Some(2), Some(15), None));
    }
}
