//! Logins by every mechanism, and those that must not succeed.

use posthouse_tests::element::Element;
use posthouse_tests::raw_client::{Login, Mechanism, Person, RawClient, Verdict};
use posthouse_tests::server_process::DOMAIN;

use crate::office::{Office, PASSWORD};

const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

fn failure(condition: &str) -> Verdict {
    Verdict::Failure(condition.to_owned())
}

#[tokio::test]
async fn mechanisms_are_offered_strongest_first_with_what_they_can_be_bound_to() {
    let office = Office::open().await.unwrap();
    let address = office.server.address_of("direct_tls").unwrap();
    let mut client = RawClient::connect_tls(&address, &office.trust).await.unwrap();
    let (_, features) = client.open_stream(DOMAIN).await.unwrap();
    let offered: Vec<&str> =
        features.child("mechanisms", SASL).unwrap().children.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(offered, Mechanism::ALL.map(Mechanism::name));
    let bindings = features.child("sasl-channel-binding", "urn:xmpp:sasl-cb:0").unwrap();
    let kinds: Vec<_> = bindings.children.iter().filter_map(|one| one.attribute("type")).collect();
    assert_eq!(kinds, ["tls-exporter", "tls-server-end-point"]);
}

#[tokio::test]
async fn the_right_password_signs_in_by_every_mechanism() {
    let office = Office::open().await.unwrap();
    for mechanism in Mechanism::ALL {
        let mut client = office.secured().await.unwrap();
        let verdict = client.sign_in(&Login::new("alice", PASSWORD, mechanism)).await.unwrap();
        assert_eq!(verdict, Verdict::Success, "{}", mechanism.name());
        let (_, features) = client.open_stream(DOMAIN).await.unwrap();
        assert!(features.has("bind", "urn:ietf:params:xml:ns:xmpp-bind"));
        assert!(!features.has("mechanisms", SASL));
        assert_eq!(client.bind(Some("pc")).await.unwrap(), format!("alice@{DOMAIN}/pc"));
    }
}

#[tokio::test]
async fn a_login_may_be_bound_to_the_certificate() {
    let office = Office::open().await.unwrap();
    let mut login = Login::new("alice", PASSWORD, Mechanism::USUAL);
    login.flag = "p=tls-server-end-point";
    let mut client = office.secured().await.unwrap();
    assert_eq!(client.sign_in(&login).await.unwrap(), Verdict::Success);
    login.is_intercepted = true;
    let mut client = office.secured().await.unwrap();
    assert_eq!(client.sign_in(&login).await.unwrap(), failure("not-authorized"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_answered_alike_and_may_be_mended_on_the_same_stream() {
    let office = Office::open().await.unwrap();
    let mut client = office.secured().await.unwrap();
    for (name, password) in [("alice", "guess"), ("nobody", PASSWORD), ("alice", "guess again")] {
        let verdict = client.sign_in(&Login::new(name, password, Mechanism::USUAL)).await.unwrap();
        assert_eq!(verdict, failure("not-authorized"), "{name}");
    }
    let verdict = client.sign_in(&Login::new("alice", PASSWORD, Mechanism::ALL[5])).await.unwrap();
    assert_eq!(verdict, Verdict::Success);
}

#[tokio::test]
async fn too_many_tries_end_the_stream_and_the_next_ones_have_to_wait() {
    let office = Office::open_with(&[("login_attempts", "3")], "").await.unwrap();
    let mut client = office.secured().await.unwrap();
    let wrong = Login::new("alice", "guess", Mechanism::USUAL);
    for _ in 0..3 {
        assert_eq!(client.sign_in(&wrong).await.unwrap(), failure("not-authorized"));
    }
    assert_eq!(client.stream_error().await.unwrap(), "policy-violation");
    let mut client = office.secured().await.unwrap();
    let right = Login::new("alice", PASSWORD, Mechanism::USUAL);
    let locked = client.sign_in(&right).await.unwrap();
    assert_eq!(locked, failure("temporary-auth-failure"), "also with the right password");
    let other = Login::new("bob", PASSWORD, Mechanism::USUAL);
    assert_eq!(client.sign_in(&other).await.unwrap(), Verdict::Success, "others are not locked out");
}

#[tokio::test]
async fn a_name_that_nobody_has_is_locked_like_any_other() {
    let office = Office::open_with(&[("login_attempts", "2")], "").await.unwrap();
    let mut client = office.secured().await.unwrap();
    for _ in 0..2 {
        let verdict = client.sign_in(&Login::new("nobody", "x", Mechanism::USUAL)).await.unwrap();
        assert_eq!(verdict, failure("not-authorized"));
    }
    let mut client = office.secured().await.unwrap();
    let verdict = client.sign_in(&Login::new("nobody", "x", Mechanism::USUAL)).await.unwrap();
    assert_eq!(verdict, failure("temporary-auth-failure"));
}

#[tokio::test]
async fn a_login_carried_over_from_another_connection_is_refused() {
    let office = Office::open().await.unwrap();
    let mut intercepted = Login::new("alice", PASSWORD, Mechanism::USUAL);
    intercepted.is_intercepted = true;
    let mut stripped = Login::new("alice", PASSWORD, Mechanism::ALL[4]);
    stripped.flag = "y";
    for login in [intercepted, stripped] {
        let mut client = office.secured().await.unwrap();
        assert_eq!(client.sign_in(&login).await.unwrap(), failure("not-authorized"), "{login:?}");
    }
}

#[tokio::test]
async fn tries_in_vain_on_the_same_stream_do_not_hide_that_the_offer_was_cut() {
    let office = Office::open().await.unwrap();
    let mut client = office.secured().await.unwrap();
    for mechanism in [Mechanism::ALL[0], Mechanism::ALL[1], Mechanism::ALL[2], Mechanism::ALL[3]] {
        let mut login = Login::new("alice", PASSWORD, mechanism);
        login.flag = if login.flag == "n" { "y" } else { "p=tls-unique" };
        assert_eq!(client.sign_in(&login).await.unwrap(), failure("not-authorized"), "{login:?}");
    }
}

#[tokio::test]
async fn guesses_at_the_same_time_get_no_more_tries_than_one_after_the_other() {
    let office = Office::open_with(&[("login_attempts", "3")], "").await.unwrap();
    let mut guesses = Vec::new();
    for _ in 0..6 {
        let mut client = office.secured().await.unwrap();
        let guess = client.begin_login(&Login::new("alice", "guess", Mechanism::USUAL)).await.unwrap();
        guesses.push((client, guess.expect("nobody has failed yet")));
    }
    let mut last = office.secured().await.unwrap();
    let right = last.begin_login(&Login::new("alice", PASSWORD, Mechanism::USUAL)).await.unwrap().unwrap();
    let mut told = 0;
    for (client, guess) in &mut guesses {
        told += usize::from(client.prove(guess).await.unwrap() == failure("not-authorized"));
    }
    assert_eq!(told, 3, "of six guesses three were answered");
    assert_eq!(last.prove(&right).await.unwrap(), failure("temporary-auth-failure"), "right or wrong");
}

#[tokio::test]
async fn passwords_in_the_clear_are_not_even_listened_to() {
    let office = Office::open().await.unwrap();
    let mut client = office.secured().await.unwrap();
    client.send(&format!("<auth xmlns='{SASL}' mechanism='PLAIN'>AGFsaWNlAHg=</auth>")).await.unwrap();
    let answer = client.next_element().await.unwrap();
    assert!(answer.has("invalid-mechanism", SASL), "{answer:?}");
}

#[tokio::test]
async fn a_disabled_account_cannot_sign_in_and_its_sessions_end() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    office.server.administer(&["user", "disable", "alice"], None).await.unwrap();
    assert_eq!(alice.client.stream_error().await.unwrap(), "not-authorized");
    let mut client = office.secured().await.unwrap();
    let wrong = client.sign_in(&Login::new("alice", "guess", Mechanism::USUAL)).await.unwrap();
    assert_eq!(wrong, failure("not-authorized"), "who does not know the password learns nothing");
    let right = client.sign_in(&Login::new("alice", PASSWORD, Mechanism::USUAL)).await.unwrap();
    assert_eq!(right, failure("account-disabled"));
}

#[tokio::test]
async fn a_new_password_ends_what_began_with_the_old_one_and_has_no_session_yet() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut client = office.signed_in("alice").await.unwrap();
    let words = ["user", "password", "alice", "--password-stdin"];
    office.server.administer(&words, Some("Another-2026!")).await.unwrap();
    assert_eq!(alice.client.stream_error().await.unwrap(), "not-authorized", "the server knows it");
    let jid = client.bind(Some("late")).await.unwrap();
    let mut late = Person::new(client, jid);
    assert_eq!(late.stream_error().await.unwrap(), "not-authorized");
}

#[tokio::test]
async fn what_has_ended_older_sessions_does_not_end_one_with_the_new_password() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.ask("get", "<query xmlns='jabber:iq:roster'/>").await.unwrap();
    for number in 0..5 {
        let id = format!("new{number}");
        office.server.add_person(&id, "孙丽", "总部/财务部", PASSWORD).await.unwrap();
        let mut newcomer = office.bound(&id, "pc").await.unwrap();
        let is_push = |it: &Element| it.attribute("type") == Some("set");
        alice.next_where(is_push).await.unwrap();
        newcomer.everything().await.expect("the server has seen that there is a password");
    }
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_of_the_old_one() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    office
        .server
        .administer(&["user", "password", "alice", "--password-stdin"], Some("Another-2026!"))
        .await
        .unwrap();
    assert_eq!(alice.client.stream_error().await.unwrap(), "not-authorized");
    let mut client = office.secured().await.unwrap();
    let old = client.sign_in(&Login::new("alice", PASSWORD, Mechanism::USUAL)).await.unwrap();
    assert_eq!(old, failure("not-authorized"));
    let new = client.sign_in(&Login::new("alice", "Another-2026!", Mechanism::USUAL)).await.unwrap();
    assert_eq!(new, Verdict::Success);
}

#[tokio::test]
async fn who_has_signed_in_in_time_may_wait_for_the_session_it_replaces() {
    let office = Office::open_with(&[("login_seconds", "2")], "").await.unwrap();
    let deaf = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let text = "x".repeat(100_000);
    for _ in 0..120 {
        bob.write_to(&deaf.jid, &text).await.unwrap();
    }
    bob.everything().await.unwrap();
    // The old session's good-bye does not get through: it takes all the time it may have.
    let mut alice = office.bound("alice", "pc").await.unwrap();
    alice.come().await.unwrap();
    assert_eq!(alice.next_message().await.unwrap().body(), text);
}
