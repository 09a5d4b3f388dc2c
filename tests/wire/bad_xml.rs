//! Bytes that are no stanzas end the stream of who sends them, with the right error, and nobody else's.

use posthouse_tests::raw_client::header;
use posthouse_tests::server_process::DOMAIN;

use crate::office::{Office, address};

/// Says this in a bound session; answers the stream error.
async fn error_after(office: &Office, bytes: &[u8]) -> anyhow::Result<String> {
    let mut alice = office.bound("alice", "pc").await?;
    alice.client.send_bytes(bytes).await?;
    alice.client.stream_error().await
}

#[tokio::test]
async fn each_mistake_has_its_own_error() {
    let office = Office::open().await.unwrap();
    for (bytes, condition) in [
        (&b"<message><body>x</message>"[..], "not-well-formed"),
        (b"hello", "not-well-formed"),
        (b"<message to=a/>", "not-well-formed"),
        (b"<message><body>a & b</body></message>", "not-well-formed"),
        (b"<message><body>\x08</body></message>", "not-well-formed"),
        (b"<message id='1' id='2'/>", "not-well-formed"),
        (b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>", "not-well-formed"),
        (b"<!-- hidden -->", "restricted-xml"),
        (b"<message><!-- hidden --></message>", "restricted-xml"),
        (b"<message><?php x?></message>", "restricted-xml"),
        (b"<?xml version='1.0'?>", "restricted-xml"),
        (b"<!DOCTYPE x [<!ENTITY lol 'lol'>]>", "restricted-xml"),
        (b"<message><body>&nbsp;</body></message>", "restricted-xml"),
        (b"<p:message/>", "bad-namespace-prefix"),
        (b"<message><p:x/></message>", "bad-namespace-prefix"),
        (b"<message p:x='1'/>", "bad-namespace-prefix"),
        (b"<message><body>\xff</body></message>", "unsupported-encoding"),
        (b"<message><body>\xc0\x80</body></message>", "unsupported-encoding"),
        (b"<letter/>", "unsupported-stanza-type"),
        (b"<message xmlns='jabber:server'/>", "unsupported-stanza-type"),
        (b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>", "unsupported-stanza-type"),
    ] {
        let found = error_after(&office, bytes).await.unwrap();
        assert_eq!(found, condition, "{}", String::from_utf8_lossy(bytes));
    }
}

#[tokio::test]
async fn too_big_too_deep_and_too_broad_is_against_the_policy() {
    let office = Office::open_with(&[("stanza_bytes", "20000")], "").await.unwrap();
    let big = format!("<message><body>{}</body></message>", "x".repeat(20_000));
    let deep = format!("<message>{}", "<x>".repeat(200));
    let attributes: String = (0..200).map(|number| format!(" a{number}='x'")).collect();
    let broad = format!("<message{attributes}/>");
    for stanza in [big, deep, broad] {
        assert_eq!(error_after(&office, stanza.as_bytes()).await.unwrap(), "policy-violation");
    }
}

#[tokio::test]
async fn a_stanza_just_within_the_limit_passes() {
    let office = Office::open_with(&[("stanza_bytes", "20000")], "").await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let open = format!("<message to='bob@{DOMAIN}' type='chat'><body>");
    let close = "</body></message>";
    let text = "x".repeat(20_000 - open.len() - close.len());
    alice.send(&format!("{open}{text}{close}")).await.unwrap();
    assert_eq!(bob.next_message().await.unwrap().body(), text);
}

#[tokio::test]
async fn the_limit_is_announced() {
    let office = Office::open_with(&[("stanza_bytes", "20000")], "").await.unwrap();
    let mut client = office.secured().await.unwrap();
    let login = posthouse_tests::raw_client::Login::new(
        "alice",
        crate::office::PASSWORD,
        posthouse_tests::raw_client::Mechanism::USUAL,
    );
    client.sign_in(&login).await.unwrap();
    let (_, features) = client.open_stream(DOMAIN).await.unwrap();
    let limits = features.child("limits", "urn:xmpp:stream-limits:0").unwrap();
    assert_eq!(limits.child("max-bytes", "urn:xmpp:stream-limits:0").unwrap().text, "20000");
}

#[tokio::test]
async fn headers_of_other_protocols_and_namespaces_are_refused_by_name() {
    let office = Office::open().await.unwrap();
    let good = header(&format!(" to='{DOMAIN}' version='1.0'"));
    for (text, condition) in [
        (good.replace("'jabber:client'", "'jabber:server'"), "invalid-namespace"),
        (good.replace("etherx.jabber.org", "example.org"), "invalid-namespace"),
        (good.replace(" version='1.0'>", ">"), "unsupported-version"),
        (good.replace("<?xml version='1.0'?>", "<?xml version='1.0' encoding='GBK'?>"), "not-well-formed"),
        ("GET / HTTP/1.1\r\nHost: posthouse.test\r\n\r\n".to_owned(), "not-well-formed"),
        (format!("<!-- hidden -->{good}"), "not-well-formed"),
        (good.replace('>', &format!(" x='{}'>", "x".repeat(5_000))), "policy-violation"),
    ] {
        let mut client = office.connect("any").await.unwrap();
        client.send(&text).await.unwrap();
        client.next_header().await.unwrap();
        assert_eq!(client.stream_error().await.unwrap(), condition, "{text}");
    }
}

#[tokio::test]
async fn nobody_receives_what_was_not_well_formed_and_the_others_go_on() {
    let office = Office::open().await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let bad = format!("<message to='bob@{DOMAIN}' type='chat'><body>bad</body><x></message>");
    assert_eq!(error_after(&office, bad.as_bytes()).await.unwrap(), "not-well-formed");
    let mut carol = office.person("carol", "pc").await.unwrap();
    carol.write_to(bob.bare(), "good").await.unwrap();
    assert_eq!(bob.next_message().await.unwrap().body(), "good");
}

#[tokio::test]
async fn a_closed_stream_is_closed_by_the_server_too() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.send("</stream:stream>").await.unwrap();
    alice.client.ends().await.unwrap();
    // Also in the middle of the login.
    let mut client = office.secured().await.unwrap();
    client.send("</stream:stream>").await.unwrap();
    client.ends().await.unwrap();
}

#[tokio::test]
async fn keep_alives_and_pieces_of_any_size_are_fine() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let text = format!(" \n<message to='bob@{DOMAIN}' type='chat'><body>驿站 &amp; 马</body></message>\n ");
    for byte in text.bytes() {
        alice.client.send_bytes(&[byte]).await.unwrap();
    }
    assert_eq!(bob.next_message().await.unwrap().body(), "驿站 & 马");
}

#[tokio::test]
async fn payloads_reach_the_receiver_as_they_were_written() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    alice
        .send(&format!(
            "<p:message xmlns:p='jabber:client' to='bob@{DOMAIN}' type='chat' custom='1'>\
             <p:body>a</p:body><q:x xmlns:q='urn:q' q:y='z'><![CDATA[<raw>]]></q:x></p:message>"
        ))
        .await
        .unwrap();
    let message = bob.next_message().await.unwrap();
    assert_eq!((message.body(), message.attribute("custom")), ("a", Some("1")));
    let custom = message.child("x", "urn:q").unwrap();
    assert_eq!(custom.text, "<raw>");
    assert_eq!(custom.attributes.values().next().map(String::as_str), Some("z"));
}

#[tokio::test]
async fn what_the_server_takes_out_leaves_nothing_that_breaks_the_receivers_stream() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let to = address("bob");
    // Without the forged id the brackets would stand before the `>`, which ends CDATA.
    let forged = format!("<stanza-id xmlns='urn:xmpp:sid:0' by='{to}' id='forged'/>");
    alice.send(&format!("<message type='chat' to='{to}'><body>1</body>]]{forged}></message>")).await.unwrap();
    alice.write_to(&to, "2").await.unwrap();
    for expected in ["1", "2"] {
        assert_eq!(bob.next_message().await.unwrap().body(), expected);
    }
}
