//! Scenes of the token endpoint.

use serde_json::Value;

use super::{AccessToken, Facts, Issued, RefreshToken, Refused, ToTake, redeem, refresh, wanted};
use crate::authorize::Code;
use crate::moment::{Lifetimes, Moment};
use crate::parameters::Parameters;
use crate::relying_party::{Algorithm, RelyingParty};
use crate::secret::Digest;
use crate::session::SignedIn;
use crate::taken::Taken;
use crate::testing::{NOW, VERIFIER, claims_of, code, erp, form, issuer, oa, random, ring, signed_in};

const RIGHT: &[(&str, &str)] = &[
    ("grant_type", "authorization_code"),
    ("code", "c"),
    ("redirect_uri", "https://oa.example.org/cb"),
    ("code_verifier", VERIFIER),
];

struct Scene {
    party: RelyingParty,
    session: Option<SignedIn>,
    now: Moment,
}

impl Default for Scene {
    fn default() -> Self {
        Self { party: oa(), session: Some(signed_in()), now: NOW.plus(1) }
    }
}

impl Scene {
    fn facts<T>(&self, ask: impl FnOnce(&Facts<'_>) -> T) -> T {
        let (issuer, lifetimes) = (issuer(), Lifetimes::default());
        ask(&Facts {
            party: &self.party,
            session: self.session.as_ref(),
            issuer: &issuer,
            lifetimes: &lifetimes,
            ring: ring(),
        })
    }

    fn redeem(&self, form: &Parameters, taken: &Taken<Code>) -> Result<Issued, Refused> {
        self.facts(|facts| redeem(form, taken, facts, self.now, &mut random()))
    }

    fn refresh(&self, form: &Parameters, taken: &Taken<RefreshToken>) -> Result<Issued, Refused> {
        self.facts(|facts| refresh(form, taken, facts, self.now, &mut random()))
    }
}

fn without(name: &str) -> Parameters {
    form(&RIGHT.iter().filter(|(other, _)| *other != name).copied().collect::<Vec<_>>())
}

fn is_invalid_grant(outcome: Result<Issued, Refused>) -> bool {
    outcome.is_err_and(|refused| refused.error.code == "invalid_grant" && refused.revoke.is_none())
}

fn first() -> (Issued, AccessToken, RefreshToken) {
    let issued = Scene::default().redeem(&form(RIGHT), &Taken::Fresh(code())).unwrap();
    let (access, refresh) = (issued.access.1.clone(), issued.refresh.clone().unwrap().1);
    (issued, access, refresh)
}

#[test]
fn a_code_becomes_an_access_token_an_id_token_and_a_refresh_token() {
    let (issued, access, refresh) = first();
    let answer = &issued.answer;
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&Value::from("Bearer"), &Value::from(300)));
    assert_eq!(answer["scope"], "groups offline_access openid profile");
    assert_eq!(Digest::of(answer["access_token"].as_str().unwrap()), issued.access.0);
    assert_eq!((access.expires, refresh.expires), (NOW.plus(301), NOW.plus(28_801)));

    let claims = claims_of(answer["id_token"].as_str().unwrap());
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&Value::from("https://im.example.org"), &Value::from("oa"))
    );
    assert_eq!((&claims["sub"], &claims["nonce"]), (&Value::from("p7"), &Value::from("n")));
    assert_eq!(
        (&claims["name"], &claims["groups"][0]),
        (&Value::from("张爱丽"), &Value::from("总部/财务部"))
    );
    assert_eq!((&claims["auth_time"], &claims["sid"]), (&Value::from(NOW.0 - 60), &Value::from("sid-1")));
    assert_eq!(claims["exp"], NOW.0 + 301);
    assert_eq!(claims["at_hash"].as_str().unwrap().len(), 22);
}

#[test]
fn a_request_that_is_wrong_in_itself_takes_nothing() {
    assert_eq!(wanted(&form(RIGHT)), Ok(ToTake::Code(Digest::of("c"))));
    assert_eq!(wanted(&without("grant_type")).unwrap_err().code, "invalid_request");
    assert_eq!(wanted(&without("code")).unwrap_err().code, "invalid_request");
    assert_eq!(wanted(&form(&[("grant_type", "password")])).unwrap_err().code, "unsupported_grant_type");
    assert_eq!(wanted(&form(&[("grant_type", "refresh_token")])).unwrap_err().code, "invalid_request");
    let twice = Parameters::parse("grant_type=authorization_code&code=c&code=d").unwrap();
    assert_eq!(wanted(&twice).unwrap_err().code, "invalid_request");
}

#[test]
fn a_code_needs_its_verifier_its_redirect_uri_its_client_and_half_a_minute() {
    let scene = Scene::default();
    let fresh = || Taken::Fresh(code());
    assert!(is_invalid_grant(scene.redeem(&without("code_verifier"), &fresh())));
    assert!(is_invalid_grant(scene.redeem(&without("redirect_uri"), &fresh())));
    for (name, value) in [
        ("code_verifier", "another-verifier-of-the-right-length-1234567890"),
        ("code_verifier", "short"),
        ("redirect_uri", "https://oa.example.org/other"),
    ] {
        let mut changed = RIGHT.to_vec();
        changed.retain(|(other, _)| *other != name);
        changed.push((name, value));
        assert!(is_invalid_grant(scene.redeem(&form(&changed), &fresh())), "{name}={value}");
    }
    let late = Scene { now: NOW.plus(31), ..Scene::default() };
    assert!(is_invalid_grant(late.redeem(&form(RIGHT), &fresh())));
    let other = Scene { party: erp(), ..Scene::default() };
    assert!(is_invalid_grant(other.redeem(&form(RIGHT), &fresh())));
    assert!(is_invalid_grant(scene.redeem(&form(RIGHT), &Taken::Unknown)));
}

#[test]
fn a_redirect_uri_that_was_left_away_before_may_be_the_registered_one_and_no_other() {
    let mut bare = code();
    bare.redirect_uri = None;
    let redeem = |form: &Parameters| Scene::default().redeem(form, &Taken::Fresh(bare.clone()));
    assert!(redeem(&without("redirect_uri")).is_ok());
    assert!(redeem(&form(RIGHT)).is_ok());
    let mut elsewhere = RIGHT.to_vec();
    elsewhere.retain(|(name, _)| *name != "redirect_uri");
    elsewhere.push(("redirect_uri", "https://evil.net/cb"));
    assert!(is_invalid_grant(redeem(&form(&elsewhere))));
}

#[test]
fn a_grant_without_any_scope_says_nothing_of_scopes() {
    let mut plain = code();
    plain.grant.scopes = crate::person::Scopes::default();
    let issued = Scene::default().redeem(&form(RIGHT), &Taken::Fresh(plain)).unwrap();
    assert_eq!(issued.answer.get("scope"), None);
}

#[test]
fn a_verifier_for_a_request_without_challenge_is_a_downgrade_and_refused() {
    let mut bare = code();
    bare.challenge = None;
    assert!(is_invalid_grant(Scene::default().redeem(&form(RIGHT), &Taken::Fresh(bare.clone()))));
    assert!(Scene::default().redeem(&without("code_verifier"), &Taken::Fresh(bare)).is_ok());
}

#[test]
fn a_code_that_comes_twice_kills_the_tokens_of_the_first_time() {
    let refused = Scene::default().redeem(&form(RIGHT), &Taken::Spent(code())).unwrap_err();
    assert_eq!(refused.error.code, "invalid_grant");
    assert_eq!(refused.revoke, Some(code().grant.id));
}

#[test]
fn no_tokens_for_a_session_that_is_over_an_account_that_is_locked_or_a_person_who_may_not() {
    let none = Scene { session: None, ..Scene::default() };
    assert!(is_invalid_grant(none.redeem(&form(RIGHT), &Taken::Fresh(code()))));
    let mut scene = Scene::default();
    scene.session.as_mut().unwrap().person = None;
    assert!(is_invalid_grant(scene.redeem(&form(RIGHT), &Taken::Fresh(code()))));
    scene = Scene::default();
    scene.party.audience.people = vec!["li.si".to_owned()];
    assert!(is_invalid_grant(scene.redeem(&form(RIGHT), &Taken::Fresh(code()))));
}

#[test]
fn a_refresh_token_rotates_and_its_second_use_kills_everything() {
    let (_, _, token) = first();
    let scene = Scene { now: NOW.plus(400), ..Scene::default() };
    let asked = form(&[("grant_type", "refresh_token"), ("refresh_token", "r")]);
    let issued = scene.refresh(&asked, &Taken::Fresh(token.clone())).unwrap();
    assert!(issued.refresh.is_some());
    let claims = claims_of(issued.answer["id_token"].as_str().unwrap());
    assert_eq!(claims["auth_time"], NOW.0 - 60, "the same as in the first (Core section 12.2)");
    assert!(claims.get("nonce").is_none());
    let refused = scene.refresh(&asked, &Taken::Spent(token.clone())).unwrap_err();
    assert_eq!(refused.revoke, Some(token.grant.id.clone()));
    let late = Scene { now: NOW.plus(28_802), ..Scene::default() };
    assert!(is_invalid_grant(late.refresh(&asked, &Taken::Fresh(token))));
}

#[test]
fn a_refresh_may_repeat_or_narrow_the_scope_and_never_widen_it() {
    let (_, _, token) = first();
    let scene = Scene::default();
    let ask = |scope: &str| {
        let asked = form(&[("grant_type", "refresh_token"), ("refresh_token", "r"), ("scope", scope)]);
        scene.refresh(&asked, &Taken::Fresh(token.clone()))
    };
    assert!(ask("openid profile groups offline_access").is_ok());
    let narrow = ask("openid").unwrap();
    assert_eq!(narrow.answer["scope"], "openid");
    assert_eq!(narrow.access.1.scopes.to_text(), "openid");
    assert!(claims_of(narrow.answer["id_token"].as_str().unwrap()).get("name").is_none());
    assert!(narrow.refresh.unwrap().1.grant.scopes.has("groups"), "the next one may have all again");
    assert_eq!(ask("openid email").unwrap_err().error.code, "invalid_scope");
}

#[test]
fn without_offline_access_there_is_no_refresh_token_and_without_openid_no_id_token() {
    let mut plain = code();
    plain.grant.scopes = crate::person::Scopes::parse("profile").unwrap();
    let issued = Scene::default().redeem(&form(RIGHT), &Taken::Fresh(plain)).unwrap();
    assert!(issued.refresh.is_none());
    assert!(issued.answer.get("id_token").is_none() && issued.answer.get("refresh_token").is_none());
}

#[test]
fn the_registration_chooses_the_algorithm() {
    let mut scene = Scene::default();
    scene.party.open_id.as_mut().unwrap().algorithm = Algorithm::Es256;
    let issued = scene.redeem(&form(RIGHT), &Taken::Fresh(code())).unwrap();
    assert!(ring().verify("JWT", issued.answer["id_token"].as_str().unwrap()).is_some());
}
