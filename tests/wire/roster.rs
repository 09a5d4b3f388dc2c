//! The roster that standard clients see (RFC 6121 section 2).

use posthouse_tests::element::Element;
use posthouse_tests::raw_client::Person;

use crate::office::{Office, address};

const ROSTER: &str = "jabber:iq:roster";

async fn roster(person: &mut Person, attributes: &str) -> anyhow::Result<Element> {
    person.ask("get", &format!("<query xmlns='{ROSTER}'{attributes}/>")).await
}

fn items(answer: &Element) -> Vec<&Element> {
    answer.child("query", ROSTER).map(|query| query.children.iter().collect()).unwrap_or_default()
}

#[tokio::test]
async fn colleagues_are_in_it_with_their_departments() {
    let office = Office::open().await.unwrap();
    let mut alice = office.bound("alice", "pc").await.unwrap();
    let answer = roster(&mut alice, "").await.unwrap();
    let carol = items(&answer)
        .into_iter()
        .find(|item| item.attribute("jid") == Some(address("carol").as_str()))
        .expect("carol is there");
    assert_eq!((carol.attribute("name"), carol.attribute("subscription")), (Some("李娜"), Some("both")));
    assert_eq!(carol.child("group", ROSTER).unwrap().text, "总部::技术部");
    assert!(items(&answer).iter().all(|item| item.attribute("jid") != Some(alice.bare())));
    let delimiter = alice
        .ask("get", "<query xmlns='jabber:iq:private'><roster xmlns='roster:delimiter'/></query>")
        .await
        .unwrap();
    assert_eq!(delimiter.find("roster", "roster:delimiter").unwrap().text, "::");
}

#[tokio::test]
async fn who_knows_the_newest_version_gets_nothing_and_then_pushes() {
    let office = Office::open().await.unwrap();
    let mut alice = office.bound("alice", "pc").await.unwrap();
    let answer = roster(&mut alice, " ver=''").await.unwrap();
    let version = answer.child("query", ROSTER).unwrap().attribute("ver").unwrap().to_owned();
    let mut again = office.bound("alice", "phone").await.unwrap();
    let answer = roster(&mut again, &format!(" ver='{version}'")).await.unwrap();
    assert!(answer.children.is_empty(), "{answer:?}");
    let rename = format!("<query xmlns='{ROSTER}'><item jid='{}' name='阿娜'/></query>", address("carol"));
    alice.ask("set", &rename).await.unwrap();
    for client in [&mut alice, &mut again] {
        let push =
            client.next_where(|it| it.name == "iq" && it.attribute("type") == Some("set")).await.unwrap();
        assert_eq!(items(&push)[0].attribute("name"), Some("阿娜"));
    }
    let answer = roster(&mut again, &format!(" ver='{version}'")).await.unwrap();
    assert!(!items(&answer).is_empty(), "an old version gets the roster");
}

#[tokio::test]
async fn removing_a_colleague_is_refused_without_a_push_that_begs_for_more() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    roster(&mut alice, "").await.unwrap();
    let remove =
        format!("<query xmlns='{ROSTER}'><item jid='{}' subscription='remove'/></query>", address("carol"));
    for _ in 0..2 {
        assert_eq!(alice.ask("set", &remove).await.unwrap().condition(), "not-allowed");
        assert!(alice.everything().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn contacts_of_ones_own_come_and_go() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    roster(&mut alice, "").await.unwrap();
    let add = format!(
        "<query xmlns='{ROSTER}'><item jid='weather@bots.example' name='Weather'><group>Bots</group></item></query>"
    );
    assert_eq!(alice.ask("set", &add).await.unwrap().attribute("type"), Some("result"));
    let push = alice.next_where(|it| it.attribute("type") == Some("set")).await.unwrap();
    assert_eq!(items(&push)[0].attribute("subscription"), Some("none"));
    let remove =
        format!("<query xmlns='{ROSTER}'><item jid='weather@bots.example' subscription='remove'/></query>");
    assert_eq!(alice.ask("set", &remove).await.unwrap().attribute("type"), Some("result"));
    let push = alice.next_where(|it| it.attribute("type") == Some("set")).await.unwrap();
    assert_eq!(items(&push)[0].attribute("subscription"), Some("remove"));
    assert_eq!(alice.ask("set", &remove).await.unwrap().condition(), "item-not-found");
}

#[tokio::test]
async fn what_the_rules_forbid_is_refused() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    for (inside, condition) in [
        ("", "bad-request"),
        ("<item jid='a@b.example'/><item jid='c@b.example'/>", "bad-request"),
        ("<item jid='a@b.example'><group/></item>", "not-acceptable"),
        ("<item name='nobody'/>", "bad-request"),
    ] {
        let answer = alice.ask("set", &format!("<query xmlns='{ROSTER}'>{inside}</query>")).await.unwrap();
        assert_eq!(answer.condition(), condition, "{inside}");
    }
    let answer = alice.ask_at(&address("bob"), "get", &format!("<query xmlns='{ROSTER}'/>")).await.unwrap();
    assert_eq!(answer.condition(), "forbidden");
}

#[tokio::test]
async fn a_new_colleague_is_pushed_to_those_who_are_there() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    roster(&mut alice, "").await.unwrap();
    office.server.add_person("erin", "孙丽", "总部/财务部", crate::office::PASSWORD).await.unwrap();
    let push = alice.next_where(|it| it.attribute("type") == Some("set")).await.unwrap();
    assert_eq!(items(&push)[0].attribute("jid"), Some(address("erin").as_str()));
    office.server.administer(&["user", "remove", "erin"], None).await.unwrap();
    let push = alice.next_where(|it| it.attribute("type") == Some("set")).await.unwrap();
    assert_eq!(items(&push)[0].attribute("subscription"), Some("remove"));
}

#[tokio::test]
async fn a_request_whose_prefix_is_declared_on_the_stanza_is_understood() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.send(&format!("<iq xmlns:r='{ROSTER}' type='get' id='p1'><r:query/></iq>")).await.unwrap();
    let answer = alice.next_where(|it| it.attribute("id") == Some("p1")).await.unwrap();
    assert_eq!(answer.attribute("type"), Some("result"), "{answer:?}");
}
