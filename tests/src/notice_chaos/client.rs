//! Somebody at a client who stays there: signs in anew after every kill, and says what came and was read.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::Phase;
use super::house::{Entrance, SENDER};
use super::ledger::{Ledger, number_in};
use crate::element::Element;
use crate::raw_client::Person;

/// How long a client rests that could not connect.
const REST: Duration = Duration::from_millis(200);
/// How often a client may fail in a row while the server runs.
const MOST_FAILURES: u32 = 20;
/// What was said last and may not have been heard is said again on a new line.
const SAID: usize = 40;

/// Lives until everything is over.
pub(super) async fn stay(
    person: usize,
    entrance: Entrance,
    ledger: Arc<Ledger>,
    mut phase: watch::Receiver<Phase>,
) -> anyhow::Result<()> {
    let (mut said, mut failures, mut is_there) = (VecDeque::new(), 0_u32, false);
    loop {
        let before = *phase.wait_for(|phase| *phase != Phase::Down).await?;
        if before == Phase::Over {
            return Ok(());
        }
        let ended = match begin(person, &entrance, &said).await {
            Ok(mut client) => {
                is_there = true;
                ledger.has_come();
                live(person, &mut client, &ledger, &mut said, phase.clone()).await
            }
            Err(error) => Err(error),
        };
        if matches!(ended, Ok(Phase::Over)) {
            return Ok(());
        }
        if std::mem::take(&mut is_there) {
            ledger.has_gone();
        }
        // A kill explains everything; without one a client has to get through.
        let was_killed = *phase.borrow() != before;
        failures = if was_killed { 0 } else { failures + 1 };
        anyhow::ensure!(failures < MOST_FAILURES, "client {person} cannot stay online: {ended:?}");
        tokio::time::sleep(REST).await;
    }
}

/// Takes part until the line breaks or everything is over; then it leaves in good order.
async fn live(
    person: usize,
    client: &mut Person,
    ledger: &Ledger,
    said: &mut VecDeque<String>,
    phase: watch::Receiver<Phase>,
) -> anyhow::Result<Phase> {
    loop {
        let stanza = tokio::select! {
            stanza = client.receive_ever() => stanza?,
            over = is_over(phase.clone()) => {
                over?;
                for stanza in client.everything().await? {
                    take(person, client, &stanza, ledger, said).await?;
                }
                client.acknowledge().await?;
                client.send("</stream:stream>").await?;
                return Ok(Phase::Over);
            }
        };
        let Some(stanza) = stanza else { return Ok(Phase::Down) };
        take(person, client, &stanza, ledger, said).await?;
    }
}

async fn is_over(mut phase: watch::Receiver<Phase>) -> anyhow::Result<()> {
    phase.wait_for(|phase| *phase == Phase::Over).await?;
    Ok(())
}

async fn begin(person: usize, entrance: &Entrance, said: &VecDeque<String>) -> anyhow::Result<Person> {
    let mut client = entrance.sign_in(person).await?;
    let jid = client.bind(Some("pc")).await?;
    let mut client = Person::new(client, jid);
    client.enable_management(false).await?;
    client.send("<presence/>").await?;
    for words in said {
        client.send(words).await?;
    }
    Ok(client)
}

async fn take(
    person: usize,
    client: &mut Person,
    stanza: &Element,
    ledger: &Ledger,
    said: &mut VecDeque<String>,
) -> anyhow::Result<()> {
    let number = number_in(stanza.body()).filter(|_| stanza.name == "message");
    let (Some(number), Some(id)) = (number, stanza.attribute("id")) else { return Ok(()) };
    ledger.came(person, number, id);
    for mark in [
        format!("<received xmlns='urn:xmpp:receipts' id='{id}'/>"),
        format!("<displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/>"),
    ] {
        let words = format!("<message to='{SENDER}'>{mark}</message>");
        if said.len() >= SAID {
            said.pop_front();
        }
        said.push_back(words.clone());
        client.send(&words).await?;
    }
    Ok(())
}
