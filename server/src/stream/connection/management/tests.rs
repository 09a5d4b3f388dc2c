//! Acknowledged means durable, whatever the order of stanzas, commits and questions.

use std::task::Waker;

use proptest::prelude::*;
use tokio::sync::watch;

use super::*;

/// What happens to a session.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// A stanza was routed; it wrote something or nothing.
    Handled { writes: bool },
    /// The disk has so many writes more.
    Committed(u64),
    /// The client asks.
    Asked,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => any::<bool>().prop_map(|writes| Act::Handled { writes }),
        2 => (1..4_u64).prop_map(Act::Committed),
        3 => Just(Act::Asked),
    ]
}

/// A session, the disk, and what each stanza needs there.
struct Story {
    management: Management,
    disk: watch::Sender<Ticket>,
    durability: Durability,
    needs: Vec<Ticket>,
    written: u64,
}

impl Story {
    fn begin() -> Self {
        let (disk, commits) = watch::channel(Ticket(0));
        let management = Management::new(None, None);
        let durability = Durability::of(commits);
        Self { management, disk, durability, needs: Vec::new(), written: 0 }
    }

    fn happens(&mut self, act: Act) {
        match act {
            Act::Handled { writes } => {
                self.written += u64::from(writes);
                let ticket = if writes { Ticket(self.written) } else { Ticket::default() };
                self.needs.push(ticket);
                self.management.handled(ticket);
            }
            Act::Committed(more) => {
                let committed = self.disk.borrow().0.saturating_add(more).min(self.written);
                self.disk.send_replace(Ticket(committed));
            }
            Act::Asked => {
                self.ask();
            }
        }
    }

    /// Whether all that was handled can be acknowledged.
    fn ask(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        self.management.poll_durable(&self.durability, &mut context).unwrap()
    }

    /// How many of the stanzas, from the first on, are on the disk.
    fn on_disk(&self) -> usize {
        let committed = *self.disk.borrow();
        self.needs.iter().take_while(|ticket| **ticket <= committed).count()
    }
}

proptest! {
    #[test]
    fn no_acknowledgement_covers_what_is_not_on_the_disk(acts in prop::collection::vec(act(), 1..60)) {
        let mut story = Story::begin();
        for act in acts {
            story.happens(act);
            let acknowledged = usize::try_from(story.management.durable).unwrap();
            prop_assert!(acknowledged <= story.on_disk(), "{acknowledged} of {}", story.on_disk());
        }
        // And nothing is withheld for good.
        story.disk.send_replace(Ticket(story.written));
        prop_assert!(story.ask());
        prop_assert_eq!(usize::try_from(story.management.durable).unwrap(), story.needs.len());
    }

    #[test]
    fn those_who_come_too_late_hear_of_nothing_that_is_not_on_the_disk(
        acts in prop::collection::vec(act(), 1..60)
    ) {
        let mut story = Story::begin();
        story.management.token = Some("token".to_owned());
        for act in acts {
            story.happens(act);
            let (_, handled) = story.management.obituary(&story.durability).unwrap();
            prop_assert!(usize::try_from(handled).unwrap() <= story.on_disk());
        }
    }
}

#[test]
fn counts_wrap() {
    let mut management = Management::new(None, None);
    management.acknowledged = u32::MAX - 1;
    for _ in 0..3 {
        let bytes = bytes::Bytes::from_static(b"<message/>");
        management.sent(Outgoing { bytes, is_stanza: true, reroute: false, stored: None });
    }
    assert!(management.acknowledge(2).is_none(), "more than was sent");
    assert_eq!(management.acknowledge(0).map(|taken| taken.len()), Some(2));
    assert_eq!(management.acknowledge(1).map(|taken| taken.len()), Some(1));
}
