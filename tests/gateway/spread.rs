//! Many modems share the work.

use std::collections::BTreeMap;
use std::time::Duration;

use posthouse_tests::modem_simulator::Habits;

use crate::house::{House, message};
use crate::office::SMS;
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
