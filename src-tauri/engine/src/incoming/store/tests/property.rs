//! Whatever the order of live delivery, offline replay, copies, archive pages, acknowledgements and restarts:
//! in the end every message is there once, in the order of the archive.

use proptest::prelude::*;

use super::{Desk, NOON, Reading, Way, ZHANG, apply, blank, messages, said};
use crate::incoming::classify::Arrival;
use crate::model::MessageState;
use crate::outgoing::acknowledge;
use crate::store::{cursors, outbox};

/// What happens next. Numbers choose among the messages that have been said.
#[derive(Debug, Clone)]
enum Happening {
    /// The other side says something.
    TheySay,
    /// Another client of ours says something.
    WeSayElsewhere,
    /// This client queues something.
    WeSay,
    /// The server takes the oldest message of the outbox that it does not have.
    ServerTakes,
    /// This client hears that the server has the oldest one.
    Acknowledged,
    /// The other side has received a message.
    Receipt(usize),
    /// A message comes live, or once more.
    Live(usize),
    /// A message comes out of the offline store.
    Offline(usize),
    /// A copy comes.
    Copied(usize),
    /// A page of the archive of at most so many messages comes.
    Page(usize),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => Just(Happening::TheySay),
        2 => Just(Happening::WeSayElsewhere),
        3 => Just(Happening::WeSay),
        3 => Just(Happening::ServerTakes),
        2 => Just(Happening::Acknowledged),
        2 => any::<usize>().prop_map(Happening::Receipt),
        5 => any::<usize>().prop_map(Happening::Live),
        3 => any::<usize>().prop_map(Happening::Offline),
        3 => any::<usize>().prop_map(Happening::Copied),
        2 => (1_usize..5).prop_map(Happening::Page),
    ]
}

struct World {
    desk: Desk,
    /// The archive, in its order: own, text, microseconds after noon.
    archive: Vec<(bool, String, i64)>,
    /// Own messages that the server has and this client has not heard of: their keys.
    unheard: Vec<i64>,
    /// Number of the outbox through which the server has taken.
    taken: i64,
    count: i64,
    /// Archive ids do not tell the time, as with other servers.
    is_opaque: bool,
}

impl World {
    fn now(&mut self) -> i64 {
        self.count += 1;
        // Several messages share a millisecond.
        self.count * 300
    }

    fn accept(&mut self, own: bool, text: String) {
        let at = self.now();
        self.archive.push((own, text, at));
    }

    fn arrival(&self, way: Way, index: usize) -> Arrival {
        let (own, text, at) = &self.archive[index];
        let mut arrival = said(way, *own, text, *at);
        if self.is_opaque {
            arrival.archive_id = format!("x{at}");
        }
        arrival
    }

    fn happens(&mut self, happening: &Happening) {
        let number = self.archive.len();
        match happening {
            Happening::TheySay => self.accept(false, format!("t{number}")),
            Happening::WeSayElsewhere => self.accept(true, format!("e{number}")),
            Happening::WeSay => {
                let now = NOON + self.now();
                self.desk.writes(&format!("w{now}"), now);
            }
            Happening::ServerTakes => self.server_takes(),
            Happening::Acknowledged => {
                if !self.unheard.is_empty() {
                    let id = self.unheard.remove(0);
                    acknowledge(&self.desk.0, &[id]).unwrap();
                }
            }
            Happening::Receipt(choice) if number > 0 => {
                let receipt = Some(format!("o-{}", self.archive[choice % number].1));
                self.desk.gets(&[Arrival { receipt, ..blank(Way::Direct, false) }]);
            }
            Happening::Live(choice) if number > 0 => self.come(Way::Direct, choice % number, false),
            Happening::Offline(choice) if number > 0 => self.come(Way::Direct, choice % number, true),
            Happening::Copied(choice) if number > 0 => self.come(Way::Copied, choice % number, false),
            Happening::Receipt(_) | Happening::Live(_) | Happening::Offline(_) | Happening::Copied(_) => {}
            Happening::Page(most) => self.page(*most),
        }
    }

    fn server_takes(&mut self) {
        let Some((number, id)) = outbox::after(&self.desk.0, self.taken).unwrap() else { return };
        self.taken = number;
        let text = messages::by_id(&self.desk.0, id).unwrap().unwrap().text;
        self.accept(true, text);
        self.unheard.push(id);
    }

    /// Own messages come only as copies.
    fn come(&mut self, way: Way, index: usize, is_stamped: bool) {
        let own = self.archive[index].0;
        let way = if own { Way::Copied } else { way };
        let mut arrival = self.arrival(way, index);
        arrival.stamp = is_stamped.then_some(NOON + self.archive[index].2);
        self.desk.gets(&[arrival]);
    }

    fn page(&mut self, most: usize) {
        let cursor = cursors::read(&self.desk.0, cursors::ARCHIVE).unwrap().unwrap_or_default();
        let from = self.archive.iter().position(|(_, _, at)| at.to_string() == cursor).map_or(0, |at| at + 1);
        let to = (from + most).min(self.archive.len());
        let arrivals: Vec<_> = (from..to).map(|index| self.arrival(Way::Archived, index)).collect();
        apply(&self.desk.0, &arrivals, Reading::News, NOON).unwrap();
        if to > from {
            cursors::write(&self.desk.0, cursors::ARCHIVE, &self.archive[to - 1].2.to_string()).unwrap();
        }
    }
}

proptest! {
    #[test]
    fn every_message_is_there_once_and_in_order(
        happenings in prop::collection::vec(happening(), 1..60),
        is_opaque in any::<bool>(),
    ) {
        let mut world = World {
            desk: Desk::new(), archive: Vec::new(), unheard: Vec::new(), taken: 0, count: 0, is_opaque,
        };
        for happening in &happenings {
            world.happens(happening);
        }
        // The next login: the rest of the archive, then the rest of the outbox.
        world.page(usize::MAX / 2);
        while outbox::after(&world.desk.0, world.taken).unwrap().is_some() {
            world.server_takes();
        }
        world.page(usize::MAX / 2);

        let talk = world.desk.talk();
        let expected: Vec<_> = world.archive.iter().map(|(_, text, _)| text.clone()).collect();
        let found: Vec<_> = talk.iter().map(|(text, _)| text.clone()).collect();
        prop_assert_eq!(found, expected);
        prop_assert!(talk.iter().all(|(_, state)| *state != MessageState::Queued));
        prop_assert_eq!(outbox::after(&world.desk.0, 0).unwrap(), None);
        // The window orders by milliseconds, then by key: it must see the same order, also within a millisecond
        // (but for messages that were moved when the archive named them).
        let mut by_window = messages::from(&world.desk.0, ZHANG, (0, 0), 1_000).unwrap();
        by_window.retain(|message| !is_opaque && !message.text.starts_with('w'));
        let in_store: Vec<_> = by_window.iter().map(|message| message.id).collect();
        by_window.sort_by_key(|message| (message.moment.div_euclid(1_000), message.id));
        let in_window: Vec<_> = by_window.iter().map(|message| message.id).collect();
        prop_assert_eq!(in_window, in_store);
    }
}
