//! Our own server, as it is built, with limits that do not stand in the way of the measurement.

use std::time::Instant;

use anyhow::Context;
use posthouse_tests::server_process::ServerProcess;

use super::{Keeper, Kind, Server, Setup};
use crate::console::say;
use crate::house::House;
use crate::people::{ITERATIONS, Person, write_sheet};
use crate::process::Process;

/// Settings of every server that is measured.
const SETTINGS: [(&str, &str); 4] = [
    ("connections", "100000"),
    ("connections_per_address", "100000"),
    ("new_connections_per_second", "100000"),
    ("bytes_per_second", "1000000000"),
];

pub(super) async fn start(setup: Setup, house: &House) -> anyhow::Result<Server> {
    let mut server = ServerProcess::prepare().await?;
    house.share_certificate(&server.data())?;
    let iterations = ITERATIONS.to_string();
    let archive = if setup.has_archive { "\"always\"" } else { "\"never\"" };
    server.configure(&SETTINGS)?;
    // Whoever signs in for the table may do so for the log: a line for each login is what a server writes.
    server.configure(&[("iterations", &iterations), ("default", archive)])?;
    let sheet = server.data().join("people.csv");
    write_sheet(&sheet, Person::first(setup.people), true)?;
    say(&format!("  {} people for our server", setup.people));
    server.import(&sheet).await?;
    if setup.only_listed > 0 {
        let all = setup.people.saturating_add(setup.only_listed);
        write_sheet(&sheet, (setup.people..all).map(Person), false)?;
        let since = Instant::now();
        server.import(&sheet).await?;
        let seconds = since.elapsed().as_secs_f64();
        say(&format!("  {} more without password, imported in {seconds:.1} s", setup.only_listed));
    }
    server.run().await?;
    of(server)
}

/// A server that runs already.
pub(crate) fn of(server: ServerProcess) -> anyhow::Result<Server> {
    let address = server.address_of("direct_tls")?.parse().context("address")?;
    let process = Process(server.process().context("the server has ended")?);
    Ok(Server { kind: Kind::Posthouse, address, process, keeper: Keeper::Posthouse(Box::new(server)) })
}
