//! Who is told what (XEP-0163 section 4.3): clients that want events of the node, by their entity capabilities,
//! and subscribers.

use std::collections::BTreeSet;

use bytes::Bytes;
use jid::{BareJid, Jid};
use posthouse_protocol::wire::escape;

use super::Pubsub;
use super::read::write_item;
use crate::routing::forwarded::delay;
use crate::routing::session::{Outgoing, Session, SessionGone, SessionId};
use crate::storage::StorageError;
use crate::storage::pubsub::{self as storage, PubsubItem, PubsubNode};

/// Most events that one client gets at once when it becomes available.
const MOST_LAST_ITEMS: usize = 500;

impl Pubsub {
    pub(super) async fn notify_item(&self, node: &PubsubNode, item: &PubsubItem) {
        let mut inner = Vec::new();
        write_item(&mut inner, item);
        self.notify(node, &items(node, &inner), &item.id).await;
    }

    pub(super) async fn notify_retracted(&self, node: &PubsubNode, id: &str) {
        let inner = format!("<retract id='{}'/>", escape(id));
        self.notify(node, &items(node, inner.as_bytes()), id).await;
    }

    pub(super) async fn notify_deleted(&self, node: &PubsubNode) {
        self.notify(node, format!("<delete node='{}'/>", escape(&node.node)).as_bytes(), "delete").await;
    }

    pub(super) async fn notify_purged(&self, node: &PubsubNode) {
        self.notify(node, format!("<purge node='{}'/>", escape(&node.node)).as_bytes(), "purge").await;
    }

    async fn notify(&self, node: &PubsubNode, event: &[u8], subject: &str) {
        let about = format!("event {} {} {subject}", node.owner, node.node);
        for session in self.receivers(node).await {
            let bytes = notice(&node.owner, &session, event, None);
            if session.send_when_active(&about, bytes).is_err() {
                tracing::debug!("an event found its client gone");
            }
        }
    }

    async fn receivers(&self, node: &PubsubNode) -> Vec<Session> {
        let parts = &self.0;
        let subscribers = storage::subscribers(self.database(), node.id).await.unwrap_or_else(|error| {
            tracing::error!(%error, "subscribers cannot be read");
            Vec::new()
        });
        let subscribers: BTreeSet<Jid> = subscribers.iter().filter_map(|jid| Jid::new(jid).ok()).collect();
        let mut viewers = self.viewers(node);
        viewers.extend(subscribers.iter().map(Jid::to_bare));
        viewers.insert(node.owner.clone());
        let mut found = Vec::new();
        for viewer in viewers.iter().filter(|viewer| self.may_read(node, viewer)) {
            let is_subscribed = subscribers.contains(&Jid::from(viewer.clone()));
            for session in parts.sessions.of(viewer) {
                let is_named = is_subscribed || subscribers.contains(&Jid::from(session.jid().clone()));
                if session.presence().is_some() && (is_named || self.wants(&session, node)) {
                    found.push(session);
                }
            }
        }
        found
    }

    /// Who may see the owner and may have asked for the node by capabilities. What is kept for a few, such as read
    /// positions, changes often: there nobody else is looked at.
    fn viewers(&self, node: &PubsubNode) -> BTreeSet<BareJid> {
        let contacts = &self.0.contacts;
        if matches!(node.access.as_str(), "open" | "presence" | "roster") {
            return contacts.viewers_of(&node.owner).into_iter().collect();
        }
        let members = node.members.iter().filter_map(|member| BareJid::new(member).ok());
        members.filter(|member| contacts.shares_presence(&node.owner, member)).collect()
    }

    /// The client says `+notify`. The owner's clients get events also before we know what they can do.
    fn wants(&self, session: &Session, node: &PubsubNode) -> bool {
        let capabilities = &self.0.capabilities;
        let is_unknown = capabilities.of(session.id()).is_none();
        capabilities.wants(session.id(), &node.node) || (is_unknown && *session.bare() == node.owner)
    }

    /// What was published last in every node that the client wants and may read.
    pub(super) async fn send_last_items(self, session: Session) {
        let wanted = self.wanted_nodes(session.id());
        let mut left = MOST_LAST_ITEMS;
        for name in wanted {
            match self.send_last_of_name(&session, &name, left).await {
                Ok(sent) => left = left.saturating_sub(sent),
                Err(LastItemsError::SessionGone) => return,
                Err(LastItemsError::Storage(error)) => {
                    tracing::error!(%error, "last items cannot be read");
                    return;
                }
            }
        }
    }

    fn wanted_nodes(&self, session: SessionId) -> Vec<String> {
        let features = self.0.capabilities.of(session);
        let features = features.iter().flat_map(|features| features.iter());
        features.filter_map(|feature| feature.strip_suffix("+notify").map(str::to_owned)).take(100).collect()
    }

    async fn send_last_of_name(
        &self,
        session: &Session,
        name: &str,
        most: usize,
    ) -> Result<usize, LastItemsError> {
        let nodes = storage::nodes_named(self.database(), name.to_owned()).await;
        let mut nodes = nodes.map_err(LastItemsError::Storage)?;
        let reader = session.bare();
        // The own ones first: bookmarks and settings matter more than a colleague's mood.
        nodes.sort_by_key(|node| node.owner != *reader);
        let mut sent = 0_usize;
        for node in nodes {
            let is_visible = node.owner == *reader || self.0.contacts.shares_presence(&node.owner, reader);
            if sent >= most || node.send_last != "on_sub_and_presence" || !is_visible {
                continue;
            }
            if self.may_read(&node, reader) {
                sent = sent.saturating_add(self.send_last_of_node(session, &node).await?);
            }
        }
        Ok(sent)
    }

    async fn send_last_of_node(&self, session: &Session, node: &PubsubNode) -> Result<usize, LastItemsError> {
        let newest = storage::items(self.database(), node.id, 1).await.map_err(LastItemsError::Storage)?;
        let Some(item) = newest.first() else { return Ok(0) };
        let mut inner = Vec::new();
        write_item(&mut inner, item);
        let stamp = delay(Some(node.owner.as_str()), item.published);
        let bytes = notice(&node.owner, session, &items(node, &inner), Some(&stamp));
        let outgoing = Outgoing { bytes, is_stanza: true, reroute: false, stored: None };
        session.put_when_free(outgoing).await.map_err(|SessionGone| LastItemsError::SessionGone)?;
        Ok(1)
    }
}

enum LastItemsError {
    SessionGone,
    Storage(StorageError),
}

fn items(node: &PubsubNode, inner: &[u8]) -> Vec<u8> {
    let open = format!("<items node='{}'>", escape(&node.node));
    [open.as_bytes(), inner, b"</items>"].concat()
}

fn notice(owner: &BareJid, session: &Session, event: &[u8], stamp: Option<&[u8]>) -> Bytes {
    let open = format!(
        "<message type='headline' from='{}' to='{}'><event xmlns='http://jabber.org/protocol/pubsub#event'>",
        escape(owner.as_str()),
        escape(session.jid().as_str()),
    );
    Bytes::from([open.as_bytes(), event, b"</event>", stamp.unwrap_or_default(), b"</message>"].concat())
}
