//! Questions to the gateway's own contact in a chat. Who asks the server's directory knows; the answer comes when the
//! business system has said something, over whatever line to the server there is then. A question is on the disk until
//! its answer has been written: after the end of a line or of the program it is asked again.

use std::collections::{BTreeMap, BTreeSet};

use posthouse_protocol::codes::CONTACT;
use posthouse_protocol::sms;
use posthouse_protocol::wire::{Frame, StanzaKind, escape_attribute};
use tokio::sync::{Mutex, MutexGuard, mpsc};

use super::stream::{LinkError, Writer};
use super::{Link, contact, lookups, stanzas};
use crate::query_codes::{Asker, QueryDesk};
use crate::store::KeptQuestion;

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
    /// As it is kept; `None`: it asks for the codes, which nobody waits for.
    kept: Option<KeptQuestion>,
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
    sender: mpsc::Sender<Answer>,
    receiver: Mutex<mpsc::Receiver<Answer>>,
    /// Kept questions for which somebody is at work.
    under_way: parking_lot::Mutex<BTreeSet<i64>>,
}

/// An answer, and which question it is for.
#[derive(Debug)]
pub(super) struct Answer {
    question: i64,
    stanza: String,
}

impl Default for Answers {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, receiver: Mutex::new(receiver), under_way: parking_lot::Mutex::default() }
    }
}

impl Answers {
    /// For the line that stands now; there is one at a time.
    pub(super) async fn receiver(&self) -> MutexGuard<'_, mpsc::Receiver<Answer>> {
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
    /// Somebody asks something; it is kept when this answers true.
    pub(super) async fn ask(
        &mut self,
        link: &Link,
        (from, id): (&str, &str),
        said: String,
        writer: &mut Writer,
    ) -> Result<bool, LinkError> {
        let Some(desk) = desk(link) else { return Ok(false) };
        let is_full = self.waiting.len() >= MOST;
        let kept =
            if is_full { None } else { desk.keep((from, id), said).await.map_err(LinkError::Store)? };
        let Some(kept) = kept else {
            let error = not_answered(link, "message", (from, id), "resource-constraint");
            writer.write(error.as_bytes()).await?;
            return Ok(false);
        };
        self.look_up(link, Question { from: from.to_owned(), id: id.to_owned(), kept: Some(kept) }, writer)
            .await?;
        Ok(true)
    }

    /// Somebody asks for the codes.
    pub(super) async fn list(
        &mut self,
        link: &Link,
        (from, id): (&str, &str),
        writer: &mut Writer,
    ) -> Result<(), LinkError> {
        if self.waiting.len() >= MOST {
            let error = not_answered(link, "iq", (from, id), "resource-constraint");
            return writer.write(error.as_bytes()).await;
        }
        self.look_up(link, Question { from: from.to_owned(), id: id.to_owned(), kept: None }, writer).await
    }

    /// A line begins: what has no answer, and nobody works for, is asked again.
    pub(super) async fn resume(&mut self, link: &Link, writer: &mut Writer) -> Result<(), LinkError> {
        let Some(desk) = desk(link) else { return Ok(()) };
        for kept in desk.kept().await.map_err(LinkError::Store)? {
            if !link.answers.under_way.lock().contains(&kept.id) {
                tracing::info!(question = kept.id, "a question of a chat is asked again");
                let question =
                    Question { from: kept.asker.clone(), id: kept.stanza.clone(), kept: Some(kept) };
                self.look_up(link, question, writer).await?;
            }
        }
        Ok(())
    }

    async fn look_up(
        &mut self,
        link: &Link,
        question: Question,
        writer: &mut Writer,
    ) -> Result<(), LinkError> {
        let from = question.from.as_str();
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
        let Some(question) = number.and_then(|number| self.waiting.remove(&number)) else {
            return Ok(false);
        };
        let asker = lookups::found(frame)
            .filter(|found| found.owner.is_some() && !found.asker.is_disabled)
            .map(|found| found.asker);
        match (desk(link), asker) {
            (Some(desk), Some(asker)) => match question.kept {
                Some(kept) => answer(link, desk, kept, asker),
                None => {
                    let list = contact::codes(&desk.registry().offered(&asker));
                    let result = stanzas::result(&question.id, &address(link), &question.from, &list);
                    writer.write(result.as_bytes()).await?;
                }
            },
            (desk, _) => {
                let (kind, asked) = (question.kind(), (question.from.as_str(), question.id.as_str()));
                writer.write(not_answered(link, kind, asked, "forbidden").as_bytes()).await?;
                if let (Some(desk), Some(kept)) = (desk, &question.kept) {
                    desk.forget(kept.id).await.map_err(LinkError::Store)?;
                }
            }
        }
        Ok(true)
    }
}

impl Question {
    fn kind(&self) -> &'static str {
        if self.kept.is_some() { "message" } else { "iq" }
    }
}

/// In the background: a system may take its time.
fn answer(link: &Link, desk: &QueryDesk, question: KeptQuestion, asker: Asker) {
    if !link.answers.under_way.lock().insert(question.id) {
        return;
    }
    let (desk, link) = (desk.clone(), link.clone());
    tokio::spawn(async move {
        let is_waiting = match desk.chat(&question.said, &asker).await {
            Ok(Some(text)) => {
                // The same whenever it is asked again.
                let id = format!("answer-{}-{}", question.asked.0, question.id);
                let stanza = contact::answer(&id, &address(&link), &asker.address, &text);
                link.answers.sender.try_send(Answer { question: question.id, stanza }).is_ok()
            }
            Ok(None) => {
                forget(&desk, question.id).await;
                false
            }
            Err(error) => {
                tracing::error!(%error, "a question in a chat cannot be counted");
                false
            }
        };
        if !is_waiting {
            link.answers.under_way.lock().remove(&question.id);
        }
    });
}

/// Writes an answer; only then its question is forgotten.
pub(super) async fn deliver(link: &Link, answer: Answer, writer: &mut Writer) -> Result<(), LinkError> {
    let written = writer.write(answer.stanza.as_bytes()).await;
    if let (true, Some(desk)) = (written.is_ok(), desk(link)) {
        forget(desk, answer.question).await;
    }
    link.answers.under_way.lock().remove(&answer.question);
    written
}

async fn forget(desk: &QueryDesk, question: i64) {
    if let Err(error) = desk.forget(question).await {
        tracing::error!(%error, "that a question is answered cannot be noted; it may be answered once more");
    }
}

fn not_answered(link: &Link, kind: &str, (from, id): (&str, &str), condition: &str) -> String {
    let sentence = "Only people of this organisation can ask, and not too many at once.";
    contact::not_answered(kind, id, (&address(link), from), condition, sentence)
}
