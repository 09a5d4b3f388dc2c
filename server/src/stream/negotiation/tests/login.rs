//! Logins (RFC 6120 section 6): right, wrong, again, too often.

use super::super::{Negotiation, Reply, Then};
use super::person::{Login, Run, decoded, keys, right};
use super::{TRIES, client_header, frame, offer_with_tries, say, secured, stream_error, text};
use crate::stream::credentials::AccountState;

const MECHANISMS: [&str; 6] = [
    "SCRAM-SHA-512-PLUS",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-512",
    "SCRAM-SHA-256",
    "SCRAM-SHA-1",
];

fn failure(condition: &str) -> String {
    format!("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{condition}/></failure>")
}

#[track_caller]
fn assert_refused(run: &Run, condition: &str) {
    assert_eq!(text(&run.verdict), failure(condition));
    assert_eq!(run.verdict.then, Then::Read, "{run:?}");
}

#[test]
fn the_right_password_signs_in_by_every_mechanism_and_the_server_proves_itself() {
    for mechanism in MECHANISMS {
        let mut negotiation = secured();
        let run = Login::new(mechanism, "pencil").run(&mut negotiation, true);
        assert_eq!(run.verdict.then, right(), "{mechanism}");
        assert!(run.verdict.bytes.is_empty(), "nothing is said before the account is approved");
        assert!(negotiation.account().is_none());
        let success = negotiation.approve("alice", AccountState::Live);
        assert_eq!(success.then, Then::Restart);
        assert_eq!(decoded(text(&success)), run.server_proof, "{mechanism}");
        assert_eq!(negotiation.account().unwrap().as_str(), "alice@example.org");
        let features = negotiation.header(&client_header(), "id2");
        assert!(text(&features).contains("<bind ") && text(&features).contains("<more xmlns='urn:x'/>"));
        assert!(!text(&features).contains("mechanism"));
    }
}

#[test]
fn a_wrong_password_and_an_unknown_name_look_the_same() {
    for mechanism in MECHANISMS {
        let wrong = Login::new(mechanism, "guess").run(&mut secured(), true);
        let unknown = Login::new(mechanism, "pencil").run(&mut secured(), false);
        assert_refused(&wrong, "not-authorized");
        assert_eq!(wrong.challenge, unknown.challenge);
        assert_eq!(wrong.verdict, unknown.verdict);
    }
}

#[test]
fn an_account_that_is_gone_looks_like_a_wrong_password() {
    let mut negotiation = secured();
    let _ = Login::new("SCRAM-SHA-256", "pencil").run(&mut negotiation, true);
    let reply = negotiation.approve("alice", AccountState::Unknown);
    assert_eq!((text(&reply), &reply.then), (failure("not-authorized").as_str(), &Then::Read));
    assert!(negotiation.account().is_none());
}

#[test]
fn only_who_knows_the_password_hears_that_the_account_is_disabled() {
    let mut negotiation = secured();
    let wrong = Login::new("SCRAM-SHA-256", "guess").run(&mut negotiation, true);
    assert_refused(&wrong, "not-authorized");
    let _ = Login::new("SCRAM-SHA-256", "pencil").run(&mut negotiation, true);
    assert_eq!(text(&negotiation.approve("alice", AccountState::Disabled)), failure("account-disabled"));
    assert!(negotiation.account().is_none());
}

#[test]
fn after_a_wrong_password_the_same_stream_takes_another_try() {
    let mut negotiation = secured();
    assert_refused(&Login::new("SCRAM-SHA-512", "guess").run(&mut negotiation, true), "not-authorized");
    let run = Login::new("SCRAM-SHA-1", "pencil").run(&mut negotiation, true);
    assert_eq!(run.verdict.then, right());
}

#[test]
fn the_last_try_is_answered_and_ends_the_stream() {
    let mut negotiation = secured();
    for _ in 1..TRIES {
        assert_refused(&Login::new("SCRAM-SHA-256", "guess").run(&mut negotiation, true), "not-authorized");
    }
    let last = Login::new("SCRAM-SHA-256", "guess").run(&mut negotiation, true).verdict;
    assert!(text(&last).starts_with(&failure("not-authorized")));
    assert!(text(&last).contains("<policy-violation ") && text(&last).ends_with("</stream:stream>"));
    assert_eq!(last.then, Then::Close);
}

#[test]
fn failures_without_a_password_count_as_well() {
    let mut negotiation = secured();
    for _ in 1..TRIES {
        let reply = say(&mut negotiation, "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        assert_eq!((text(&reply), &reply.then), (failure("aborted").as_str(), &Then::Read));
    }
    let last = say(&mut negotiation, "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    assert_eq!(stream_error(&last), "policy-violation");
}

#[test]
fn a_locked_name_or_address_is_told_to_come_back_later_and_nothing_else() {
    let mut negotiation = secured();
    let reply = say(&mut negotiation, &Login::new("SCRAM-SHA-256", "pencil").auth());
    assert!(matches!(reply.then, Then::Keys(..)));
    let reply = negotiation.refuse_login();
    assert_eq!((text(&reply), &reply.then), (failure("temporary-auth-failure").as_str(), &Then::Read));
    let run = Login::new("SCRAM-SHA-256", "pencil").run(&mut negotiation, true);
    assert_eq!(run.verdict.then, right(), "the lock may be over");
}

#[test]
fn who_comes_too_late_with_the_right_password_is_not_told_that_it_is() {
    let mut negotiation = secured();
    let run = Login::new("SCRAM-SHA-256", "pencil").run(&mut negotiation, true);
    assert_eq!(run.verdict, Reply { bytes: Vec::new(), then: right() });
    let reply = negotiation.refuse_login();
    assert_eq!((text(&reply), &reply.then), (failure("temporary-auth-failure").as_str(), &Then::Read));
    assert!(negotiation.account().is_none());
    let response = "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
    assert_eq!(text(&say(&mut negotiation, response)), failure("malformed-request"));
}

#[test]
fn a_login_may_begin_without_its_first_message() {
    for start in ["", "="] {
        let mut negotiation = secured();
        let login = Login::new("SCRAM-SHA-256", "pencil");
        let first = login.auth();
        let message = frame(&first).text().into_owned();
        let reply = say(
            &mut negotiation,
            &format!(
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>{start}</auth>"
            ),
        );
        if start == "=" {
            // An empty message is one, and no beginning of SCRAM (RFC 6120 section 6.4.2).
            assert_eq!(text(&reply), failure("malformed-request"));
            continue;
        }
        assert_eq!(text(&reply), "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        let reply = say(
            &mut negotiation,
            &format!("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{message}</response>"),
        );
        assert!(matches!(reply.then, Then::Keys(ref name, _) if name == "alice"), "{reply:?}");
    }
}

#[test]
fn what_is_no_login_is_refused_by_its_own_name_and_the_stream_goes_on() {
    let sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";
    for (element, condition) in [
        (format!("<auth {sasl} mechanism='PLAIN'>AGFsaWNlAHBlbmNpbA==</auth>"), "invalid-mechanism"),
        (format!("<auth {sasl} mechanism='scram-sha-1'/>"), "invalid-mechanism"),
        (format!("<auth {sasl}/>"), "invalid-mechanism"),
        (format!("<auth {sasl} mechanism='SCRAM-SHA-1'>***</auth>"), "incorrect-encoding"),
        (format!("<auth {sasl} mechanism='SCRAM-SHA-1'>/w==</auth>"), "malformed-request"),
        (format!("<auth {sasl} mechanism='SCRAM-SHA-1'>bm9uc2Vuc2U=</auth>"), "malformed-request"),
        (format!("<response {sasl}>AAAA</response>"), "malformed-request"),
        (format!("<success {sasl}/>"), "malformed-request"),
        (format!("<abort {sasl}/>"), "aborted"),
    ] {
        let mut negotiation = secured();
        let reply = say(&mut negotiation, &element);
        assert_eq!((text(&reply), &reply.then), (failure(condition).as_str(), &Then::Read), "{element}");
        let run = Login::new("SCRAM-SHA-256", "pencil").run(&mut negotiation, true);
        assert_eq!(run.verdict.then, right(), "after {element}");
    }
}

#[test]
fn nobody_acts_for_somebody_else() {
    let mut login = Login::new("SCRAM-SHA-256", "pencil");
    login.identity = "bob@example.org".into();
    assert_refused(&login.run(&mut secured(), true), "invalid-authzid");
    login.identity = "alice@example.org".into();
    assert_eq!(login.run(&mut secured(), true).verdict.then, right());
}

#[test]
fn people_may_type_their_whole_address_in_any_case() {
    for name in ["alice@example.org", "ALICE", "Alice@EXAMPLE.org"] {
        let mut login = Login::new("SCRAM-SHA-256", "pencil");
        login.name = name.into();
        assert_eq!(login.run(&mut secured(), true).login, "alice", "{name}");
    }
}

#[test]
fn a_login_bound_to_another_connection_proves_nothing() {
    let mut login = Login::new("SCRAM-SHA-256-PLUS", "pencil");
    login.exporter = b"of the connection to somebody in the middle".to_vec();
    assert_refused(&login.run(&mut secured(), true), "not-authorized");
}

#[test]
fn who_believes_that_nothing_can_be_bound_was_lied_to() {
    let mut login = Login::new("SCRAM-SHA-256", "pencil");
    login.flag = "y";
    assert_refused(&login.run(&mut secured(), true), "not-authorized");
}

/// What slixmpp 1.8 says on a connection with TLS 1.3, one login behind the other.
fn tries_with_tls_unique(negotiation: &mut Negotiation, mechanisms: &[&'static str]) {
    for mechanism in mechanisms {
        let mut login = Login::new(mechanism, "pencil");
        (login.flag, login.nonce) = ("p=tls-unique", "8444218515250481");
        assert_refused(&login.run(negotiation, true), "not-authorized");
    }
}

fn unbound(nonce: &'static str) -> Login {
    let mut login = Login::new("SCRAM-SHA-512", "pencil");
    (login.flag, login.nonce) = ("y", nonce);
    login
}

fn patient() -> Negotiation {
    let mut negotiation = Negotiation::new(offer_with_tries(10));
    negotiation.secured(Some(super::EXPORTER.to_vec()));
    negotiation
}

#[test]
fn slixmpp_gets_in_behind_its_tries_with_the_only_binding_it_knows_and_may_mistype() {
    let mut negotiation = secured();
    tries_with_tls_unique(&mut negotiation, &MECHANISMS[..3]);
    for _ in 1..TRIES {
        let mut wrong = unbound("7579544029403025");
        wrong.password = "guess".into();
        assert_refused(&wrong.run(&mut negotiation, true), "not-authorized");
    }
    let run = unbound("7579544029403025").run(&mut negotiation, true);
    assert_eq!(run.verdict.then, right());
}

#[test]
fn tries_in_vain_end_as_well() {
    let mut negotiation = secured();
    tries_with_tls_unique(&mut negotiation, &MECHANISMS[..3]);
    tries_with_tls_unique(&mut negotiation, &MECHANISMS[1..3]);
    let mut login = Login::new(MECHANISMS[0], "pencil");
    login.flag = "p=tls-unique";
    assert_eq!(login.run(&mut negotiation, true).verdict.then, Then::Close);
}

#[test]
fn a_cut_offer_is_noticed_whatever_was_tried_on_the_stream_before() {
    let mut negotiation = patient();
    tries_with_tls_unique(&mut negotiation, &MECHANISMS[..2]);
    let run = unbound("7579544029403025").run(&mut negotiation, true);
    assert_refused(&run, "not-authorized");
    // Who sits in between can do all that slixmpp does, but not change a client's nonce.
    tries_with_tls_unique(&mut negotiation, &MECHANISMS[2..3]);
    for nonce in ["client-nonce", "7579544029403025a", "75795440294030", "757954402940302500000"] {
        assert_refused(&unbound(nonce).run(&mut negotiation, true), "not-authorized");
    }
}

#[test]
fn other_bindings_that_we_do_not_have_open_nothing() {
    let mut negotiation = patient();
    for mechanism in &MECHANISMS[..3] {
        let mut login = Login::new(mechanism, "pencil");
        login.flag = "p=tls-unheard-of";
        assert_refused(&login.run(&mut negotiation, true), "not-authorized");
    }
    assert_refused(&unbound("7579544029403025").run(&mut negotiation, true), "not-authorized");
}

#[test]
fn elements_of_a_login_in_the_wrong_order_begin_anew() {
    let mut negotiation = secured();
    let login = Login::new("SCRAM-SHA-256", "pencil");
    let Then::Keys(name, hash) = say(&mut negotiation, &login.auth()).then else {
        panic!("keys are asked for")
    };
    let _ = negotiation.keys(name, keys(hash, "pencil", true), super::person::NONCE);
    assert_eq!(text(&say(&mut negotiation, &login.auth())), failure("malformed-request"));
    assert_eq!(login.run(&mut negotiation, true).verdict.then, right());
}
