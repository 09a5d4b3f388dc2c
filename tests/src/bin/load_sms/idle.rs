//! What a gateway costs when nothing happens.

use std::time::Duration;

use crate::family;
use crate::kind::{Gateway, Kind};
use crate::options::Options;
use crate::say;
use crate::table::{Row, Table};
use crate::yard::Yard;

pub(crate) async fn measure(options: &Options, table: &mut Table) -> anyhow::Result<()> {
    let modems = if options.is_quick { 4 } else { 16 };
    let time = Duration::from_secs(if options.is_quick { 20 } else { 120 });
    let mut told = Row::new(format!("idle, {modems} modems: commands a second and modem"));
    let mut busy = Row::new("same: processor");
    let mut memory = Row::new("same: memory (PSS)");
    for kind in options.kinds() {
        let yard = Yard::with(modems, Duration::ZERO)?;
        let gateway = Gateway::start(kind, &yard).await?;
        let family = family::of(&gateway.processes());
        let (commands, cpu) = (yard.commands(), family::cpu(&family)?);
        tokio::time::sleep(time).await;
        let commands = yard.commands().saturating_sub(commands);
        let cpu = family::cpu(&family)?.saturating_sub(cpu);
        let size = family::memory(&family)?;
        let rate =
            f64::from(u32::try_from(commands)?) / time.as_secs_f64() / f64::from(u32::try_from(modems)?);
        let share = cpu.as_secs_f64() / time.as_secs_f64() * 100.0;
        let mebibytes = f64::from(u32::try_from(size)?) / 1_024.0;
        say(&format!(
            "{kind}: idle: {rate:.3} commands a second and modem, {share:.2} %, {mebibytes:.1} MiB"
        ));
        told = told.figure(kind, format!("{rate:.3}"));
        busy = busy.figure(kind, format!("{share:.2} %"));
        memory = memory.figure(kind, format!("{mebibytes:.1} MiB"));
        if kind == Kind::Posthouse {
            told = told.goal("≤ 0.1", rate <= 0.1, format!("{rate:.3}"));
            busy = busy.goal("≤ 0.5 %", share <= 0.5, format!("{share:.2} %"));
            memory = memory.goal("≤ 30 MiB", mebibytes <= 30.0, format!("{mebibytes:.1} MiB"));
        }
    }
    table.add(told);
    table.add(busy);
    table.add(memory);
    Ok(())
}
