//! Figures behind `cargo xtask load`: what our server costs beside Prosody, ejabberd and a bare TLS relay,
//! measured on this machine in the same run.

mod client;
mod console;
mod counting;
mod directory;
mod house;
mod logins;
mod memory;
mod messages;
mod options;
mod people;
mod process;
mod relay;
mod report;
mod scram;
mod servers;
mod sign_in;
mod statistics;
mod storm;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;

use crate::console::say;
use crate::house::House;
use crate::options::{Measure, Options};
use crate::report::Report;

fn main() -> ExitCode {
    let outcome = run(std::env::args().skip(1).collect());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("load: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(words: Vec<String>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime")?;
    if words.first().is_some_and(|word| word == relay::COMMAND) {
        return runtime.block_on(relay::run(words.into_iter().skip(1)));
    }
    let options = Options::read(words.into_iter())?;
    if options.wants_help {
        say(options::USAGE.trim_end());
        return Ok(());
    }
    runtime.block_on(async {
        tokio::select! {
            outcome = measure(options) => outcome,
            stopped = tokio::signal::ctrl_c() => {
                stopped.context("Ctrl-C cannot be waited for")?;
                anyhow::bail!("stopped by Ctrl-C")
            }
        }
    })
}

async fn measure(options: Options) -> anyhow::Result<()> {
    // One file for each of some thousand connections.
    rlimit::increase_nofile_limit(servers::OPEN_FILES).context("the limit of open files")?;
    servers::install::peers(&options)?;
    let house = Arc::new(House::open(options).await?);
    let mut report = Report::begin(house.options());
    for measure in house.options().measures() {
        say(&format!("\n== {measure}"));
        let rows = match measure {
            Measure::Messages => messages::measure(&house).await,
            Measure::Memory => memory::measure(&house).await,
            Measure::Logins => logins::measure(&house).await,
            Measure::Storm => storm::measure(&house).await,
            Measure::Directory => directory::measure(&house).await,
        };
        report.add(rows.with_context(|| format!("{measure}"))?);
    }
    say(&report.table());
    Ok(())
}
