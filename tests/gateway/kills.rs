//! The gateway's program is killed at any moment: no text is lost, none goes out twice, none comes in twice.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use posthouse_gateway::clock::Clock;
use posthouse_gateway::gateway::DATABASE;
use posthouse_gateway::inbox::Inbox;
use posthouse_gateway::outbox::{Order, Outbox, Policy, TextState};
use posthouse_gateway::store::Store;
use posthouse_tests::modem_simulator::{Habits, ModemSimulator};
use posthouse_tests::program;
use tokio::process::{Child, Command};

use crate::office::{PHONE, Yard};

const KILLS: usize = 25;
/// So many a gateway gives two modems at least when it starts with three texts in each direction.
const MOST_COMMANDS: usize = 60;
const PATIENCE: Duration = Duration::from_secs(60);

fn start(data: &std::path::Path) -> Child {
    let log = fs::File::options().create(true).append(true).open(data.join("log")).unwrap();
    Command::new(program::built("posthouse-gateway").unwrap())
        .args(["run", "--data"])
        .arg(data)
        .stdin(Stdio::null())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

fn settings(yard: &Yard) -> String {
    let mut text = "country = \"+86\"\n".to_owned();
    for modem in &yard.modems {
        text += &format!("[[modems]]\nname = \"{}\"\nport = \"{}\"\n", modem.name(), modem.port());
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_nothing_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let habits = Habits { network_time: Duration::from_millis(40), ..Habits::default() };
    let yard = Yard::with(2, habits).await;
    fs::write(folder.path().join("gateway.toml"), settings(&yard)).unwrap();
    let store = Store::open(&folder.path().join(DATABASE)).unwrap();
    let clock = Arc::new(Clock::System);
    let outbox = Outbox::beside(store.clone(), Arc::clone(&clock), Policy::default());
    let inbox = Inbox::new(store, clock, outbox.clone(), PATIENCE);

    for kill in 0..KILLS {
        for number in 0..3 {
            let id = format!("{kill}-{number}");
            let order = Order {
                origin: "scene".to_owned(),
                origin_id: id.clone(),
                reply_to: String::new(),
                recipient: String::new(),
                number: PHONE.to_owned(),
                body: id.clone(),
                is_flash: false,
                wanted: None,
            };
            assert!(outbox.take(order).await.unwrap());
            yard.network.write(PHONE, &format!("modem{}", number % 2 + 1), &format!("in {id}"));
        }
        let mut gateway = start(folder.path());
        // From before the first command to the middle of the texts.
        told(&yard, u64::try_from(kill * 7 % MOST_COMMANDS).unwrap()).await;
        gateway.kill().await.unwrap();
    }
    let _gateway = start(folder.path());

    let ids: Vec<String> =
        (0..KILLS).flat_map(|kill| (0..3).map(move |number| format!("{kill}-{number}"))).collect();
    let states = settled(&yard, &outbox, &ids).await;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for text in yard.network.sent() {
        *counts.entry(text.text).or_default() += 1;
    }
    for (id, state) in &states {
        let count = counts.get(id).copied().unwrap_or_default();
        let is_right = if *state == TextState::Unconfirmed { count <= 1 } else { count == 1 };
        assert!(is_right, "{id} is {state:?} and reached the network {count} times");
    }
    let unconfirmed = states.values().filter(|state| **state == TextState::Unconfirmed).count();
    assert!(unconfirmed <= KILLS * 2, "a kill leaves at most one text of each modem in doubt: {unconfirmed}");

    let mut came = received(&yard, &inbox, ids.len()).await;
    came.sort();
    let mut written: Vec<String> = ids.iter().map(|id| format!("in {id}")).collect();
    written.sort();
    assert_eq!(came, written);
}

/// Waits until the modems were given so many commands more.
async fn told(yard: &Yard, more: u64) {
    let commands = || yard.modems.iter().map(ModemSimulator::commands).sum::<u64>();
    let enough = commands() + more;
    while commands() < enough {
        happens(yard).await;
    }
}

/// Waits until a modem has done something: what a gateway knows of a text is on its disk before it tells the modem to
/// remove what said so.
async fn happens(yard: &Yard) {
    let mut changes: Vec<_> = yard.modems.iter().map(ModemSimulator::changes).collect();
    let any = futures_util::future::select_all(changes.iter_mut().map(|one| Box::pin(one.changed())));
    // A gateway that has nothing to do looks after its modems only once a minute.
    let _ = tokio::time::timeout(Duration::from_secs(2), any).await;
}

/// Waits until no text waits any more.
async fn settled(yard: &Yard, outbox: &Outbox, ids: &[String]) -> BTreeMap<String, TextState> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let mut states = BTreeMap::new();
        for id in ids {
            let row = outbox.find("scene", id).await.unwrap().expect("nothing that was taken is lost");
            states.insert(id.clone(), row.state);
        }
        let waits = |state: &TextState| matches!(state, TextState::Queued | TextState::Sending);
        if !states.values().any(waits) {
            return states;
        }
        assert!(tokio::time::Instant::now() < deadline, "texts still wait: {states:?}");
        happens(yard).await;
    }
}

/// All texts of the inbox, as a server would take them.
async fn received(yard: &Yard, inbox: &Inbox, count: usize) -> Vec<String> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut came = Vec::new();
    while came.len() < count && tokio::time::Instant::now() < deadline {
        let texts = inbox.unhanded().await.unwrap();
        if texts.is_empty() {
            happens(yard).await;
        }
        for text in texts {
            inbox.is_handed(text.id).await.unwrap();
            came.push(text.body);
        }
    }
    came
}
