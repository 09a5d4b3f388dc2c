//! What is allowed when (RFC 6120 sections 4.3, 4.7, 4.9 and 5).

use super::super::Then;
use super::{before_tls, client_header, frame, say, secured, stream_error, text};

const ELEMENTS: [&str; 9] = [
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'/>",
    "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    "<message to='bob@example.org'><body>x</body></message>",
    "<presence/>",
    "<enable xmlns='urn:xmpp:sm:3'/>",
    "<resume xmlns='urn:xmpp:sm:3' h='0' previd='x'/>",
    "<starttls xmlns='urn:x'/>",
    "<inactive xmlns='urn:xmpp:csi:0'/>",
];

#[test]
fn before_tls_nothing_but_tls_is_offered() {
    let reply = before_tls().header(&client_header(), "id1");
    let features = text(&reply).split_once("<stream:features>").unwrap().1;
    assert!(features.contains("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"));
    assert!(!features.contains("mechanism") && !features.contains("bind"), "{features}");
    assert_eq!(reply.then, Then::Read);
}

#[test]
fn before_tls_nothing_but_tls_is_taken() {
    for element in ELEMENTS {
        let mut negotiation = before_tls();
        let _ = negotiation.header(&client_header(), "id1");
        assert_eq!(stream_error(&say(&mut negotiation, element)), "policy-violation", "{element}");
    }
}

#[test]
fn starttls_is_answered_and_leads_to_a_new_stream_with_logins() {
    let mut negotiation = before_tls();
    let _ = negotiation.header(&client_header(), "id1");
    let reply = say(&mut negotiation, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    assert_eq!(
        (text(&reply), &reply.then),
        ("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", &Then::StartTls)
    );
    negotiation.secured(None);
    let features = negotiation.header(&client_header(), "id2");
    assert!(text(&features).contains("<mechanism>SCRAM-SHA-256</mechanism>"));
    assert!(!text(&features).contains("starttls"));
}

#[test]
fn direct_tls_begins_with_logins_strongest_first_and_says_how_they_can_be_bound() {
    let reply = secured().header(&client_header(), "id1");
    let mechanisms: Vec<&str> = text(&reply)
        .split("<mechanism>")
        .skip(1)
        .map(|part| part.split("</mechanism>").next().unwrap())
        .collect();
    let expected = [
        "SCRAM-SHA-512-PLUS",
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-512",
        "SCRAM-SHA-256",
        "SCRAM-SHA-1",
    ];
    assert_eq!(mechanisms, expected);
    assert!(
        text(&reply).contains(
            "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/>"
        )
    );
}

#[test]
fn without_exporter_data_no_bound_login_is_offered() {
    let mut negotiation = before_tls();
    negotiation.secured(None);
    let reply = negotiation.header(&client_header(), "id1");
    assert!(text(&reply).contains("SCRAM-SHA-256<") && !text(&reply).contains("-PLUS"), "{}", text(&reply));
    assert!(!text(&reply).contains("tls-exporter"));
}

#[test]
fn before_login_nothing_but_a_login_is_taken() {
    for element in ELEMENTS.iter().filter(|element| !element.contains("sasl")) {
        let mut negotiation = secured();
        let _ = negotiation.header(&client_header(), "id1");
        assert_eq!(stream_error(&say(&mut negotiation, element)), "not-authorized", "{element}");
    }
}

#[test]
fn tls_inside_tls_is_refused() {
    let mut negotiation = secured();
    let _ = negotiation.header(&client_header(), "id1");
    let reply = say(&mut negotiation, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    assert_eq!(stream_error(&reply), "not-authorized");
}

#[test]
fn our_header_answers_the_clients_with_a_fresh_id() {
    let mut header = client_header();
    header.from = Some("alice@example.org".into());
    let reply = secured().header(&header, "fresh");
    let own = text(&reply).split_once("<stream:features>").unwrap().0;
    for part in [
        "<?xml version='1.0'?><stream:stream ",
        " xmlns='jabber:client'",
        " xmlns:stream='http://etherx.jabber.org/streams'",
        " from='example.org'",
        " to='alice@example.org'",
        " id='fresh'",
        " xml:lang=",
        " version='1.0'",
    ] {
        assert!(own.contains(part), "{part} in {own}");
    }
}

#[test]
fn a_claimed_sender_that_is_no_address_does_not_come_back() {
    for from in ["a@b@c", "", "x y", "'>", "@example.org"] {
        let mut header = client_header();
        header.from = Some(from.to_owned());
        assert!(!text(&secured().header(&header, "1")).contains(" to='"), "{from}");
    }
}

#[test]
fn wrong_headers_end_the_stream_with_their_own_error_behind_our_header() {
    let wrong = |change: fn(&mut posthouse_protocol::wire::StreamHeader)| {
        let mut header = client_header();
        change(&mut header);
        let reply = before_tls().header(&header, "id1");
        assert!(text(&reply).starts_with("<?xml version='1.0'?><stream:stream "));
        stream_error(&reply).to_owned()
    };
    assert_eq!(wrong(|header| header.default_namespace = "jabber:server".into()), "invalid-namespace");
    assert_eq!(wrong(|header| header.default_namespace = String::new()), "invalid-namespace");
    assert_eq!(wrong(|header| header.to = Some("other.example".into())), "host-unknown");
    assert_eq!(wrong(|header| header.version = None), "unsupported-version");
    assert_eq!(wrong(|header| header.version = Some((0, 9))), "unsupported-version");
}

#[test]
fn later_versions_and_other_names_of_this_server_are_fine() {
    for to in [Some("im.example.org"), Some("192.0.2.1"), Some("EXAMPLE.ORG"), None] {
        let mut header = client_header();
        header.to = to.map(str::to_owned);
        header.version = Some((1, 7));
        assert_eq!(before_tls().header(&header, "1").then, Then::Read, "{to:?}");
    }
}

#[test]
fn an_answer_is_well_formed_whatever_the_client_claims() {
    let mut header = client_header();
    header.from = Some("o'brien@example.org".into());
    let reply = secured().header(&header, "1");
    let read = posthouse_protocol::wire::StreamHeader::read(&reply.bytes, 100_000).unwrap().unwrap();
    let features = String::from_utf8(reply.bytes[read.1..].to_vec()).unwrap();
    assert_eq!(frame(&features).name(), "features");
}
