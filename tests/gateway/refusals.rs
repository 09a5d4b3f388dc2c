//! What a number means that a modem or network refuses a text with.

use std::time::Duration;

use posthouse_gateway::outbox::{Failure, Pauses, Policy, TextState};
use posthouse_gateway::pool::Limits;
use posthouse_tests::modem_simulator::{Fault, Habits, SentText};

use crate::office::{Office, PHONE, Yard};

/// Less patient than in life.
fn brisk() -> Policy {
    let pauses = Pauses { first: Duration::from_millis(50), ..Pauses::default() };
    Policy { pauses, ..Policy::default() }
}

/// How often a modem was given a text.
fn tries(yard: &Yard, modem: usize) -> usize {
    yard.modems[modem].told().iter().filter(|command| command.starts_with("AT+CMGS=")).count()
}

#[tokio::test]
async fn what_a_modem_cannot_read_is_not_tried_again() {
    for number in [304, 305] {
        let folder = tempfile::tempdir().unwrap();
        let yard = Yard::with(2, Habits::default()).await;
        let office = Office::open(folder.path(), &yard, brisk(), Limits::default()).await;
        office.route.all_ready().await;
        yard.modems[0].fail_next_sends([Fault::Refuse(number)]);
        office.order("1", "wrong").await;
        assert_eq!(office.becomes("1", TextState::Failed).await.failure, Some(Failure::Ours), "{number}");
        // The way is free for those behind it.
        office.order("2", "right").await;
        office.becomes("2", TextState::Delivered).await;
        assert_eq!(tries(&yard, 0) + tries(&yard, 1), 2, "{number}");
    }
}

#[tokio::test]
async fn a_destination_that_the_network_refuses_is_not_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, brisk(), Limits::default()).await;
    for (count, number) in [1, 8, 10, 21, 28, 30, 50].into_iter().enumerate() {
        yard.modems[0].fail_next_sends([Fault::Refuse(number)]);
        let id = number.to_string();
        office.order(&id, "nobody").await;
        let row = office.becomes(&id, TextState::Failed).await;
        assert_eq!(row.failure, Some(Failure::Destination), "{number}");
        assert_eq!(tries(&yard, 0), count + 1, "{number}");
    }
    // Seven refusals of phones are no fault of the modem.
    assert_eq!(office.route.view()[0].rests, None);
}

#[tokio::test]
async fn a_full_memory_is_read_and_the_same_modem_takes_the_text() {
    for number in [320, 322] {
        let folder = tempfile::tempdir().unwrap();
        let yard = Yard::with(2, Habits::default()).await;
        let office = Office::open(folder.path(), &yard, brisk(), Limits::default()).await;
        office.route.all_ready().await;
        assert!(yard.modems[0].slip_in("SM", &yard.network.parts(PHONE, "hidden")[0]));
        yard.modems[0].fail_next_sends([Fault::Refuse(number)]);
        office.order("1", "through").await;
        office.becomes("1", TextState::Delivered).await;
        assert_eq!((tries(&yard, 0), tries(&yard, 1)), (2, 0), "{number}");
        assert_eq!(office.received(1).await[0].body, "hidden", "{number}");
        yard.modems[0].until(crate::world::PATIENCE, |modem| modem.stored() == 0).await.unwrap();
    }
}

#[tokio::test]
async fn a_number_that_nobody_knows_has_three_tries() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, brisk(), Limits::default()).await;
    yard.modems[0].fail_next_sends([Fault::Refuse(515); 2]);
    office.order("1", "third time").await;
    office.becomes("1", TextState::Delivered).await;
    assert_eq!(tries(&yard, 0), 3);
    yard.modems[0].fail_next_sends([Fault::Refuse(515); 3]);
    office.order("2", "given up").await;
    assert_eq!(office.becomes("2", TextState::Failed).await.failure, Some(Failure::Refused));
    assert_eq!(tries(&yard, 0), 6);
}

#[tokio::test]
async fn a_part_that_is_refused_goes_again_at_once_through_the_same_modem() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(2, Habits::default()).await;
    // A part that had to wait would come too late for this scene.
    let pauses = Pauses { first: Duration::from_secs(300), ..Pauses::default() };
    let policy = Policy { pauses, ..Policy::default() };
    let office = Office::open(folder.path(), &yard, policy, Limits::default()).await;
    office.route.all_ready().await;
    let long = "驿站".repeat(100);
    for number in [500, 515] {
        // The second part of three, and the third.
        let faults = [Fault::None, Fault::Refuse(number), Fault::None, Fault::Refuse(number), Fault::None];
        for modem in &yard.modems {
            modem.fail_next_sends(faults);
        }
        let id = number.to_string();
        let before = yard.network.sent().len();
        office.order(&id, &long).await;
        office.becomes(&id, TextState::Delivered).await;
        let sent: Vec<SentText> = yard.network.sent().split_off(before);
        assert!(sent.iter().all(|part| part.modem == sent[0].modem), "{sent:?}");
        assert_eq!(sent.iter().map(|part| part.part.unwrap().2).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
