//! Many modems share the work.

use std::collections::BTreeMap;
use std::time::Duration;

use posthouse_gateway::outbox::{Order, Policy};
use posthouse_gateway::pool::Limits;
use posthouse_tests::modem_simulator::Habits;

use crate::house::{House, message};
use crate::office::{Office, SMS, Yard};
use crate::world::PATIENCE;

#[tokio::test(flavor = "multi_thread")]
async fn texts_to_many_new_phones_are_spread_over_the_modems() {
    let house = House::open_with("[visibility.texts]\nstrangers = true\n", Vec::new()).await;
    for modem in &house.yard.modems {
        modem.set_habits(Habits { network_time: Duration::from_millis(200), ..Habits::default() });
    }
    let mut chen = house.person("chen.jing").await;
    for number in 0..8 {
        let stranger = format!("+861370000000{number}@{SMS}");
        chen.send(&message(&stranger, &format!("m{number}"), "您好", "")).await.unwrap();
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for text in house.yard.network.wait_for(8, PATIENCE).await.unwrap() {
        *counts.entry(text.modem).or_default() += 1;
    }
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [4, 4]);
}

fn for_modem(modem: usize, number: usize) -> Order {
    Order {
        origin: "zhang.san@posthouse.test".to_owned(),
        origin_id: format!("{modem}-{number}"),
        reply_to: String::new(),
        recipient: String::new(),
        number: format!("+86138{modem:04}{number:04}"),
        body: "您好".to_owned(),
        is_flash: false,
        wanted: Some(format!("modem{modem}")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_texts_for_a_busy_modem_are_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let yard = Yard::with(2, Habits::default()).await;
    yard.modems[0].set_habits(Habits { network_time: Duration::from_secs(10), ..Habits::default() });
    let office = Office::open(folder.path(), &yard, Policy::default(), Limits::default()).await;
    office.route.all_ready().await;
    for number in 0..300 {
        assert!(office.outbox.take(for_modem(1, number)).await.unwrap());
    }
    for number in 0..20 {
        assert!(office.outbox.take(for_modem(2, number)).await.unwrap());
    }
    let sent = yard.network.wait_for(20, PATIENCE).await.unwrap();
    assert!(sent.iter().all(|text| text.modem == "modem2"), "{sent:?}");
}
