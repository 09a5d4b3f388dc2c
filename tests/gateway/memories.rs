//! Where modems keep what comes: memories of their own for reports, texts that are only to be shown, pictures.

use std::sync::Arc;

use posthouse_gateway::outbox::{Policy, TextState};
use posthouse_gateway::pdu::Incoming;
use posthouse_gateway::pool::Limits;
use posthouse_tests::modem_simulator::{Habits, ModemSimulator, Network, Sim};

use crate::office::{Office, PHONE, Yard};
use crate::world::{Desk, PATIENCE, Pins, message};

const REPORTS_APART: Habits = Habits { has_report_memory: true, ..Habits::CALM };

#[tokio::test]
async fn a_report_is_read_where_it_was_announced_and_removed_there() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, REPORTS_APART).await;
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    // The memory has fifty places: what is not removed there would stop it.
    for number in 0..60 {
        let id = number.to_string();
        office.order(&id, &format!("text {id}")).await;
        office.becomes(&id, TextState::Delivered).await;
    }
    yard.network.write(PHONE, "modem1", "收到");
    assert_eq!(office.received(1).await[0].body, "收到");
    yard.modems[0].until(PATIENCE, |modem| modem.stored() == 0).await.unwrap();
    office.close().await;
}

#[tokio::test]
async fn reports_that_came_while_nobody_listened_are_found_in_their_own_memory() {
    let network = Network::default();
    let simulator = ModemSimulator::tcp("one", &network, Sim::default(), REPORTS_APART).await.unwrap();
    let desk = Desk::start(&simulator, None, &Arc::new(Pins::default()));
    let reference = desk.modem.sender().send(message(PHONE, "hi")).await.unwrap();
    // Nobody keeps what comes, as when the program ends now.
    drop(desk);
    simulator.until(PATIENCE, |modem| modem.stored() == 1).await.unwrap();
    let mut desk = Desk::start(&simulator, None, &Arc::new(Pins::default()));
    let Incoming::StatusReport(report) = desk.next().await else { panic!("no report") };
    assert_eq!(Some(report.reference), reference);
}

#[tokio::test]
async fn a_report_without_a_notice_is_found_by_the_next_look() {
    let (network, simulator, mut desk) = {
        let network = Network::default();
        let simulator = ModemSimulator::tcp("one", &network, Sim::default(), REPORTS_APART).await.unwrap();
        let desk = Desk::start(&simulator, None, &Arc::new(Pins::default()));
        (network, simulator, desk)
    };
    desk.is(posthouse_gateway::modem::State::Ready).await;
    assert!(simulator.slip_in("SR", &network.report(7, PHONE)));
    let Incoming::StatusReport(report) = desk.next().await else { panic!("no report") };
    assert_eq!(report.reference, 7);
    simulator.until(PATIENCE, |modem| modem.stored() == 0).await.unwrap();
}

#[tokio::test]
async fn a_text_that_is_only_to_be_shown_is_in_the_chat_once() {
    for keeps_flash in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let yard = Yard::with(1, Habits { keeps_flash, ..Habits::default() }).await;
        let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
        office.route.all_ready().await;
        yard.network.flash(PHONE, "modem1", "马上来");
        office.received(1).await;
        yard.network.write(PHONE, "modem1", "after");
        let received = office.received(2).await;
        assert_eq!(received.iter().map(|text| text.body.as_str()).collect::<Vec<_>>(), ["马上来", "after"]);
        yard.modems[0].until(PATIENCE, |modem| modem.stored() == 0).await.unwrap();
        assert_eq!(office.counter("doubles").await, i64::from(keeps_flash));
        office.close().await;
    }
}

#[tokio::test]
async fn pictures_are_removed_and_counted_once_each() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(1, Habits::default()).await;
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    yard.network.announce_picture(PHONE, "modem1");
    yard.network.announce_picture_in_parts(PHONE, "modem1");
    yard.network.write(PHONE, "modem1", "text");
    let received = office.received(1).await;
    assert_eq!(received.iter().map(|text| text.body.as_str()).collect::<Vec<_>>(), ["text"]);
    yard.modems[0].until(PATIENCE, |modem| modem.stored() == 0).await.unwrap();
    assert_eq!(office.counter("multimedia").await, 2);
    office.close().await;
}
