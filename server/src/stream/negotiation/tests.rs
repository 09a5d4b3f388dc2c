//! The negotiation as a client meets it, without a network: elements go in, what to do comes out.

mod any_order;
mod binding;
mod login;
mod order;
mod person;

use std::sync::Arc;

use bytes::Bytes;
use posthouse_protocol::wire::{Frame, StreamHeader};

use super::{Negotiation, Offer, Reply, Then};
use crate::stream::features::Features;
use crate::stream::names::HostNames;

const EXPORTER: &[u8] = b"the exporter data of this connection";
const TRIES: u32 = 3;

fn offer() -> Arc<Offer> {
    offer_with_tries(TRIES)
}

fn offer_with_tries(tries: u32) -> Arc<Offer> {
    Arc::new(Offer {
        names: HostNames::new("example.org".into(), ["im.example.org".into()]),
        features: Features::new((10_000, 262_144), "<more xmlns='urn:x'/>"),
        tries,
    })
}

/// A client that has connected to a port where TLS is still to come.
fn before_tls() -> Negotiation {
    Negotiation::new(offer())
}

/// A client inside TLS.
fn secured() -> Negotiation {
    let mut negotiation = before_tls();
    negotiation.secured(Some(EXPORTER.to_vec()));
    negotiation
}

fn client_header() -> StreamHeader {
    StreamHeader {
        to: Some("example.org".into()),
        version: Some((1, 0)),
        default_namespace: "jabber:client".into(),
        ..StreamHeader::default()
    }
}

fn frame(text: &str) -> Frame {
    Frame::parse(Bytes::from(text.to_owned())).unwrap()
}

fn say(negotiation: &mut Negotiation, text: &str) -> Reply {
    negotiation.element(&frame(text))
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.bytes).unwrap()
}

/// The condition of a reply that closes the stream with an error.
#[track_caller]
fn stream_error(reply: &Reply) -> &str {
    assert_eq!(reply.then, Then::Close, "{}", text(reply));
    let (_, error) = text(reply).rsplit_once("<stream:error><").expect("a stream error");
    assert!(error.ends_with("</stream:error></stream:stream>"), "{error}");
    error.split(' ').next().unwrap()
}
