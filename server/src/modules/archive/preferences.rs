//! What each account wants archived (XEP-0441); without a word from it: as the settings say.

use std::collections::HashMap;

use jid::{BareJid, Jid};
use parking_lot::RwLock;
use posthouse_protocol::wire::{Child, escape};

use super::{Archive, NAMESPACE, failed};
use crate::routing::iq::IqAnswer;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::archive::{self, ArchiveFallback, ArchivePreferences};

/// Most addresses in one list.
const MOST: usize = 1_000;

/// The preferences of the accounts that have set some.
#[derive(Debug)]
pub(super) struct Preferences {
    /// Of those who have said nothing.
    usual: ArchiveFallback,
    known: RwLock<HashMap<BareJid, ArchivePreferences>>,
}

impl Preferences {
    pub(super) fn new(known: Vec<(BareJid, ArchivePreferences)>, usual: ArchiveFallback) -> Self {
        Self { usual, known: RwLock::new(known.into_iter().collect()) }
    }

    /// Whether `owner` wants messages with `peer` archived.
    pub(super) fn wants(
        &self,
        owner: &BareJid,
        peer: &BareJid,
        is_contact: impl FnOnce(&BareJid) -> bool,
    ) -> bool {
        let by_fallback = |fallback| match fallback {
            ArchiveFallback::Always => true,
            ArchiveFallback::Never => false,
            ArchiveFallback::Roster => is_contact(peer),
        };
        let known = self.known.read();
        let Some(wanted) = known.get(owner) else { return by_fallback(self.usual) };
        let names = |list: &[String]| list.iter().any(|jid| jid == peer.as_str());
        if names(&wanted.never) {
            return false;
        }
        if names(&wanted.always) {
            return true;
        }
        by_fallback(wanted.fallback)
    }

    fn of(&self, owner: &BareJid) -> ArchivePreferences {
        let usual = || ArchivePreferences { fallback: self.usual, always: Vec::new(), never: Vec::new() };
        self.known.read().get(owner).cloned().unwrap_or_else(usual)
    }
}

impl Archive {
    /// `<prefs/>`, get or set; both answer what is in force.
    pub(super) async fn handle_preferences(
        &self,
        owner: &BareJid,
        payload: &Child<'_>,
        is_set: bool,
    ) -> Result<IqAnswer, StanzaError> {
        if is_set {
            let wanted = read(payload)?;
            archive::set_preferences(self.store.database(), owner.clone(), wanted.clone())
                .await
                .map_err(|error| failed(&error))?;
            self.preferences.known.write().insert(owner.clone(), wanted);
        }
        Ok(IqAnswer::Payload(write(&self.preferences.of(owner))))
    }
}

fn read(payload: &Child<'_>) -> Result<ArchivePreferences, StanzaError> {
    let bad = || StanzaError::new(Condition::BadRequest);
    let fallback = payload.attribute("default").ok_or_else(bad)?;
    let mut wanted = ArchivePreferences {
        fallback: ArchiveFallback::parse(&fallback).ok_or_else(bad)?,
        always: Vec::new(),
        never: Vec::new(),
    };
    for list in payload.children().filter(|child| child.namespace == NAMESPACE) {
        match list.name {
            "always" => wanted.always = addresses(&list)?,
            "never" => wanted.never = addresses(&list)?,
            _ => return Err(bad()),
        }
    }
    Ok(wanted)
}

fn addresses(list: &Child<'_>) -> Result<Vec<String>, StanzaError> {
    let mut found = Vec::new();
    for child in list.children().filter(|child| child.name == "jid") {
        let address = Jid::new(&child.text()).map_err(|_| StanzaError::new(Condition::JidMalformed))?;
        if found.len() >= MOST {
            return Err(StanzaError::new(Condition::ResourceConstraint));
        }
        found.push(address.to_bare().as_str().to_owned());
    }
    Ok(found)
}

fn write(wanted: &ArchivePreferences) -> Vec<u8> {
    let list = |addresses: &[String]| -> String {
        addresses.iter().map(|address| format!("<jid>{}</jid>", escape(address))).collect()
    };
    format!(
        "<prefs xmlns='urn:xmpp:mam:2' default='{}'><always>{}</always><never>{}</never></prefs>",
        wanted.fallback.name(),
        list(&wanted.always),
        list(&wanted.never),
    )
    .into_bytes()
}
