//! Scenes of CAS.

use super::answer::{Form, escape};
use super::validation::{Facts, Failure, Valid, ticket_to_take, validate};
use super::{Login, ServiceTicket, login, logout_request};
use crate::moment::{Lifetimes, Moment};
use crate::parameters::Parameters;
use crate::person::Person;
use crate::refusal::Refusal;
use crate::relying_party::{RelyingParty, UserName};
use crate::secret::Digest;
use crate::session::SignedIn;
use crate::step_up::Proof;
use crate::taken::Taken;
use crate::testing::{NOW, erp, form, oa, random, signed_in, zhang};

const SERVICE: &str = "https://erp.example.org/app/?page=1";

fn come(pairs: &[(&str, &str)], session: Option<&SignedIn>, now: Moment) -> Login {
    login(&form(pairs), &[oa(), erp()], session, &Lifetimes::default(), now, &mut random())
}

fn ticket() -> (String, ServiceTicket) {
    let Login::Grant { to, hash, ticket } = come(&[("service", SERVICE)], Some(&signed_in()), NOW) else {
        panic!("no ticket")
    };
    let text = to.strip_prefix("https://erp.example.org/app/?page=1&ticket=").unwrap().to_owned();
    assert_eq!(Digest::of(&text), hash);
    (text, ticket)
}

fn with_session<T>(party: &RelyingParty, session: &SignedIn, ask: impl FnOnce(&Facts<'_>) -> T) -> T {
    ask(&Facts {
        party: Some(party),
        session: Some(session),
        lifetimes: &Lifetimes::default(),
        knows_proxies: true,
    })
}

fn check(taken: &Taken<ServiceTicket>, service: &str, now: Moment) -> Result<String, Failure> {
    with_session(&erp(), &signed_in(), |facts| {
        let asked = form(&[("service", service), ("ticket", "ST-x")]);
        validate(&asked, taken, facts, now, &mut random()).map(|valid| valid.user.to_owned())
    })
}

#[test]
fn somebody_who_is_signed_in_goes_back_with_a_ticket_that_is_good_once_for_this_service() {
    let (text, ticket) = ticket();
    assert!(text.starts_with("ST-") && text.len() == 46);
    assert!(!format!("{ticket:?}").contains(&text));
    assert_eq!(check(&Taken::Fresh(ticket.clone()), SERVICE, NOW), Ok("zhang.aili".to_owned()));
    assert_eq!(check(&Taken::Spent(ticket.clone()), SERVICE, NOW), Err(Failure::InvalidTicket));
    assert_eq!(check(&Taken::Unknown, SERVICE, NOW), Err(Failure::InvalidTicket));
    assert_eq!(check(&Taken::Fresh(ticket.clone()), SERVICE, NOW.plus(31)), Err(Failure::InvalidTicket));
    for other in
        ["https://erp.example.org/app/?page=2", "https://erp.example.org/app/", "https://evil.net/", ""]
    {
        assert_eq!(check(&Taken::Fresh(ticket.clone()), other, NOW), Err(Failure::InvalidService), "{other}");
    }
}

#[test]
fn a_service_that_is_not_registered_gets_neither_ticket_nor_browser() {
    for wrong in [
        "https://evil.net/",
        "https://erp.example.org/admin",
        "javascript:alert(1)",
        "https://oa.example.org/",
    ] {
        for more in [("gateway", "true"), ("renew", "true"), ("method", "POST")] {
            let login = come(&[("service", wrong), more], Some(&signed_in()), NOW);
            assert_eq!(login, Login::Refuse(Refusal::WrongService), "{wrong}");
        }
    }
    let twice = Parameters::parse("service=https://erp.example.org/app/&service=https://evil.net/").unwrap();
    let login = login(&twice, &[erp()], Some(&signed_in()), &Lifetimes::default(), NOW, &mut random());
    assert_eq!(login, Login::Refuse(Refusal::Malformed));
}

#[test]
fn without_a_session_gateway_goes_back_bare_and_the_rest_fetches_a_ticket_from_the_app() {
    let enter = Login::Enter { app: Some("erp".to_owned()) };
    assert_eq!(come(&[("service", SERVICE)], None, NOW), enter);
    assert_eq!(come(&[], None, NOW), Login::Enter { app: None });
    assert_eq!(come(&[], Some(&signed_in()), NOW), Login::SignedIn);
    let gateway = come(&[("service", SERVICE), ("gateway", "true")], None, NOW);
    assert_eq!(gateway, Login::Back { to: SERVICE.to_owned() });
    let both = come(&[("service", SERVICE), ("gateway", "true"), ("renew", "true")], None, NOW);
    assert_eq!(both, enter, "renew goes before gateway");
    assert_eq!(come(&[("service", SERVICE)], Some(&signed_in()), NOW.plus(90_000)), enter);
}

#[test]
fn renew_wants_a_proof_for_this_system_and_no_session_that_was_there() {
    let asked = [("service", SERVICE), ("renew", "true")];
    let mut session = signed_in();
    let Login::Prove { party } = come(&asked, Some(&session), NOW) else { panic!("a session is no proof") };
    assert_eq!(party.id, "erp");
    let validated = |session: &SignedIn, with_renew: bool| {
        let Login::Grant { ticket, .. } = come(&[("service", SERVICE)], Some(session), NOW) else { panic!() };
        let mut asked = vec![("service", SERVICE), ("ticket", "ST-x")];
        asked.extend(with_renew.then_some(("renew", "true")));
        with_session(&erp(), session, |facts| {
            let taken = Taken::Fresh(ticket);
            validate(&form(&asked), &taken, facts, NOW, &mut random()).map(|valid| valid.is_from_new_login)
        })
    };
    assert_eq!(validated(&session, true), Err(Failure::InvalidTicket));
    assert_eq!(validated(&session, false), Ok(false));
    session.proofs.push(Proof { party: "erp".to_owned(), time: NOW.plus(-50) });
    assert!(matches!(come(&asked, Some(&session), NOW), Login::Grant { .. }));
    assert_eq!(validated(&session, true), Ok(true));
    session.proofs[0].party = "oa".to_owned();
    assert!(matches!(come(&asked, Some(&session), NOW), Login::Prove { .. }), "of another system");
}

#[test]
fn a_sensitive_system_lets_nobody_in_who_has_not_proved_it_anew() {
    let mut sensitive = erp();
    sensitive.confirm = true;
    let mut session = signed_in();
    let come = |pairs: &[(&str, &str)], session: &SignedIn| {
        let all = [sensitive.clone()];
        login(&form(pairs), &all, Some(session), &Lifetimes::default(), NOW, &mut random())
    };
    assert!(matches!(come(&[("service", SERVICE)], &session), Login::Prove { .. }));
    let looks = [("service", SERVICE), ("gateway", "true")];
    assert_eq!(come(&looks, &session), Login::Back { to: SERVICE.to_owned() });
    session.proofs.push(Proof { party: "erp".to_owned(), time: NOW.plus(-3_000) });
    assert!(matches!(come(&[("service", SERVICE)], &session), Login::Grant { .. }));
}

#[test]
fn a_person_who_may_not_use_the_system_is_refused_at_login_and_at_validation() {
    let mut closed = erp();
    closed.audience.people = vec!["li.si".to_owned()];
    let outcome = login(
        &form(&[("service", SERVICE)]),
        std::slice::from_ref(&closed),
        Some(&signed_in()),
        &Lifetimes::default(),
        NOW,
        &mut random(),
    );
    assert_eq!(outcome, Login::Refuse(Refusal::NotForThisPerson));
    let asked = form(&[("service", SERVICE), ("ticket", "ST-x")]);
    let taken = Taken::Fresh(ticket().1);
    let outcome = with_session(&closed, &signed_in(), |facts| {
        validate(&asked, &taken, facts, NOW, &mut random()).map(|_| ())
    });
    assert_eq!(outcome, Err(Failure::InvalidTicket));
    let mut locked = signed_in();
    locked.person = None;
    let outcome = with_session(&erp(), &locked, |facts| {
        validate(&asked, &taken, facts, NOW, &mut random()).map(|_| ())
    });
    assert_eq!(outcome, Err(Failure::InvalidTicket));
}

#[test]
fn a_request_that_is_wrong_in_itself_takes_no_ticket() {
    let ask = |pairs: &[(&str, &str)]| ticket_to_take(&form(pairs), false);
    assert!(ask(&[("service", SERVICE), ("ticket", "ST-abc")]).is_ok());
    assert_eq!(ask(&[("service", SERVICE)]), Err(Failure::InvalidRequest));
    assert_eq!(ask(&[("ticket", "ST-abc")]), Err(Failure::InvalidRequest));
    for odd in ["x", "ST-\u{1}", "ST-<a>", "ST-张"] {
        assert_eq!(ask(&[("service", SERVICE), ("ticket", odd)]), Err(Failure::InvalidTicket), "{odd:?}");
    }
    let proxy = form(&[("service", SERVICE), ("ticket", "PT-abc")]);
    assert_eq!(ticket_to_take(&proxy, false), Err(Failure::InvalidTicketSpec));
    assert_eq!(ticket_to_take(&proxy, true), Err(Failure::InvalidTicket), "none was ever given out");
}

fn answer(form_of: Form, person: Person, user: UserName) -> String {
    let mut session = signed_in();
    session.person = Some(person);
    let mut party = erp();
    party.cas.as_mut().unwrap().user = user;
    let asked = form(&[("service", SERVICE), ("ticket", "ST-x")]);
    with_session(&party, &session, |facts| {
        let outcome: Result<Valid<'_>, Failure> =
            validate(&asked, &Taken::Fresh(ticket().1), facts, NOW, &mut random());
        form_of.body(&outcome)
    })
}

#[test]
fn the_three_protocols_answer_in_their_own_words() {
    assert_eq!(answer(Form::Lines, zhang(), UserName::Login), "yes\nzhang.aili\n");
    assert_eq!(
        answer(Form::of(None, false), zhang(), UserName::Login),
        "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess>\
         <cas:user>zhang.aili</cas:user></cas:authenticationSuccess></cas:serviceResponse>\n"
    );
    let three = answer(Form::of(None, true), zhang(), UserName::Email);
    assert!(three.contains("<cas:user>zhang.aili@example.org</cas:user>"), "{three}");
    assert!(three.contains("<cas:displayName>张爱丽</cas:displayName>"), "{three}");
    assert!(three.contains("<cas:memberOf>总部/财务部</cas:memberOf>"), "{three}");
    assert!(three.contains("<cas:isFromNewLogin>false</cas:isFromNewLogin>"), "{three}");
    let json: serde_json::Value =
        serde_json::from_str(&answer(Form::of(Some("JSON"), true), zhang(), UserName::Subject)).unwrap();
    let success = &json["serviceResponse"]["authenticationSuccess"];
    assert_eq!(
        (&success["user"], &success["attributes"]["displayName"][0]),
        (&"p7".into(), &"张爱丽".into())
    );
    assert_eq!(success["attributes"]["isFromNewLogin"], false);
}

#[test]
fn failures_are_well_formed_and_hold_nothing_of_the_request() {
    let failed = Err(Failure::InvalidTicket);
    assert_eq!(Form::Lines.body(&failed), "no\n\n");
    let xml = Form::of(None, true).body(&failed);
    assert!(xml.contains("<cas:authenticationFailure code=\"INVALID_TICKET\">"), "{xml}");
    let json: serde_json::Value = serde_json::from_str(&Form::of(Some("json"), true).body(&failed)).unwrap();
    assert_eq!(json["serviceResponse"]["authenticationFailure"]["code"], "INVALID_TICKET");
}

#[test]
fn markup_and_control_characters_in_a_name_stay_harmless() {
    let odd = Person { name: "<b>&\u{1}\u{0}\"".to_owned(), ..zhang() };
    let xml = answer(Form::of(None, true), odd, UserName::Login);
    assert!(xml.contains("<cas:displayName>&lt;b&gt;&amp;\u{fffd}\u{fffd}&quot;</cas:displayName>"), "{xml}");
    assert_eq!(escape("a\r\n\u{ffff}"), "a&#13;&#10;\u{fffd}");
    let injected = Person { login: "a\nadmin".to_owned(), ..zhang() };
    assert_eq!(answer(Form::Lines, injected, UserName::Login), "yes\naadmin\n");
}

#[test]
fn an_answer_in_another_form_than_xml_and_json_is_refused_and_takes_no_ticket() {
    let (text, _) = ticket();
    let asked = |format| form(&[("service", SERVICE), ("ticket", &text), ("format", format)]);
    for format in ["XML", "JSON", "json"] {
        assert!(ticket_to_take(&asked(format), false).is_ok(), "{format}");
    }
    assert_eq!(ticket_to_take(&asked("YAML"), false), Err(Failure::InvalidRequest));
}

#[test]
fn threat_12_a_system_that_wants_a_proxy_ticket_gets_no_success_and_nothing_is_fetched() {
    let ask = |callback: &str, knows_proxies: bool| {
        let asked = form(&[("service", SERVICE), ("ticket", "ST-x"), ("pgtUrl", callback)]);
        with_session(&erp(), &signed_in(), |facts| {
            let facts = Facts { knows_proxies, ..*facts };
            validate(&asked, &Taken::Fresh(ticket().1), &facts, NOW, &mut random()).map(|_| ())
        })
    };
    assert_eq!(ask("https://erp.example.org/app/pgt", true), Err(Failure::UnauthorizedServiceProxy));
    assert_eq!(ask("http://127.0.0.1/", true), Err(Failure::InvalidProxyCallback));
    assert_eq!(ask("https://erp.example.org/app/pgt", false), Ok(()), "CAS 1 knows no proxies");
}

#[test]
fn tickets_have_no_character_but_letters_digits_and_hyphens() {
    let mut random = random();
    for _ in 0..50 {
        let registered = [erp()];
        let times = (&Lifetimes::default(), NOW);
        let login = login(
            &form(&[("service", SERVICE)]),
            &registered,
            Some(&signed_in()),
            times.0,
            times.1,
            &mut random,
        );
        let Login::Grant { to, .. } = login else { panic!() };
        let (_, ticket) = to.split_once("ticket=").unwrap();
        assert!(ticket.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{ticket}");
    }
}

#[test]
fn single_sign_out_names_the_ticket_and_the_time() {
    let text = logout_request("ST-1", "a<b", NOW, &mut random());
    assert!(text.contains("IssueInstant=\"2026-11-27T08:00:00Z\""), "{text}");
    assert!(text.contains("<saml:NameID>a&lt;b</saml:NameID><samlp:SessionIndex>ST-1</samlp:SessionIndex>"));
}
