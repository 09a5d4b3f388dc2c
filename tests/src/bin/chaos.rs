//! `cargo xtask chaos --kills N [--seed S]`: kill -9 under load, again and again.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use posthouse_tests::chaos;

fn main() -> ExitCode {
    match read_arguments(std::env::args().skip(1)).and_then(|(kills, seed)| run(kills, seed)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("chaos: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// How often to kill, and the seed of the moments.
fn read_arguments(mut words: impl Iterator<Item = String>) -> anyhow::Result<(u32, u64)> {
    let mut seed = [0_u8; 8];
    aws_lc_rs::rand::fill(&mut seed).context("the system gives no randomness")?;
    let (mut kills, mut seed) = (200, u64::from_le_bytes(seed));
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--kills" => kills = value.parse().context("--kills takes a number")?,
            "--seed" => seed = value.parse().context("--seed takes a number")?,
            _ => anyhow::bail!("there is no {word}; there are --kills and --seed"),
        }
    }
    Ok((kills, seed))
}

/// Whether nothing was lost, doubled or out of order.
fn run(kills: u32, seed: u64) -> anyhow::Result<bool> {
    say(&format!("{kills} kills, seed {seed}"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let report = runtime.block_on(chaos::run(kills, seed, &say))?;
    say(&report.to_string());
    say(if report.is_good() { "nothing lost, nothing doubled, order kept" } else { "NOT GOOD" });
    Ok(report.is_good())
}

fn say(line: &str) {
    // Nobody is left to tell when the terminal is gone.
    let _ = writeln!(std::io::stdout(), "{line}");
}
