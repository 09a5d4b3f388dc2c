//! The message archive (XEP-0313) as clients page through it.

use posthouse_tests::element::Element;
use posthouse_tests::raw_client::Person;
use posthouse_tests::server_process::DOMAIN;

use crate::office::{Office, address};

const ARCHIVE: &str = "urn:xmpp:mam:2";
const PAGES: &str = "http://jabber.org/protocol/rsm";

/// A page: what came, and the end.
struct Page {
    /// Archive id and text.
    results: Vec<(String, String)>,
    answer: Element,
}

impl Page {
    fn texts(&self) -> Vec<&str> {
        self.results.iter().map(|(_, text)| text.as_str()).collect()
    }

    fn end(&self) -> &Element {
        self.answer.child("fin", ARCHIVE).unwrap_or_else(|| panic!("no end: {:?}", self.answer))
    }

    fn mark(&self, name: &str) -> Option<&str> {
        self.end().child("set", PAGES)?.child(name, PAGES).map(|mark| mark.text.as_str())
    }

    fn is_complete(&self) -> bool {
        self.end().attribute("complete") == Some("true")
    }
}

fn form(fields: &[(&str, &[&str])]) -> String {
    let fields: String = fields
        .iter()
        .map(|(name, values)| {
            let values: String = values.iter().map(|value| format!("<value>{value}</value>")).collect();
            format!("<field var='{name}'>{values}</field>")
        })
        .collect();
    format!(
        "<x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE' type='hidden'><value>{ARCHIVE}</value></field>{fields}</x>"
    )
}

fn page(most: u32, place: &str) -> String {
    format!("<set xmlns='{PAGES}'><max>{most}</max>{place}</set>")
}

async fn query(person: &mut Person, inside: &str) -> anyhow::Result<Page> {
    person.everything().await?;
    let answer = person.ask("set", &format!("<query xmlns='{ARCHIVE}' queryid='q'>{inside}</query>")).await?;
    let mut results = Vec::new();
    for message in person.all_messages().await? {
        let Some(result) = message.child("result", ARCHIVE) else { continue };
        anyhow::ensure!(result.attribute("queryid") == Some("q"), "{result:?}");
        anyhow::ensure!(message.attribute("from") == Some(person.bare()), "{message:?}");
        let forwarded = result.child("forwarded", "urn:xmpp:forward:0");
        let forwarded = forwarded.ok_or_else(|| anyhow::anyhow!("nothing forwarded: {result:?}"))?;
        anyhow::ensure!(forwarded.has("delay", "urn:xmpp:delay"), "{forwarded:?}");
        let inner = forwarded.child("message", "jabber:client");
        let text = inner.map(|inner| inner.body().to_owned()).unwrap_or_default();
        results.push((result.attribute("id").unwrap_or_default().to_owned(), text));
    }
    Ok(Page { results, answer })
}

/// Alice has written to Bob and Carol by turns: 0 to Bob, 1 to Carol, …
async fn conversation(office: &Office, messages: u32) -> anyhow::Result<Person> {
    let mut alice = office.person("alice", "pc").await?;
    for number in 0..messages {
        let to = address(if number % 2 == 0 { "bob" } else { "carol" });
        alice.write_to(&to, &number.to_string()).await?;
    }
    alice.everything().await?;
    Ok(alice)
}

#[tokio::test]
async fn pages_forward_and_backward_join_without_gap() {
    let office = Office::open().await.unwrap();
    let mut alice = conversation(&office, 25).await.unwrap();
    let all: Vec<String> = (0..25).map(|number| number.to_string()).collect();
    let mut forward = Vec::new();
    let mut place = String::new();
    loop {
        let found = query(&mut alice, &page(7, &place)).await.unwrap();
        forward.extend(found.texts().iter().map(|text| (*text).to_owned()));
        assert_eq!(found.mark("last"), found.results.last().map(|(id, _)| id.as_str()));
        if found.is_complete() {
            break;
        }
        place = format!("<after>{}</after>", found.mark("last").unwrap());
    }
    assert_eq!(forward, all);
    let mut backward = Vec::new();
    let mut place = "<before/>".to_owned();
    loop {
        let found = query(&mut alice, &page(7, &place)).await.unwrap();
        backward.splice(0..0, found.texts().iter().map(|text| (*text).to_owned()));
        if found.is_complete() {
            break;
        }
        place = format!("<before>{}</before>", found.mark("first").unwrap());
    }
    assert_eq!(backward, all);
}

#[tokio::test]
async fn a_count_is_given_without_any_message() {
    let office = Office::open().await.unwrap();
    let mut alice = conversation(&office, 5).await.unwrap();
    let found = query(&mut alice, &page(0, "")).await.unwrap();
    assert!(found.results.is_empty());
    assert_eq!(found.mark("count"), Some("5"));
}

#[tokio::test]
async fn a_search_is_narrowed_by_person_time_and_id() {
    let office = Office::open().await.unwrap();
    let mut alice = conversation(&office, 10).await.unwrap();
    let bob = address("bob");
    let with_bob = query(&mut alice, &form(&[("with", &[&bob])])).await.unwrap();
    assert_eq!(with_bob.texts(), ["0", "2", "4", "6", "8"]);
    let all = query(&mut alice, "").await.unwrap();
    let id = |number: usize| all.results[number].0.as_str();
    let between = form(&[("after-id", &[id(2)]), ("before-id", &[id(5)])]);
    assert_eq!(query(&mut alice, &between).await.unwrap().texts(), ["3", "4"]);
    let some = form(&[("ids", &[id(7), id(1)])]);
    assert_eq!(query(&mut alice, &some).await.unwrap().texts(), ["1", "7"]);
    let past = form(&[("end", &["2020-01-01T00:00:00Z"])]);
    assert!(query(&mut alice, &past).await.unwrap().texts().is_empty());
    let since = form(&[("start", &["2020-01-01T00:00:00Z"]), ("with", &[&bob])]);
    assert_eq!(query(&mut alice, &since).await.unwrap().texts().len(), 5);
}

#[tokio::test]
async fn a_page_may_be_turned_round() {
    let office = Office::open().await.unwrap();
    let mut alice = conversation(&office, 5).await.unwrap();
    let turned = format!("{}<flip-page/>", page(3, "<before/>"));
    assert_eq!(query(&mut alice, &turned).await.unwrap().texts(), ["4", "3", "2"]);
}

#[tokio::test]
async fn both_sides_have_the_message_under_the_id_it_was_delivered_with() {
    let office = Office::open().await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let mut alice = conversation(&office, 1).await.unwrap();
    let message = bob.next_message().await.unwrap();
    let id = message.child("stanza-id", "urn:xmpp:sid:0").unwrap();
    assert_eq!(id.attribute("by"), Some(bob.bare()));
    let of_bob = query(&mut bob, "").await.unwrap();
    assert_eq!(of_bob.results, [(id.attribute("id").unwrap().to_owned(), "0".to_owned())]);
    assert_eq!(query(&mut alice, "").await.unwrap().texts(), ["0"]);
}

#[tokio::test]
async fn the_ends_of_an_archive_are_told() {
    let office = Office::open().await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let empty = bob.ask("get", &format!("<metadata xmlns='{ARCHIVE}'/>")).await.unwrap();
    assert!(empty.child("metadata", ARCHIVE).is_some_and(|it| it.children.is_empty()), "{empty:?}");
    let mut alice = conversation(&office, 3).await.unwrap();
    let all = query(&mut alice, "").await.unwrap();
    let answer = alice.ask("get", &format!("<metadata xmlns='{ARCHIVE}'/>")).await.unwrap();
    let metadata = answer.child("metadata", ARCHIVE).unwrap();
    let end = |name: &str| metadata.child(name, ARCHIVE).unwrap();
    assert_eq!(end("start").attribute("id"), Some(all.results[0].0.as_str()));
    assert_eq!(end("end").attribute("id"), Some(all.results[2].0.as_str()));
    assert!(end("end").attribute("timestamp").is_some());
}

#[tokio::test]
async fn the_form_says_by_what_can_be_searched() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let answer = alice.ask("get", &format!("<query xmlns='{ARCHIVE}'/>")).await.unwrap();
    let form = answer.find("x", "jabber:x:data").unwrap();
    let fields: Vec<_> = form.children.iter().filter_map(|field| field.attribute("var")).collect();
    assert_eq!(fields, ["FORM_TYPE", "with", "start", "end", "before-id", "after-id", "ids"]);
}

#[tokio::test]
async fn people_choose_what_is_kept_of_them() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let usual = alice.ask("get", &format!("<prefs xmlns='{ARCHIVE}'/>")).await.unwrap();
    assert_eq!(usual.child("prefs", ARCHIVE).unwrap().attribute("default"), Some("always"));
    let wish = format!(
        "<prefs xmlns='{ARCHIVE}' default='always'><always/><never><jid>{}</jid></never></prefs>",
        address("bob")
    );
    let answer = alice.ask("set", &wish).await.unwrap();
    let in_force = answer.child("prefs", ARCHIVE).unwrap();
    assert_eq!(in_force.find("jid", ARCHIVE).unwrap().text, address("bob"));
    alice.write_to(&address("bob"), "not kept").await.unwrap();
    alice.write_to(&address("carol"), "kept").await.unwrap();
    assert_eq!(query(&mut alice, "").await.unwrap().texts(), ["kept"]);
    let mut bob = office.person("bob", "pc").await.unwrap();
    assert_eq!(query(&mut bob, "").await.unwrap().texts(), ["not kept"], "his archive is his own");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let office = Office::open().await.unwrap();
    let mut alice = conversation(&office, 1).await.unwrap();
    for (inside, condition) in [
        (page(5, "<after>nonsense</after>"), "item-not-found"),
        (form(&[("start", &["yesterday"])]), "bad-request"),
        (form(&[("with", &["a@b@c"])]), "jid-malformed"),
        (form(&[("colour", &["red"])]), "feature-not-implemented"),
        (form(&[("ids", &["123"])]), "item-not-found"),
    ] {
        let found = query(&mut alice, &inside).await.unwrap();
        assert_eq!(found.answer.condition(), condition, "{inside}");
    }
}

#[tokio::test]
async fn nobody_reads_somebody_elses_archive() {
    let office = Office::open().await.unwrap();
    let _alice = conversation(&office, 3).await.unwrap();
    let mut dave = office.person("dave", "pc").await.unwrap();
    for payload in
        [format!("<query xmlns='{ARCHIVE}'/>"), format!("<prefs xmlns='{ARCHIVE}' default='never'/>")]
    {
        let answer = dave.ask_at(&address("alice"), "set", &payload).await.unwrap();
        assert_eq!(answer.condition(), "forbidden", "{answer:?}");
    }
    let answer =
        dave.ask_at(&address("alice"), "get", &format!("<metadata xmlns='{ARCHIVE}'/>")).await.unwrap();
    assert_eq!(answer.condition(), "forbidden");
    assert!(dave.all_messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn typing_and_what_must_not_be_stored_is_not_in_it() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let _bob = office.person("bob", "pc").await.unwrap();
    let to = address("bob");
    for content in [
        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
        "<body>a</body><no-store xmlns='urn:xmpp:hints'/>",
        "<body>b</body><no-permanent-store xmlns='urn:xmpp:hints'/>",
        "<body>kept</body>",
    ] {
        alice.send(&format!("<message type='chat' to='{to}'>{content}</message>")).await.unwrap();
    }
    for kind in ["groupchat", "headline", "error"] {
        alice.send(&format!("<message type='{kind}' to='{to}'><body>c</body></message>")).await.unwrap();
    }
    assert_eq!(query(&mut alice, "").await.unwrap().texts(), ["kept"]);
}

#[tokio::test]
async fn an_archived_message_is_what_was_sent_to_the_last_detail() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let custom = "<x xmlns='urn:example:x' a='1'><y xmlns='urn:example:y'>驿站 &lt;&amp;</y></x>";
    let message = format!(
        "<message id='m1' type='chat' to='bob@{DOMAIN}' xml:lang='zh'><body>x</body><thread>t</thread>{custom}\
         </message>"
    );
    alice.send(&message).await.unwrap();
    alice.everything().await.unwrap();
    alice.ask("set", &format!("<query xmlns='{ARCHIVE}'/>")).await.unwrap();
    let result = alice.next_message().await.unwrap();
    let inner = result.find("message", "jabber:client").unwrap();
    assert_eq!((inner.attribute("id"), inner.attribute("from")), (Some("m1"), Some(alice.jid.as_str())));
    let x = inner.child("x", "urn:example:x").unwrap();
    assert_eq!(x.attribute("a"), Some("1"));
    assert_eq!(x.child("y", "urn:example:y").unwrap().text, "驿站 <&");
    assert!(inner.has("thread", "jabber:client"));
}
