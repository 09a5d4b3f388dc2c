//! Old texts are deleted, and nothing that somebody still waits for or has to account for.

use std::sync::Arc;
use std::time::Duration;

use posthouse_gateway::clock::Clock;
use posthouse_gateway::outbox::{Policy, TextState};
use posthouse_gateway::pool::Limits;
use posthouse_gateway::retention::Retention;
use posthouse_tests::modem_simulator::{Fault, Habits};

use crate::office::{Office, PHONE, Yard};

const KEEP: Duration = Duration::from_secs(90 * 86_400);
const DAY: Duration = Duration::from_secs(86_400);

/// Deletes as the gateway does when so much time has passed; says how many each step took.
async fn after(office: &Office, time: Duration, has_server: bool) -> Vec<usize> {
    let clock = Arc::new(Clock::Fixed(Clock::System.now().after(time).0.into()));
    let retention = Retention::new(office.store.clone(), clock, KEEP, has_server);
    let mut steps = Vec::new();
    loop {
        match retention.step().await.unwrap() {
            0 => return steps,
            gone => steps.push(gone),
        }
    }
}

#[tokio::test]
async fn finished_texts_go_after_their_time_and_unfinished_ones_never() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, Habits::default()).await;
    let mut office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    office.order("delivered", "一").await;
    office.becomes("delivered", TextState::Delivered).await;
    yard.modems[0].fail_next_sends([Fault::Refuse(1)]);
    office.order("failed", "二").await;
    office.becomes("failed", TextState::Failed).await;
    yard.modems[0].fail_next_sends([Fault::LoseText]);
    office.order("unconfirmed", "三").await;
    office.becomes("unconfirmed", TextState::Unconfirmed).await;
    for body in ["一", "二"] {
        yard.network.write(PHONE, "modem1", body);
    }
    let received = office.received(2).await;
    office.inbox.is_handed(received[0].id).await.unwrap();
    // Everything else keeps still.
    office.stop_sending().await;
    office.order("waiting", "四").await;

    assert!(after(&office, KEEP - DAY, false).await.is_empty());
    after(&office, KEEP + DAY, false).await;
    for (id, is_there) in [("delivered", false), ("failed", false), ("unconfirmed", true), ("waiting", true)]
    {
        assert_eq!(office.look_for(id).await.is_some(), is_there, "{id}");
    }
    assert_eq!(office.inbox.unhanded().await.unwrap().len(), 1, "the server shall have it");
    let today = office.outbox.rules().day(Clock::System.now());
    let usage = office.store.usage(today, today).await.unwrap();
    assert_eq!(usage.iter().map(|row| row.texts).sum::<i64>(), 4, "what was texted is accounted for");
}

#[tokio::test]
async fn a_text_whose_sender_does_not_know_its_end_waits_for_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    office.order("1", "一").await;
    let row = office.becomes("1", TextState::Delivered).await;
    assert!(after(&office, KEEP + DAY, true).await.is_empty());
    office.outbox.told(vec![(row.id, TextState::Delivered)]).await.unwrap();
    assert_eq!(after(&office, KEEP + DAY, true).await, [1]);
    office.close().await;
}

#[tokio::test]
async fn many_old_texts_are_deleted_in_small_steps_and_the_room_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(0, Habits::default()).await;
    let hasty = Policy { lifetime: Duration::ZERO, ..Policy::default() };
    let office = Office::open(folder.path(), &yard, hasty, Limits::default()).await;
    for number in 0..1_000 {
        office.order(&number.to_string(), &"驿".repeat(200)).await;
    }
    office.tidy_after(Duration::from_secs(1), hasty).await;
    assert_eq!(office.find("999").await.state, TextState::Failed);
    let before = office.store.size().await.unwrap();
    let steps = after(&office, KEEP + DAY, false).await;
    assert_eq!(steps.iter().sum::<usize>(), 1_000);
    assert!(steps.iter().all(|step| *step <= 200), "{steps:?}");
    let now = office.store.size().await.unwrap();
    assert!(now.free > before.free + before.bytes / 2 && now.bytes <= before.bytes, "{before:?} {now:?}");
}
