//! Figures behind `cargo xtask load sms`: our gateway, end to end from an XMPP message, beside smstools and
//! gammu-smsd with files, all on the same simulated modems in the same run.

mod family;
mod gammu;
mod idle;
mod inbound;
mod kind;
mod options;
mod ours;
mod outbound;
mod script;
mod smstools;
mod table;
mod yard;

use std::io::Write;
use std::process::ExitCode;

use self::options::Options;
use self::table::Table;

#[tokio::main]
async fn main() -> ExitCode {
    match Options::read(std::env::args().skip(1)) {
        Ok(options) => match measure(&options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        },
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    say(&format!("load sms: {error:#}"));
    ExitCode::FAILURE
}

async fn measure(options: &Options) -> anyhow::Result<()> {
    let mut table = Table::default();
    outbound::measure(options, &mut table).await?;
    inbound::measure(options, &mut table).await?;
    idle::measure(options, &mut table).await?;
    say(&table.text(options));
    Ok(())
}

/// A line for whoever waits.
pub(crate) fn say(line: &str) {
    // Nobody is left to tell when the terminal is gone.
    let _ = writeln!(std::io::stdout(), "{line}");
}
