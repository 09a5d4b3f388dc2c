//! What one routed chat message costs over TLS, at full speed and paced, without and with the archive.

mod pair;
mod shared;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;

use self::pair::Pair;
use self::shared::Shared;
use crate::console::say;
use crate::house::House;
use crate::report::Row;
use crate::servers::{Kind, Server, Setup};
use crate::statistics::{median, micros_each, percentile};

/// Senders, each with one receiver.
const PAIRS: usize = 50;

/// Time until a round is under way and counts.
const BEGINNING: Duration = Duration::from_secs(1);

/// How fast messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pace {
    /// Each sender sends as soon as fewer than eight of its messages are under way.
    Full,
    /// So many a second in all, whatever comes of them.
    Steady(u32),
}

const PACES: [Pace; 3] = [Pace::Full, Pace::Steady(500), Pace::Steady(1_000)];

/// A server, what it archives, and the people who talk over it.
struct Stage {
    server: Server,
    has_archive: bool,
    pairs: Vec<Pair>,
}

/// What several rounds of one pace gave.
#[derive(Debug, Default)]
struct Figures {
    cpu_micros: Vec<f64>,
    messages_a_second: Vec<f64>,
    delays: Vec<Duration>,
}

type Place = (bool, Pace, Kind);

/// Runs all rounds, one after the other and each pace on each server in turn.
pub(crate) async fn measure(house: &House) -> anyhow::Result<Vec<Row>> {
    let mut stages = Vec::new();
    for has_archive in [false, true] {
        for kind in house.kinds() {
            if !(has_archive && kind == Kind::Relay) {
                stages.push(Stage::open(kind, has_archive, house).await?);
            }
        }
    }
    let mut figures: BTreeMap<Place, Figures> = BTreeMap::new();
    for round in 1..=house.options().rounds() {
        for pace in PACES {
            for stage in &mut stages {
                let result = stage.play(pace, house).await?;
                say(&format!("  round {round}: {}: {}", stage.name(pace), result.told()));
                let all = figures.entry((stage.has_archive, pace, stage.server.kind)).or_default();
                all.cpu_micros.push(result.cpu_micros);
                all.messages_a_second.push(result.messages_a_second);
                all.delays.extend(result.delays);
            }
        }
    }
    for all in figures.values_mut() {
        all.delays.sort_unstable();
    }
    Ok(rows(house, &figures))
}

impl Stage {
    async fn open(kind: Kind, has_archive: bool, house: &House) -> anyhow::Result<Self> {
        say(&format!("  starting {kind}{}", archive_words(has_archive)));
        let setup =
            Setup { people: PAIRS.saturating_mul(2), only_listed: 0, has_archive, all_see_all: false };
        let server = Server::start(kind, setup, house).await?;
        let mut pairs = Vec::with_capacity(PAIRS);
        for number in 0..PAIRS {
            pairs.push(Pair::open(number, &server, house).await?);
        }
        Ok(Self { server, has_archive, pairs })
    }

    fn name(&self, pace: Pace) -> String {
        let pace = match pace {
            Pace::Full => "full speed".to_owned(),
            Pace::Steady(rate) => format!("{rate}/s"),
        };
        format!("{pace}, {}{}", self.server.kind, archive_words(self.has_archive))
    }

    /// One round.
    async fn play(&mut self, pace: Pace, house: &House) -> anyhow::Result<RoundResult> {
        let shared = Shared::begin();
        let mut playing = JoinSet::new();
        for pair in self.pairs.drain(..) {
            let shared = shared.clone();
            playing.spawn(async move {
                match pace {
                    Pace::Full => pair.talk_at_full_speed(&shared).await,
                    Pace::Steady(rate) => pair.talk_steadily(pause_of(rate), &shared).await,
                }
            });
        }
        tokio::time::sleep(BEGINNING).await;
        let time = match pace {
            Pace::Full => house.options().seconds(5, 2),
            Pace::Steady(_) => house.options().seconds(12, 4),
        };
        let process = self.server.process;
        let (cpu, (count, took)) = (process.cpu()?, shared.record(time).await);
        let cpu = process.cpu()?.saturating_sub(cpu);
        shared.stop();
        let mut delays = Vec::new();
        while let Some(played) = playing.join_next().await {
            let (pair, measured) = played??;
            self.pairs.push(pair);
            delays.extend(measured);
        }
        anyhow::ensure!(count > 0, "no message came");
        let messages_a_second = f64::from(count) / took.as_secs_f64();
        Ok(RoundResult { cpu_micros: micros_each(cpu, count), messages_a_second, delays })
    }
}

/// What one round gave.
struct RoundResult {
    cpu_micros: f64,
    messages_a_second: f64,
    delays: Vec<Duration>,
}

impl RoundResult {
    fn told(&self) -> String {
        format!("{:.1} µs of CPU each, {:.0} a second", self.cpu_micros, self.messages_a_second)
    }
}

/// How long each sender waits between two messages.
fn pause_of(rate: u32) -> Duration {
    let senders = u32::try_from(PAIRS).unwrap_or(u32::MAX);
    Duration::from_secs(1).saturating_mul(senders).checked_div(rate).unwrap_or_default()
}

fn archive_words(has_archive: bool) -> &'static str {
    if has_archive { " with archive" } else { "" }
}

fn rows(house: &House, figures: &BTreeMap<Place, Figures>) -> Vec<Row> {
    let mut rows = Vec::new();
    for has_archive in [false, true] {
        for pace in PACES {
            let find = |kind| figures.get(&(has_archive, pace, kind));
            // The relay keeps nothing: it is the measure for both.
            let relay = figures.get(&(false, pace, Kind::Relay));
            let archive = if has_archive { "archive on" } else { "archive off" };
            match pace {
                Pace::Full => rows.extend(full_speed(house, archive, &find, relay)),
                Pace::Steady(rate) => rows.extend(steady(house, archive, rate, &find, relay)),
            }
        }
    }
    rows
}

fn full_speed<'a>(
    house: &House,
    archive: &str,
    find: &impl Fn(Kind) -> Option<&'a Figures>,
    relay: Option<&Figures>,
) -> Vec<Row> {
    let mut cost = Row::new(format!("routed message, {archive}, full speed: CPU"));
    let mut speed = Row::new(format!("same: messages a second ({PAIRS} pairs, window 8)"));
    for kind in house.kinds() {
        let Some(figures) = find(kind) else { continue };
        cost = cost.figure(kind, shown_micros(&figures.cpu_micros));
        let rate = median(figures.messages_a_second.clone()).unwrap_or_default();
        speed = speed.figure(kind, format!("{rate:.0}"));
    }
    let most = if archive.ends_with("on") { 6.0 } else { 2.0 };
    vec![against_relay(cost, find(Kind::Posthouse), relay, most), speed]
}

fn steady<'a>(
    house: &House,
    archive: &str,
    rate: u32,
    find: &impl Fn(Kind) -> Option<&'a Figures>,
    relay: Option<&Figures>,
) -> Vec<Row> {
    let mut cost = Row::new(format!("routed message, {archive}, {rate}/s: CPU"));
    let mut delay = Row::new("same: delay p50 / p99");
    let mut ours_at_most = None;
    for kind in house.kinds() {
        let Some(figures) = find(kind) else { continue };
        cost = cost.figure(kind, shown_micros(&figures.cpu_micros));
        let delay_at =
            |per_cent| percentile(&figures.delays, per_cent).unwrap_or_default().as_secs_f64() * 1e3;
        let (half, most) = (delay_at(50), delay_at(99));
        delay = delay.figure(kind, format!("{half:.2} / {most:.2} ms"));
        if kind == Kind::Posthouse {
            ours_at_most = Some(most);
        }
    }
    if archive.ends_with("off") && rate == 500 {
        cost = against_relay(cost, find(Kind::Posthouse), relay, 1.5);
        if let Some(most) = ours_at_most {
            delay = delay.goal("p99 ≤ 2.5 ms", most <= 2.5, format!("p99 {most:.2} ms"));
        }
    }
    vec![cost, delay]
}

fn against_relay(row: Row, ours: Option<&Figures>, relay: Option<&Figures>, most: f64) -> Row {
    let of = |figures: Option<&Figures>| figures.and_then(|figures| median(figures.cpu_micros.clone()));
    match (of(ours), of(relay)) {
        (Some(ours), Some(relay)) => row.at_most_times(ours, relay, most),
        _ => row,
    }
}

fn shown_micros(figures: &[f64]) -> String {
    format!("{:.1} µs", median(figures.to_vec()).unwrap_or_default())
}
