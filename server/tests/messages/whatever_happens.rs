//! A receiver comes, takes, leaves, the server dies: in the end everything is there, in order and once.

use std::collections::BTreeMap;

use posthouse_protocol::wire::Frame;
use proptest::prelude::*;

use crate::house::{Client, House, stanza_id, text};
use crate::{page_of, run};

/// Keeps a message out of all archives (XEP-0334).
const NOT_ARCHIVED: &str = "<no-permanent-store xmlns='urn:xmpp:hints'/>";

/// What can happen to a receiver while messages come.
#[derive(Debug, Clone)]
enum Event {
    Send {
        by: usize,
    },
    /// A client that was not told that an earlier message is stored sends it again.
    SendAgain {
        by: usize,
        back: usize,
    },
    BobComes,
    BobTakes,
    BobLeaves,
    Settle,
    Crash,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (0..2_usize).prop_map(|by| Event::Send { by }),
        2 => (0..2_usize, 0..5_usize).prop_map(|(by, back)| Event::SendAgain { by, back }),
        2 => Just(Event::BobComes),
        3 => Just(Event::BobTakes),
        2 => Just(Event::BobLeaves),
        1 => Just(Event::Settle),
        1 => Just(Event::Crash),
    ]
}

struct Bob {
    client: Option<Client>,
    /// Goes into every message that he is sent.
    hint: &'static str,
    /// By id, in the order of the first arrival.
    seen: BTreeMap<String, String>,
    order: Vec<String>,
    resources: u32,
}

impl Bob {
    fn note(&mut self, received: &Frame) {
        let id = stanza_id(received);
        assert_eq!(id.is_some(), self.hint.is_empty(), "archived messages carry their id, others have none");
        let id = id.unwrap_or_else(|| text(received));
        if self.seen.insert(id, text(received)).is_none() {
            self.order.push(text(received));
        }
    }

    async fn comes(&mut self, house: &House) {
        if self.client.is_none() {
            self.resources += 1;
            let client = house.client("bob", &format!("r{}", self.resources));
            house.becomes_available(&client).await;
            self.client = Some(client);
        }
    }

    fn takes(&mut self, house: &House) {
        let Some(client) = &mut self.client else { return };
        for received in client.take_all(house) {
            self.note(&received);
        }
    }
}

/// A run of events, and what was said in it.
struct Story {
    house: House,
    senders: [Client; 2],
    sent: [Vec<String>; 2],
    bob: Bob,
}

impl Story {
    async fn begin(hint: &'static str) -> Self {
        let house = House::new().await;
        let senders = [house.client("alice", "pc"), house.client("carol", "pc")];
        let bob = Bob { client: None, hint, seen: BTreeMap::new(), order: Vec::new(), resources: 0 };
        Self { house, senders, sent: [Vec::new(), Vec::new()], bob }
    }

    async fn happens(mut self, event: Event) -> Self {
        match event {
            Event::Send { by } => {
                let message = format!("{by}-{}", self.sent[by].len());
                self.say(by, &message).await;
                self.sent[by].push(message);
            }
            Event::SendAgain { by, back } => {
                let message = self.sent[by].iter().rev().nth(back).cloned();
                if let Some(message) = message {
                    self.say(by, &message).await;
                }
            }
            Event::BobComes => self.bob.comes(&self.house).await,
            Event::BobTakes => self.bob.takes(&self.house),
            Event::BobLeaves => {
                if let Some(mut client) = self.bob.client.take() {
                    self.house.leaves(&mut client).await;
                }
            }
            Event::Settle => self.house.settle().await,
            Event::Crash => {
                self.bob.client = None;
                self.house = self.house.after_a_crash().await;
                self.senders = [self.house.client("alice", "pc"), self.house.client("carol", "pc")];
            }
        }
        self
    }

    async fn say(&self, by: usize, message: &str) {
        let stanza = format!(
            "<message to='bob@example.org' type='chat'><body>{message}</body>\
             <origin-id xmlns='urn:xmpp:sid:0' id='{message}'/>{}</message>",
            self.bob.hint
        );
        self.house.send_stanza(&self.senders[by], &stanza).await;
    }

    /// The receiver comes and takes what is left.
    async fn ends(&mut self) {
        self.bob.comes(&self.house).await;
        while self.bob.seen.len() < self.sent[0].len() + self.sent[1].len() {
            let client = self.bob.client.as_mut().expect("bob is here");
            let received = client.next_and_take(&self.house).await;
            self.bob.note(&received);
        }
    }
}

/// Whatever happens, the receiver has everything in the end, each sender's messages in order and once although
/// some were sent again, and nothing that it cannot recognise as known.
async fn nothing_is_lost(events: Vec<Event>, hint: &'static str) {
    let mut story = Story::begin(hint).await;
    for event in events {
        story = story.happens(event).await;
    }
    story.ends().await;
    let expected = story.sent[0].len() + story.sent[1].len();
    for (by, sent) in story.sent.iter().enumerate() {
        let prefix = format!("{by}-");
        let got: Vec<_> = story.bob.order.iter().filter(|text| text.starts_with(&prefix)).cloned().collect();
        assert_eq!(&got, sent);
    }
    assert_eq!(story.bob.order.len(), expected, "nothing came under two ids");
    let mut reader = story.house.client("bob", "reader");
    let archived = story.house.archive_of(&mut reader, &page_of(250, "")).await;
    let is_archived = hint.is_empty();
    assert_eq!(
        archived.len(),
        if is_archived { expected } else { 0 },
        "everything is archived once, or nothing"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_nothing_is_lost_and_order_is_kept(events in prop::collection::vec(event(), 1..40)) {
        run(nothing_is_lost(events, ""));
    }

    #[test]
    fn what_no_archive_keeps_is_not_lost_either(events in prop::collection::vec(event(), 1..40)) {
        run(nothing_is_lost(events, NOT_ARCHIVED));
    }
}
