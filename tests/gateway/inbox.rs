//! Texts in: joined in any order, never twice, never half unless their parts do not come.

use posthouse_gateway::outbox::Policy;
use posthouse_gateway::pool::Limits;
use posthouse_tests::modem_simulator::{Habits, ModemSimulator, Network, Sim};

use crate::office::{Office, PHONE, Yard};

async fn office(folder: &std::path::Path) -> (Yard, Office) {
    let yard = Yard::with(2, Habits::default()).await;
    let office = Office::open(folder, &yard, Policy::default(), Limits::default()).await;
    (yard, office)
}

#[tokio::test]
async fn a_long_text_is_whole_whatever_order_its_parts_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let (yard, office) = office(folder.path()).await;
    // An emoji on every border: phones cut them.
    let long = format!("{}😀{}😀{}", "一".repeat(66), "二".repeat(65), "三".repeat(20));
    let mut parts = yard.network.parts(PHONE, &long);
    assert_eq!(parts.len(), 3);
    parts.swap(0, 2);
    for part in parts {
        yard.network.deliver("modem1", part);
    }
    let received = office.received(1).await;
    assert_eq!((received[0].body.as_str(), received[0].is_complete), (long.as_str(), true));
    assert_eq!((received[0].sender.as_str(), received[0].modem.as_str()), (PHONE, "modem1"));
}

#[tokio::test]
async fn a_text_that_comes_twice_is_one_text() {
    let folder = tempfile::tempdir().unwrap();
    let (yard, office) = office(folder.path()).await;
    let part = yard.network.parts(PHONE, "once").remove(0);
    yard.network.deliver("modem1", part.clone());
    yard.network.deliver("modem1", part);
    yard.network.write(PHONE, "modem1", "after");
    let received = office.received(2).await;
    assert_eq!(received.iter().map(|text| text.body.as_str()).collect::<Vec<_>>(), ["once", "after"]);
    assert_eq!(office.counter("doubles").await, 1);
}

#[tokio::test]
async fn a_part_that_does_not_come_is_waited_for_and_then_marked() {
    let folder = tempfile::tempdir().unwrap();
    let (yard, office) = office(folder.path()).await;
    let mut parts = yard.network.parts(PHONE, &"字".repeat(150));
    parts.remove(1);
    for part in parts {
        yard.network.deliver("modem1", part);
    }
    let received = office.received(1).await;
    assert!(!received[0].is_complete);
    assert_eq!(received[0].body, format!("{} […] {}", "字".repeat(67), "字".repeat(16)));
}

#[tokio::test]
async fn texts_of_two_phones_with_the_same_reference_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let (yard, office) = office(folder.path()).await;
    // Two networks count their references alike.
    let other = Network::default();
    let ours = yard.network.parts("+8613800000001", &"甲".repeat(100));
    let theirs = other.parts("+8613800000002", &"乙".repeat(100));
    for part in [&ours[0], &theirs[0], &theirs[1], &ours[1]] {
        yard.network.deliver("modem1", part.clone());
    }
    let received = office.received(2).await;
    assert!(received.iter().all(|text| text.is_complete));
    assert_eq!(received[0].body, "乙".repeat(100));
}

#[tokio::test]
async fn a_picture_is_counted_and_does_not_fill_the_sim() {
    let folder = tempfile::tempdir().unwrap();
    let (yard, office) = office(folder.path()).await;
    yard.network.announce_picture(PHONE, "modem2");
    yard.network.write(PHONE, "modem2", "text");
    assert_eq!(office.received(1).await[0].body, "text");
    assert_eq!(office.counter("multimedia").await, 1);
}

#[tokio::test]
async fn a_sim_that_overflows_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let network = Network::default();
    let sim = Sim { places: 2, ..Sim::default() };
    let modem = ModemSimulator::tcp("modem1", &network, sim, Habits::default()).await.unwrap();
    let texts: Vec<String> = (0..30).map(|number| format!("text {number}")).collect();
    for text in &texts {
        network.write(PHONE, "modem1", text);
    }
    let yard = Yard { network, modems: vec![modem] };
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    let received = office.received(30).await;
    assert_eq!(received.into_iter().map(|text| text.body).collect::<Vec<_>>(), texts);
}
