//! What one login over TLS with SCRAM costs, beside the bare TLS handshake.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::console::say;
use crate::house::House;
use crate::people::Person;
use crate::report::Row;
use crate::servers::{Kind, Server, Setup};
use crate::sign_in::sign_out;
use crate::statistics::{median, micros_each};

/// People who sign in again and again, each for themselves.
const PEOPLE: usize = 4;

/// Runs rounds on each server in turn.
pub(crate) async fn measure(house: &Arc<House>) -> anyhow::Result<Vec<Row>> {
    let mut servers = Vec::new();
    for kind in house.kinds() {
        say(&format!("  starting {kind}"));
        let setup = Setup { people: PEOPLE, only_listed: 0, has_archive: true, all_see_all: false };
        servers.push(Arc::new(Server::start(kind, setup, house).await?));
    }
    let each = house.options().count(250, 60);
    let mut figures: BTreeMap<Kind, Vec<f64>> = BTreeMap::new();
    for round in 0..=house.options().rounds() {
        for server in &servers {
            let micros = play(server, each, house).await?;
            // The first round is for practice.
            if round > 0 {
                say(&format!("  round {round}: {}: {micros:.0} µs of CPU each", server.kind));
                figures.entry(server.kind).or_default().push(micros);
            }
        }
    }
    let mut row = Row::new("login (TLS, SCRAM-SHA-256, resource; relay: TLS alone): CPU");
    let of = |kind| figures.get(&kind).and_then(|all| median(all.clone()));
    for kind in house.kinds() {
        row = row.figure(kind, format!("{:.0} µs", of(kind).unwrap_or_default()));
    }
    if let (Some(ours), Some(relay)) = (of(Kind::Posthouse), of(Kind::Relay)) {
        row = row.at_most_times(ours, relay, 2.5);
    }
    Ok(vec![row])
}

async fn play(server: &Arc<Server>, each: usize, house: &Arc<House>) -> anyhow::Result<f64> {
    let before = server.process.cpu()?;
    let mut playing = JoinSet::new();
    for person in Person::first(PEOPLE) {
        let (server, house) = (Arc::clone(server), Arc::clone(house));
        playing.spawn(async move {
            for _ in 0..each {
                come_and_go(&server, person, &house).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(played) = playing.join_next().await {
        played??;
    }
    let cpu = server.process.cpu()?.saturating_sub(before);
    Ok(micros_each(cpu, u32::try_from(each.saturating_mul(PEOPLE))?))
}

async fn come_and_go(server: &Server, person: Person, house: &House) -> anyhow::Result<()> {
    match server.kind {
        Kind::Relay => house.connect(server).await?.close().await,
        Kind::Posthouse | Kind::Prosody | Kind::Ejabberd => {
            sign_out(house.enter(server, person).await?).await
        }
    }
}
