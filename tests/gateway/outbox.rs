//! Texts out, through everything that can happen to modems: none lost, none doubled silently.

use std::collections::BTreeMap;
use std::time::Duration;

use posthouse_gateway::outbox::{Failure, Policy, TextState};
use posthouse_gateway::pool::Limits;
use posthouse_tests::modem_simulator::{Fault, Habits, SentText};

use crate::office::{Office, PHONE, Yard, hasty};

/// How often each text reached the network.
fn counted(sent: &[SentText]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for text in sent {
        *counts.entry(text.text.as_str()).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn a_text_is_sent_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    office.order("1", "会议改到下午3点").await;
    office.becomes("1", TextState::Delivered).await;
    assert_eq!(counted(&yard.network.sent()), [("会议改到下午3点", 1)].into());
    let seen = office.route.view().remove(0);
    assert!(seen.status.state.is_ready() && !seen.is_busy);
    assert_eq!((seen.name.as_str(), seen.sent_today, seen.status.signal), ("modem1", 1, Some(-73)));
    office.close().await;
}

#[tokio::test]
async fn the_same_order_twice_is_one_text() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    office.order("1", "once").await;
    office.becomes("1", TextState::Delivered).await;
    let row = office.find("1").await;
    let again = posthouse_gateway::outbox::Order {
        origin: row.origin,
        origin_id: row.origin_id,
        reply_to: row.reply_to,
        recipient: row.recipient,
        number: row.number,
        body: "once".to_owned(),
        is_flash: false,
        wanted: None,
    };
    assert!(!office.outbox.take(again).await.unwrap());
}

#[tokio::test]
async fn a_long_text_goes_through_one_modem_part_after_part() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(3, Habits { network_time: Duration::from_millis(30), ..Habits::default() }).await;
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    let long = "驿站".repeat(100);
    for id in ["1", "2", "3"] {
        office.order(id, &long).await;
    }
    for id in ["1", "2", "3"] {
        office.becomes(id, TextState::Delivered).await;
    }
    let mut by_reference: BTreeMap<u16, Vec<SentText>> = BTreeMap::new();
    for text in yard.network.sent() {
        by_reference.entry(text.part.unwrap().0).or_default().push(text);
    }
    assert_eq!(by_reference.len(), 3);
    for parts in by_reference.values() {
        assert!(parts.iter().all(|part| part.modem == parts[0].modem));
        assert_eq!(parts.iter().map(|part| part.part.unwrap().2).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(parts.iter().map(|part| part.text.as_str()).collect::<String>(), long);
    }
}

#[tokio::test]
async fn a_text_whose_result_is_lost_is_not_doubled_when_its_report_comes() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, hasty(), Limits::default()).await;
    yard.modems[0].fail_next_sends([Fault::LoseResultOfSent]);
    for id in ["1", "2", "3", "4"] {
        office.order(id, &format!("text {id}")).await;
    }
    for id in ["1", "2", "3", "4"] {
        office.becomes(id, TextState::Delivered).await;
    }
    // The window after which it would be sent again, and a text behind whatever would go out then.
    office.tidy_after(hasty().report_window * 2, hasty()).await;
    office.order("5", "text 5").await;
    office.becomes("5", TextState::Delivered).await;
    assert!(counted(&yard.network.sent()).values().all(|count| *count == 1), "{:?}", yard.network.sent());
    office.close().await;
}

#[tokio::test]
async fn a_text_that_was_lost_with_its_result_is_sent_once_more_after_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, hasty(), Limits::default()).await;
    yard.modems[0].fail_next_sends([Fault::LoseText]);
    office.order("1", "lost").await;
    office.becomes("1", TextState::Unconfirmed).await;
    let row = office.becomes("1", TextState::Delivered).await;
    assert_eq!(counted(&yard.network.sent()), [("lost", 1)].into());
    assert!(office.store.parts_of(row.id).await.unwrap()[0].is_resent, "it is marked as sent again");
    office.close().await;
}

#[tokio::test]
async fn a_text_nobody_confirms_is_told_as_such_after_the_second_time() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, hasty(), Limits::default()).await;
    yard.modems[0].fail_next_sends([Fault::LoseText, Fault::LoseText]);
    office.order("1", "lost").await;
    let row = office.becomes("1", TextState::Failed).await;
    assert_eq!(row.failure, Some(Failure::Unconfirmed));
    office.close().await;
}

#[tokio::test]
async fn what_one_colleague_writes_to_one_phone_keeps_its_order_through_refusals() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(2, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    for modem in &yard.modems {
        modem.fail_next_sends([Fault::Refuse(500)]);
    }
    for id in ["1", "2", "3", "4"] {
        office.order(id, id).await;
    }
    office.becomes("4", TextState::Delivered).await;
    let sent: Vec<String> = yard.network.sent().into_iter().map(|text| text.text).collect();
    assert_eq!(sent, ["1", "2", "3", "4"]);
    office.close().await;
}

#[tokio::test]
async fn a_phone_that_does_not_exist_is_a_failure_at_once_and_one_that_is_off_when_reported() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    yard.modems[0].fail_next_sends([Fault::Refuse(1)]);
    office.order("1", "nobody").await;
    assert_eq!(office.becomes("1", TextState::Failed).await.failure, Some(Failure::Destination));
    yard.network.switch_off(PHONE);
    office.order("2", "off").await;
    assert_eq!(office.becomes("2", TextState::Failed).await.failure, Some(Failure::Reported));
    office.close().await;
}

#[tokio::test]
async fn a_text_leaves_a_modem_whose_sim_died() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(2, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    yard.modems[0].fail_next_sends([Fault::Refuse(310); 4]);
    for id in ["1", "2", "3", "4"] {
        office.order(id, &format!("text {id}")).await;
    }
    for id in ["1", "2", "3", "4"] {
        office.becomes(id, TextState::Delivered).await;
    }
    assert_eq!(yard.network.sent().len(), 4);
    office.close().await;
}

#[tokio::test]
async fn a_sim_keeps_to_its_limit_and_the_other_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(2, Habits::default()).await;
    let limits = Limits { minute: Some(2), ..Limits::default() };
    let office = Office::open(folder.path(), &yard, Policy::default(), limits).await;
    for id in ["1", "2", "3", "4", "5"] {
        office.order(id, &format!("text {id}")).await;
    }
    for id in ["1", "2", "3", "4"] {
        office.becomes(id, TextState::Delivered).await;
    }
    // Both modems are free again, and the fifth was offered to them; it has to wait for the next minute.
    assert_eq!(office.find("5").await.state, TextState::Queued);
    let sent = yard.network.sent();
    assert_eq!(sent.len(), 4);
    assert_eq!(sent.iter().filter(|text| text.modem == "modem1").count(), 2);
    office.close().await;
}

#[tokio::test]
async fn what_waits_survives_the_end_of_the_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = Yard::with(0, Habits::default()).await;
    let office = Office::open(folder.path(), &nobody, Policy::default(), Limits::default()).await;
    office.order("1", "patience").await;
    office.close().await;
    let yard = Yard::with(1, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    office.becomes("1", TextState::Delivered).await;
    office.close().await;
}
