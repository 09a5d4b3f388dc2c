//! `doctor`: goes through settings, server, ports, SIMs and networks, and says what to do.

use clap::Args;

use super::{CommandError, DataFolder, block_on, run, say};
use crate::config::Config;
use crate::gateway::DATABASE;
use crate::modem::{Probe, locate, probe};
use crate::store::Store;

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    folder: DataFolder,
}

impl Doctor {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let config = self.folder.config()?;
        say("Settings: in order.")?;
        block_on(self.examine(&config))
    }

    async fn examine(&self, config: &Config) -> Result<(), CommandError> {
        let store = Store::open(&self.folder.file(DATABASE))?;
        let kept = match config.texts.keep_days {
            0 => "for ever".to_owned(),
            days => format!("for {days} days"),
        };
        say(&format!("Database: in order, {}. Finished texts are kept {kept}.", store.size().await?))?;
        let ignored = store.ignored().await?;
        if let Some((number, modem, _)) = ignored.first() {
            say(&format!(
                "Ignored: {} texts of phones nobody knows, the last one of {number} through {modem}.",
                ignored.len()
            ))?;
        }
        let mut wrong = server(config).await?;
        if config.modems.is_empty() {
            say("Modems: none in the settings. `posthouse-gateway modems` shows what is plugged in.")?;
        }
        if run::is_running(&self.folder) {
            say(
                "A gateway works with this folder and has the modems; `posthouse-gateway status` tells how they are.",
            )?;
            return finish(wrong);
        }
        for modem in &config.modems {
            let settings = modem.settings();
            let Some(port) = locate(&settings, &config.modem_places).await else {
                say(&format!(
                    "Modem {}: no modem with the number {} is plugged in.",
                    modem.name, modem.port
                ))?;
                wrong += 1;
                continue;
            };
            wrong += match probe(&port, settings.pin.as_deref().map(|pin| (pin, &store))).await {
                Probe::NoPort(cause) => {
                    say(&format!("Modem {}: {} cannot be opened: {cause}.", modem.name, modem.port))?;
                    say("  Plug it in, stop the gateway or other programs that use it, and check the port.")?;
                    1
                }
                Probe::NoAnswer => {
                    say(&format!("Modem {}: nothing answers at {}.", modem.name, modem.port))?;
                    say(
                        "  Many modems have several ports: `posthouse-gateway modems` shows which one answers.",
                    )?;
                    1
                }
                Probe::Modem { state, identity, .. } => {
                    say(&format!(
                        "Modem {}: {} is {state:?}. {}",
                        modem.name,
                        identity.model,
                        state.advice()
                    ))?;
                    let has_centre = identity.service_centre.is_some();
                    if state.is_ready() && !has_centre {
                        say(
                            "  The SIM knows no service centre: set it in a phone, else nothing can be sent.",
                        )?;
                    }
                    usize::from(!state.is_ready() || !has_centre)
                }
            };
        }
        wrong += lines(config).await?;
        finish(wrong)
    }
}

/// Whether carriers take us; says how many do not.
async fn lines(config: &Config) -> Result<usize, CommandError> {
    let mut wrong = 0;
    for line in config.lines() {
        match crate::smpp::try_out(&line).await {
            Ok(()) => say(&format!("Line {}: {} takes us.", line.name, line.address))?,
            Err(error) => {
                wrong += 1;
                say(&format!("Line {}: {} does not take us: {error}.", line.name, line.address))?;
                say(
                    "  Compare address, TLS, system_id, password and system_type with what the carrier wrote.",
                )?;
            }
        }
    }
    Ok(wrong)
}

fn finish(wrong: usize) -> Result<(), CommandError> {
    match wrong {
        0 => say("Nothing is wrong."),
        1 => Err(CommandError::Refused("One thing needs attention.".to_owned())),
        count => Err(CommandError::Refused(format!("{count} things need attention."))),
    }
}

/// Whether the server takes us; one when not.
async fn server(config: &Config) -> Result<usize, CommandError> {
    let Some(link) = config.link() else {
        say("Server: none in the settings; texts that come are only kept.")?;
        return Ok(0);
    };
    match crate::link::try_out(&link).await {
        Ok(()) => {
            say(&format!("Server: {} takes us as {}.", link.address, link.domain))?;
            Ok(0)
        }
        Err(error) => {
            say(&format!("Server: {} does not take us: {error}.", link.address))?;
            say(
                "  Its settings need `component` with this address and [[components]] with this domain and secret.",
            )?;
            say("  \"conflict\" means that a running gateway is connected already: that is in order.")?;
            Ok(1)
        }
    }
}
