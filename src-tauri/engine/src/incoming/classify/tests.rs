use jid::BareJid;
use xmpp_parsers::message::Message;
use xmpp_parsers::minidom::Element;

use super::{Arrival, Incoming, Way, archived, classify};
use crate::error::EngineErrorCode;
use crate::model::SmsState;

fn me() -> BareJid {
    BareJid::new("li@house.test").unwrap()
}

fn message(xml: &str) -> Message {
    Message::try_from(xml.parse::<Element>().unwrap()).unwrap()
}

fn read(xml: &str) -> Incoming {
    classify(message(xml), &me())
}

fn arrival(xml: &str) -> Arrival {
    match read(xml) {
        Incoming::Arrival(arrival) => *arrival,
        other => panic!("not a message of a conversation: {other:?}"),
    }
}

fn copy(outer: &str, kind: &str, inner: &str) -> String {
    format!(
        "<message xmlns='jabber:client' from='{outer}' to='li@house.test/a'><{kind} xmlns='urn:xmpp:carbons:2'>\
         <forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></{kind}></message>"
    )
}

const HELLO: &str = "<message xmlns='jabber:client' from='zhang@house.test/x' to='li@house.test' type='chat' id='m1'>\
    <body>你好</body><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>\
    <origin-id xmlns='urn:xmpp:sid:0' id='o1'/>\
    <stanza-id xmlns='urn:xmpp:sid:0' by='zhang@house.test' id='77'/>\
    <stanza-id xmlns='urn:xmpp:sid:0' by='li@house.test' id='1764000000000000'/></message>";

#[test]
fn a_message_brings_its_text_and_what_its_author_wants_to_hear() {
    let it = arrival(HELLO);
    assert_eq!((it.way, it.peer.as_str(), it.own), (Way::Direct, "zhang@house.test", false));
    // Only the own account's id says where it lies in the own archive.
    assert_eq!((it.archive_id.as_str(), it.stamp), ("1764000000000000", None));
    let text = it.text.unwrap();
    assert_eq!((text.body.as_str(), text.origin_id.as_str(), text.message_id.as_str()), ("你好", "o1", "m1"));
    assert!(text.wants_receipt && text.markable);
}

#[test]
fn only_the_own_account_is_believed_about_copies() {
    let inner = "<message xmlns='jabber:client' from='li@house.test/phone' to='zhang@house.test' type='chat'>\
                 <body>pay him</body></message>";
    let true_copy = arrival(&copy("li@house.test", "sent", inner));
    assert_eq!((true_copy.way, true_copy.own), (Way::Copied, true));
    assert_eq!(true_copy.peer.as_str(), "zhang@house.test");
    for liar in ["eve@house.test", "eve@house.test/x", "house.test", "li@house.test/other"] {
        assert!(matches!(read(&copy(liar, "sent", inner)), Incoming::Nothing), "{liar} is believed");
    }
}

#[test]
fn a_copy_of_somebody_elses_messages_is_not_believed() {
    let between_others = "<message xmlns='jabber:client' from='eve@house.test/x' to='zhang@house.test' type='chat'>\
                          <body>hm</body></message>";
    assert!(matches!(read(&copy("li@house.test", "sent", between_others)), Incoming::Nothing));
    assert!(matches!(read(&copy("li@house.test", "received", between_others)), Incoming::Nothing));
}

#[test]
fn only_the_server_or_the_own_account_may_push() {
    let push = |from: &str| {
        read(&format!(
            "<message xmlns='jabber:client' type='headline' from='{from}'>\
             <entries xmlns='urn:posthouse:org:1' ver='8' since='7'/></message>"
        ))
    };
    assert!(matches!(push("house.test"), Incoming::Directory(_)));
    for liar in ["eve@house.test", "other.test", "zhang@house.test/x"] {
        assert!(matches!(push(liar), Incoming::Nothing), "{liar} is believed");
    }
}

#[test]
fn only_the_own_account_says_what_was_read_elsewhere() {
    let event = |from: &str, by: &str| {
        read(&format!(
            "<message xmlns='jabber:client' type='headline' from='{from}'>\
             <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:mds:displayed:0'>\
             <item id='zhang@house.test'><displayed xmlns='urn:xmpp:mds:displayed:0'>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='9'/></displayed></item></items></event></message>"
        ))
    };
    match event("li@house.test", "li@house.test") {
        Incoming::ReadElsewhere(positions) => {
            assert_eq!(positions, vec![(BareJid::new("zhang@house.test").unwrap(), "9".to_owned())]);
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(event("zhang@house.test", "li@house.test"), Incoming::Nothing));
    match event("li@house.test", "zhang@house.test") {
        Incoming::ReadElsewhere(positions) => assert!(positions.is_empty()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_the_own_archive_is_heard() {
    let result = |from: &str| {
        read(&format!(
            "<message xmlns='jabber:client' from='{from}' to='li@house.test/a'>\
             <result xmlns='urn:xmpp:mam:2' id='5' queryid='q'><forwarded xmlns='urn:xmpp:forward:0'>\
             <delay xmlns='urn:xmpp:delay' stamp='2026-11-24T08:30:00.123456Z'/>{HELLO}</forwarded></result></message>"
        ))
    };
    assert!(matches!(result("eve@house.test"), Incoming::Nothing));
    let Incoming::ArchiveResult(found) = result("li@house.test") else { panic!("no result") };
    let Incoming::Arrival(it) = archived(*found, &me()) else { panic!("no message") };
    assert_eq!((it.way, it.archive_id.as_str()), (Way::Archived, "5"));
    assert_eq!(it.stamp.map(|stamp| stamp.rem_euclid(1_000_000)), Some(123_456));
}

#[test]
fn the_time_of_a_stored_message_is_the_servers_word() {
    let stamped = |by: &str| {
        arrival(&format!(
            "<message xmlns='jabber:client' from='zhang@house.test/x' type='chat'><body>a</body>\
             <delay xmlns='urn:xmpp:delay' from='{by}' stamp='1970-01-01T00:00:01Z'/></message>"
        ))
    };
    assert_eq!(stamped("house.test").stamp, Some(1_000_000));
    assert_eq!(stamped("zhang@house.test").stamp, None);
}

#[test]
fn a_refusal_names_the_message_and_the_reason() {
    let it = arrival(
        "<message xmlns='jabber:client' from='zhang@house.test' type='error' id='m7'><body>a</body>\
         <error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    );
    assert_eq!(it.failure, Some(("m7".to_owned(), EngineErrorCode::Forbidden)));
    assert_eq!(it.text, None, "the returned text is no message of the other side");
}

#[test]
fn typing_counts_only_while_it_happens() {
    let typing = |more: &str| {
        read(&format!(
            "<message xmlns='jabber:client' from='zhang@house.test/x' type='chat'>\
             <composing xmlns='http://jabber.org/protocol/chatstates'/>{more}</message>"
        ))
    };
    assert!(matches!(typing(""), Incoming::Arrival(it) if it.typing == Some(true)));
    let old = typing("<delay xmlns='urn:xmpp:delay' from='house.test' stamp='2026-11-24T08:30:00Z'/>");
    assert!(matches!(old, Incoming::Nothing));
}

#[test]
fn an_endless_text_is_cut_and_an_endless_id_is_none() {
    let it = arrival(&format!(
        "<message xmlns='jabber:client' from='zhang@house.test/x' type='chat' id='{}'><body>{}</body></message>",
        "i".repeat(2_000),
        "长".repeat(100_001),
    ));
    let text = it.text.unwrap();
    assert_eq!((text.body.chars().count(), text.message_id.as_str()), (100_000, ""));
}

#[test]
fn texts_and_what_the_gateway_says_of_them_are_read() {
    let from_phone = arrival(
        "<message xmlns='jabber:client' from='zhang@house.test' to='li@house.test' type='chat' id='s1'>\
         <body>收到</body><sms xmlns='urn:posthouse:sms:1'/></message>",
    );
    assert!(from_phone.text.unwrap().is_from_phone);
    let notice = |children: &str| {
        arrival(&format!(
            "<message xmlns='jabber:client' from='zhang@house.test' to='li@house.test' type='chat'>{children}</message>"
        ))
    };
    let failed = notice(
        "<state xmlns='urn:posthouse:sms:1' id='m1' value='failed' again='true'/>\
         <failure xmlns='urn:posthouse:sms:1' id='m1' class='expired'/>",
    );
    let (id, sms) = failed.sms.unwrap();
    assert_eq!(
        (id.as_str(), sms.state, sms.failure.as_deref(), sms.again),
        ("m1", SmsState::Failed, Some("expired"), true)
    );
    let delivered = notice(
        "<received xmlns='urn:xmpp:receipts' id='m1'/><state xmlns='urn:posthouse:sms:1' id='m1' value='delivered'/>",
    );
    assert_eq!(
        (delivered.receipt.as_deref(), delivered.sms.unwrap().1.state),
        (Some("m1"), SmsState::Delivered)
    );
    let of_the_future = notice("<body>x</body><state xmlns='urn:posthouse:sms:1' id='m1' value='pigeon'/>");
    assert_eq!(of_the_future.sms, None);
}

#[test]
fn a_wish_that_is_refused_says_why() {
    let refused = |reason: &str| {
        arrival(&format!(
            "<message xmlns='jabber:client' type='error' from='zhang@house.test' to='li@house.test/a' id='m1'>\
             <error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
             <{reason} xmlns='urn:posthouse:errors:1'/></error></message>"
        ))
    };
    let code = |reason| refused(reason).failure.unwrap().1;
    assert_eq!(code("texting-not-allowed"), EngineErrorCode::TextingNotAllowed);
    assert_eq!(code("gateway-away"), EngineErrorCode::GatewayAway);
    assert_eq!(code("chat-not-allowed"), EngineErrorCode::Forbidden);
}
