//! `cargo xtask chaos [--gateway | --notices] --kills N [--seed S]`: kill -9 under load, again and again: the server,
//! the gateway, or both while a business system sends notices.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use posthouse_tests::{chaos, gateway_chaos, notice_chaos};

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
    /// Who is killed, and what goes on meanwhile.
    scene: Scene,
}

/// What is tried.
#[derive(Debug, Clone, Copy)]
enum Scene {
    /// People write to each other; the server is killed.
    Server,
    /// People and phones write to each other; the gateway is killed.
    Gateway,
    /// So many notices go to so many people; both are killed.
    Notices(usize, usize),
}

fn read_arguments(mut words: impl Iterator<Item = String>) -> anyhow::Result<Asked> {
    let mut seed = [0_u8; 8];
    aws_lc_rs::rand::fill(&mut seed).context("the system gives no randomness")?;
    let (mut kills, mut seed) = (None, u64::from_le_bytes(seed));
    let (mut scene, mut notices, mut people) = (Scene::Server, 10_000, 1_000);
    while let Some(word) = words.next() {
        if word == "--gateway" || word == "--notices" {
            scene = if word == "--gateway" { Scene::Gateway } else { Scene::Notices(0, 0) };
            continue;
        }
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--kills" => kills = Some(value.parse().context("--kills takes a number")?),
            "--seed" => seed = value.parse().context("--seed takes a number")?,
            "--count" => notices = value.parse().context("--count takes a number")?,
            "--people" => people = value.parse().context("--people takes a number")?,
            _ => anyhow::bail!(
                "there is no {word}; there are --gateway, --notices, --kills, --seed, and --count and --people of notices"
            ),
        }
    }
    let is_about_notices = matches!(scene, Scene::Notices(..));
    let kills = kills.unwrap_or(if is_about_notices { 20 } else { 200 });
    let scene = if is_about_notices { Scene::Notices(notices, people) } else { scene };
    Ok(Asked { kills, seed, scene })
}

/// Whether nothing was lost, doubled or out of order.
fn run(asked: &Asked) -> anyhow::Result<bool> {
    let Asked { kills, seed, scene } = *asked;
    say(&format!("{kills} kills, seed {seed}"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (words, is_good) = match scene {
        Scene::Server => {
            let report = runtime.block_on(chaos::run(kills, seed, &say))?;
            (report.to_string(), report.is_good())
        }
        Scene::Gateway => {
            let report = runtime.block_on(gateway_chaos::run(kills, seed, &say))?;
            (report.to_string(), report.is_good())
        }
        Scene::Notices(notices, people) => {
            let size = notice_chaos::Size { notices, people, kills: usize::try_from(kills)? };
            let report = runtime.block_on(notice_chaos::run(size, seed, &say))?;
            (report.to_string(), report.is_good())
        }
    };
    say(&words);
    say(if is_good { "nothing lost, nothing doubled, order kept" } else { "NOT GOOD" });
    Ok(is_good)
}

fn say(line: &str) {
    // Nobody is left to tell when the terminal is gone.
    let _ = writeln!(std::io::stdout(), "{line}");
}
