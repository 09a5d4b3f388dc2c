//! The picture that an account publishes (XEP-0084) is the person's in cards and directory too, and the other way
//! round (XEP-0398).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jid::BareJid;
use posthouse_protocol::wire::Frame;

use super::{Pubsub, config};
use crate::organization::pictures;
use crate::routing::stanza_error::StanzaError;
use crate::storage::avatar::Avatar;
use crate::storage::pubsub::{self as storage, PubsubItem, PubsubNode};

const DATA: &str = "urn:xmpp:avatar:data";
const METADATA: &str = "urn:xmpp:avatar:metadata";

impl Pubsub {
    /// Takes over what a client has published. A picture for chosen eyes only stays where it is.
    pub(super) async fn take_picture(&self, node: &PubsubNode, item: &PubsubItem) {
        if node.node != METADATA || node.access == "whitelist" {
            return;
        }
        let picture = match self.published_picture(&node.owner, item).await {
            Ok(picture) => picture,
            Err(problem) => {
                tracing::debug!(problem, "a published picture stays where it is");
                return;
            }
        };
        if let Err(error) = self.0.pictures.set(&node.owner, picture).await {
            tracing::error!(%error, "a published picture cannot be kept");
        }
    }

    /// The picture that the metadata names; `None` when they name none.
    async fn published_picture(
        &self,
        owner: &BareJid,
        item: &PubsubItem,
    ) -> Result<Option<Avatar>, &'static str> {
        let metadata = Frame::parse(Bytes::from(item.payload.clone())).map_err(|_| "no metadata")?;
        let mut is_empty = true;
        for info in metadata.children().filter(|child| child.name == "info") {
            is_empty = false;
            let id = info.attribute("id").unwrap_or_default();
            // One with an address lies elsewhere.
            if info.attribute("url").is_none()
                && let Some(picture) = self.stored_picture(owner, &id).await
            {
                return Ok(Some(picture));
            }
        }
        if is_empty { Ok(None) } else { Err("no picture that the metadata name is here") }
    }

    async fn stored_picture(&self, owner: &BareJid, id: &str) -> Option<Avatar> {
        let node = self.find(owner, DATA).await.ok().flatten()?;
        let items = storage::items(self.database(), node.id, node.most_items).await.ok()?;
        let item = items.into_iter().find(|item| item.id == id)?;
        let data = Frame::parse(Bytes::from(item.payload)).ok()?;
        let encoded: String = data.text().split_whitespace().collect();
        let picture = pictures::read(STANDARD.decode(encoded).ok()?).ok()?;
        (picture.hash == id).then_some(picture)
    }

    /// Publishes the picture of a card, as the account's own client would.
    pub(super) async fn publish_picture(
        &self,
        owner: &BareJid,
        picture: Option<&Avatar>,
    ) -> Result<(), StanzaError> {
        let Some(picture) = picture else {
            let gone = format!("<metadata xmlns='{METADATA}'/>");
            return self.publish_own(owner, METADATA, "current", gone).await;
        };
        let encoded = STANDARD.encode(&picture.picture);
        let data = format!("<data xmlns='{DATA}'>{encoded}</data>");
        self.publish_own(owner, DATA, &picture.hash, data).await?;
        let (hash, kind, bytes) = (&picture.hash, &picture.media_type, picture.picture.len());
        let metadata = format!(
            "<metadata xmlns='{METADATA}'><info id='{hash}' type='{kind}' bytes='{bytes}'/></metadata>"
        );
        self.publish_own(owner, METADATA, hash, metadata).await
    }

    async fn publish_own(
        &self,
        owner: &BareJid,
        name: &str,
        id: &str,
        payload: String,
    ) -> Result<(), StanzaError> {
        let node = match self.find(owner, name).await? {
            Some(node) => node,
            None => self.save(config::usual(owner, name)).await?,
        };
        let item = PubsubItem { id: id.to_owned(), published: self.0.clock.now(), payload: payload.into() };
        self.keep(&node, &item).await?;
        self.notify_item(&node, &item).await;
        Ok(())
    }
}
