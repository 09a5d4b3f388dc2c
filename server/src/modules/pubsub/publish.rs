//! Items come and go (XEP-0060 section 7).

use bytes::Bytes;
use posthouse_protocol::wire::{Child, Frame, escape};

use super::config;
use super::{Action, MOST_NODES, Pubsub, error, failed, pubsub_answer};
use crate::routing::iq::IqAnswer;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::pubsub::{self as storage, PubsubItem, PubsubNode};

/// Longest payload in bytes.
const LONGEST: usize = 256 * 1024;

impl Pubsub {
    /// Publishes an item; the node is created when it does not exist (XEP-0163 section 3).
    pub(super) async fn publish(&self, action: &Action<'_>) -> Result<IqAnswer, StanzaError> {
        action.check_owner()?;
        let name = action.node()?;
        let item = self.read_item(action)?;
        let node = self.node_for(action, &name).await?;
        let id = item.id.clone();
        self.keep(&node, &item).await?;
        self.notify_item(&node, &item).await;
        self.take_picture(&node, &item).await;
        let answer = format!("<publish node='{}'><item id='{}'/></publish>", escape(&name), escape(&id));
        Ok(pubsub_answer(super::PUBSUB, answer.as_bytes()))
    }

    /// Keeps an item, if the node keeps any.
    pub(super) async fn keep(&self, node: &PubsubNode, item: &PubsubItem) -> Result<(), StanzaError> {
        if !node.persist {
            return Ok(());
        }
        let kept = storage::publish(self.database(), node.id, item.clone(), node.most_items).await;
        kept.map_err(|error| failed(&error))
    }

    fn read_item(&self, action: &Action<'_>) -> Result<PubsubItem, StanzaError> {
        let mut items = action.action.children().filter(|child| child.name == "item");
        let item = items.next().ok_or_else(|| error(Condition::BadRequest, "item-required"))?;
        if items.next().is_some() {
            return Err(error(Condition::NotAllowed, "max-items-exceeded"));
        }
        let published = self.0.clock.now();
        let id = item.attribute("id").filter(|id| !id.is_empty());
        let id = id.map_or_else(|| format!("{:x}", published.0), |id| id.into_owned());
        if id.len() > 1_023 {
            return Err(StanzaError::new(Condition::NotAcceptable));
        }
        let mut payloads = item.children();
        let payload = payloads.next().ok_or_else(|| error(Condition::BadRequest, "payload-required"))?;
        if payloads.next().is_some() {
            return Err(error(Condition::BadRequest, "invalid-payload"));
        }
        Ok(PubsubItem { id, published, payload: complete(&payload)? })
    }

    /// The node to publish to, as the publish-options want it.
    async fn node_for(&self, action: &Action<'_>, name: &str) -> Result<PubsubNode, StanzaError> {
        let options = action.sibling("publish-options");
        if let Some(node) = self.find(&action.owner, name).await? {
            if let Some(options) = options {
                config::check_options(&node, &options)?;
            }
            return Ok(node);
        }
        let mut node = config::usual(&action.owner, name);
        if let Some(options) = options {
            config::with_options(&mut node, &options)?;
        }
        self.save(node).await
    }

    /// Writes a node's configuration.
    pub(super) async fn save(&self, mut node: PubsubNode) -> Result<PubsubNode, StanzaError> {
        let id = storage::save_node(self.database(), node.clone(), MOST_NODES)
            .await
            .map_err(|error| failed(&error))?;
        node.id = id.ok_or_else(|| StanzaError::new(Condition::ResourceConstraint))?;
        Ok(node)
    }

    /// Removes one item.
    pub(super) async fn retract(&self, action: &Action<'_>) -> Result<IqAnswer, StanzaError> {
        action.check_owner()?;
        let node = self.existing(&action.owner, &action.node()?).await?;
        let item = action.action.children().find(|child| child.name == "item");
        let item = item.ok_or_else(|| error(Condition::BadRequest, "item-required"))?;
        let id = item.attribute("id").ok_or_else(|| error(Condition::BadRequest, "item-required"))?;
        let is_gone = storage::retract(self.database(), node.id, id.clone().into_owned())
            .await
            .map_err(|error| failed(&error))?;
        if !is_gone {
            return Err(StanzaError::new(Condition::ItemNotFound));
        }
        let is_asked = action.action.attribute("notify").is_some_and(|it| matches!(&*it, "1" | "true"));
        if is_asked || node.notify_retract {
            self.notify_retracted(&node, &id).await;
        }
        Ok(IqAnswer::Empty)
    }
}

/// The payload in a form that means the same inside another element.
fn complete(payload: &Child<'_>) -> Result<Vec<u8>, StanzaError> {
    let bytes = payload.standalone().into_owned();
    if bytes.len() > LONGEST {
        return Err(error(Condition::NotAcceptable, "payload-too-big"));
    }
    // A mistake here would end the streams of all who are told.
    let frame = Frame::parse(Bytes::copy_from_slice(&bytes));
    let is_complete = frame.is_ok_and(|frame| frame.namespace() == payload.namespace);
    if is_complete { Ok(bytes) } else { Err(error(Condition::BadRequest, "invalid-payload")) }
}
