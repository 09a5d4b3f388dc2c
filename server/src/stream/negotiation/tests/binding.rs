//! Resource binding and the way back into a lost session (RFC 6120 section 7, XEP-0198 section 5).

use super::super::{Negotiation, Then};
use super::person::Login;
use super::{client_header, frame, say, secured, stream_error, text};
use crate::routing::stanza_error::Condition;
use crate::stream::credentials::AccountState;

/// Somebody who has signed in.
fn signed_in() -> Negotiation {
    let mut negotiation = secured();
    let _ = negotiation.header(&client_header(), "id1");
    let _ = Login::new("SCRAM-SHA-256", "pencil").run(&mut negotiation, true);
    let _ = negotiation.approve("alice", AccountState::Live);
    let _ = negotiation.header(&client_header(), "id2");
    negotiation
}

const BIND: &str = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";

#[test]
fn a_resource_may_be_asked_for_or_left_to_the_server() {
    let bind = |inside: &str| {
        let request = format!(
            "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{inside}</bind></iq>"
        );
        match say(&mut signed_in(), &request).then {
            Then::Bind { resource, .. } => resource,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(bind("<resource>办公室</resource>").as_deref(), Some("办公室"));
    assert_eq!(bind("<resource>a&amp;b</resource>").as_deref(), Some("a&b"));
    assert_eq!(bind(""), None);
    assert_eq!(bind("<resource/>"), None);
    assert_eq!(bind("<resource xmlns='urn:x'>other</resource>"), None);
}

#[test]
fn the_answer_names_the_whole_address() {
    let request = frame(&format!("<iq type='set' id='it&apos;s'>{BIND}</iq>"));
    let answer = Negotiation::bound(&request, "alice@example.org/it's <here>");
    let answer = frame(std::str::from_utf8(&answer).unwrap());
    assert_eq!((answer.type_().unwrap(), answer.id().unwrap()), ("result".into(), "it's".into()));
    let bind = answer.child("bind", "urn:ietf:params:xml:ns:xmpp-bind").unwrap();
    let jid = bind.child("jid", "urn:ietf:params:xml:ns:xmpp-bind").unwrap();
    assert_eq!(jid.text(), "alice@example.org/it's <here>");
}

#[test]
fn a_refused_resource_is_an_error_and_another_may_be_asked_for() {
    let mut negotiation = signed_in();
    let request = frame(&format!("<iq type='set' id='b1'>{BIND}</iq>"));
    for condition in [Condition::BadRequest, Condition::ResourceConstraint, Condition::NotAllowed] {
        let reply = negotiation.not_bound(&request, condition);
        let answer = frame(text(&reply));
        assert_eq!((answer.type_().unwrap(), answer.id().unwrap()), ("error".into(), "b1".into()));
        let error = answer.child("error", "jabber:client").unwrap();
        assert!(error.child(condition.name(), "urn:ietf:params:xml:ns:xmpp-stanzas").is_some());
        assert_eq!(reply.then, Then::Read);
        let again = negotiation.element(&request);
        assert!(matches!(again.then, Then::Bind { .. }));
    }
}

#[test]
fn nothing_is_routed_before_a_resource_is_bound() {
    for element in [
        "<message to='bob@example.org'><body>x</body></message>",
        "<presence/>",
        "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>",
        "<iq type='set' id='1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
        "<iq type='get' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'/>",
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    ] {
        assert_eq!(stream_error(&say(&mut signed_in(), element)), "not-authorized", "{element}");
    }
}

#[test]
fn a_lost_session_is_asked_for_instead_of_a_resource() {
    let reply = say(&mut signed_in(), "<resume xmlns='urn:xmpp:sm:3' h='4294967295' previd='a&amp;b'/>");
    assert_eq!(reply.then, Then::Resume { previous: "a&b".into(), handled: u32::MAX });
    assert!(reply.bytes.is_empty());
}

#[test]
fn resumption_that_makes_no_sense_fails_and_a_resource_can_still_be_bound() {
    for element in [
        "<resume xmlns='urn:xmpp:sm:3' h='x' previd='a'/>",
        "<resume xmlns='urn:xmpp:sm:3' h='-1' previd='a'/>",
        "<resume xmlns='urn:xmpp:sm:3' h='4294967296' previd='a'/>",
        "<resume xmlns='urn:xmpp:sm:3' h='1'/>",
        "<resume xmlns='urn:xmpp:sm:3' previd='a'/>",
        "<enable xmlns='urn:xmpp:sm:3'/>",
        "<r xmlns='urn:xmpp:sm:3'/>",
    ] {
        let mut negotiation = signed_in();
        let reply = say(&mut negotiation, element);
        let answer = frame(text(&reply));
        assert_eq!((answer.name(), answer.namespace()), ("failed", "urn:xmpp:sm:3"), "{element}");
        assert!(answer.child("unexpected-request", "urn:ietf:params:xml:ns:xmpp-stanzas").is_some());
        assert_eq!(reply.then, Then::Read);
        let bind = say(&mut negotiation, &format!("<iq type='set' id='b1'>{BIND}</iq>"));
        assert!(matches!(bind.then, Then::Bind { .. }));
    }
}

#[test]
fn a_session_that_is_over_says_how_far_it_came_if_that_is_known() {
    let known = frame(text(&Negotiation::not_resumed(Some(17))));
    assert_eq!(known.attribute("h").as_deref(), Some("17"));
    assert!(known.child("item-not-found", "urn:ietf:params:xml:ns:xmpp-stanzas").is_some());
    let unknown = frame(text(&Negotiation::not_resumed(None)));
    assert_eq!((unknown.name(), unknown.attribute("h")), ("failed", None));
}
