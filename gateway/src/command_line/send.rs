//! `send`: a text from the command line, for trying out.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::{CommandError, DataFolder, block_on, say};
use crate::clock::Clock;
use crate::gateway::DATABASE;
use crate::outbox::{Order, Outbox, TextState};
use crate::pdu::Address;
use crate::store::Store;

/// How often the text is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Arguments of `send`.
#[derive(Debug, Args)]
pub(crate) struct Send {
    #[command(flatten)]
    folder: DataFolder,
    /// The phone, with + and country
    #[arg(long)]
    to: String,
    /// What to write
    #[arg(long)]
    text: String,
    /// Shown at once on the phone and not kept
    #[arg(long)]
    flash: bool,
    /// How long to wait for what becomes of it, in seconds
    #[arg(long, default_value_t = 60)]
    wait: u64,
}

impl Send {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        Address::number(&self.to)
            .map_err(|_| CommandError::Refused(format!("{} is no phone number", self.to)))?;
        block_on(self.send())
    }

    async fn send(self) -> Result<(), CommandError> {
        let config = self.folder.config()?;
        let store = Store::open(&self.folder.file(DATABASE))?;
        let clock = Arc::new(Clock::System);
        let outbox = Outbox::beside(store, Arc::clone(&clock), config.policy()).with_rules(config.rules()?);
        let id = format!("send-{}", clock.now().0);
        let order = Order {
            origin: "command line".to_owned(),
            origin_id: id.clone(),
            reply_to: String::new(),
            recipient: String::new(),
            number: self.to.clone(),
            body: self.text.clone(),
            is_flash: self.flash,
            wanted: None,
        };
        outbox.take(order).await?;
        let deadline = clock.now().after(Duration::from_secs(self.wait));
        let mut shown = None;
        while clock.now() < deadline {
            let Some(row) = outbox.find("command line", &id).await? else { break };
            if shown != Some(row.state) {
                say(row.state.word())?;
                shown = Some(row.state);
            }
            match (row.state, row.failure) {
                (TextState::Delivered, _) => return Ok(()),
                (TextState::Failed, failure) => {
                    let sentence = failure.map_or("The text failed.", |failure| failure.sentence());
                    return Err(CommandError::Refused(sentence.to_owned()));
                }
                (TextState::Queued | TextState::Sending | TextState::Sent | TextState::Unconfirmed, _) => {
                    tokio::time::sleep(LOOK).await
                }
            }
        }
        match shown {
            Some(TextState::Queued) => Err(CommandError::Refused(
                "No modem has taken the text. Is the gateway running (`posthouse-gateway run`)? It keeps the \
                 text and sends it as soon as it can."
                    .to_owned(),
            )),
            _ => say("No report has come yet; the text goes on."),
        }
    }
}
