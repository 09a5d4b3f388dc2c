//! What waits in business systems, as they say it themselves.

mod pictures;

use posthouse_engine::events::EngineEvent;
use posthouse_engine::model::BusinessSystem;
use posthouse_tests::business_system::BusinessSystem as Caller;
use posthouse_tests::people::{Computer, PASSWORD, Person};
use posthouse_tests::raw_client::{self, Login, Mechanism, RawClient, Trust, Verdict};
use posthouse_tests::server_process::{DOMAIN, ServerProcess};

use crate::office::{ALICE, BOB};

/// A server with single sign-on, Alice and Bob, the office automation that both may open, and its key.
async fn house() -> (ServerProcess, Caller) {
    let mut server = ServerProcess::prepare().await.unwrap();
    let port = server.take_port().unwrap();
    let (listen, issuer) = (format!("[\"127.0.0.1:{port}\"]"), format!("\"https://localhost:{port}\""));
    let settings = [("https", listen.as_str()), ("issuer", &issuer), ("http", "[\"127.0.0.1:0\"]")];
    server.configure(&settings).unwrap();
    server.run().await.unwrap();
    for (id, name) in [(ALICE, "陈静"), (BOB, "王磊")] {
        server.add_person(id, name, "总部/财务部", PASSWORD).await.unwrap();
    }
    let start = "https://oa.example.org/";
    for (id, name) in [("oa", "办公自动化"), ("erp", "企业资源计划")] {
        let words = ["relying-party", "add", id, "--name", name, "--launch", start, "--cas-service", start];
        server.administer(&words, None).await.unwrap();
    }
    let words = ["application", "create", "oa", "--title", "办公自动化", "--everyone"];
    let key = server.administer(&words, None).await.unwrap();
    let oa = Caller::at(&server.address_of("http").unwrap()).with_key(key.lines().next().unwrap());
    // Whoever signs in finds everybody known who was added before.
    Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    (server, oa)
}

async fn waits(oa: &Caller, person: &str, count: u32) {
    let body = format!("{{\"count\": {count}}}");
    let answer = oa.ask("PUT", &format!("/api/v1/badges/{person}"), Some(&body)).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// The systems and what waits in each, as the window asks when there is a line.
async fn systems(person: &Person) -> Vec<(String, u32)> {
    let systems = person.engine().business_systems().await.unwrap();
    systems.into_iter().map(|BusinessSystem { id, badge, .. }| (id, badge)).collect()
}

/// Waits until the app is told exactly this of the office automation; 0 is nothing.
async fn hears(person: &mut Person, count: u32) {
    let heard = person.next("the badge", |event| match event {
        EngineEvent::BadgesChanged { badges } => {
            let told = badges.iter().find(|badge| badge.system == "oa").map(|badge| badge.count);
            (told.unwrap_or_default() == count).then_some(())
        }
        _ => None,
    });
    heard.await.unwrap();
}

/// Alice at a client that knows nothing of business systems.
async fn foreign_client(server: &ServerProcess) -> raw_client::Person {
    let trust = Trust::in_authority(&server.authority(), DOMAIN).unwrap();
    let mut client = RawClient::connect_tls(&server.address_of("direct_tls").unwrap(), &trust).await.unwrap();
    client.open_stream(DOMAIN).await.unwrap();
    let login = Login::new(ALICE, PASSWORD, Mechanism::USUAL);
    assert_eq!(client.sign_in(&login).await.unwrap(), Verdict::Success);
    client.open_stream(DOMAIN).await.unwrap();
    let jid = client.bind(Some("foreign")).await.unwrap();
    let mut person = raw_client::Person::new(client, jid);
    person.come().await.unwrap();
    person.receives().await.unwrap();
    person
}

#[tokio::test]
async fn what_waits_comes_at_once_to_all_apps_of_the_person_and_to_nobody_else() {
    let (server, oa) = house().await;
    let mut office = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut home = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    let mut foreign = foreign_client(&server).await;
    for person in [&office, &home, &bob] {
        assert_eq!(systems(person).await, [("erp".to_owned(), 0), ("oa".to_owned(), 0)]);
    }
    for count in [3, 4, 0] {
        waits(&oa, ALICE, count).await;
        hears(&mut office, count).await;
        hears(&mut home, count).await;
    }
    let is_badge = |event: &EngineEvent| matches!(event, EngineEvent::BadgesChanged { .. });
    // His own comes behind what would have come of hers.
    waits(&oa, BOB, 9).await;
    hears(&mut bob, 9).await;
    assert_eq!(bob.heard().iter().filter(|event| is_badge(event)).count(), 1);
    assert!(foreign.all_messages().await.unwrap().is_empty(), "a client that has not asked hears nothing");
}

#[tokio::test]
async fn who_was_away_finds_what_waits_at_sign_in_also_after_a_kill_of_the_server() {
    let (mut server, oa) = house().await;
    waits(&oa, ALICE, 12).await;
    server.kill().await.unwrap();
    server.run().await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let known = [("erp".to_owned(), 0), ("oa".to_owned(), 12)];
    assert_eq!(systems(&alice).await, known);

    waits(&oa, ALICE, 13).await;
    hears(&mut alice, 13).await;
    server.kill().await.unwrap();
    alice.is_cut_off().await.unwrap();
    server.run().await.unwrap();
    alice.is_online().await.unwrap();
    assert_eq!(systems(&alice).await[1].1, 13);
    waits(&oa, ALICE, 14).await;
    hears(&mut alice, 14).await;
}

#[tokio::test]
async fn a_system_that_is_no_more_leaves_no_badge() {
    let (server, oa) = house().await;
    waits(&oa, ALICE, 5).await;
    server.administer(&["application", "disable", "oa"], None).await.unwrap();
    let alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    assert_eq!(systems(&alice).await[1].1, 0, "disabled");
    server.administer(&["application", "enable", "oa"], None).await.unwrap();
    assert_eq!(systems(&alice).await[1].1, 5, "enabled again");
    server.administer(&["application", "remove", "oa"], None).await.unwrap();
    assert_eq!(systems(&alice).await[1].1, 0, "removed");
}
