//! Items, subscriptions and affiliations are read (XEP-0060 sections 5.6, 5.7, 6.1, 6.2 and 6.5).

use jid::Jid;
use posthouse_protocol::wire::escape;

use super::{Action, PUBSUB, Pubsub, config, error, failed, pubsub_answer};
use crate::routing::iq::IqAnswer;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::pubsub::{self as storage, PubsubItem};

/// Most items asked for by id at once.
const MOST_IDS: usize = 100;

impl Pubsub {
    /// The items of a node: those named, or the newest.
    pub(super) async fn items(&self, action: &Action<'_>) -> Result<IqAnswer, StanzaError> {
        let name = action.node()?;
        let node = self.readable(&action.owner, &name, &action.asker_bare()).await?;
        let named: Vec<String> = action
            .action
            .children()
            .filter(|child| child.name == "item")
            .filter_map(|item| item.attribute("id").map(|id| id.into_owned()))
            .take(MOST_IDS)
            .collect();
        let items = if named.is_empty() {
            let most = action.action.attribute("max_items").and_then(|most| most.parse().ok());
            let most = most.unwrap_or(config::MOST_ITEMS);
            storage::items(self.database(), node.id, most).await.map_err(|error| failed(&error))?
        } else {
            self.named_items(node.id, named).await?
        };
        let mut answer = format!("<items node='{}'>", escape(&name)).into_bytes();
        for item in items {
            write_item(&mut answer, &item);
        }
        answer.extend_from_slice(b"</items>");
        Ok(pubsub_answer(PUBSUB, &answer))
    }

    async fn named_items(&self, node: i64, names: Vec<String>) -> Result<Vec<PubsubItem>, StanzaError> {
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            found.extend(storage::item(self.database(), node, name).await.map_err(|error| failed(&error))?);
        }
        Ok(found)
    }

    /// Subscribes, or ends a subscription: without presence, for those who may read the node.
    pub(super) async fn subscribe(
        &self,
        action: &Action<'_>,
        is_subscribed: bool,
    ) -> Result<IqAnswer, StanzaError> {
        let name = action.node()?;
        let node = self.readable(&action.owner, &name, &action.asker_bare()).await?;
        let jid = action.action.attribute("jid").and_then(|jid| Jid::new(&jid).ok());
        let jid = jid.filter(|jid| jid.to_bare() == action.asker_bare());
        let jid = jid.ok_or_else(|| error(Condition::BadRequest, "invalid-jid"))?;
        storage::set_subscribed(self.database(), node.id, jid.as_str().to_owned(), is_subscribed)
            .await
            .map_err(|error| failed(&error))?;
        if !is_subscribed {
            return Ok(IqAnswer::Empty);
        }
        let answer = format!(
            "<subscription node='{}' jid='{}' subscription='subscribed'/>",
            escape(&name),
            escape(jid.as_str()),
        );
        Ok(pubsub_answer(PUBSUB, answer.as_bytes()))
    }

    /// The asker's own subscriptions.
    pub(super) async fn subscriptions(&self, action: &Action<'_>) -> Result<IqAnswer, StanzaError> {
        let nodes = storage::nodes(self.database(), action.owner.clone()).await;
        let mut rows = String::new();
        for node in nodes.map_err(|error| failed(&error))? {
            let subscribers = storage::subscribers(self.database(), node.id).await;
            for jid in subscribers.map_err(|error| failed(&error))? {
                if Jid::new(&jid).is_ok_and(|jid| jid.to_bare() == action.asker_bare()) {
                    let (node, jid) = (escape(&node.node), escape(&jid));
                    rows.push_str(&format!(
                        "<subscription node='{node}' jid='{jid}' subscription='subscribed'/>"
                    ));
                }
            }
        }
        Ok(pubsub_answer(PUBSUB, format!("<subscriptions>{rows}</subscriptions>").as_bytes()))
    }

    /// What the asker is to the nodes: owner of the own ones, nothing to others.
    pub(super) async fn affiliations(&self, action: &Action<'_>) -> Result<IqAnswer, StanzaError> {
        let nodes = storage::nodes(self.database(), action.owner.clone()).await;
        let asker = action.asker_bare();
        let rows: String = nodes
            .map_err(|error| failed(&error))?
            .iter()
            .filter_map(|node| {
                let is_member = node.members.iter().any(|member| member == asker.as_str());
                let affiliation = match (node.owner == asker, is_member) {
                    (true, _) => "owner",
                    (false, true) => "member",
                    (false, false) => return None,
                };
                Some(format!("<affiliation node='{}' affiliation='{affiliation}'/>", escape(&node.node)))
            })
            .collect();
        Ok(pubsub_answer(PUBSUB, format!("<affiliations>{rows}</affiliations>").as_bytes()))
    }
}

/// `<item/>` with its payload.
pub(super) fn write_item(out: &mut Vec<u8>, item: &PubsubItem) {
    out.extend_from_slice(format!("<item id='{}'>", escape(&item.id)).as_bytes());
    out.extend_from_slice(&item.payload);
    out.extend_from_slice(b"</item>");
}
