//! Scenes of the authorization endpoint.

use super::{Decision, Facts, Granted, decide};
use crate::moment::{Lifetimes, Moment};
use crate::parameters::Parameters;
use crate::refusal::Refusal;
use crate::relying_party::RelyingParty;
use crate::secret::Digest;
use crate::session::SignedIn;
use crate::step_up::{Proof, Strength};
use crate::testing::{
    CHALLENGE, NOW, form, id_token_for, issuer, li, native, oa, old_oauth, random, ring, signed_in,
};

const RIGHT: &[(&str, &str)] = &[
    ("client_id", "oa"),
    ("redirect_uri", "https://oa.example.org/cb"),
    ("response_type", "code"),
    ("scope", "openid profile"),
    ("state", "s&t"),
    ("nonce", "n"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

fn with(changes: &[(&str, &str)]) -> Parameters {
    let names: Vec<&str> = changes.iter().map(|(name, _)| *name).collect();
    let kept = RIGHT.iter().filter(|(name, _)| !names.contains(name));
    form(&kept.chain(changes.iter().filter(|(_, value)| *value != "-")).copied().collect::<Vec<_>>())
}

fn ask(
    parameters: &Parameters,
    party: Option<&RelyingParty>,
    session: Option<&SignedIn>,
    now: Moment,
) -> Decision {
    let (issuer, lifetimes) = (issuer(), Lifetimes::default());
    let facts =
        Facts { party, session, participation: None, issuer: &issuer, lifetimes: &lifetimes, ring: ring() };
    decide(parameters, &facts, now, &mut random())
}

fn granted(decision: Decision) -> Granted {
    let Decision::Grant(granted) = decision else { panic!("no code: {decision:?}") };
    *granted
}

fn error_of(changes: &[(&str, &str)]) -> &'static str {
    let Decision::SendBack { to, error, .. } = ask(&with(changes), Some(&oa()), Some(&signed_in()), NOW)
    else {
        panic!("not sent back")
    };
    assert!(to.starts_with("https://oa.example.org/cb?error="), "{to}");
    assert!(to.contains("&state=s%26t&iss=https%3A%2F%2Fim.example.org"), "{to}");
    error
}

#[test]
fn somebody_who_is_signed_in_goes_back_with_a_code_state_and_issuer() {
    let granted = granted(ask(&with(&[]), Some(&oa()), Some(&signed_in()), NOW));
    let rest = granted.to.strip_prefix("https://oa.example.org/cb?code=").unwrap();
    let (code, rest) = rest.split_once('&').unwrap();
    assert_eq!(rest, "state=s%26t&iss=https%3A%2F%2Fim.example.org");
    assert_eq!(Digest::of(code), granted.hash);
    assert!(!format!("{:?}", granted.code).contains(code), "only the hash is stored");
    assert_eq!(granted.code.expires, NOW.plus(30));
    assert_eq!(granted.code.grant.scopes.to_text(), "openid profile");
    assert_eq!(granted.code.nonce.as_deref(), Some("n"));
    assert_eq!(granted.participation.sid, granted.code.grant.sid);
}

#[test]
fn without_a_session_the_app_fetches_a_ticket_unless_the_system_wants_silence() {
    let nobody = ask(&with(&[]), Some(&oa()), None, NOW);
    assert_eq!(nobody, Decision::Enter { app: "oa".to_owned() });
    let silent = ask(&with(&[("prompt", "none")]), Some(&oa()), None, NOW);
    assert!(matches!(silent, Decision::SendBack { error: "login_required", .. }));
    let over = ask(&with(&[]), Some(&oa()), Some(&signed_in()), NOW.plus(86_401));
    assert_eq!(over, Decision::Enter { app: "oa".to_owned() });
    let mut locked = signed_in();
    locked.person = None;
    assert_eq!(ask(&with(&[]), Some(&oa()), Some(&locked), NOW), Decision::Enter { app: "oa".to_owned() });
}

#[test]
fn as_long_as_the_way_back_is_not_certain_nobody_is_sent_anywhere() {
    let session = signed_in();
    let refusal = |parameters: &Parameters, party: Option<&RelyingParty>| match ask(
        parameters,
        party,
        Some(&session),
        NOW,
    ) {
        Decision::Refuse(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(refusal(&with(&[]), None), Refusal::UnknownSystem);
    let mut off = oa();
    off.enabled = false;
    assert_eq!(refusal(&with(&[]), Some(&off)), Refusal::UnknownSystem);
    off = oa();
    off.open_id = None;
    assert_eq!(refusal(&with(&[]), Some(&off)), Refusal::WrongWay);
    for uri in
        ["-", "https://evil.net/cb", "https://oa.example.org/cb/", "https://oa.example.org/cb?x", "/cb"]
    {
        assert_eq!(refusal(&with(&[("redirect_uri", uri)]), Some(&oa())), Refusal::WrongRedirectUri, "{uri}");
    }
    let twice = Parameters::parse(
        "client_id=oa&redirect_uri=https://oa.example.org/cb&redirect_uri=https://evil.net&response_type=code",
    );
    assert_eq!(refusal(&twice.unwrap(), Some(&oa())), Refusal::WrongRedirectUri);
}

#[test]
fn each_mistake_has_the_error_that_the_standard_names() {
    for (change, error) in [
        (("response_type", "-"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", "code id_token"), "unsupported_response_type"),
        (("response_mode", "fragment"), "invalid_request"),
        (("scope", "openid \u{7}"), "invalid_scope"),
        (("prompt", "none login"), "invalid_request"),
        (("prompt", "dance"), "invalid_request"),
        (("max_age", "-1"), "invalid_request"),
        (("max_age", "soon"), "invalid_request"),
        (("request", "eyJ"), "request_not_supported"),
        (("request_uri", "https://evil.net"), "request_uri_not_supported"),
        (("registration", "{}"), "registration_not_supported"),
    ] {
        assert_eq!(error_of(&[change]), error, "{change:?}");
    }
    let twice = "client_id=oa&redirect_uri=https://oa.example.org/cb&response_type=code&scope=a&scope=b";
    let decision = ask(&Parameters::parse(twice).unwrap(), Some(&oa()), Some(&signed_in()), NOW);
    assert!(matches!(decision, Decision::SendBack { error: "invalid_request", .. }));
}

#[test]
fn pkce_is_s256_or_nothing_and_public_clients_must() {
    let without = [("code_challenge", "-"), ("code_challenge_method", "-")];
    assert_eq!(error_of(&without), "invalid_request");
    assert_eq!(error_of(&[("code_challenge_method", "plain")]), "invalid_request");
    assert_eq!(error_of(&[("code_challenge_method", "-")]), "invalid_request", "absent means plain");
    assert_eq!(error_of(&[("code_challenge", "short")]), "invalid_request");
    assert_eq!(error_of(&[("code_challenge", "-")]), "invalid_request");
    let mut old = oa();
    old.open_id.as_mut().unwrap().requires_pkce = false;
    assert!(granted(ask(&with(&without), Some(&old), Some(&signed_in()), NOW)).code.challenge.is_none());
    let mut public = native();
    public.open_id.as_mut().unwrap().requires_pkce = false;
    let public_request = with(&[without[0], without[1], ("redirect_uri", "http://127.0.0.1:5000/cb")]);
    let decision = ask(&public_request, Some(&public), Some(&signed_in()), NOW);
    assert!(matches!(decision, Decision::SendBack { error: "invalid_request", .. }), "{decision:?}");
}

#[test]
fn whoever_may_not_use_the_system_is_sent_back() {
    let mut closed = oa();
    closed.audience.departments = vec!["总部/审计部".to_owned()];
    let decision = ask(&with(&[]), Some(&closed), Some(&signed_in()), NOW);
    assert!(matches!(decision, Decision::SendBack { error: "access_denied", .. }));
}

#[test]
fn max_age_prompt_login_and_a_wanted_strength_are_met_by_a_new_proof_for_this_system_alone() {
    let mut session = signed_in();
    let ask = |changes: &[(&str, &str)], session: &SignedIn, now| {
        ask(&with(changes), Some(&oa()), Some(session), now)
    };
    for change in [("max_age", "3600"), ("prompt", "consent"), ("acr_values", "urn:posthouse:acr:app gold")] {
        let granted = granted(ask(&[change], &session, NOW.plus(5)));
        assert_eq!(granted.code.grant.strength, Strength::App);
    }
    let confirmed = ("acr_values", "urn:posthouse:acr:confirmed");
    let later = NOW.plus(600);
    for change in [("max_age", "60"), ("max_age", "0"), ("prompt", "login"), confirmed] {
        let Decision::Prove { otherwise } = ask(&[change], &session, later) else { panic!("{change:?}") };
        assert!(otherwise.starts_with("https://oa.example.org/cb?error=access_denied&"), "{otherwise}");
        assert!(otherwise.contains("&state=s%26t&iss="), "{otherwise}");
    }
    let fresh_ticket = ask(&[("prompt", "login")], &session, NOW);
    assert!(matches!(fresh_ticket, Decision::Prove { .. }), "to have entered just now is no proof");

    session.proofs.push(Proof { party: "erp".to_owned(), time: later });
    assert!(
        matches!(ask(&[("prompt", "login")], &session, later), Decision::Prove { .. }),
        "of another system"
    );
    granted(ask(&[confirmed], &session, later));
    session.proofs.push(Proof { party: "oa".to_owned(), time: later });
    for change in [("max_age", "60"), ("max_age", "0"), ("prompt", "login"), confirmed] {
        let grant = granted(ask(&[change], &session, later.plus(30))).code.grant;
        assert_eq!((grant.auth_time, grant.strength), (later, Strength::Confirmed), "{change:?}");
    }
    assert!(
        matches!(ask(&[("prompt", "login")], &session, later.plus(61)), Decision::Prove { .. }),
        "worn out"
    );
}

#[test]
fn a_system_that_wants_silence_hears_what_is_missing() {
    let session = signed_in();
    let mut sensitive = oa();
    sensitive.confirm = true;
    let none = ("prompt", "none");
    for (change, party, error) in [
        (("max_age", "10"), oa(), "login_required"),
        (("acr_values", "urn:posthouse:acr:confirmed"), oa(), "interaction_required"),
        (("scope", "openid"), sensitive, "interaction_required"),
    ] {
        match ask(&with(&[none, change]), Some(&party), Some(&session), NOW) {
            Decision::SendBack { error: told, .. } => assert_eq!(told, error, "{change:?}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_sensitive_system_lets_in_whoever_has_proved_it_once_in_the_session() {
    let (mut party, mut session) = (oa(), signed_in());
    party.confirm = true;
    assert!(matches!(ask(&with(&[]), Some(&party), Some(&session), NOW), Decision::Prove { .. }));
    session.proofs.push(Proof { party: "oa".to_owned(), time: NOW });
    granted(ask(&with(&[]), Some(&party), Some(&session), NOW.plus(3_000)));
}

#[test]
fn a_hint_at_somebody_else_is_not_answered_with_this_person() {
    let own = id_token_for(&signed_in(), "oa");
    granted(ask(&with(&[("prompt", "none"), ("id_token_hint", &own)]), Some(&oa()), Some(&signed_in()), NOW));
    let mut session = signed_in();
    session.person = Some(li());
    let decision = ask(&with(&[("id_token_hint", &own)]), Some(&oa()), Some(&session), NOW);
    assert!(matches!(decision, Decision::SendBack { error: "login_required", .. }));
}

#[test]
fn plain_oauth_clients_get_a_code_without_scope_nonce_and_redirect_uri() {
    let request = form(&[("client_id", "old"), ("response_type", "code"), ("nonce", "n")]);
    let granted = granted(ask(&request, Some(&old_oauth()), Some(&signed_in()), NOW));
    assert!(granted.to.starts_with("https://old.example.org/login?way=oauth&code="), "{}", granted.to);
    assert_eq!(granted.code.redirect_uri, None);
    let open_id = form(&[("client_id", "old"), ("response_type", "code"), ("scope", "openid")]);
    let decision = ask(&open_id, Some(&old_oauth()), Some(&signed_in()), NOW);
    assert_eq!(decision, Decision::Refuse(Refusal::WrongRedirectUri), "OpenID Connect wants one");
}
