//! People whom the organisation's rules hide do not exist for the others, wherever they look.

use posthouse_tests::server_process::DOMAIN;

use crate::office::{Office, address};

const HIDDEN: &str = "hidden_people = [\"dave\"]";

/// An office in which nobody sees Dave.
async fn office() -> anyhow::Result<Office> {
    Office::open_with(&[], HIDDEN).await
}

#[tokio::test]
async fn a_hidden_person_is_in_no_list() {
    let office = office().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let answers = [
        alice.ask("get", "<query xmlns='jabber:iq:roster'/>").await.unwrap(),
        alice
            .ask_at(DOMAIN, "set", "<query xmlns='jabber:iq:search'><nick>dave</nick></query>")
            .await
            .unwrap(),
        alice.ask_at(DOMAIN, "get", "<query xmlns='urn:posthouse:org:1'/>").await.unwrap(),
    ];
    for shown in [&answers[0], &answers[2]] {
        assert!(format!("{shown:?}").contains("bob"), "others stand there: {shown:?}");
    }
    for answer in answers {
        assert_eq!(answer.attribute("type"), Some("result"), "{answer:?}");
        assert!(!format!("{answer:?}").contains("dave"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_hidden_person_answers_like_nobody() {
    let office = office().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut dave = office.person("dave", "pc").await.unwrap();
    let like_nobody = |answer: &posthouse_tests::element::Element| {
        let children: Vec<_> = answer.children.iter().map(|child| format!("{child:?}")).collect();
        (answer.attribute("type").map(str::to_owned), children)
    };
    for payload in [
        "<vCard xmlns='vcard-temp'/>",
        "<query xmlns='http://jabber.org/protocol/disco#info'/>",
        "<query xmlns='jabber:iq:last'/>",
        "<ping xmlns='urn:xmpp:ping'/>",
    ] {
        let hidden = alice.ask_at(&address("dave"), "get", payload).await.unwrap();
        let nobody = alice.ask_at(&address("nobody"), "get", payload).await.unwrap();
        assert_eq!(like_nobody(&hidden), like_nobody(&nobody), "{payload}");
        let at_client = alice.ask_at(&dave.jid, "get", payload).await.unwrap();
        assert_eq!(at_client.condition(), "service-unavailable", "{payload}");
    }
    alice.write_to(&address("dave"), "are you there?").await.unwrap();
    assert_eq!(alice.next_message().await.unwrap().condition(), "service-unavailable");
    assert!(dave.all_messages().await.unwrap().is_empty());
    dave.write_to(alice.bare(), "it is me").await.unwrap();
    assert_eq!(alice.next_message().await.unwrap().body(), "it is me");
    alice.write_to(&dave.jid, "there you are").await.unwrap();
    assert_eq!(dave.next_message().await.unwrap().body(), "there you are");
}

#[tokio::test]
async fn a_hidden_person_is_never_seen_to_come_or_go() {
    let office = office().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut dave = office.person("dave", "pc").await.unwrap();
    for kind in ["probe", "subscribe"] {
        alice.send(&format!("<presence type='{kind}' to='{}'/>", dave.bare())).await.unwrap();
    }
    dave.send("<presence><show>away</show></presence>").await.unwrap();
    dave.everything().await.unwrap();
    let shown = alice.everything().await.unwrap();
    let is_silent = shown.iter().all(|it| it.attribute("type") == Some("unsubscribed"));
    assert!(is_silent, "{shown:?}");
    dave.client.cut();
    // A colleague's farewell comes behind it.
    let mut bob = office.person("bob", "pc").await.unwrap();
    bob.send("<presence type='unavailable'/>").await.unwrap();
    bob.everything().await.unwrap();
    let shown = alice.everything().await.unwrap();
    assert!(
        shown.iter().all(|it| it.attribute("from").is_some_and(|from| !from.contains("dave"))),
        "{shown:?}"
    );
}

#[tokio::test]
async fn departments_that_may_not_write_to_each_other_are_told_so() {
    let rule = "no_chat = [{ between = \"{总部/财务部}\", and = \"{总部/技术部}\" }]";
    let office = Office::open_with(&[], rule).await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let mut carol = office.person("carol", "pc").await.unwrap();
    alice.write_to(&address("carol"), "hello").await.unwrap();
    let refused = alice.next_message().await.unwrap();
    assert_eq!(refused.condition(), "forbidden");
    alice.write_to(&address("bob"), "hello").await.unwrap();
    assert_eq!(bob.next_message().await.unwrap().body(), "hello");
    assert!(carol.all_messages().await.unwrap().is_empty());
    // They see each other all the same.
    let card = alice.ask_at(&address("carol"), "get", "<vCard xmlns='vcard-temp'/>").await.unwrap();
    assert_eq!(card.find("FN", "vcard-temp").unwrap().text, "李娜");
    let ping = alice.ask_at(&carol.jid, "get", "<ping xmlns='urn:xmpp:ping'/>").await.unwrap();
    assert_eq!(ping.condition(), "forbidden", "requests to her clients are a way to talk");
}
