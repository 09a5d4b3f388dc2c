//! Blocking (XEP-0191).

use posthouse_tests::element::Element;
use posthouse_tests::raw_client::Person;
use posthouse_tests::server_process::DOMAIN;

use crate::office::{Office, address};

const BLOCKING: &str = "urn:xmpp:blocking";

async fn set(person: &mut Person, action: &str, whom: &[String]) -> anyhow::Result<()> {
    let items: String = whom.iter().map(|jid| format!("<item jid='{jid}'/>")).collect();
    let answer = person.ask("set", &format!("<{action} xmlns='{BLOCKING}'>{items}</{action}>")).await?;
    anyhow::ensure!(answer.attribute("type") == Some("result"), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn who_is_blocked_is_not_heard_and_cannot_tell_it_from_absence() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    set(&mut alice, "block", &[address("bob")]).await.unwrap();
    alice.everything().await.unwrap();
    bob.everything().await.unwrap();
    bob.write_to(&address("alice"), "hello?").await.unwrap();
    assert_eq!(bob.next_message().await.unwrap().condition(), "service-unavailable");
    let answer = bob.ask_at(&alice.jid, "get", "<ping xmlns='urn:xmpp:ping'/>").await.unwrap();
    assert_eq!(answer.condition(), "service-unavailable");
    bob.send("<presence><show>away</show></presence>").await.unwrap();
    bob.everything().await.unwrap();
    assert!(alice.everything().await.unwrap().is_empty());
    // Not even later.
    drop(alice);
    let mut alice = office.person("alice", "pc").await.unwrap();
    assert!(alice.all_messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn who_blocks_looks_absent_to_who_is_blocked() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    bob.everything().await.unwrap();
    set(&mut alice, "block", &[address("bob")]).await.unwrap();
    let gone = bob.next_presence().await.unwrap();
    assert_eq!(
        (gone.attribute("from"), gone.attribute("type")),
        (Some(alice.jid.as_str()), Some("unavailable"))
    );
    alice.send("<presence><show>away</show></presence>").await.unwrap();
    alice.everything().await.unwrap();
    assert!(bob.everything().await.unwrap().is_empty(), "nothing new is heard of her");
    bob.send(&format!("<presence type='probe' to='{}'/>", alice.bare())).await.unwrap();
    let shown = bob.everything().await.unwrap();
    assert!(shown.iter().all(|it| it.attribute("type") == Some("unavailable")), "{shown:?}");
    // A client of his that comes now does not see her either.
    let mut phone = office.bound("bob", "phone").await.unwrap();
    phone.come().await.unwrap();
    let shown = phone.everything().await.unwrap();
    let from_alice = shown.iter().filter(|it| it.attribute("from") == Some(alice.jid.as_str())).count();
    assert_eq!(from_alice, 0, "{shown:?}");
    // And when she comes anew.
    drop(alice);
    let mut alice = office.person("alice", "again").await.unwrap();
    alice.everything().await.unwrap();
    let shown = bob.everything().await.unwrap();
    assert!(shown.iter().all(|it| it.attribute("from") != Some(alice.jid.as_str())), "{shown:?}");
    set(&mut alice, "unblock", &[address("bob")]).await.unwrap();
    let jid = alice.jid.clone();
    let back = bob.next_where(|it| it.attribute("from") == Some(jid.as_str())).await.unwrap();
    assert_eq!(back.attribute("type"), None);
}

#[tokio::test]
async fn one_does_not_write_to_whom_one_has_blocked() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    set(&mut alice, "block", &[address("bob")]).await.unwrap();
    alice.everything().await.unwrap();
    alice.write_to(&address("bob"), "hello").await.unwrap();
    let answer = alice.next_message().await.unwrap();
    assert_eq!(answer.condition(), "not-acceptable");
    assert!(answer.find("blocked", "urn:xmpp:blocking:errors").is_some());
}

#[tokio::test]
async fn the_list_is_kept_and_told_to_the_other_clients() {
    let mut office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut phone = office.person("alice", "phone").await.unwrap();
    let empty = phone.ask("get", &format!("<blocklist xmlns='{BLOCKING}'/>")).await.unwrap();
    assert!(empty.child("blocklist", BLOCKING).unwrap().children.is_empty());
    set(&mut alice, "block", &[address("bob"), "spam.example".to_owned()]).await.unwrap();
    let push = phone.next_where(|it| it.attribute("type") == Some("set")).await.unwrap();
    assert_eq!(push.child("block", BLOCKING).unwrap().children.len(), 2);
    office.server.kill().await.unwrap();
    office.server.run().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let list = alice.ask("get", &format!("<blocklist xmlns='{BLOCKING}'/>")).await.unwrap();
    let mut jids: Vec<_> = list
        .child("blocklist", BLOCKING)
        .unwrap()
        .children
        .iter()
        .filter_map(|item| item.attribute("jid"))
        .collect();
    jids.sort_unstable();
    assert_eq!(jids, [address("bob").as_str(), "spam.example"]);
    set(&mut alice, "unblock", &[]).await.unwrap();
    alice.everything().await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    bob.write_to(&alice.jid, "hello").await.unwrap();
    assert_eq!(alice.next_message().await.unwrap().body(), "hello");
}

const WATCH: &str = "urn:posthouse:presence:1";

/// The availability of everybody in the next push about what is watched.
async fn pushed(person: &mut Person) -> anyhow::Result<Vec<(String, String)>> {
    let push = person.next_where(|it| it.has("state", WATCH)).await?;
    Ok(shown(&push))
}

fn shown(stanza: &Element) -> Vec<(String, String)> {
    let state = stanza.child("state", WATCH).unwrap_or_else(|| panic!("no state: {stanza:?}"));
    let people = state.children.iter().filter(|child| child.name == "person");
    let word = |person: &Element, name: &str| person.attribute(name).unwrap_or_default().to_owned();
    people.map(|person| (word(person, "jid"), word(person, "show"))).collect()
}

#[tokio::test]
async fn who_blocks_looks_absent_in_the_tree_as_well() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut carol = office.person("carol", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let (of_alice, of_carol) = (address("alice"), address("carol"));
    let people = format!("<person jid='{of_alice}'/><person jid='{of_carol}'/>");
    let watch = format!("<watch xmlns='{WATCH}'>{people}</watch>");
    let mut now = shown(&bob.ask_at(DOMAIN, "set", &watch).await.unwrap());
    now.sort_unstable();
    let entry = |jid: &str, show: &str| (jid.to_owned(), show.to_owned());
    assert_eq!(now, [entry(&of_alice, ""), entry(&of_carol, "")]);
    set(&mut alice, "block", &[address("bob")]).await.unwrap();
    assert_eq!(pushed(&mut bob).await.unwrap(), [entry(&of_alice, "offline")]);
    for person in [&mut alice, &mut carol] {
        person.send("<presence><show>away</show></presence>").await.unwrap();
        person.everything().await.unwrap();
    }
    assert_eq!(pushed(&mut bob).await.unwrap(), [entry(&of_carol, "away")], "nothing of who has blocked him");
    set(&mut alice, "unblock", &[address("bob")]).await.unwrap();
    assert_eq!(pushed(&mut bob).await.unwrap(), [entry(&of_alice, "away")]);
}
