//! Answers questions: one after the other is judged, asked and answered, each in a task of its own.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::code::Code;
use super::connector::{self, AskError};
use super::rate::{Rate, Verdict};
use super::registry::{Meaning, Registry};
use super::template::RenderError;
use super::wording::Failure;
use super::{Asker, pages};
use crate::clock::Clock;
use crate::conversation::masked;
use crate::inbox::Inbox;
use crate::outbox::{Order, Outbox};
use crate::store::{KeptQuestion, Store, StoreError};

/// Most systems that are asked at once.
const AT_ONCE: usize = 32;

/// Most questions of chats that are kept.
const KEPT: i64 = 1_000;

/// How long a question of a chat is of use.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

/// Most signs of a reply: some ten messages.
const LONGEST: usize = 600;

/// A phone asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The text's number in the inbox.
    pub id: i64,
    /// What it says.
    pub said: String,
    /// The phone.
    pub number: String,
    /// Its owner.
    pub asker: Asker,
    /// The modem it came through.
    pub modem: String,
}

/// Answers queries. Cheap to clone.
#[derive(Debug, Clone)]
pub struct QueryDesk {
    registry: Arc<Registry>,
    outbox: Outbox,
    inbox: Inbox,
    store: Store,
    clock: Arc<Clock>,
    rate: Arc<Mutex<Rate>>,
    texts: Arc<Mutex<Texts>>,
    places: Arc<Semaphore>,
}

/// Texts that are being answered, and those that were a moment ago: the link may still hold a list in which they wait.
#[derive(Debug, Default)]
struct Texts {
    under_way: BTreeSet<i64>,
    answered: VecDeque<i64>,
}

/// Answered texts that are remembered.
const REMEMBERED: usize = 1_024;

impl Texts {
    /// False when somebody answers it, or has.
    fn begin(&mut self, id: i64) -> bool {
        !self.answered.contains(&id) && self.under_way.insert(id)
    }

    fn end(&mut self, id: i64, is_answered: bool) {
        self.under_way.remove(&id);
        if is_answered {
            self.answered.push_back(id);
            if self.answered.len() > REMEMBERED {
                self.answered.pop_front();
            }
        }
    }
}

impl QueryDesk {
    /// For these codes.
    pub fn new(
        registry: Arc<Registry>,
        outbox: Outbox,
        inbox: Inbox,
        store: Store,
        clock: Arc<Clock>,
    ) -> Self {
        Self {
            registry,
            outbox,
            inbox,
            store,
            clock,
            rate: Arc::default(),
            texts: Arc::default(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The codes.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Answers a phone in the background; the text counts as handled when its answer is kept.
    pub fn take(&self, query: Query) {
        if !self.texts.lock().begin(query.id) {
            return;
        }
        let desk = self.clone();
        tokio::spawn(async move {
            let id = query.id;
            let answered = desk.answer(query).await;
            desk.texts.lock().end(id, answered.is_ok());
            if let Err(error) = answered {
                tracing::error!(%error, "an answer cannot be kept");
            }
        });
    }

    async fn answer(&self, query: Query) -> Result<(), StoreError> {
        let texts = self.respond(&query.said, &query.asker, &query.number).await?;
        for (text, page) in texts.into_iter().zip(1_u32..) {
            // Asked again after a crash it is still one answer: its name is the question's.
            let order = Order {
                origin: "gateway".to_owned(),
                origin_id: format!("query-{}-{page}", query.id),
                reply_to: String::new(),
                recipient: String::new(),
                number: query.number.clone(),
                body: text,
                is_flash: false,
                wanted: Some(query.modem.clone()),
            };
            self.outbox.take(order).await?;
        }
        self.inbox.is_handed(query.id).await
    }

    /// The answer to somebody in a chat; `None` when there is none to give.
    ///
    /// # Errors
    /// The store's.
    pub async fn chat(&self, said: &str, asker: &Asker) -> Result<Option<String>, StoreError> {
        let texts = self.respond(said, asker, &asker.address).await?;
        Ok((!texts.is_empty()).then(|| texts.join("\n")))
    }

    /// Keeps a question of a chat until it is answered; `None` when too many wait.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep(
        &self,
        (asker, stanza): (&str, &str),
        said: String,
    ) -> Result<Option<KeptQuestion>, StoreError> {
        let (asker, stanza) = (asker.to_owned(), stanza.to_owned());
        let question = KeptQuestion { id: 0, asker, stanza, said, asked: self.clock.now() };
        self.store.keep_question(question, KEPT).await
    }

    /// Questions of chats without an answer; what is older than a day nobody waits for.
    ///
    /// # Errors
    /// The store's.
    pub async fn kept(&self) -> Result<Vec<KeptQuestion>, StoreError> {
        self.store.kept_questions(self.clock.now().before(LONGEST_WAIT)).await
    }

    /// This question of a chat is answered.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget(&self, question: i64) -> Result<(), StoreError> {
        self.store.forget_question(question).await
    }

    /// The answer in texts. `key`: the phone or the person that is counted.
    async fn respond(&self, said: &str, asker: &Asker, key: &str) -> Result<Vec<String>, StoreError> {
        let verdict = self.rate.lock().ask(key, self.registry.per_minute, self.clock.now());
        self.store
            .count(if verdict == Verdict::Answer { "code-questions" } else { "code-questions-limited" })
            .await?;
        let language = self.registry.language;
        match verdict {
            Verdict::Silence => return Ok(Vec::new()),
            Verdict::Excuse => {
                tracing::info!(asker = shown(key), "somebody asks too often and is told so once");
                return Ok(vec![language.too_often().to_owned()]);
            }
            Verdict::Answer => {}
        }
        Ok(match self.registry.meaning(said) {
            Meaning::Help => self.list(asker),
            Meaning::Unknown | Meaning::Ordinary => vec![language.hint(said.trim())],
            Meaning::Code(code) if !code.rights.allow(asker) => {
                tracing::info!(code = code.name, asker = asker.person, "a code is not for its asker");
                vec![language.not_yours(&code.name)]
            }
            Meaning::Code(code) => vec![self.ask(code, asker).await?],
        })
    }

    fn list(&self, asker: &Asker) -> Vec<String> {
        let language = self.registry.language;
        let mine = self.registry.codes().iter().filter(|code| code.rights.allow(asker));
        let lines: Vec<String> = mine.map(Code::line).collect();
        if lines.is_empty() {
            return vec![language.nothing().to_owned()];
        }
        pages::of(std::iter::once(language.list_head().to_owned()).chain(lines))
    }

    async fn ask(&self, code: &Code, asker: &Asker) -> Result<String, StoreError> {
        // Nobody closes it.
        let _place = self.places.acquire().await;
        match reply(code, asker, self.registry.language.comma()).await {
            Ok(text) => Ok(text),
            Err(problem) => {
                let failure = problem.failure();
                // What went wrong names fields and hosts, never a secret.
                tracing::warn!(code = code.name, kind = failure.word(), %problem, "a query cannot be answered");
                self.store.count("code-questions-failed").await?;
                Ok(code.failed(failure, self.registry.language))
            }
        }
    }
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// The system.
    #[error("{0}")]
    Asking(#[from] AskError),
    /// Its answer.
    #[error("{0}")]
    Answer(#[from] RenderError),
}

impl Problem {
    pub(super) fn failure(&self) -> Failure {
        match self {
            Self::Asking(AskError::NotKnown(_)) => Failure::NotKnown,
            Self::Asking(AskError::Blocked(_)) => Failure::Blocked,
            Self::Asking(AskError::Silent(_)) => Failure::Silent,
            Self::Asking(AskError::Unreachable(_)) => Failure::Unreachable,
            Self::Asking(AskError::Refused(_)) => Failure::Refused,
            Self::Asking(AskError::TooLong(_) | AskError::NotJson(_)) => Failure::NotJson,
            Self::Answer(_) => Failure::MissingField,
        }
    }
}

async fn reply(code: &Code, asker: &Asker, comma: &str) -> Result<String, Problem> {
    let request = code.connector.request(asker, &code.name)?;
    let bytes = code.connector.send(&request).await?;
    let answer = connector::json(&bytes)?;
    Ok(shortened(code.reply.render(&answer, comma)?))
}

/// A system that says too much does not cost fifty messages.
pub(super) fn shortened(text: String) -> String {
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST.saturating_sub(1)).chain(['…']).collect()
}

fn shown(key: &str) -> String {
    if key.contains('@') { key.to_owned() } else { masked(key) }
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn a_text_is_answered_once_however_often_the_link_shows_it() {
        let mut texts = Texts::default();
        assert!(texts.begin(1) && !texts.begin(1), "somebody answers it");
        texts.end(1, true);
        assert!(!texts.begin(1), "it was answered");
        assert!(texts.begin(2));
        texts.end(2, false);
        assert!(texts.begin(2), "the answer could not be kept");
    }
}
