//! A large organisation: its first transfer to a client, a login without changes, and an edit on its way to
//! everybody.

pub(crate) mod reading;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use self::reading::{Known, read_directory};
use crate::client::{Line, PATIENCE};
use crate::console::say;
use crate::house::House;
use crate::people::Person;
use crate::report::Row;
use crate::servers::{Kind, Server, Setup};
use crate::sign_in::sign_out;
use crate::statistics::median;

/// Logins that are under way at the same time.
const AT_ONCE: usize = 16;

/// First transfers by more than one client.
const READERS: usize = 3;

/// Measures our server; no other has such a directory.
pub(crate) async fn measure(house: &Arc<House>) -> anyhow::Result<Vec<Row>> {
    let people = house.options().count(100_000, 10_000);
    let sessions = house.options().count(1_000, 100);
    let only_listed = people.saturating_sub(sessions);
    let setup = Setup { people: sessions, only_listed, has_archive: true, all_see_all: true };
    let server = Arc::new(Server::start(Kind::Posthouse, setup, house).await?);
    let mut rows = vec![first_transfer(&server, people, house).await?];
    let (known, row) = without_changes(&server, house).await?;
    rows.push(row);
    rows.push(edit(&server, &known, sessions, house).await?);
    Ok(rows)
}

/// Wall time from the first question to the last page: of the first client after a start, and of others.
async fn first_transfer(server: &Server, people: usize, house: &House) -> anyhow::Result<Row> {
    let mut times = Vec::new();
    for reader in Person::first(READERS.saturating_add(1)) {
        let mut line = house.enter(server, reader).await?;
        let (cpu, since) = (server.process.cpu()?, Instant::now());
        let (_, pages) = read_directory(&mut line, None).await?;
        let took = since.elapsed();
        let cpu = server.process.cpu()?.saturating_sub(cpu);
        let bytes: usize = pages.iter().map(Vec::len).sum();
        say(&format!(
            "  first transfer: {:.2} s, {:.2} s of CPU, {} KiB in {} pages",
            took.as_secs_f64(),
            cpu.as_secs_f64(),
            bytes / 1_024,
            pages.len()
        ));
        times.push(took.as_secs_f64());
        sign_out(line).await?;
    }
    let first = times.first().copied().unwrap_or_default();
    let later = median(times.split_off(1)).unwrap_or_default();
    let row = Row::new(format!("directory of {people} people: first transfer, the very first / later ones"));
    Ok(row.figure(Kind::Posthouse, format!("{first:.2} / {later:.2} s")).at_most(first.max(later), 3.0, "s"))
}

/// Bytes that tell a client that it is up to date.
async fn without_changes(server: &Server, house: &House) -> anyhow::Result<(Known, Row)> {
    let mut line = house.enter(server, Person(0)).await?;
    let (known, _) = read_directory(&mut line, None).await?;
    let (_, pages) = read_directory(&mut line, Some(&known)).await?;
    sign_out(line).await?;
    let bytes: usize = pages.iter().map(Vec::len).sum();
    say(&format!("  without changes: {} stanza of {bytes} bytes", pages.len()));
    let row = Row::new("same: login without changes").figure(Kind::Posthouse, format!("{bytes} bytes"));
    let is_small = pages.len() == 1 && bytes < 1_000;
    Ok((known, row.goal("one small stanza", is_small, format!("{} stanza", pages.len()))))
}

/// Time from the end of the administrator's command until the last session has the change.
async fn edit(
    server: &Arc<Server>,
    known: &Known,
    sessions: usize,
    house: &Arc<House>,
) -> anyhow::Result<Row> {
    let (places, mut entering) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for person in Person::first(sessions) {
        let place = Arc::clone(&places).acquire_owned().await?;
        let (server, house, known) = (Arc::clone(server), Arc::clone(house), known.clone());
        entering.spawn(async move {
            let mut line = house.enter(&server, person).await?;
            read_directory(&mut line, Some(&known)).await?;
            drop(place);
            anyhow::Ok(line)
        });
    }
    let mut listening = JoinSet::new();
    while let Some(entered) = entering.join_next().await {
        listening.spawn(told(entered??));
    }
    let cpu = server.process.cpu()?;
    let start = Instant::now();
    if let Some(ours) = server.ours() {
        ours.administer(&["user", "set", &Person(7).login(), "--mobile", "+8613800000007"], None).await?;
    }
    let done = Instant::now();
    let mut last = done;
    while let Some(told) = listening.join_next().await {
        last = last.max(told??);
    }
    let cpu = server.process.cpu()?.saturating_sub(cpu);
    let (command, arrived) = (done.duration_since(start), last.saturating_duration_since(done));
    say(&format!(
        "  the command took {:.2} s; everybody had the edit {:.2} s after it, {:.0} ms of CPU",
        command.as_secs_f64(),
        arrived.as_secs_f64(),
        cpu.as_secs_f64() * 1e3
    ));
    let seconds = last.duration_since(start).max(Duration::ZERO).as_secs_f64();
    let row = Row::new(format!("same: an edit reaches {sessions} sessions, from the start of the command"));
    Ok(row.figure(Kind::Posthouse, format!("{seconds:.2} s")).at_most(seconds, 1.0, "s"))
}

/// When the push came.
async fn told(mut line: Line) -> anyhow::Result<Instant> {
    let push = tokio::time::timeout(PATIENCE, line.read_until(b"</entries></message>")).await??;
    let came = Instant::now();
    anyhow::ensure!(memchr::memmem::find(&push, b"+8613800000007").is_some(), "another change came");
    Ok(came)
}
