//! Texts that come in: from the modem's notice to the client, or to a handler's script.

use std::time::{Duration, Instant};

use crate::kind::{Gateway, Kind};
use crate::options::Options;
use crate::ours::PHONE;
use crate::outbound::percentile;
use crate::say;
use crate::table::{Row, Table};
use crate::yard::Yard;

/// Between two texts, beside what a gateway needs.
const PAUSE: Duration = Duration::from_millis(200);

pub(crate) async fn measure(options: &Options, table: &mut Table) -> anyhow::Result<()> {
    let count = if options.is_quick { 5 } else { 20 };
    let mut row = Row::new(format!("a text comes in, {count} of them: p50 / p95"));
    for kind in options.kinds() {
        let yard = Yard::with(1, Duration::ZERO)?;
        let mut gateway = Gateway::start(kind, &yard).await?;
        let mut times = Vec::new();
        for number in 0..count {
            let began = Instant::now();
            let text = format!("@陈静 in {number}");
            yard.network.write(PHONE, "modem1", &text);
            gateway.until_arrived(number).await?;
            times.push(began.elapsed());
            tokio::time::sleep(PAUSE).await;
        }
        times.sort_unstable();
        let (half, most) = (percentile(&times, 50), percentile(&times, 95));
        say(&format!("{kind}: a text comes in: {half:.1} / {most:.1} ms"));
        row = row.figure(kind, format!("{half:.0} / {most:.0} ms"));
        if kind == Kind::Posthouse {
            let is_met = half <= 50.0 && most <= 150.0;
            row = row.goal("≤ 50 / 150 ms", is_met, format!("{half:.1} / {most:.1} ms"));
        }
    }
    table.add(row);
    Ok(())
}
