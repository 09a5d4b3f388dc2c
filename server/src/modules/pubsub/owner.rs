//! Owners create, configure, empty and delete their nodes (XEP-0060 section 8).

use jid::BareJid;
use posthouse_protocol::wire::escape;

use super::{Action, OWNER, PUBSUB, Pubsub, config, failed, pubsub_answer};
use crate::routing::iq::IqAnswer;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::pubsub::{self as storage, PubsubNode};

/// Most addresses on a whitelist.
const MOST_MEMBERS: usize = 1_000;

impl Pubsub {
    pub(super) async fn create(&self, action: &Action<'_>) -> Result<IqAnswer, StanzaError> {
        action.check_owner()?;
        let name = match action.action.attribute("node") {
            Some(_) => action.node()?,
            None => format!("{:x}", self.0.clock.now().0),
        };
        if self.find(&action.owner, &name).await?.is_some() {
            return Err(StanzaError::new(Condition::Conflict));
        }
        let mut node = config::usual(&action.owner, &name);
        if let Some(element) = action.sibling("configure") {
            config::configure(&mut node, &element)?;
        }
        self.save(node).await?;
        Ok(pubsub_answer(PUBSUB, format!("<create node='{}'/>", escape(&name)).as_bytes()))
    }

    pub(super) async fn handle_owner(&self, action: &Action<'_>) -> Result<IqAnswer, StanzaError> {
        action.check_owner()?;
        if action.action.name == "default" && !action.is_set {
            return Ok(config::default_form(OWNER));
        }
        let node = self.existing(&action.owner, &action.node()?).await?;
        match (action.action.name, action.is_set) {
            ("configure", false) => {
                let form = config::form(&node, "form");
                let answer = format!("<configure node='{}'>{form}</configure>", escape(&node.node));
                Ok(pubsub_answer(OWNER, answer.as_bytes()))
            }
            ("configure", true) => self.configure(node, action).await,
            ("delete", true) => {
                self.notify_deleted(&node).await;
                storage::delete_node(self.database(), node.id).await.map_err(|error| failed(&error))?;
                Ok(IqAnswer::Empty)
            }
            ("purge", true) => {
                storage::purge(self.database(), node.id).await.map_err(|error| failed(&error))?;
                self.notify_purged(&node).await;
                Ok(IqAnswer::Empty)
            }
            ("affiliations", false) => Ok(affiliations_of(&node)),
            ("affiliations", true) => self.set_members(node, action).await,
            ("subscriptions", false) => self.subscribers_of(&node).await,
            _ => Err(StanzaError::new(Condition::FeatureNotImplemented)),
        }
    }

    async fn configure(&self, mut node: PubsubNode, action: &Action<'_>) -> Result<IqAnswer, StanzaError> {
        let form = action.action.children().find(|child| child.name == "x");
        let is_cancelled = form.and_then(|form| form.attribute("type")).is_some_and(|kind| kind == "cancel");
        if !is_cancelled {
            config::configure(&mut node, &action.action)?;
            self.save(node).await?;
        }
        Ok(IqAnswer::Empty)
    }

    async fn set_members(&self, mut node: PubsubNode, action: &Action<'_>) -> Result<IqAnswer, StanzaError> {
        for child in action.action.children().filter(|child| child.name == "affiliation") {
            let jid = child.attribute("jid").and_then(|jid| BareJid::new(&jid).ok());
            let jid = jid.ok_or_else(|| StanzaError::new(Condition::JidMalformed))?;
            node.members.retain(|member| member != jid.as_str());
            match child.attribute("affiliation").as_deref() {
                Some("member") if node.members.len() < MOST_MEMBERS => {
                    node.members.push(jid.as_str().to_owned());
                }
                Some("none") => {}
                Some("owner") if jid == node.owner => {}
                _ => return Err(StanzaError::new(Condition::NotAcceptable)),
            }
        }
        self.save(node).await?;
        Ok(IqAnswer::Empty)
    }

    async fn subscribers_of(&self, node: &PubsubNode) -> Result<IqAnswer, StanzaError> {
        let subscribers =
            storage::subscribers(self.database(), node.id).await.map_err(|error| failed(&error))?;
        let rows: String = subscribers
            .iter()
            .map(|jid| format!("<subscription jid='{}' subscription='subscribed'/>", escape(jid)))
            .collect();
        let answer = format!("<subscriptions node='{}'>{rows}</subscriptions>", escape(&node.node));
        Ok(pubsub_answer(OWNER, answer.as_bytes()))
    }
}

fn affiliations_of(node: &PubsubNode) -> IqAnswer {
    let row = |jid: &str, affiliation: &str| {
        format!("<affiliation jid='{}' affiliation='{affiliation}'/>", escape(jid))
    };
    let members: String = node.members.iter().map(|member| row(member, "member")).collect();
    let owner = row(node.owner.as_str(), "owner");
    let answer = format!("<affiliations node='{}'>{owner}{members}</affiliations>", escape(&node.node));
    pubsub_answer(OWNER, answer.as_bytes())
}
