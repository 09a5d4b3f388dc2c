//! Personal eventing (XEP-0163): bookmarks, avatars, read markers of real clients.

use aws_lc_rs::digest;
use base64::Engine;
use posthouse_tests::element::Element;
use posthouse_tests::raw_client::Person;

use crate::office::{Office, address};

const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
const EVENT: &str = "http://jabber.org/protocol/pubsub#event";
const ERRORS: &str = "http://jabber.org/protocol/pubsub#errors";
const INFO: &str = "http://jabber.org/protocol/disco#info";

fn options(fields: &[(&str, &str)]) -> String {
    let fields: String = fields
        .iter()
        .map(|(name, value)| format!("<field var='pubsub#{name}'><value>{value}</value></field>"))
        .collect();
    format!(
        "<publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>\
         <value>{PUBSUB}#publish-options</value></field>{fields}</x></publish-options>"
    )
}

async fn publish(person: &mut Person, node: &str, item: &str, options: &str) -> anyhow::Result<Element> {
    let publish = format!("<publish node='{node}'>{item}</publish>{options}");
    person.ask("set", &format!("<pubsub xmlns='{PUBSUB}'>{publish}</pubsub>")).await
}

async fn items(person: &mut Person, of: &str, node: &str) -> anyhow::Result<Element> {
    let payload = format!("<pubsub xmlns='{PUBSUB}'><items node='{node}'/></pubsub>");
    person.ask_at(of, "get", &payload).await
}

fn ids(answer: &Element) -> Vec<&str> {
    let items = answer.find("items", PUBSUB);
    let items = items.map(|items| items.children.as_slice()).unwrap_or_default();
    items.iter().filter_map(|item| item.attribute("id")).collect()
}

fn entry(id: &str) -> String {
    format!("<item id='{id}'><entry xmlns='urn:example:entry'>{id}</entry></item>")
}

/// Comes with these wishes (`node+notify`), as XEP-0115 has it, and answers the question about them.
async fn comes_wanting(person: &mut Person, node: &str) -> anyhow::Result<()> {
    let feature = format!("{node}+notify");
    let hash =
        digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, format!("client/pc//Test<{feature}<").as_bytes());
    let hash = base64::engine::general_purpose::STANDARD.encode(hash);
    person
        .send(&format!(
            "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:test' ver='{hash}'/>\
             </presence>"
        ))
        .await?;
    let question = person.next_where(|it| it.name == "iq" && it.attribute("type") == Some("get")).await?;
    let (id, from) =
        (question.attribute("id").unwrap_or_default(), question.attribute("from").unwrap_or_default());
    person
        .send(&format!(
            "<iq type='result' id='{id}' to='{from}'><query xmlns='{INFO}' node='urn:test#{hash}'>\
             <identity category='client' type='pc' name='Test'/><feature var='{feature}'/></query></iq>"
        ))
        .await?;
    Ok(())
}

async fn next_event(person: &mut Person) -> anyhow::Result<Element> {
    person.next_where(|it| it.name == "message" && it.has("event", EVENT)).await
}

#[tokio::test]
async fn bookmarks_are_private_and_many() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let private = options(&[
        ("persist_items", "true"),
        ("max_items", "max"),
        ("send_last_published_item", "never"),
        ("access_model", "whitelist"),
    ]);
    for id in ["one@rooms.example", "two@rooms.example"] {
        let answer = publish(&mut alice, "urn:xmpp:bookmarks:1", &entry(id), &private).await.unwrap();
        assert_eq!(answer.attribute("type"), Some("result"), "{answer:?}");
    }
    let own = alice.bare().to_owned();
    let answer = items(&mut alice, &own, "urn:xmpp:bookmarks:1").await.unwrap();
    let mut found = ids(&answer);
    found.sort_unstable();
    assert_eq!(found, ["one@rooms.example", "two@rooms.example"]);
    let mut bob = office.person("bob", "pc").await.unwrap();
    let refused = items(&mut bob, &own, "urn:xmpp:bookmarks:1").await.unwrap();
    assert_eq!(refused.condition(), "not-allowed");
    assert!(refused.find("closed-node", ERRORS).is_some());
}

#[tokio::test]
async fn publish_options_are_preconditions_for_a_node_that_exists() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    publish(&mut alice, "urn:example:n", &entry("1"), "").await.unwrap();
    let other = options(&[("access_model", "whitelist")]);
    let refused = publish(&mut alice, "urn:example:n", &entry("2"), &other).await.unwrap();
    assert_eq!(refused.condition(), "conflict");
    assert!(refused.find("precondition-not-met", ERRORS).is_some());
    let same = options(&[("access_model", "presence")]);
    let answer = publish(&mut alice, "urn:example:n", &entry("3"), &same).await.unwrap();
    assert_eq!(answer.attribute("type"), Some("result"));
    let own = alice.bare().to_owned();
    assert_eq!(ids(&items(&mut alice, &own, "urn:example:n").await.unwrap()), ["3"], "one item by default");
}

#[tokio::test]
async fn who_wants_news_of_a_node_gets_them_and_the_last_one_first() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    publish(&mut alice, "urn:xmpp:avatar:metadata", &entry("old"), "").await.unwrap();
    let mut bob = office.bound("bob", "pc").await.unwrap();
    comes_wanting(&mut bob, "urn:xmpp:avatar:metadata").await.unwrap();
    let mut carol = office.person("carol", "pc").await.unwrap();
    let last = next_event(&mut bob).await.unwrap();
    assert_eq!(last.attribute("from"), Some(alice.bare()));
    assert_eq!(last.find("item", EVENT).unwrap().attribute("id"), Some("old"));
    assert!(last.has("delay", "urn:xmpp:delay"), "it is not news");
    publish(&mut alice, "urn:xmpp:avatar:metadata", &entry("new"), "").await.unwrap();
    publish(&mut alice, "urn:example:other", &entry("x"), "").await.unwrap();
    let news = next_event(&mut bob).await.unwrap();
    assert_eq!(news.find("item", EVENT).unwrap().attribute("id"), Some("new"));
    assert_eq!(news.find("entry", "urn:example:entry").unwrap().text, "new");
    assert!(bob.all_messages().await.unwrap().is_empty(), "nothing of other nodes");
    assert!(carol.all_messages().await.unwrap().is_empty(), "nothing to who did not ask");
}

#[tokio::test]
async fn nodes_are_configured_emptied_and_deleted_by_their_owner_only() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let own = alice.bare().to_owned();
    let node = "urn:example:n";
    publish(&mut alice, node, &entry("1"), &options(&[("access_model", "open")])).await.unwrap();
    assert_eq!(ids(&items(&mut bob, &own, node).await.unwrap()), ["1"]);
    let owner = |action: &str| format!("<pubsub xmlns='{OWNER}'><{action} node='{node}'/></pubsub>");
    for action in ["purge", "delete"] {
        let refused = bob.ask_at(&own, "set", &owner(action)).await.unwrap();
        assert_eq!(refused.condition(), "forbidden", "{action}");
    }
    let refused = bob
        .ask_at(
            &own,
            "set",
            &format!("<pubsub xmlns='{PUBSUB}'><publish node='{node}'>{}</publish></pubsub>", entry("2")),
        )
        .await
        .unwrap();
    assert_eq!(refused.condition(), "forbidden");
    let form = alice.ask("get", &owner("configure")).await.unwrap();
    assert!(form.find("field", "jabber:x:data").is_some(), "{form:?}");
    let retract =
        format!("<pubsub xmlns='{PUBSUB}'><retract node='{node}'><item id='1'/></retract></pubsub>");
    assert_eq!(alice.ask("set", &retract).await.unwrap().attribute("type"), Some("result"));
    assert_eq!(alice.ask("set", &retract).await.unwrap().condition(), "item-not-found");
    assert_eq!(alice.ask("set", &owner("delete")).await.unwrap().attribute("type"), Some("result"));
    assert_eq!(items(&mut alice, &own, node).await.unwrap().condition(), "item-not-found");
}

#[tokio::test]
async fn a_whitelist_names_who_may_read() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let own = alice.bare().to_owned();
    let node = "urn:example:n";
    publish(&mut alice, node, &entry("1"), &options(&[("access_model", "whitelist")])).await.unwrap();
    let member = format!(
        "<pubsub xmlns='{OWNER}'><affiliations node='{node}'><affiliation jid='{}' affiliation='member'/>\
         </affiliations></pubsub>",
        address("bob")
    );
    let answer = alice.ask("set", &member).await.unwrap();
    assert_eq!(answer.attribute("type"), Some("result"), "{answer:?}");
    let mut bob = office.person("bob", "pc").await.unwrap();
    let mut carol = office.person("carol", "pc").await.unwrap();
    assert_eq!(ids(&items(&mut bob, &own, node).await.unwrap()), ["1"]);
    assert_eq!(items(&mut carol, &own, node).await.unwrap().condition(), "not-allowed");
}

#[tokio::test]
async fn items_outlive_the_server() {
    let mut office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    publish(&mut alice, "urn:xmpp:mds:displayed:0", &entry("bob@example.org"), "").await.unwrap();
    office.server.kill().await.unwrap();
    office.server.run().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let own = alice.bare().to_owned();
    assert_eq!(ids(&items(&mut alice, &own, "urn:xmpp:mds:displayed:0").await.unwrap()), ["bob@example.org"]);
}

#[tokio::test]
async fn an_item_that_leans_on_its_surroundings_harms_nobody() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let own = alice.bare().to_owned();
    alice
        .send(&format!(
            "<iq xmlns:e='urn:example:entry' type='set' id='lean'><pubsub xmlns='{PUBSUB}'><publish node='n'>\
             <item id='1'><e:entry/></item></publish></pubsub></iq>"
        ))
        .await
        .unwrap();
    let answer = alice.next_where(|it| it.attribute("id") == Some("lean")).await.unwrap();
    let found = items(&mut alice, &own, "n").await.unwrap();
    // Either it is refused, or it means the same as it did.
    let is_kept = found.find("entry", "urn:example:entry").is_some();
    assert!(is_kept || answer.condition() == "bad-request", "{answer:?}, {found:?}");
}
