//! Texts that go out: how many a minute, and how long a gateway lets a modem wait between two of them.

use std::time::{Duration, Instant};

use posthouse_tests::modem_simulator::ModemSimulator;

use crate::kind::{Gateway, Kind};
use crate::options::Options;
use crate::say;
use crate::table::{Row, Table};
use crate::yard::Yard;

/// A slow network's time for a text.
const SLOW: Duration = Duration::from_secs(3);

const PATIENCE: Duration = Duration::from_secs(600);

struct Outcome {
    a_minute: f64,
    gaps: Vec<Duration>,
}

pub(crate) async fn measure(options: &Options, table: &mut Table) -> anyhow::Result<()> {
    for &modems in options.modems() {
        let mut rate = Row::new(format!("{modems} modems, network 3 s: texts a minute"));
        let mut gap = Row::new("same: a modem waits between two texts, p50 / p95");
        let ideal = 20.0 * modem_count(modems);
        for kind in options.kinds() {
            let outcome = send(kind, modems, 10, SLOW).await?;
            say(&format!("{kind}: {modems} modems, 3 s: {:.1} texts a minute", outcome.a_minute));
            rate = rate.figure(kind, format!("{:.1}", outcome.a_minute));
            let (half, most) = (percentile(&outcome.gaps, 50), percentile(&outcome.gaps, 95));
            gap = gap.figure(kind, format!("{half:.1} / {most:.1} ms"));
            if kind == Kind::Posthouse {
                let share = outcome.a_minute / ideal * 100.0;
                rate = rate.goal(format!("≥ 99 % of {ideal:.0}"), share >= 99.0, format!("{share:.1} %"));
                let is_met = half <= 10.0 && most <= 30.0;
                gap = gap.goal("≤ 10 / 30 ms", is_met, format!("{half:.1} / {most:.1} ms"));
            }
        }
        table.add(rate);
        table.add(gap);
    }
    for &modems in options.modems() {
        let mut rate = Row::new(format!("{modems} modems, network 0 s: texts a minute"));
        let (mut ours, mut best) = (0.0_f64, 0.0_f64);
        for kind in options.kinds() {
            let each = if kind == Kind::Posthouse { 200 } else { 15 };
            let outcome = send(kind, modems, each, Duration::ZERO).await?;
            say(&format!("{kind}: {modems} modems, 0 s: {:.0} texts a minute", outcome.a_minute));
            rate = rate.figure(kind, format!("{:.0}", outcome.a_minute));
            if kind == Kind::Posthouse {
                ours = outcome.a_minute;
            } else {
                best = best.max(outcome.a_minute);
            }
        }
        if best > 0.0 {
            let times = ours / best;
            rate = rate.goal("≥ 10 × the best peer", times >= 10.0, format!("{times:.0} ×"));
        }
        table.add(rate);
    }
    Ok(())
}

/// Orders `each` texts for each modem and waits until all have reached the network. With a slow network the last
/// text's time counts until its result.
async fn send(kind: Kind, modems: usize, each: usize, network_time: Duration) -> anyhow::Result<Outcome> {
    let yard = Yard::with(modems, network_time)?;
    let mut gateway = Gateway::start(kind, &yard).await?;
    let count = modems.saturating_mul(each);
    let began = Instant::now();
    gateway.order(&yard, each).await?;
    let sent = yard.network.wait_for(count, PATIENCE).await?;
    let last = sent.iter().map(|text| text.at).max().unwrap_or(began);
    let minutes = last.duration_since(began).as_secs_f64() / 60.0;
    let mut gaps: Vec<Duration> = yard.modems.iter().flat_map(ModemSimulator::gaps).collect();
    gaps.sort_unstable();
    Ok(Outcome { a_minute: modem_count(count) / minutes, gaps })
}

fn modem_count(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// In milliseconds.
pub(crate) fn percentile(sorted: &[Duration], per_cent: usize) -> f64 {
    let place = sorted.len().saturating_mul(per_cent).div_ceil(100).saturating_sub(1);
    sorted.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
