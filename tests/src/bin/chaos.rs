//! `cargo xtask chaos [--gateway] --kills N [--seed S]`: kill -9 under load, again and again: the server, or the
//! gateway.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use posthouse_tests::{chaos, gateway_chaos};

fn main() -> ExitCode {
    match read_arguments(std::env::args().skip(1)).and_then(|asked| run(&asked)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("chaos: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What is asked for.
struct Asked {
    /// How often to kill.
    kills: u32,
    /// Decides the moments.
    seed: u64,
    /// The gateway instead of the server.
    gateway: bool,
}

fn read_arguments(mut words: impl Iterator<Item = String>) -> anyhow::Result<Asked> {
    let mut seed = [0_u8; 8];
    aws_lc_rs::rand::fill(&mut seed).context("the system gives no randomness")?;
    let (mut kills, mut seed) = (200, u64::from_le_bytes(seed));
    let mut gateway = false;
    while let Some(word) = words.next() {
        if word == "--gateway" {
            gateway = true;
            continue;
        }
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--kills" => kills = value.parse().context("--kills takes a number")?,
            "--seed" => seed = value.parse().context("--seed takes a number")?,
            _ => anyhow::bail!("there is no {word}; there are --gateway, --kills and --seed"),
        }
    }
    Ok(Asked { kills, seed, gateway })
}

/// Whether nothing was lost, doubled or out of order.
fn run(asked: &Asked) -> anyhow::Result<bool> {
    let Asked { kills, seed, gateway } = *asked;
    say(&format!("{kills} kills, seed {seed}"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (words, is_good) = if gateway {
        let report = runtime.block_on(gateway_chaos::run(kills, seed, &say))?;
        (report.to_string(), report.is_good())
    } else {
        let report = runtime.block_on(chaos::run(kills, seed, &say))?;
        (report.to_string(), report.is_good())
    };
    say(&words);
    say(if is_good { "nothing lost, nothing doubled, order kept" } else { "NOT GOOD" });
    Ok(is_good)
}

fn say(line: &str) {
    // Nobody is left to tell when the terminal is gone.
    let _ = writeln!(std::io::stdout(), "{line}");
}
