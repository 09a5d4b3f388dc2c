//! Roster pushes (RFC 6121 section 2.1.6): to the user's clients after a change of their own, and to the
//! clients of all whom a change of the organisation concerns.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use jid::BareJid;
use posthouse_protocol::wire::escape;

use super::shared::SharedItems;
use super::{NAMESPACE, RosterService};
use crate::routing::session::Session;
use crate::storage::roster::RosterItem;

/// Changes of the organisation within this time go out together.
const COALESCE: Duration = Duration::from_millis(500);

/// Items to push.
type Difference = Arc<Vec<(BareJid, String)>>;

impl RosterService {
    /// Pushes what the organisation changes until the returned future is dropped.
    pub async fn run(self: Arc<Self>) {
        let mut changes = self.directory.changes();
        while changes.changed().await.is_ok() {
            tokio::time::sleep(COALESCE).await;
            changes.mark_unchanged();
            self.push_changes().await;
        }
    }

    pub(super) async fn push_changes(&self) {
        let readers: Vec<_> = self.readers.lock().values().cloned().collect();
        // Sessions with the same list before and after have the same differences.
        let mut differences: HashMap<(usize, usize), Difference> = HashMap::new();
        for (session, before) in readers {
            if session.switches().directory.load(Ordering::Acquire) {
                continue;
            }
            let after = self.lists.of(session.bare());
            let key = (Arc::as_ptr(&before).addr(), Arc::as_ptr(&after).addr());
            let changed = differences.entry(key).or_insert_with(|| Arc::new(difference(&before, &after)));
            let changed = Arc::clone(changed);
            if changed.is_empty() {
                continue;
            }
            self.push_changes_to(&session, &changed).await;
            if let Some(reader) = self.readers.lock().get_mut(&session.id()) {
                reader.1 = after;
            }
        }
    }

    async fn push_changes_to(&self, session: &Session, changed: &[(BareJid, String)]) {
        let Ok(own) = self.own_items(session.bare()).await else { return };
        for (contact, item) in changed {
            if contact == session.bare() {
                continue;
            }
            let own = own.iter().find(|own| own.contact == *contact);
            let item = own.map_or_else(|| item.clone(), |own| self.written(session.bare(), own));
            push(session, &item);
        }
    }

    /// Tells all clients of an account that have asked for the roster.
    pub(super) fn push_to_account(&self, account: &BareJid, item: &str) {
        for session in self.sessions.of(account) {
            if session.switches().roster.load(Ordering::Acquire) {
                push(&session, item);
            }
        }
    }

    /// After an own item is gone: clients with a made roster see the colleague again, others see it go.
    pub(super) fn push_without_own(&self, account: &BareJid, contact: &BareJid) {
        let plain = RosterItem {
            contact: contact.clone(),
            name: String::new(),
            groups: Vec::new(),
            subscribed: false,
        };
        let is_colleague = self.directory.is_colleague(account, contact);
        for session in self.sessions.of(account) {
            if !session.switches().roster.load(Ordering::Acquire) {
                continue;
            }
            if is_colleague && !session.switches().directory.load(Ordering::Acquire) {
                push(&session, &self.written(account, &plain));
            } else {
                push(&session, &removal(contact));
            }
        }
    }
}

fn difference(before: &SharedItems, after: &SharedItems) -> Vec<(BareJid, String)> {
    let changed = after
        .items()
        .iter()
        .filter(|(contact, item)| before.items().get(*contact) != Some(*item))
        .map(|(contact, item)| (contact.clone(), item.clone()));
    let gone = before.items().keys().filter(|contact| !after.items().contains_key(*contact));
    changed.chain(gone.map(|contact| (contact.clone(), removal(contact)))).collect()
}

fn removal(contact: &BareJid) -> String {
    format!("<item jid='{}' subscription='remove'/>", escape(contact.as_str()))
}

fn push(session: &Session, item: &str) {
    // The answer of the client to a push is of no interest (RFC 6121 section 2.1.6), so ids may repeat.
    let to = escape(session.jid().as_str());
    let iq = format!("<iq type='set' id='roster' to='{to}'><query xmlns='{NAMESPACE}'>{item}</query></iq>");
    if session.send(Bytes::from(iq)).is_err() {
        tracing::debug!(session = session.id().0, "a roster push found no place");
    }
}
