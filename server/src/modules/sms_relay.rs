//! Texts to phones and from them, as far as the server decides: what the sender wishes, who may, which number.
//! The gateway (`sms.` before the server's domain) does the rest. `docs/sms.md` is the protocol.

mod arrival;
mod dispatch;
mod giving_up;
mod lookup;
mod number;
mod pump;
#[cfg(test)]
mod tests;
mod wish;

use std::sync::Arc;
use std::time::Duration;

use jid::{BareJid, Jid};
use posthouse_protocol::error_code::{self, ErrorCode};
use posthouse_protocol::organization::Person;
use posthouse_protocol::sms;
use posthouse_protocol::wire::escape_attribute;

use crate::clock::Clock;
use crate::organization::directory::Directory;
use crate::routing::components::Components;
use crate::routing::router::Router;
use crate::routing::sessions::Sessions;
use crate::routing::stages::{AcceptStep, IqHandler, UndeliveredStep};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::messages::MessageStore;
use crate::storage::relays::RelayStore;

use pump::Pump;

/// The relay: several steps that share what they know.
#[derive(Debug, Clone)]
pub struct SmsRelay {
    phones: Phones,
    store: Arc<MessageStore>,
    sessions: Arc<Sessions>,
    pump: Arc<Pump>,
}

/// Phones and the way to them. Cheap to clone.
#[derive(Debug, Clone)]
struct Phones {
    domain: Arc<str>,
    gateway: Arc<str>,
    directory: Arc<Directory>,
    components: Components,
}

impl SmsRelay {
    /// For the people of `domain`; `wait`: how long a message waits for an absent gateway, which is the component `sms.domain`.
    pub fn new(
        domain: &str,
        directory: Arc<Directory>,
        components: Components,
        store: Arc<MessageStore>,
        sessions: Arc<Sessions>,
        (relays, wait): (RelayStore, Duration),
    ) -> Self {
        let gateway = format!("sms.{domain}").into();
        let phones = Phones { domain: domain.into(), gateway, directory, components };
        let pump = Arc::new(Pump::new(phones.clone(), relays, wait));
        Self { phones, store, sessions, pump }
    }

    /// The very first step: what the gateway says for a person comes from that person.
    pub fn arrival(&self) -> Arc<dyn AcceptStep> {
        Arc::new(arrival::Arrival { phones: self.phones.clone(), pump: Arc::clone(&self.pump) })
    }

    /// Before anything is kept: the sender's wish, and whether it may be.
    pub fn wish(&self) -> Arc<dyn AcceptStep> {
        Arc::new(wish::Wish(self.phones.clone()))
    }

    /// Behind all that may refuse or keep a message: off to the gateway.
    pub fn dispatch(&self) -> Arc<dyn AcceptStep> {
        Arc::new(dispatch::Dispatch { phones: self.phones.clone(), pump: Arc::clone(&self.pump) })
    }

    /// When no client is there and the sender wishes the phone then.
    pub fn fallback(&self) -> Arc<dyn UndeliveredStep> {
        Arc::new(dispatch::Fallback {
            phones: self.phones.clone(),
            pump: Arc::clone(&self.pump),
            store: Arc::clone(&self.store),
            sessions: Arc::clone(&self.sessions),
        })
    }

    /// Brings messages to the gateway as long as the server runs.
    pub async fn run(self) {
        self.pump.run().await;
    }

    /// Tells senders of messages that waited too long for an absent gateway, as long as the server runs.
    pub async fn give_up(self, router: Router, clock: Arc<Clock>) {
        giving_up::run(&self.phones, &self.pump, &router, &clock).await;
    }

    /// Answers the gateway's questions about numbers and names, and notes what it tells.
    pub fn lookup(&self, clock: Arc<Clock>) -> Arc<dyn IqHandler> {
        let database = self.store.database().clone();
        Arc::new(lookup::Lookup { phones: self.phones.clone(), database, clock })
    }
}

impl Phones {
    fn is_gateway(&self, address: &Jid) -> bool {
        address.domain().as_str() == &*self.gateway
    }

    /// There is a gateway, even if it is away for the moment: what is for it waits.
    fn has_gateway(&self) -> bool {
        self.components.find(&self.gateway).is_some()
    }

    fn is_here(&self) -> bool {
        self.components.find(&self.gateway).flatten().is_some()
    }

    /// The person with this login.
    fn person_of_login(&self, login: &str) -> Option<Arc<Person>> {
        let address = BareJid::new(&format!("{login}@{}", self.domain)).ok()?;
        self.directory.person(&address)
    }

    /// A colleague's phone as an address of the gateway.
    fn address_of(&self, person: &BareJid) -> String {
        let login = person.node().map_or("", |login| login.as_str());
        format!("{login}@{}", self.gateway)
    }

    /// What the gateway has to know: `<deliver/>`. The number goes no further than that.
    fn order(&self, sender: &BareJid, number: &str, chat: &BareJid, is_urgent: bool) -> String {
        let name = self.directory.person(sender).map(|person| person.name.clone());
        let name = name.unwrap_or_else(|| sender.node().map_or("", |login| login.as_str()).to_owned());
        format!(
            "<deliver xmlns='{}' number='{}' name='{}' chat='{}'{}/>",
            sms::NAMESPACE,
            escape_attribute(number),
            escape_attribute(&name),
            escape_attribute(chat.as_str()),
            if is_urgent { " urgent='true'" } else { "" },
        )
    }
}

fn refusal(condition: Condition, code: ErrorCode) -> StanzaError {
    StanzaError::new(condition).with_application(code.name(), error_code::NAMESPACE)
}
