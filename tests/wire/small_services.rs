//! Ping, time, version, cards, private storage, and what nobody answers.

use posthouse_tests::server_process::DOMAIN;

use crate::office::{Office, address};

#[tokio::test]
async fn a_ping_is_answered_by_the_server_and_by_clients() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let ping = "<ping xmlns='urn:xmpp:ping'/>";
    for to in [DOMAIN.to_owned(), alice.bare().to_owned()] {
        assert_eq!(alice.ask_at(&to, "get", ping).await.unwrap().attribute("type"), Some("result"));
    }
    let mut bob = office.person("bob", "pc").await.unwrap();
    alice.send(&format!("<iq type='get' id='p' to='{}'>{ping}</iq>", bob.jid)).await.unwrap();
    let question = bob.next_where(|it| it.name == "iq").await.unwrap();
    assert_eq!(question.attribute("from"), Some(alice.jid.as_str()));
    bob.send(&format!("<iq type='result' id='p' to='{}'/>", alice.jid)).await.unwrap();
    let answer = alice.next_where(|it| it.name == "iq").await.unwrap();
    assert_eq!((answer.attribute("id"), answer.attribute("from")), (Some("p"), Some(bob.jid.as_str())));
}

#[tokio::test]
async fn the_server_tells_time_and_name_but_not_its_version() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let answer = alice.ask_at(DOMAIN, "get", "<time xmlns='urn:xmpp:time'/>").await.unwrap();
    let utc = &answer.find("utc", "urn:xmpp:time").unwrap().text;
    assert!(utc.ends_with('Z') && utc.starts_with("20"), "{utc}");
    assert!(answer.find("tzo", "urn:xmpp:time").is_some());
    let answer = alice.ask_at(DOMAIN, "get", "<query xmlns='jabber:iq:version'/>").await.unwrap();
    assert_eq!(answer.find("name", "jabber:iq:version").unwrap().text, "Posthouse");
    let version = answer.find("version", "jabber:iq:version").map(|it| it.text.clone()).unwrap_or_default();
    assert_eq!(version, "");
}

#[tokio::test]
async fn a_colleagues_card_comes_from_the_directory_and_cannot_be_changed_by_hand() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let card = alice.ask_at(&address("carol"), "get", "<vCard xmlns='vcard-temp'/>").await.unwrap();
    assert_eq!(card.find("FN", "vcard-temp").unwrap().text, "李娜");
    let units: Vec<_> =
        card.find("ORG", "vcard-temp").unwrap().children.iter().map(|it| it.text.as_str()).collect();
    assert!(units.contains(&"技术部"), "{units:?}");
    let own = "<vCard xmlns='vcard-temp'><FN>The Boss</FN></vCard>";
    assert_eq!(alice.ask("set", own).await.unwrap().condition(), "not-allowed");
    assert_eq!(alice.ask_at(&address("carol"), "set", own).await.unwrap().condition(), "forbidden");
    let unknown = alice.ask_at(&address("nobody"), "get", "<vCard xmlns='vcard-temp'/>").await.unwrap();
    assert_eq!(unknown.condition(), "service-unavailable");
}

#[tokio::test]
async fn clients_keep_small_things_for_themselves() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let notes =
        "<query xmlns='jabber:iq:private'><notes xmlns='urn:example:notes'><n>买茶</n></notes></query>";
    assert_eq!(alice.ask("set", notes).await.unwrap().attribute("type"), Some("result"));
    let ask = "<query xmlns='jabber:iq:private'><notes xmlns='urn:example:notes'/></query>";
    let answer = alice.ask("get", ask).await.unwrap();
    assert_eq!(answer.find("n", "urn:example:notes").unwrap().text, "买茶");
    let mut bob = office.person("bob", "pc").await.unwrap();
    assert!(bob.ask("get", ask).await.unwrap().find("n", "urn:example:notes").is_none());
    assert_eq!(bob.ask_at(&address("alice"), "get", ask).await.unwrap().condition(), "forbidden");
}

#[tokio::test]
async fn what_nobody_understands_is_said_to_be_unavailable() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let unknown = "<query xmlns='urn:example:unknown'/>";
    for to in [DOMAIN.to_owned(), alice.bare().to_owned(), address("bob"), format!("{}/gone", address("bob"))]
    {
        for kind in ["get", "set"] {
            let answer = alice.ask_at(&to, kind, unknown).await.unwrap();
            assert_eq!(answer.condition(), "service-unavailable", "{kind} to {to}");
            assert_eq!(answer.attribute("from"), Some(to.as_str()));
        }
    }
}

#[tokio::test]
async fn addresses_that_are_none_and_foreign_servers_are_told_apart() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    for (to, condition) in [
        ("a@b@c", "jid-malformed"),
        ("bob@elsewhere.example", "remote-server-not-found"),
        ("elsewhere.example", "remote-server-not-found"),
    ] {
        let answer = alice.ask_at(to, "get", "<ping xmlns='urn:xmpp:ping'/>").await.unwrap();
        assert_eq!(answer.condition(), condition, "{to}");
        alice.write_to(to, "x").await.unwrap();
        assert_eq!(alice.next_message().await.unwrap().condition(), condition, "{to}");
    }
}

#[tokio::test]
async fn requests_without_form_are_bad_requests() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    for iq in [
        "<iq type='get' id='x'/>",
        "<iq type='get' id='x'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>",
        "<iq type='push' id='x'><a xmlns='urn:a'/></iq>",
        "<iq id='x'><a xmlns='urn:a'/></iq>",
    ] {
        alice.send(iq).await.unwrap();
        let answer = alice.next_where(|it| it.name == "iq").await.unwrap();
        assert_eq!((answer.condition(), answer.attribute("id")), ("bad-request", Some("x")), "{iq}");
    }
    alice.send("<iq type='result' id='x'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>").await.unwrap();
    alice.send("<iq type='error' id='x'/>").await.unwrap();
    assert!(alice.everything().await.unwrap().is_empty(), "answers are not answered");
}
