//! Kills the real server and the real gateway again and again while a business system sends notices to people who
//! are there and to people who are away, and compares what was sent with what arrived: at clients, at phones, in the
//! histories, and in what the server says became of each notice.

mod client;
mod house;
mod judge;
mod ledger;
mod report;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::business_system::BusinessSystem;
use crate::random_input::Randomness;
use house::House;
use ledger::Ledger;
pub use report::Report;

/// Notices on their way to the server at the same time.
const SENDERS: usize = 8;
/// How long a sender who heard nothing waits before asking again.
const AGAIN: Duration = Duration::from_millis(50);
/// How long everything may take to arrive in the end.
const PATIENCE: Duration = Duration::from_secs(300);

/// How much there is of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Notices, each to one person.
    pub notices: usize,
    /// People, half of them at a client, all with a phone.
    pub people: usize,
    /// How often to kill: the server and the gateway in turns.
    pub kills: usize,
}

/// Whether the server can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Up,
    Down,
    Over,
}

/// Sends and kills; `say` is told how it goes.
///
/// # Errors
/// Server or gateway do not start, or a client meets something that no kill explains.
pub async fn run(size: Size, seed: u64, say: &(dyn Fn(&str) + Sync)) -> anyhow::Result<Report> {
    let start = Instant::now();
    let mut randomness = Randomness::new(seed);
    let mut house = House::open(size.people).await?;
    say(&format!("{} people; {} at their clients", size.people, size.people.div_ceil(2)));
    let ledger = Arc::new(Ledger::new(size));
    let (tell, phase) = watch::channel(Phase::Up);
    let mut clients = JoinSet::new();
    for person in (0..size.people).step_by(2) {
        clients.spawn(client::stay(person, house.entrance()?, Arc::clone(&ledger), phase.clone()));
    }
    let mut senders = JoinSet::new();
    for _ in 0..SENDERS {
        senders.spawn(send(house.system.clone(), Arc::clone(&ledger)));
    }
    kill_in_turns(&mut house, &ledger, &tell, (&mut randomness, say)).await?;
    ledger.allow(size.notices);
    all(&mut senders).await?;
    let network = house.gateway.network.clone();
    ledger.has_arrived(&network, PATIENCE).await;
    say("all sent; what came of it?");
    let mut report = judge::timelines(&house.system, &ledger, PATIENCE).await?;
    tell.send_replace(Phase::Over);
    all(&mut clients).await?;
    judge::arrivals(&ledger, &network.sent(), &mut report);
    judge::histories(house.entrance()?, &ledger, &mut report).await?;
    report.kills = size.kills;
    report.people = size.people;
    report.seconds = start.elapsed().as_secs();
    Ok(report)
}

/// Waits until all have ended well.
async fn all(tasks: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(())
}

async fn kill_in_turns(
    house: &mut House,
    ledger: &Ledger,
    tell: &watch::Sender<Phase>,
    (randomness, say): (&mut Randomness, &(dyn Fn(&str) + Sync)),
) -> anyhow::Result<()> {
    let size = ledger.size();
    for kill in 0..size.kills {
        // The first half of a step finds all clients there, the second meets the kill and what follows it.
        ledger.are_there(size.people.div_ceil(2), PATIENCE).await?;
        let step = size.notices / size.kills;
        ledger.allow((kill + 1) * step);
        ledger.is_accepted(kill * step + step / 2, PATIENCE).await?;
        tokio::time::sleep(Duration::from_millis(u64::try_from(randomness.below(200))?)).await;
        if kill % 2 == 0 {
            tell.send_replace(Phase::Down);
            house.restart_server().await?;
            tell.send_replace(Phase::Up);
        } else {
            house.restart_gateway().await?;
        }
        say(&format!("{} kills; {} sent", kill + 1, ledger.accepted()));
    }
    Ok(())
}

/// Sends one notice after the other; who hears nothing asks again, with the same key.
async fn send(system: BusinessSystem, ledger: Arc<Ledger>) -> anyhow::Result<()> {
    while let Some(number) = ledger.next().await {
        let notice = json!({
            "to": {"people": [house::login(ledger.receiver(number))]},
            "title": ledger::title(number), "idempotencyKey": ledger::title(number),
        });
        let deadline = Instant::now() + PATIENCE;
        loop {
            match system.post(house::MESSAGES, &notice).await {
                Ok(answer) if answer.status < 500 => {
                    let id = answer.body.get("id").and_then(|id| id.as_str()).context(answer.text.clone())?;
                    ledger.was_accepted(number, id);
                    break;
                }
                Ok(_) | Err(_) => tokio::time::sleep(AGAIN).await,
            }
            anyhow::ensure!(Instant::now() < deadline, "the server takes no notice any more");
        }
    }
    Ok(())
}
