//! Conversations between colleagues and phones: which text belongs to whom, in both directions. The modem a
//! conversation goes through says it; where several colleagues share one, a short number in front does.

mod phone_book;
mod reading;
mod wording;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, Moment};
use crate::query_codes::Query;
use crate::store::{Correspondence, Store, StoreError, Waiting};

pub use phone_book::{PhoneBook, PhoneEntry};

use reading::Reading;

/// A conversation nobody used for so long takes no more answers without a tag.
const FORGOTTEN: Duration = Duration::from_secs(30 * 86_400);

/// Names of modems a new conversation may have for its own, the least busy first.
pub type HealthyModems = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

/// A text for a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// What it says, with its writer.
    pub body: String,
    /// The modem the conversation belongs to.
    pub modem: Option<String>,
    /// A name for a message that has none.
    pub name: String,
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
    book: Arc<PhoneBook>,
    modems: HealthyModems,
    codes: Arc<BTreeSet<String>>,
}

impl Conversations {
    /// Over this store and phone book.
    pub fn new(store: Store, clock: Arc<Clock>, book: Arc<PhoneBook>, modems: HealthyModems) -> Self {
        Self { store, clock, book, modems, codes: Arc::default() }
    }

    /// With codes that phones of colleagues can ask with.
    #[must_use]
    pub fn with_codes(mut self, codes: BTreeSet<String>) -> Self {
        self.codes = Arc::new(codes);
        self
    }

    /// The phone behind the first half of an address: a number, or a colleague.
    pub fn number_of(&self, local: &str) -> Option<String> {
        self.book.number_of(local)
    }

    /// A colleague writes to a phone.
    ///
    /// # Errors
    /// The store's.
    pub async fn outgoing(
        &self,
        person: &str,
        recipient: &str,
        number: &str,
        body: &str,
    ) -> Result<Outgoing, StoreError> {
        let now = self.clock.now();
        let own = self
            .store
            .correspond(number.to_owned(), person.to_owned(), recipient.to_owned(), (self.modems)(), now)
            .await?;
        let is_first = self.store.explain(number.to_owned(), person.to_owned()).await?;
        let name = self.book.name_of(person);
        Ok(Outgoing {
            body: wording::outgoing(&name, body, own.tag, !own.modem.is_empty(), is_first),
            modem: Some(own.modem).filter(|modem| !modem.is_empty()),
            name: format!("unnamed-{}-{}", number.trim_start_matches('+'), now.0),
        })
    }

    /// A phone writes.
    ///
    /// # Errors
    /// The store's.
    pub async fn incoming(&self, text: &Waiting) -> Result<Incoming, StoreError> {
        let number = self.book.normal(&text.sender);
        let known = self.store.correspondences(number.clone()).await?;
        let owner = self.book.owner_of(&number);
        if known.is_empty() && owner.is_none() {
            tracing::info!(phone = masked(&number), "a text of an unknown phone is ignored");
            self.store.count("ignored").await?;
            return Ok(Incoming::Ignored);
        }
        if let (Some(owner), true) = (owner, self.codes.contains(text.body.trim())) {
            return Ok(Incoming::Query(Query {
                id: text.id,
                code: text.body.trim().to_owned(),
                person: owner.person.clone(),
                number,
                modem: text.modem.clone(),
            }));
        }
        let reading = reading::read(&text.body);
        let chosen = match &reading {
            Reading::Tagged { tag, .. } => known.iter().find(|one| one.tag == *tag).cloned(),
            Reading::Named { rest } => self.named(rest).map(|person| self.with(person, &known, &number)),
            Reading::Plain => self.by_modem(&known, &text.modem),
        };
        let Some(chosen) = chosen else {
            let body = wording::who(&self.names(&known));
            return Ok(Incoming::Answer { number, body });
        };
        let body = match reading {
            Reading::Tagged { rest, .. } => rest,
            Reading::Named { rest } => self.after_name(&rest, &chosen.person),
            Reading::Plain => text.body.clone(),
        };
        Ok(Incoming::Chat { from: chosen.recipient, to: chosen.person, body })
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

    fn named(&self, rest: &str) -> Option<String> {
        self.book.person_named_at_start_of(rest).map(|(person, _)| person)
    }

    fn after_name(&self, rest: &str, person: &str) -> String {
        match self.book.person_named_at_start_of(rest) {
            Some((named, name)) if named == person => rest
                .strip_prefix(name.as_str())
                .unwrap_or(rest)
                .trim_start_matches([' ', ':', '：', ',', '，'])
                .to_owned(),
            _ => rest.to_owned(),
        }
    }

    /// A conversation the phone begins.
    fn with(&self, person: String, known: &[Correspondence], number: &str) -> Correspondence {
        known.iter().find(|one| one.person == person).cloned().unwrap_or_else(|| Correspondence {
            recipient: self.book.address_of(number),
            person,
            modem: String::new(),
            tag: 0,
            used: Moment::default(),
        })
    }

    fn names(&self, known: &[Correspondence]) -> Vec<(u32, String)> {
        known.iter().map(|one| (one.tag, self.book.name_of(&one.person))).collect()
    }
}

/// A number as it may stand in a log.
fn masked(number: &str) -> String {
    let count = number.chars().count();
    number
        .chars()
        .enumerate()
        .map(|(place, digit)| if place + 4 < count && place > 2 { '*' } else { digit })
        .collect()
}

#[cfg(test)]
mod tests;
