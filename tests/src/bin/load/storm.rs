//! A whole company signs in at once, and everybody sees everybody.

mod app;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use self::app::App;
use crate::client::Line;
use crate::console::say;
use crate::house::House;
use crate::people::{DEPARTMENT, Person};
use crate::process::Process;
use crate::report::Row;
use crate::servers::{Kind, Server, Setup};
use crate::sign_in::appear;

/// Logins that are under way at the same time.
const AT_ONCE: usize = 50;

/// Processor time that counts as none, in a pause of that length.
const QUIET: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// A storm that has not ended by then never will.
const LONGEST: Duration = Duration::from_secs(1_200);

/// What people sign in with.
#[derive(Debug, Clone)]
enum Client {
    /// The app: reads the directory it has already, watches what is on its screen.
    App(Arc<App>),
    /// Any XMPP client: asks for its roster, gets everybody's presence.
    Standard,
}

/// Each server with half a company and with a whole one.
pub(crate) async fn measure(house: &Arc<House>) -> anyhow::Result<Vec<Row>> {
    let company = house.options().count(1_000, 200);
    let mut cost = Row::new(format!("{company} people who all see each other sign in: CPU per login"));
    let mut growth = Row::new("same: CPU per login with half as many people");
    let mut total = Row::new("same: CPU in all");
    for kind in house.kinds().into_iter().filter(|kind| *kind != Kind::Relay) {
        let half = storm(kind, company / 2, true, house).await?;
        let whole = storm(kind, company, true, house).await?;
        let each = |cpu: Duration, people: usize| -> anyhow::Result<f64> {
            Ok(cpu.as_secs_f64() * 1e3 / f64::from(u32::try_from(people)?))
        };
        let (half, each) = (each(half, company / 2)?, each(whole, company)?);
        cost = cost.figure(kind, format!("{each:.2} ms"));
        growth = growth.figure(kind, format!("{half:.2} ms"));
        total = total.figure(kind, format!("{:.1} s", whole.as_secs_f64()));
        if kind == Kind::Posthouse {
            cost = cost.at_most(each, 1.0, "ms");
            let times = each / half.max(f64::MIN_POSITIVE);
            growth = growth.goal("flat (≤ 1.25 × as N doubles)", times <= 1.25, format!("{times:.2} ×"));
        }
    }
    let mut standard = Row::new(format!(
        "same with standard clients, which see their {DEPARTMENT} colleagues: CPU per login"
    ));
    let cpu = storm(Kind::Posthouse, company, false, house).await?;
    let each = cpu.as_secs_f64() * 1e3 / f64::from(u32::try_from(company)?);
    standard = standard.figure(Kind::Posthouse, format!("{each:.2} ms"));
    Ok(vec![cost, growth, total, standard])
}

/// CPU until everybody is there and has been told of everybody.
async fn storm(kind: Kind, people: usize, has_app: bool, house: &Arc<House>) -> anyhow::Result<Duration> {
    say(&format!("  starting {kind} with {people} people"));
    let setup = Setup { people, only_listed: 0, has_archive: true, all_see_all: true };
    let server = Arc::new(Server::start(kind, setup, house).await?);
    let client = match kind {
        Kind::Posthouse if has_app => Client::App(Arc::new(App::install(&server, house).await?)),
        _ => Client::Standard,
    };
    // Their keys are derived before the clock starts: that work is the clients'.
    settle(server.process).await?;
    let (before, since) = (server.process.cpu()?, Instant::now());
    let (places, mut entering) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    let mut listening = JoinSet::new();
    for person in Person::first(people) {
        while let Some(entered) = entering.try_join_next() {
            listening.spawn(listen(entered??));
        }
        let place = Arc::clone(&places).acquire_owned().await?;
        let (server, house, client) = (Arc::clone(&server), Arc::clone(house), client.clone());
        entering.spawn(async move {
            let line = arrive(&server, person, people, &client, &house).await;
            drop(place);
            line
        });
    }
    while let Some(entered) = entering.join_next().await {
        listening.spawn(listen(entered??));
    }
    let came = since.elapsed();
    settle(server.process).await?;
    let cpu = server.process.cpu()?.saturating_sub(before);
    say(&format!(
        "  {kind}, {people} people: {:.2} s of CPU, everybody in after {:.1} s, quiet after {:.1} s",
        cpu.as_secs_f64(),
        came.as_secs_f64(),
        since.elapsed().as_secs_f64()
    ));
    Ok(cpu)
}

async fn arrive(
    server: &Server,
    person: Person,
    people: usize,
    client: &Client,
    house: &House,
) -> anyhow::Result<Line> {
    let mut line = house.enter(server, person).await?;
    match client {
        Client::App(app) => app.start(&mut line, person, people).await?,
        Client::Standard => appear(&mut line).await?,
    }
    Ok(line)
}

/// Takes whatever comes, for as long as the server is there.
async fn listen(mut line: Line) {
    while line.read().await.unwrap_or_default() > 0 {
        line.received.clear();
    }
}

/// Waits until the process has nothing to do any more.
async fn settle(process: Process) -> anyhow::Result<()> {
    let (quiet, pause) = QUIET;
    let deadline = Instant::now() + LONGEST;
    let mut before = process.cpu()?;
    let mut quiet_for = 0;
    while quiet_for < 3 {
        tokio::time::sleep(pause).await;
        let now = process.cpu()?;
        quiet_for = if now.saturating_sub(before) <= quiet { quiet_for + 1 } else { 0 };
        before = now;
        anyhow::ensure!(Instant::now() < deadline, "the server does not come to rest");
    }
    Ok(())
}
