//! Personal eventing (XEP-0163 on XEP-0060): what accounts publish about themselves, and who is told.

mod config;
mod notify;
mod owner;
mod picture;
mod publish;
mod read;

use std::sync::Arc;

use async_trait::async_trait;
use jid::{BareJid, Jid};
use posthouse_protocol::wire::Child;

use crate::clock::Clock;
use crate::organization::pictures::Pictures;
use crate::routing::accounts::{Contacts, LocalAccounts, PersonalNodes};
use crate::routing::capabilities::Capabilities;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::session::Session;
use crate::routing::sessions::Sessions;
use crate::routing::stages::{IqHandler, Observer};
use crate::routing::stanza_error::{Condition, ErrorType, StanzaError};
use crate::storage::avatar::Avatar;
use crate::storage::pubsub::{self as storage, PubsubNode};
use crate::storage::{Database, StorageError};

const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
const ERRORS: &str = "http://jabber.org/protocol/pubsub#errors";

/// What service discovery names on accounts, beside the identity `pubsub/pep` (XEP-0163 section 6.1).
pub const FEATURES: &[&str] = &[
    PUBSUB,
    "http://jabber.org/protocol/pubsub#access-open",
    "http://jabber.org/protocol/pubsub#access-presence",
    "http://jabber.org/protocol/pubsub#access-roster",
    "http://jabber.org/protocol/pubsub#access-whitelist",
    "http://jabber.org/protocol/pubsub#auto-create",
    "http://jabber.org/protocol/pubsub#auto-subscribe",
    "http://jabber.org/protocol/pubsub#config-node",
    "http://jabber.org/protocol/pubsub#config-node-max",
    "http://jabber.org/protocol/pubsub#create-and-configure",
    "http://jabber.org/protocol/pubsub#create-nodes",
    "http://jabber.org/protocol/pubsub#delete-items",
    "http://jabber.org/protocol/pubsub#delete-nodes",
    "http://jabber.org/protocol/pubsub#filtered-notifications",
    "http://jabber.org/protocol/pubsub#item-ids",
    "http://jabber.org/protocol/pubsub#last-published",
    "http://jabber.org/protocol/pubsub#meta-data",
    "http://jabber.org/protocol/pubsub#modify-affiliations",
    "http://jabber.org/protocol/pubsub#multi-items",
    "http://jabber.org/protocol/pubsub#persistent-items",
    "http://jabber.org/protocol/pubsub#presence-notifications",
    "http://jabber.org/protocol/pubsub#publish",
    "http://jabber.org/protocol/pubsub#publish-options",
    "http://jabber.org/protocol/pubsub#purge-nodes",
    "http://jabber.org/protocol/pubsub#retract-items",
    "http://jabber.org/protocol/pubsub#retrieve-affiliations",
    "http://jabber.org/protocol/pubsub#retrieve-default",
    "http://jabber.org/protocol/pubsub#retrieve-items",
    "http://jabber.org/protocol/pubsub#retrieve-subscriptions",
    "http://jabber.org/protocol/pubsub#subscribe",
];

/// Most nodes of an account.
const MOST_NODES: u32 = 500;

/// What the module works with.
pub struct PubsubParts {
    /// Where nodes are kept.
    pub database: Database,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// Which addresses are accounts.
    pub accounts: Arc<dyn LocalAccounts>,
    /// Who may be told.
    pub contacts: Arc<dyn Contacts>,
    /// Who wants to be told.
    pub capabilities: Arc<Capabilities>,
    /// Tells the time.
    pub clock: Arc<Clock>,
    /// Pictures of people, which accounts publish about themselves.
    pub pictures: Arc<Pictures>,
}

/// The personal eventing service of every account. Cheap to clone.
#[derive(Clone)]
pub struct Pubsub(Arc<PubsubParts>);

impl std::fmt::Debug for Pubsub {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Pubsub").finish_non_exhaustive()
    }
}

impl Pubsub {
    /// The service.
    pub fn new(parts: PubsubParts) -> Self {
        Self(Arc::new(parts))
    }

    fn database(&self) -> &Database {
        &self.0.database
    }

    async fn find(&self, owner: &BareJid, name: &str) -> Result<Option<PubsubNode>, StanzaError> {
        storage::node(self.database(), owner.clone(), name.to_owned()).await.map_err(|error| failed(&error))
    }

    /// The node, if it exists.
    async fn existing(&self, owner: &BareJid, name: &str) -> Result<PubsubNode, StanzaError> {
        self.find(owner, name).await?.ok_or_else(|| StanzaError::new(Condition::ItemNotFound))
    }

    /// The node, if `reader` may read it (XEP-0060 section 4.5).
    async fn readable(
        &self,
        owner: &BareJid,
        name: &str,
        reader: &BareJid,
    ) -> Result<PubsubNode, StanzaError> {
        let node = self.existing(owner, name).await?;
        if self.may_read(&node, reader) {
            return Ok(node);
        }
        Err(match node.access.as_str() {
            "presence" => error(Condition::NotAuthorized, "presence-subscription-required"),
            "roster" => error(Condition::NotAuthorized, "not-in-roster-group"),
            _ => error(Condition::NotAllowed, "closed-node"),
        })
    }

    fn may_read(&self, node: &PubsubNode, reader: &BareJid) -> bool {
        if node.owner == *reader {
            return true;
        }
        match node.access.as_str() {
            "open" => true,
            "presence" | "roster" => self.0.contacts.shares_presence(&node.owner, reader),
            _ => node.members.iter().any(|member| member == reader.as_str()),
        }
    }
}

/// One action element of a request, and around whom it turns.
struct Action<'a> {
    owner: BareJid,
    asker: &'a Jid,
    is_set: bool,
    action: Child<'a>,
    payload: Child<'a>,
}

impl Action<'_> {
    fn asker_bare(&self) -> BareJid {
        self.asker.to_bare()
    }

    /// Only the owner changes anything.
    fn check_owner(&self) -> Result<(), StanzaError> {
        if self.asker_bare() == self.owner { Ok(()) } else { Err(StanzaError::new(Condition::Forbidden)) }
    }

    fn node(&self) -> Result<String, StanzaError> {
        let name = self.action.attribute("node").filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| error(Condition::BadRequest, "nodeid-required"))?;
        if name.len() > 1_023 {
            return Err(StanzaError::new(Condition::NotAcceptable));
        }
        Ok(name.into_owned())
    }

    /// A sibling of the action: `configure`, `publish-options`.
    fn sibling(&self, name: &str) -> Option<Child<'_>> {
        self.payload.children().find(|child| child.name == name)
    }
}

#[async_trait]
impl IqHandler for Pubsub {
    fn namespaces(&self) -> &'static [&'static str] {
        &[PUBSUB, OWNER]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let owner = match request.target {
            IqTarget::OwnAccount => request.from.to_bare(),
            IqTarget::Account(account) => account.clone(),
            IqTarget::Server => return Err(StanzaError::new(Condition::FeatureNotImplemented)),
        };
        if !self.0.accounts.exists(&owner) {
            return Err(StanzaError::new(Condition::ServiceUnavailable));
        }
        let action =
            request.payload.children().next().ok_or_else(|| StanzaError::new(Condition::BadRequest))?;
        let action =
            Action { owner, asker: request.from, is_set: request.is_set, action, payload: request.payload };
        if request.payload.namespace == OWNER {
            return self.handle_owner(&action).await;
        }
        match (action.action.name, action.is_set) {
            ("publish", true) => self.publish(&action).await,
            ("retract", true) => self.retract(&action).await,
            ("create", true) => self.create(&action).await,
            ("subscribe", true) => self.subscribe(&action, true).await,
            ("unsubscribe", true) => self.subscribe(&action, false).await,
            ("items", false) => self.items(&action).await,
            ("subscriptions", false) => self.subscriptions(&action).await,
            ("affiliations", false) => self.affiliations(&action).await,
            ("default", false) => Ok(config::default_form(PUBSUB)),
            _ => Err(StanzaError::new(Condition::FeatureNotImplemented)),
        }
    }
}

#[async_trait]
impl PersonalNodes for Pubsub {
    async fn nodes(&self, owner: &BareJid, viewer: &BareJid) -> Vec<(String, String)> {
        let nodes = storage::nodes(self.database(), owner.clone()).await.unwrap_or_else(|error| {
            tracing::error!(%error, "personal nodes cannot be listed");
            Vec::new()
        });
        let readable = nodes.into_iter().filter(|node| self.may_read(node, viewer));
        readable.map(|node| (node.node, node.title)).collect()
    }
}

#[async_trait]
impl Observer for Pubsub {
    async fn picture_set(&self, account: &BareJid, picture: Option<&Avatar>) {
        if let Err(error) = self.publish_picture(account, picture).await {
            tracing::error!(?error, "the picture of a card cannot be published");
        }
    }

    /// The client gets what was last published by everybody it can see (XEP-0163 section 4.3.2).
    async fn capabilities_known(&self, session: &Session) {
        // The task ends with the session's outbox at the latest.
        tokio::spawn(self.clone().send_last_items(session.clone()));
    }
}

/// An error with its condition of XEP-0060.
fn error(condition: Condition, application: &'static str) -> StanzaError {
    StanzaError::new(condition).with_application(application, ERRORS)
}

fn precondition_not_met() -> StanzaError {
    error(Condition::Conflict, "precondition-not-met").with_type(ErrorType::Cancel)
}

fn failed(error: &StorageError) -> StanzaError {
    tracing::error!(%error, "personal eventing does not answer");
    StanzaError::new(Condition::InternalServerError)
}

fn pubsub_answer(namespace: &str, inner: &[u8]) -> IqAnswer {
    let open = format!("<pubsub xmlns='{namespace}'>");
    IqAnswer::Payload([open.as_bytes(), inner, b"</pubsub>"].concat())
}
