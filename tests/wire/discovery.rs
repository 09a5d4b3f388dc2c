//! What the server says it can do (XEP-0030, XEP-0115).

use aws_lc_rs::digest;
use base64::Engine;
use posthouse_tests::element::Element;
use posthouse_tests::raw_client::{Login, Mechanism};
use posthouse_tests::server_process::DOMAIN;

use crate::office::{Office, PASSWORD, address};

const INFO: &str = "http://jabber.org/protocol/disco#info";
const ITEMS: &str = "http://jabber.org/protocol/disco#items";
const FORMS: &str = "jabber:x:data";

fn features(answer: &Element) -> Vec<&str> {
    let query = answer.child("query", INFO).unwrap_or_else(|| panic!("no answer: {answer:?}"));
    query
        .children
        .iter()
        .filter(|child| child.name == "feature")
        .filter_map(|child| child.attribute("var"))
        .collect()
}

#[tokio::test]
async fn the_server_names_its_features() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let answer = alice.ask_at(DOMAIN, "get", &format!("<query xmlns='{INFO}'/>")).await.unwrap();
    let identity = answer.find("identity", INFO).unwrap();
    assert_eq!((identity.attribute("category"), identity.attribute("type")), (Some("server"), Some("im")));
    for feature in [
        INFO,
        ITEMS,
        "urn:xmpp:carbons:2",
        "urn:xmpp:mam:2",
        "urn:xmpp:mam:2#extended",
        "urn:xmpp:sid:0",
        "urn:xmpp:blocking",
        "urn:xmpp:ping",
        "urn:xmpp:time",
        "vcard-temp",
        "msgoffline",
    ] {
        assert!(features(&answer).contains(&feature), "{feature}");
    }
    let items = alice.ask_at(DOMAIN, "get", &format!("<query xmlns='{ITEMS}'/>")).await.unwrap();
    assert!(items.has("query", ITEMS));
}

#[tokio::test]
async fn accounts_name_theirs() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let query = format!("<query xmlns='{INFO}'/>");
    let own = alice.bare().to_owned();
    for answer in [
        alice.ask("get", &query).await.unwrap(),
        alice.ask_at(&own, "get", &query).await.unwrap(),
        alice.ask_at(&address("bob"), "get", &query).await.unwrap(),
    ] {
        let pep = answer.child("query", INFO).unwrap().children.iter().any(|child| {
            child.attribute("category") == Some("pubsub") && child.attribute("type") == Some("pep")
        });
        assert!(pep, "{answer:?}");
        for feature in ["urn:xmpp:mam:2", "http://jabber.org/protocol/pubsub#publish-options"] {
            assert!(features(&answer).contains(&feature), "{feature}");
        }
    }
    let unknown = alice.ask_at(&address("nobody"), "get", &query).await.unwrap();
    assert_eq!(unknown.condition(), "service-unavailable");
}

/// XEP-0115 section 5.1.
fn hash(query: &Element) -> String {
    let mut text = String::new();
    let mut identities: Vec<String> = query
        .children
        .iter()
        .filter(|child| child.name == "identity")
        .map(|it| {
            let lang =
                it.attributes.iter().find(|((_, name), _)| name == "lang").map(|(_, value)| value.as_str());
            let of = |name: &str| it.attribute(name).unwrap_or_default();
            format!("{}/{}/{}/{}<", of("category"), of("type"), lang.unwrap_or_default(), of("name"))
        })
        .collect();
    identities.sort();
    text.extend(identities);
    let mut features: Vec<String> = query
        .children
        .iter()
        .filter(|child| child.name == "feature")
        .filter_map(|child| child.attribute("var").map(str::to_owned))
        .collect();
    features.sort();
    text.extend(features.iter().map(|feature| format!("{feature}<")));
    let values = |field: &Element| {
        let mut values: Vec<String> = field.children.iter().map(|value| format!("{}<", value.text)).collect();
        values.sort();
        values.concat()
    };
    let mut forms: Vec<String> = Vec::new();
    for form in query.children.iter().filter(|child| child.name == "x" && child.namespace == FORMS) {
        let (mut kind, mut fields) = (String::new(), Vec::new());
        for field in &form.children {
            match field.attribute("var") {
                Some("FORM_TYPE") => kind = values(field),
                Some(name) => fields.push(format!("{name}<{}", values(field))),
                None => {}
            }
        }
        fields.sort();
        forms.push(format!("{kind}{}", fields.concat()));
    }
    forms.sort();
    text.extend(forms);
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(digest)
}

#[tokio::test]
async fn the_hash_in_the_stream_features_is_the_one_of_the_answer() {
    let office = Office::open().await.unwrap();
    let mut client = office.secured().await.unwrap();
    client.sign_in(&Login::new("alice", PASSWORD, Mechanism::USUAL)).await.unwrap();
    let (_, offered) = client.open_stream(DOMAIN).await.unwrap();
    let caps = offered.child("c", "http://jabber.org/protocol/caps").unwrap();
    let (node, ver) = (caps.attribute("node").unwrap().to_owned(), caps.attribute("ver").unwrap().to_owned());
    let mut alice = office.person("alice", "pc").await.unwrap();
    let query = format!("<query xmlns='{INFO}' node='{node}#{ver}'/>");
    let answer = alice.ask_at(DOMAIN, "get", &query).await.unwrap();
    assert_eq!(hash(answer.child("query", INFO).unwrap()), ver);
    let other = format!("<query xmlns='{INFO}' node='{node}#other'/>");
    assert_eq!(alice.ask_at(DOMAIN, "get", &other).await.unwrap().condition(), "item-not-found");
}

#[tokio::test]
async fn the_stream_features_say_what_comes_after_binding() {
    let office = Office::open().await.unwrap();
    let mut client = office.secured().await.unwrap();
    client.sign_in(&Login::new("alice", PASSWORD, Mechanism::USUAL)).await.unwrap();
    let (_, offered) = client.open_stream(DOMAIN).await.unwrap();
    for (name, namespace) in [
        ("bind", "urn:ietf:params:xml:ns:xmpp-bind"),
        ("session", "urn:ietf:params:xml:ns:xmpp-session"),
        ("sm", "urn:xmpp:sm:3"),
        ("csi", "urn:xmpp:csi:0"),
        ("ver", "urn:xmpp:features:rosterver"),
    ] {
        assert!(offered.has(name, namespace), "{name}");
    }
    let session = offered.child("session", "urn:ietf:params:xml:ns:xmpp-session").unwrap();
    assert!(session.has("optional", "urn:ietf:params:xml:ns:xmpp-session"));
}
