//! Kills the real server under load, again and again, and compares what it acknowledged with what it has stored
//! and delivered.
//!
//! People write to each other with stream management and origin-ids. Connections are cut, one person comes and
//! goes, the server is killed at any moment and started again; clients resume, or sign in anew and send again
//! what was not acknowledged.

mod actor;
mod archive;
mod ledger;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::actor::{Actor, Role};
use self::ledger::Ledger;
use crate::random_input::Randomness;
use crate::raw_client::Trust;
use crate::server_process::{DOMAIN, ServerProcess};

/// Everybody's password.
const PASSWORD: &str = "Zhengque-2026!";

/// How long everything may take to arrive in the end.
const PATIENCE: Duration = Duration::from_secs(180);

/// Who takes part, and to whom each writes.
const PEOPLE: [(&str, Role, &[&str]); 5] = [
    ("alice", Role::Stays, &["bob", "erin"]),
    ("carol", Role::Stays, &["bob", "erin", "alice"]),
    ("dave", Role::IsCut, &["bob", "carol"]),
    ("bob", Role::IsCut, &["alice"]),
    ("erin", Role::ComesAndGoes, &[]),
];

/// What goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The server runs; how often it was killed before.
    Up(u32),
    /// The server is dead, or will be in a moment.
    Down,
    /// The server runs; nobody says anything new.
    Ending,
    /// Everybody goes home.
    Over,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How often the server was killed.
    pub kills: u32,
    /// How often a connection was cut by its client.
    pub cuts: u32,
    /// How often a session was resumed.
    pub resumed: u32,
    /// Messages that were written.
    pub messages: usize,
    /// Messages that were acknowledged.
    pub acknowledged: usize,
    /// Acknowledged, and in no archive of sender or receiver.
    pub lost_in_archive: usize,
    /// Never received.
    pub lost_on_the_way: usize,
    /// More than once in one archive.
    pub doubled_in_archive: usize,
    /// Received under more archive ids than its sender has sent it without knowing whether it is stored.
    pub doubled_on_the_way: usize,
    /// Received or archived in another order than written, counted by pairs of people.
    pub disordered: usize,
    /// Received once more under the same archive id: the receiver had not acknowledged it. Clients know it.
    pub repeated: usize,
    /// Received once more under another id, since nobody had been told that it is stored. Clients know it by its
    /// origin-id.
    pub resent: usize,
    /// How long it took.
    pub seconds: u64,
    /// The first things that were wrong on the way, one by one.
    pub complaints: Vec<String>,
}

impl Report {
    /// Nothing lost, nothing doubled, order kept.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let wrong = self.lost_in_archive
            + self.lost_on_the_way
            + self.doubled_in_archive
            + self.doubled_on_the_way
            + self.disordered;
        wrong == 0 && self.messages > 0 && self.acknowledged == self.messages
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} kills, {} cuts, {} resumed sessions, {} messages, {} acknowledged\n\
             lost: {} in archives, {} on the way; doubled: {} in archives, {} on the way; out of order: {}\n\
             known to clients: {} by archive id, {} by origin-id; {} s",
            self.kills,
            self.cuts,
            self.resumed,
            self.messages,
            self.acknowledged,
            self.lost_in_archive,
            self.lost_on_the_way,
            self.doubled_in_archive,
            self.doubled_on_the_way,
            self.disordered,
            self.repeated,
            self.resent,
            self.seconds,
        )?;
        self.complaints.iter().try_for_each(|complaint| write!(formatter, "\n{complaint}"))
    }
}

/// Kills the server `kills` times; `say` is told how it goes.
///
/// # Errors
/// The server does not start, or a client meets something that no kill explains.
pub async fn run(kills: u32, seed: u64, say: &(dyn Fn(&str) + Sync)) -> anyhow::Result<Report> {
    let began = Instant::now();
    let mut server = ServerProcess::start().await?;
    for (id, _, _) in PEOPLE {
        server.add_person(id, id, "总部", PASSWORD).await?;
    }
    let ledger = Arc::new(Ledger::default());
    let (phase, _) = watch::channel(Phase::Up(0));
    let mut actors = start_actors(&server, &ledger, &phase)?;
    let outcome = kill(&mut server, kills, seed, &ledger, (&phase, &mut actors), say).await;
    if let Err(error) = outcome {
        return Err(error.context(format!("the server's log:\n{}", tail(&server.log()))));
    }
    let mut report = ledger.report();
    archive::check(&server, &ledger, &mut report).await?;
    report.kills = kills;
    report.seconds = began.elapsed().as_secs();
    Ok(report)
}

type Actors = JoinSet<anyhow::Result<()>>;

fn start_actors(
    server: &ServerProcess,
    ledger: &Arc<Ledger>,
    phase: &watch::Sender<Phase>,
) -> anyhow::Result<Actors> {
    let trust = Trust::in_authority(&server.data().join("ca.pem"), DOMAIN)?;
    let address = server.address()?;
    let mut actors = JoinSet::new();
    for (id, role, peers) in PEOPLE {
        let actor = Actor::new(id, role, peers, (address.clone(), trust.clone()), Arc::clone(ledger));
        actors.spawn(actor.run(phase.subscribe()));
    }
    Ok(actors)
}

async fn kill(
    server: &mut ServerProcess,
    kills: u32,
    seed: u64,
    ledger: &Ledger,
    (phase, actors): (&watch::Sender<Phase>, &mut Actors),
    say: &(dyn Fn(&str) + Sync),
) -> anyhow::Result<()> {
    let mut random = Randomness::new(seed);
    for number in 1..=kills {
        // Any moment will do, as long as they differ: some while everybody signs in, most while all write.
        let life = Duration::from_millis(u64::try_from(random.below(700))?.saturating_add(20));
        tokio::select! {
            () = tokio::time::sleep(life) => {}
            failed = first_failure(actors) => return Err(failed),
        }
        phase.send_replace(Phase::Down);
        server.kill().await?;
        ledger.next_round();
        server.run().await?;
        phase.send_replace(Phase::Up(number));
        if number % 20 == 0 {
            say(&format!("{number} kills, {} messages acknowledged", ledger.acknowledged()));
        }
    }
    ledger.close();
    phase.send_replace(Phase::Ending);
    tokio::select! {
        ended = tokio::time::timeout(PATIENCE, ledger.is_complete()) => {
            // What is missing is counted by the report.
            if ended.is_err() { say("not everything has arrived in time") }
        }
        failed = first_failure(actors) => return Err(failed),
    }
    phase.send_replace(Phase::Over);
    while let Some(ended) = actors.join_next().await {
        ended.context("a client panicked")??;
    }
    Ok(())
}

/// A client that gives up although the server runs has found something.
async fn first_failure(actors: &mut Actors) -> anyhow::Error {
    match actors.join_next().await {
        Some(Ok(Err(error))) => error,
        Some(Ok(Ok(()))) => anyhow::anyhow!("a client went home too early"),
        Some(Err(error)) => anyhow::anyhow!("a client panicked: {error}"),
        None => std::future::pending().await,
    }
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines.get(lines.len().saturating_sub(30)..).unwrap_or_default().join("\n")
}
