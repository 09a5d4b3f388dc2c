//! Conversations between colleagues and phones: which text belongs to whom, in both directions. The modem a
//! conversation goes through says it; where several colleagues share one, a short number in front does.

mod numbering;
mod reading;
mod wording;

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, Moment};
use crate::query_codes::{Asker, Query, Registry};
use crate::store::{Correspondence, Store, StoreError, Waiting};

pub use numbering::Numbering;

use reading::Reading;

/// A conversation nobody used for so long takes no more answers without a tag.
const FORGOTTEN: Duration = Duration::from_secs(30 * 86_400);

/// Most characters of an answer to a notice.
const ANSWER: usize = 80;

/// Most characters of a text that are looked at for a name.
const NAME: usize = 64;

/// Names of modems and lines that a new conversation with this number may have for its own, the best first.
pub type HealthyModems = Arc<dyn Fn(&str) -> Vec<String> + Send + Sync>;

/// A colleague as the server's directory has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// The address.
    pub address: String,
    /// The name.
    pub name: String,
}

/// What the server's directory says about a text from a phone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Whose phone it is.
    pub owner: Option<Colleague>,
    /// The same person as codes know them.
    pub asker: Asker,
    /// Whom the text names, when the owner may write to them.
    pub named: Option<Colleague>,
}

/// What the server's directory is asked about a text from a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The phone.
    pub number: String,
    /// What stands behind `@`.
    pub begins: String,
}

/// A message for a phone, as it came from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Who writes.
    pub writer: Colleague,
    /// The address the writer knows the phone by.
    pub recipient: String,
    /// The phone.
    pub number: String,
    /// What it says.
    pub body: String,
}

/// A text for a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// What it says, with its writer.
    pub body: String,
    /// The modem the conversation belongs to.
    pub modem: Option<String>,
    /// A name for a message that has none.
    pub name: String,
    /// The phone, with its country.
    pub number: String,
}

/// What to do with a text from a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// It belongs to this chat.
    Chat {
        /// The address the colleague knows the phone by.
        from: String,
        /// The colleague.
        to: String,
        /// What it says.
        body: String,
    },
    /// The phone gets an answer.
    Answer {
        /// The phone.
        number: String,
        /// What to say.
        body: String,
    },
    /// It asks with a code.
    Query(Query),
    /// Nobody we know: no answer, only counted.
    Ignored,
}

/// All conversations. Cheap to clone.
#[derive(Clone)]
pub struct Conversations {
    store: Store,
    clock: Arc<Clock>,
    numbering: Arc<Numbering>,
    modems: HealthyModems,
    codes: Arc<Registry>,
}

impl Conversations {
    /// Over this store.
    pub fn new(store: Store, clock: Arc<Clock>, numbering: Numbering, modems: HealthyModems) -> Self {
        Self { store, clock, numbering: Arc::new(numbering), modems, codes: Arc::default() }
    }

    /// With codes that phones of colleagues can ask with.
    #[must_use]
    pub fn with_codes(mut self, codes: Arc<Registry>) -> Self {
        self.codes = codes;
        self
    }

    /// A business system writes to a phone: its words as they are, in no conversation.
    #[must_use]
    pub fn alone(&self, letter: Letter) -> Outgoing {
        let number = self.numbering.normal(&letter.number);
        let name = format!("unnamed-{}-{}", number.trim_start_matches('+'), self.clock.now().0);
        Outgoing { body: letter.body, modem: None, name, number }
    }

    /// A colleague writes to a phone.
    ///
    /// # Errors
    /// The store's.
    pub async fn outgoing(&self, letter: Letter) -> Result<Outgoing, StoreError> {
        let now = self.clock.now();
        let number = self.numbering.normal(&letter.number);
        let person = letter.writer.address.clone();
        let name = letter.writer.name.clone();
        let ways = (self.modems)(&number);
        let own = self.store.correspond(number.clone(), letter.writer, letter.recipient, ways, now).await?;
        let is_first = self.store.explain(number.clone(), person).await?;
        Ok(Outgoing {
            body: wording::outgoing(&name, &letter.body, own.tag, !own.modem.is_empty(), is_first),
            modem: Some(own.modem).filter(|modem| !modem.is_empty()),
            name: format!("unnamed-{}-{}", number.trim_start_matches('+'), now.0),
            number,
        })
    }

    /// The last text that this phone got, but for our own answers, was written from this domain.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_last_from(&self, number: &str, domain: &str) -> Result<bool, StoreError> {
        let writer = self.store.last_writer(self.numbering.normal(number)).await?;
        Ok(writer.is_some_and(|writer| writer.split_once('@').is_some_and(|(_, of)| of == domain)))
    }

    /// Whether a text may answer a notice: neither a code nor one that names whom it is for. `follows`: the phone got
    /// a notice last.
    #[must_use]
    pub fn may_answer(&self, said: &str, follows: bool) -> bool {
        let is_plain = reading::read(said) == Reading::Plain && !self.codes.hears(said);
        is_plain && said.chars().count() <= ANSWER && (follows || reading::begins_with_a_number(said))
    }

    /// What has to be known before [`Conversations::incoming`].
    pub fn question(&self, text: &Waiting) -> Question {
        let begins = match reading::read(&text.body) {
            Reading::Named { rest } => rest.chars().take(NAME).collect(),
            Reading::Tagged { .. } | Reading::Plain => String::new(),
        };
        Question { number: self.numbering.normal(&text.sender), begins }
    }

    /// A phone writes.
    ///
    /// # Errors
    /// The store's.
    pub async fn incoming(&self, text: &Waiting, found: &Found) -> Result<Incoming, StoreError> {
        let number = self.numbering.normal(&text.sender);
        let known = self.store.correspondences(number.clone()).await?;
        if known.is_empty() && found.owner.is_none() {
            return self.ignored(number, text).await;
        }
        if found.owner.is_some() && self.codes.hears(&text.body) {
            if found.asker.is_disabled {
                return self.ignored(number, text).await;
            }
            return Ok(Incoming::Query(Query {
                id: text.id,
                said: text.body.clone(),
                // The phone that asks is the number, however the directory writes it.
                asker: Asker { number: Some(number.clone()), ..found.asker.clone() },
                number,
                modem: text.modem.clone(),
            }));
        }
        let reading = reading::read(&text.body);
        let chosen = match &reading {
            Reading::Tagged { tag, .. } => known.iter().find(|one| one.tag == *tag).cloned(),
            Reading::Named { .. } => {
                found.named.as_ref().map(|person| self.with(person, &known, found, &number))
            }
            Reading::Plain => self.by_modem(&known, &text.modem),
        };
        let Some(chosen) = chosen else {
            let names: Vec<(u32, String)> = known.iter().map(|one| (one.tag, one.name.clone())).collect();
            return Ok(Incoming::Answer { number, body: wording::who(&names) });
        };
        let body = match reading {
            Reading::Tagged { rest, .. } => rest,
            Reading::Named { rest } => match &found.named {
                Some(person) => after_name(&rest, person),
                None => rest,
            },
            Reading::Plain => text.body.clone(),
        };
        Ok(Incoming::Chat { from: chosen.recipient, to: chosen.person, body })
    }

    async fn ignored(&self, number: String, text: &Waiting) -> Result<Incoming, StoreError> {
        tracing::info!(phone = masked(&number), "a text of an unknown phone is ignored");
        self.store.ignore(number, text.modem.clone(), self.clock.now()).await?;
        Ok(Incoming::Ignored)
    }

    /// The conversation whose own modem this is; else the newest, when it is the only one lately.
    fn by_modem(&self, known: &[Correspondence], modem: &str) -> Option<Correspondence> {
        let oldest = self.clock.now().before(FORGOTTEN);
        let mut lately = known.iter().filter(|one| one.used > oldest);
        if let Some(own) = known.iter().find(|one| one.modem == modem) {
            return Some(own.clone());
        }
        // The newest first: a phone that does not say whom it means answers what it read last.
        lately.next().cloned()
    }

    /// A conversation the phone begins: in the chat with its owner, when that is a colleague.
    fn with(
        &self,
        person: &Colleague,
        known: &[Correspondence],
        found: &Found,
        number: &str,
    ) -> Correspondence {
        let owner = found.owner.as_ref().map(|owner| owner.address.clone());
        known.iter().find(|one| one.person == person.address).cloned().unwrap_or_else(|| Correspondence {
            recipient: owner.unwrap_or_else(|| self.numbering.address_of(number)),
            person: person.address.clone(),
            name: person.name.clone(),
            modem: String::new(),
            tag: 0,
            used: Moment::default(),
        })
    }
}

/// What follows the name or login a text begins with.
fn after_name(rest: &str, person: &Colleague) -> String {
    let behind =
        rest.strip_prefix(person.name.as_str()).or_else(|| rest.strip_prefix(local(&person.address)));
    behind.unwrap_or(rest).trim_start_matches([' ', ':', '：', ',', '，']).to_owned()
}

fn local(address: &str) -> &str {
    address.split_once('@').map_or(address, |(local, _)| local)
}

/// A number as it may stand in a log.
pub(crate) fn masked(number: &str) -> String {
    let count = number.chars().count();
    number
        .chars()
        .enumerate()
        .map(|(place, digit)| if place + 4 < count && place > 2 { '*' } else { digit })
        .collect()
}

#[cfg(test)]
mod tests;
