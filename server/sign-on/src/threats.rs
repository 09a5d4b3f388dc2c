//! One scene for each threat that rules can answer. Threats that are a matter of the store have theirs there;
//! `docs/single-sign-on.md` tells of those that are nobody's here.

use serde_json::json;

use crate::authorize::{self, Decision};
use crate::cas;
use crate::cas::leave::{self, LeaveFacts, Logout};
use crate::end_session;
use crate::forward_auth::{self, Stop};
use crate::keys::KeyRing;
use crate::logout;
use crate::moment::Lifetimes;
use crate::page;
use crate::parameters::Parameters;
use crate::refusal::Refusal;
use crate::relying_party::{Problem, problems};
use crate::secret::Digest;
use crate::session::Participation;
use crate::taken::Taken;
use crate::testing::{
    NOW, access_token, code, erp, form, grafana, issuer, mail, oa, participation, random, ring, signed_in,
    zhang,
};
use crate::ticket::{self, Arrival, Asker, EntryFacts, Ticket, Wish};
use crate::token;
use crate::userinfo;

const VERIFIER: &str = "what-the-app-has-put-into-the-cookie";

fn ticket() -> Ticket {
    let bind = Digest::of(VERIFIER).to_text();
    let wish = Wish { app: "oa", bind: Some(&bind), path: None };
    let asker = Asker {
        person: Some(&zhang()),
        instance: "zhang.aili@example.org/d",
        auth_time: NOW,
        in_the_last_minute: 0,
    };
    let rules = (&issuer(), &Lifetimes::default());
    ticket::issue(&wish, &asker, Some(&oa()), rules, NOW, &mut random()).unwrap().ticket
}

fn enter(taken: &Taken<Ticket>, bind: Option<&str>, after: i64) -> Result<ticket::Entered, Refusal> {
    let facts = EntryFacts { person: Some(&zhang()), party: Some(&oa()), parent: None };
    let arrival = Arrival { bind, ..Arrival::default() };
    ticket::enter(&arrival, taken, &facts, NOW.plus(after), &mut random())
}

fn authorize(parameters: &Parameters) -> Decision {
    let (party, session, issuer, lifetimes) = (oa(), signed_in(), issuer(), Lifetimes::default());
    let facts = authorize::Facts {
        party: Some(&party),
        session: Some(&session),
        participation: None,
        issuer: &issuer,
        lifetimes: &lifetimes,
        ring: ring(),
    };
    authorize::decide(parameters, &facts, NOW, &mut random())
}

#[test]
fn threat_01_a_ticket_read_from_a_log_or_history_opens_nothing() {
    assert_eq!(enter(&Taken::Fresh(ticket()), None, 1).unwrap_err(), Refusal::OtherBrowser);
    assert_eq!(enter(&Taken::Fresh(ticket()), Some(VERIFIER), 31).unwrap_err(), Refusal::TicketExpired);
    assert!(page::HEADERS.contains(&("referrer-policy", "no-referrer")));
    assert!(page::HEADERS.contains(&("cache-control", "no-store")));
}

#[test]
fn threat_02_nobody_is_signed_in_as_the_attacker_by_a_link() {
    let led = Arrival { ticket: Some("x"), fetch_site: Some("cross-site"), ..Arrival::default() };
    assert_eq!(led.ticket_to_take(), Err(Refusal::LedByAnotherSite));
    let theirs = enter(&Taken::Fresh(ticket()), Some("the victim's own cookie"), 1);
    assert_eq!(theirs.unwrap_err(), Refusal::OtherBrowser);
}

#[test]
fn threat_03_the_second_of_two_uses_gets_nothing() {
    assert_eq!(enter(&Taken::Spent(ticket()), Some(VERIFIER), 1).unwrap_err(), Refusal::UnknownTicket);
}

#[test]
fn threat_04_the_cookie_of_a_session_is_always_new() {
    let mut random = random();
    let facts = EntryFacts { person: Some(&zhang()), party: Some(&oa()), parent: None };
    let arrival = Arrival { bind: Some(VERIFIER), ..Arrival::default() };
    let mut come = || ticket::enter(&arrival, &Taken::Fresh(ticket()), &facts, NOW, &mut random).unwrap();
    assert_ne!(come().cookie, come().cookie);
}

/// Somebody who is in no system of CAS comes to the end of the session from there.
fn leaves(pairs: &[(&str, &str)], fetch_site: Option<&str>) -> Logout {
    let (registered, session) = ([erp()], signed_in());
    let facts = LeaveFacts {
        registered: &registered,
        session: Some(&session),
        participations: &[],
        fetch_site,
        fetch_destination: None,
    };
    leave::logout(&form(pairs), &facts)
}

#[test]
fn threat_05_no_address_of_a_request_is_followed() {
    let evil = "https://evil.net/";
    let asked = form(&[("client_id", "oa"), ("redirect_uri", evil), ("response_type", "code")]);
    assert_eq!(authorize(&asked), Decision::Refuse(Refusal::WrongRedirectUri));
    assert_eq!(oa().begin_at(Some(evil)), Err(Refusal::WrongPath));
    assert_eq!(leaves(&[("service", evil), ("url", evil)], None), Logout::End { then: None });
    let login = cas::login(
        &form(&[("service", evil), ("gateway", "true")]),
        &[erp()],
        Some(&signed_in()),
        &Lifetimes::default(),
        NOW,
        &mut random(),
    );
    assert_eq!(login, cas::Login::Refuse(Refusal::WrongService));
}

fn redeem(
    pairs: &[(&str, &str)],
    taken: &Taken<authorize::Code>,
    party: &crate::relying_party::RelyingParty,
) -> String {
    let (session, issuer, lifetimes) = (signed_in(), issuer(), Lifetimes::default());
    let facts =
        token::Facts { party, session: Some(&session), issuer: &issuer, lifetimes: &lifetimes, ring: ring() };
    match token::redeem(&form(pairs), taken, &facts, NOW, &mut random()) {
        Ok(_) => "tokens".to_owned(),
        Err(refused) => format!("{} {:?}", refused.error.code, refused.revoke),
    }
}

#[test]
fn threat_06_a_stolen_or_injected_code_is_worth_nothing_and_its_second_use_kills_the_tokens() {
    let uri = ("redirect_uri", "https://oa.example.org/cb");
    let own = [uri, ("code_verifier", crate::testing::VERIFIER)];
    assert_eq!(redeem(&own, &Taken::Fresh(code()), &oa()), "tokens");
    assert_eq!(redeem(&[uri], &Taken::Fresh(code()), &oa()), "invalid_grant None");
    assert_eq!(redeem(&own, &Taken::Fresh(code()), &erp()), "invalid_grant None");
    assert_eq!(redeem(&own, &Taken::Spent(code()), &oa()), "invalid_grant Some(\"grant-1\")");
}

#[test]
fn threat_07_pkce_cannot_be_talked_down() {
    let uri = ("redirect_uri", "https://oa.example.org/cb");
    let mut bare = code();
    bare.challenge = None;
    let downgraded = [uri, ("code_verifier", crate::testing::VERIFIER)];
    assert_eq!(redeem(&downgraded, &Taken::Fresh(bare), &oa()), "invalid_grant None");
    let plain = form(&[
        ("client_id", "oa"),
        uri,
        ("response_type", "code"),
        ("code_challenge", crate::testing::CHALLENGE),
        ("code_challenge_method", "plain"),
    ]);
    assert!(matches!(authorize(&plain), Decision::SendBack { error: "invalid_request", .. }));
}

#[test]
fn threat_08_a_token_of_one_system_is_worth_nothing_at_another() {
    let told =
        userinfo::tell(Some(&access_token()), Some(&erp()), Some(&signed_in()), &Lifetimes::default(), NOW);
    assert_eq!(told.unwrap_err().code, "invalid_token");
}

#[test]
fn threat_09_no_key_signs_or_verifies_in_another_way_than_its_own() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let token =
        ring().sign("JWT", crate::relying_party::Algorithm::Rs256, &json!({ "sub": "p7" }), NOW).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
    for (other, signature) in [("none", ""), ("HS256", parts[2]), ("ES256", parts[2])] {
        let forged = URL_SAFE_NO_PAD.encode(header.replace("RS256", other));
        assert!(ring().verify("JWT", &format!("{forged}.{}.{signature}", parts[1])).is_none(), "{other}");
    }
    let stranger = KeyRing::open(Vec::new()).unwrap();
    assert!(stranger.verify("JWT", &token).is_none());
}

#[test]
fn threat_10_our_pages_neither_run_nor_are_framed() {
    let page = page::page("<script>", &["<script>"], None);
    assert!(!page.html.contains("<script>"));
    assert!(page.policy.contains("default-src 'none'") && page.policy.contains("frame-ancestors 'none'"));
}

#[test]
fn threat_11_headers_cannot_be_split_and_the_host_header_counts_for_nothing() {
    let uri = ("redirect_uri", "https://oa.example.org/cb");
    let asked = form(&[
        ("client_id", "oa"),
        uri,
        ("response_type", "code"),
        ("state", "x\r\nSet-Cookie: a=b"),
        ("code_challenge", crate::testing::CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let Decision::Grant(granted) = authorize(&asked) else { panic!("no code") };
    assert!(!granted.to.contains(['\r', '\n']), "{}", granted.to);
    assert!(granted.to.contains("&iss=https%3A%2F%2Fim.example.org"), "of the settings, not of the request");
}

#[test]
fn threat_12_nothing_is_fetched_from_an_address_of_a_request() {
    let uri = ("redirect_uri", "https://oa.example.org/cb");
    let asked = form(&[
        ("client_id", "oa"),
        uri,
        ("response_type", "code"),
        ("request_uri", "http://169.254.169.254/"),
    ]);
    assert!(matches!(authorize(&asked), Decision::SendBack { error: "request_uri_not_supported", .. }));
    let mut inside = oa();
    inside.open_id.as_mut().unwrap().back_channel_logout = Some("http://127.0.0.1:22/".to_owned());
    assert!(problems(&inside, &[]).iter().any(|one| matches!(one, Problem::Wrong { .. })), "https only");
    let moved = Participation {
        party: "erp".to_owned(),
        service_ticket: Some("ST-1".to_owned()),
        service: Some("http://169.254.169.254/".to_owned()),
        ..participation()
    };
    let told = logout::notice(&moved, &erp(), (&issuer(), ring()), NOW, &mut random()).unwrap();
    assert!(told.is_none(), "only below a registered service");
}

#[test]
fn threat_13_a_fired_employee_is_out_at_every_step() {
    let mut fired = signed_in();
    fired.person = None;
    let lifetimes = Lifetimes::default();
    assert!(fired.person(&lifetimes, NOW).is_none());
    assert!(userinfo::tell(Some(&access_token()), Some(&oa()), Some(&fired), &lifetimes, NOW).is_err());
    let told = logout::notice(&participation(), &oa(), (&issuer(), ring()), NOW, &mut random()).unwrap();
    assert!(told.is_some(), "and the systems are told");
}

#[test]
fn threat_14_nobody_is_signed_out_by_a_link_unasked() {
    let (party, session, issuer) = (oa(), signed_in(), issuer());
    let facts = end_session::Facts {
        party: Some(&party),
        session: Some(&session),
        participations: &[],
        issuer: &issuer,
        ring: ring(),
    };
    assert_eq!(end_session::decide(&form(&[]), &facts), end_session::Decision::Ask { then: None });
    assert_eq!(leaves(&[], Some("cross-site")), Logout::Ask { then: None });
    let service = [("service", "https://erp.example.org/app/")];
    let then = Some("https://erp.example.org/app/".to_owned());
    assert_eq!(leaves(&service, Some("cross-site")), Logout::Ask { then }, "she is not in that system");
}

#[test]
fn threat_15_a_forward_auth_cookie_serves_its_own_origin_and_the_site_can_check_a_signature() {
    let session = signed_in();
    let cookie =
        forward_auth::SiteCookie { site: "https://wiki.example.org".to_owned(), child: session.child.cookie };
    let lifetimes = Lifetimes::default();
    let rules = (&issuer(), &lifetimes, ring());
    let other = forward_auth::check(
        "https://grafana.example.org/",
        &[grafana()],
        Some((&cookie, &session)),
        rules,
        NOW,
    );
    assert_eq!(other, Err(Stop::SignIn));
    let own = forward_auth::SiteCookie { site: "https://grafana.example.org".to_owned(), ..cookie };
    let pass =
        forward_auth::check("https://grafana.example.org/", &[grafana()], Some((&own, &session)), rules, NOW);
    assert!(pass.unwrap().headers.iter().any(|(name, _)| *name == "X-Posthouse-Assertion"));
}

#[test]
fn threat_17_two_systems_on_one_host_name_are_warned_of() {
    let mut other = mail();
    other.launch = "https://oa.example.org:8080/".to_owned();
    assert!(problems(&other, &[oa()]).iter().any(|one| matches!(one, Problem::Warning(_))));
}

#[test]
fn threat_19_no_record_holds_a_secret_in_the_clear() {
    let Decision::Grant(granted) = authorize(&form(&[
        ("client_id", "oa"),
        ("redirect_uri", "https://oa.example.org/cb"),
        ("response_type", "code"),
        ("code_challenge", crate::testing::CHALLENGE),
        ("code_challenge_method", "S256"),
    ])) else {
        panic!("no code")
    };
    let secret = granted.to.split("code=").nth(1).unwrap().split('&').next().unwrap();
    assert!(!serde_json::to_string(&granted.code).unwrap().contains(secret));
    assert!(!serde_json::to_string(&oa()).unwrap().contains(crate::testing::SECRET));
}

#[test]
fn threat_20_a_flood_of_tickets_ends_at_thirty_a_minute() {
    let wish = Wish { app: "oa", bind: None, path: None };
    let asker =
        Asker { person: Some(&zhang()), instance: "z@example.org/d", auth_time: NOW, in_the_last_minute: 30 };
    let outcome =
        ticket::issue(&wish, &asker, Some(&oa()), (&issuer(), &Lifetimes::default()), NOW, &mut random());
    assert_eq!(outcome.unwrap_err(), Refusal::TooMany);
}

#[test]
fn threat_23_a_wrong_registration_is_explained_before_it_is_stored() {
    let mut wrong = erp();
    wrong.cas.as_mut().unwrap().services = vec!["erp.example.org".to_owned()];
    let found = problems(&wrong, &[]);
    assert!(
        matches!(found.as_slice(), [Problem::Wrong { field, sentence }]
            if field == "cas.services[0]" && sentence.contains("erp.example.org")),
        "{found:?}"
    );
}
