//! Questions to the gateway's own contact in a chat. Who asks the server's directory knows; the answer comes when the
//! business system has said something, over whatever line to the server there is then.

use std::collections::BTreeMap;

use posthouse_protocol::codes::CONTACT;
use posthouse_protocol::sms;
use posthouse_protocol::wire::{Frame, StanzaKind, escape_attribute};
use tokio::sync::{Mutex, MutexGuard, mpsc};

use super::stream::{LinkError, Writer};
use super::{Link, contact, lookups, stanzas};
use crate::query_codes::{Asker, QueryDesk};

/// Questions whose askers are being looked up.
const MOST: usize = 1_000;

/// Answers that wait for a line.
const WAITING: usize = 1_000;

/// Whoever asks, and what.
#[derive(Debug)]
struct Question {
    /// The client.
    from: String,
    /// The stanza.
    id: String,
    /// What it says; `None`: it asks for the codes.
    said: Option<String>,
}

/// What waits for the server's word about who asks.
#[derive(Debug, Default)]
pub(super) struct Questions {
    waiting: BTreeMap<u64, Question>,
    last: u64,
}

/// Answers on their way to a line.
#[derive(Debug)]
pub(super) struct Answers {
    sender: mpsc::Sender<String>,
    receiver: Mutex<mpsc::Receiver<String>>,
}

impl Default for Answers {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, receiver: Mutex::new(receiver) }
    }
}

impl Answers {
    /// For the line that stands now; there is one at a time.
    pub(super) async fn receiver(&self) -> MutexGuard<'_, mpsc::Receiver<String>> {
        self.receiver.lock().await
    }
}

/// Whoever answers, when there is something to ask with.
pub(super) fn desk(link: &Link) -> Option<&QueryDesk> {
    link.codes.as_ref().filter(|desk| !desk.registry().is_empty())
}

/// The contact's address.
pub(super) fn address(link: &Link) -> String {
    format!("{CONTACT}@{}", link.settings.domain)
}

impl Questions {
    /// Somebody asks something, or for the codes.
    pub(super) async fn ask(
        &mut self,
        link: &Link,
        (from, id): (&str, &str),
        said: Option<String>,
        writer: &mut Writer,
    ) -> Result<(), LinkError> {
        let question = Question { from: from.to_owned(), id: id.to_owned(), said };
        if self.waiting.len() >= MOST {
            return writer.write(refused(link, &question, "resource-constraint").as_bytes()).await;
        }
        self.last = self.last.wrapping_add(1);
        let person = from.split_once('/').map_or(from, |(person, _)| person);
        let stanza = format!(
            "<iq type='get' id='asker-{id}' from='{from}' to='{to}'><find xmlns='{space}' person='{person}'/></iq>",
            id = self.last,
            from = escape_attribute(&link.settings.domain),
            to = escape_attribute(&link.settings.server),
            space = sms::NAMESPACE,
            person = escape_attribute(person),
        );
        self.waiting.insert(self.last, question);
        writer.write(stanza.as_bytes()).await
    }

    /// Takes the server's word about somebody; false when it is something else.
    pub(super) async fn take(
        &mut self,
        link: &Link,
        frame: &Frame,
        writer: &mut Writer,
    ) -> Result<bool, LinkError> {
        let number = frame.id().and_then(|id| id.strip_prefix("asker-")?.parse::<u64>().ok());
        let is_answer = matches!(frame.type_().as_deref(), Some("result" | "error"));
        let number = number.filter(|_| frame.kind() == StanzaKind::Iq && is_answer);
        let Some((number, question)) =
            number.and_then(|number| Some((number, self.waiting.remove(&number)?)))
        else {
            return Ok(false);
        };
        let asker = lookups::found(frame)
            .filter(|found| found.owner.is_some() && !found.asker.is_disabled)
            .map(|found| found.asker);
        match (desk(link), asker) {
            (Some(desk), Some(asker)) => match &question.said {
                Some(said) => {
                    // Unlike any other one, also over the next line.
                    let id = format!("answer-{}-{number}", link.outbox.now().0);
                    answer(link, desk, id, (said.clone(), asker));
                }
                None => {
                    let list = contact::codes(&desk.registry().offered(&asker));
                    let result = stanzas::result(&question.id, &address(link), &question.from, &list);
                    writer.write(result.as_bytes()).await?;
                }
            },
            _ => writer.write(refused(link, &question, "forbidden").as_bytes()).await?,
        }
        Ok(true)
    }
}

/// In the background: a system may take its time.
fn answer(link: &Link, desk: &QueryDesk, id: String, (said, asker): (String, Asker)) {
    let (desk, link) = (desk.clone(), link.clone());
    tokio::spawn(async move {
        match desk.chat(&said, &asker).await {
            Ok(Some(text)) => {
                let stanza = contact::answer(&id, &address(&link), &asker.address, &text);
                if link.answers.sender.try_send(stanza).is_err() {
                    tracing::warn!("too many answers wait for the server; one is dropped");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "a question in a chat cannot be counted"),
        }
    });
}

fn refused(link: &Link, question: &Question, condition: &str) -> String {
    let sentence = "Only people of this organisation can ask, and not too many at once.";
    let kind = if question.said.is_some() { "message" } else { "iq" };
    contact::not_answered(kind, &question.id, (&address(link), &question.from), condition, sentence)
}
