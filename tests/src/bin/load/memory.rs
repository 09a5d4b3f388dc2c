//! Resident memory of each idle session over TLS.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::client::Line;
use crate::console::say;
use crate::house::House;
use crate::people::Person;
use crate::report::Row;
use crate::servers::{Kind, Server, Setup};
use crate::sign_in::appear;

/// Connections that are opened at the same time.
const AT_ONCE: usize = 16;

/// Time until everything that was only needed for the logins has been given back.
const REST: Duration = Duration::from_secs(5);

/// Opens sessions at each server in turn.
pub(crate) async fn measure(house: &Arc<House>) -> anyhow::Result<Vec<Row>> {
    let sessions = house.options().count(5_000, 1_000);
    let mut row = Row::new(format!("memory of an idle TLS session, of {sessions}"));
    let mut all = Row::new("same: the whole process");
    let mut ours = None;
    for kind in house.kinds() {
        let (each, whole) = of(kind, sessions, house).await?;
        say(&format!("  {kind}: {each:.1} KiB each, {whole:.0} MiB in all"));
        row = row.figure(kind, format!("{each:.1} KiB"));
        all = all.figure(kind, format!("{whole:.0} MiB"));
        if kind == Kind::Posthouse {
            ours = Some(each);
        }
    }
    let row = ours.into_iter().fold(row, |row, each| row.at_most(each, 20.0, "KiB"));
    Ok(vec![row, all])
}

/// KiB of each session, and MiB of the process with all of them.
async fn of(kind: Kind, sessions: usize, house: &Arc<House>) -> anyhow::Result<(f64, f64)> {
    say(&format!("  starting {kind}"));
    let setup = Setup { people: sessions, only_listed: 0, has_archive: true, all_see_all: false };
    let server = Arc::new(Server::start(kind, setup, house).await?);
    // The first ones pay for what the process has only once.
    let warm = open(&server, 0..AT_ONCE, house).await?;
    tokio::time::sleep(REST).await;
    let before = server.process.memory()?;
    let lines = open(&server, AT_ONCE..sessions, house).await?;
    tokio::time::sleep(REST).await;
    let after = server.process.memory()?;
    let count = u32::try_from(lines.len())?;
    drop((warm, lines));
    let each = f64::from(after.saturating_sub(before)) / f64::from(count.max(1));
    Ok((each, f64::from(after) / 1_024.0))
}

/// Signs these people in, some at a time.
async fn open(
    server: &Arc<Server>,
    people: std::ops::Range<usize>,
    house: &Arc<House>,
) -> anyhow::Result<Vec<Line>> {
    let (places, mut entering) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for person in people.map(Person) {
        let place = Arc::clone(&places).acquire_owned().await?;
        let (server, house) = (Arc::clone(server), Arc::clone(house));
        entering.spawn(async move {
            let mut line = house.enter(&server, person).await?;
            if server.kind != Kind::Relay {
                appear(&mut line).await?;
            }
            line.rest();
            drop(place);
            anyhow::Ok(line)
        });
    }
    let mut lines = Vec::new();
    while let Some(entered) = entering.join_next().await {
        lines.push(entered??);
    }
    Ok(lines)
}
