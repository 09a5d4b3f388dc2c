//! `cargo run --bin modem -- PATH [--pin PIN]`: a simulated modem at a pseudo terminal that is found under PATH, to
//! try the gateway without hardware. It shows the texts that leave it; a line `NUMBER TEXT` is a text from a phone.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use posthouse_tests::modem_simulator::{Habits, ModemSimulator, Network, Sim};
use tokio::io::{AsyncBufReadExt, BufReader};

fn main() -> ExitCode {
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(run(std::env::args().skip(1))));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("modem: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(mut words: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let (mut path, mut pin) = (None, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--pin" => pin = Some(words.next().context("--pin needs a value")?),
            _ => path = Some(std::path::PathBuf::from(word)),
        }
    }
    let path = path.context("where? For example: modem /tmp/ttyModem")?;
    let network = Network::default();
    let sim = Sim { pin, ..Sim::default() };
    let modem = plug_in(&path, &network, sim)?;
    say(&format!("a modem is plugged in at {}; a line NUMBER TEXT is a text from a phone", path.display()));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut sent = network.count();
    let (mut shown, mut is_read) = (0_usize, true);
    loop {
        tokio::select! {
            line = lines.next_line(), if is_read => match line? {
                Some(line) => {
                    let (number, text) = line.split_once(' ').unwrap_or((&line, ""));
                    network.write(number, modem.name(), text);
                }
                None => is_read = false,
            },
            changed = sent.changed() => {
                changed?;
                for text in network.sent().into_iter().skip(shown) {
                    shown += 1;
                    say(&format!("to {}: {}", text.number, text.text));
                }
            }
            ended = tokio::signal::ctrl_c() => return ended.map_err(anyhow::Error::from),
        }
    }
}

#[cfg(unix)]
fn plug_in(path: &std::path::Path, network: &Network, sim: Sim) -> anyhow::Result<ModemSimulator> {
    ModemSimulator::pty("simulator", path, network, sim, Habits::default())
}

#[cfg(not(unix))]
fn plug_in(_: &std::path::Path, _: &Network, _: Sim) -> anyhow::Result<ModemSimulator> {
    anyhow::bail!("this system has no pseudo terminals")
}

fn say(line: &str) {
    // Nobody is left to tell when the terminal is gone.
    let _ = writeln!(std::io::stdout(), "{line}");
}
