//! What the server and its accounts are and can do (XEP-0030), its caps (XEP-0115), whom to turn to (XEP-0157).

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use jid::{BareJid, Jid};
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::disco::{
    DiscoInfoQuery, DiscoInfoResult, DiscoItemsQuery, DiscoItemsResult, Identity, Item,
};
use xmpp_parsers::hashes::Algo;

use crate::organization::directory::Directory;
use crate::routing::accounts::PersonalNodes;
use crate::routing::commands::AdHocCommand;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::routing::verification_string::verification_string;

const INFO: &str = "http://jabber.org/protocol/disco#info";
const ITEMS: &str = "http://jabber.org/protocol/disco#items";
/// The node under which commands are listed (XEP-0050 section 3.2).
const COMMANDS: &str = "http://jabber.org/protocol/commands";

/// Identifies the program in caps; not a place to look at.
const CAPS_NODE: &str = "urn:posthouse:server";

/// What there is to discover.
#[derive(Debug, Clone, Default)]
pub struct Discoverable {
    /// Features of the server: namespaces it answers, and others it supports.
    pub server: BTreeSet<String>,
    /// Features of every account: archive, personal events and what else clients look for on the bare address
    /// of the account. Both lists announce the archive: some clients ask here, some there.
    pub account: BTreeSet<String>,
    /// Services: components, rooms, uploads.
    pub items: Vec<(Jid, String)>,
    /// Addresses of the administration, as URIs (XEP-0157).
    pub contacts: Vec<String>,
}

/// Answers both namespaces of service discovery.
pub struct ServiceDiscovery {
    directory: Arc<Directory>,
    nodes: Arc<dyn PersonalNodes>,
    discoverable: Discoverable,
    server: DiscoInfoResult,
    account: DiscoInfoResult,
    caps: Option<String>,
    commands: Vec<Arc<dyn AdHocCommand>>,
}

impl std::fmt::Debug for ServiceDiscovery {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ServiceDiscovery").field("caps", &self.caps).finish_non_exhaustive()
    }
}

impl ServiceDiscovery {
    /// Answers with that.
    pub fn new(
        directory: Arc<Directory>,
        nodes: Arc<dyn PersonalNodes>,
        mut discoverable: Discoverable,
    ) -> Self {
        for features in [&mut discoverable.server, &mut discoverable.account] {
            features.extend([INFO.to_owned(), ITEMS.to_owned()]);
        }
        let server = DiscoInfoResult {
            node: None,
            identities: vec![
                Identity::new("server", "im", "en", "Posthouse"),
                Identity::new("directory", "user", "en", "Posthouse"),
            ],
            features: discoverable.server.clone(),
            extensions: forms(&discoverable.contacts),
        };
        let account = DiscoInfoResult {
            node: None,
            identities: vec![
                Identity::new_anonymous::<_, _, &str, &str>("account", "registered"),
                Identity::new_anonymous::<_, _, &str, &str>("pubsub", "pep"),
            ],
            features: discoverable.account.clone(),
            extensions: Vec::new(),
        };
        let caps = verification_string(&server, Algo::Sha_1);
        Self { directory, nodes, discoverable, server, account, caps, commands: Vec::new() }
    }

    /// Lists these commands, too.
    #[must_use]
    pub fn with_commands(mut self, commands: Vec<Arc<dyn AdHocCommand>>) -> Self {
        self.commands = commands;
        self
    }

    /// Node and hash (SHA-1, Base64) of the `<c/>` in the server's stream features (XEP-0115 section 6.3).
    pub fn caps(&self) -> Option<(&'static str, &str)> {
        Some((CAPS_NODE, self.caps.as_deref()?))
    }

    fn info(&self, request: &IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let query: DiscoInfoQuery = request.parse()?;
        let of_caps = |node: &str| {
            let ver = node.strip_prefix(CAPS_NODE).and_then(|rest| rest.strip_prefix('#'));
            ver.is_some() && ver == self.caps.as_deref()
        };
        let result = match request.target {
            IqTarget::Server if query.node.as_deref().is_none_or(of_caps) => &self.server,
            IqTarget::Server => return self.about_command(query.node),
            IqTarget::OwnAccount if query.node.is_none() => &self.account,
            IqTarget::Account(account) if query.node.is_none() => {
                self.must_see(request, account)?;
                &self.account
            }
            _ => return Err(StanzaError::new(Condition::ItemNotFound)),
        };
        IqAnswer::of(&DiscoInfoResult { node: query.node, ..result.clone() })
    }

    /// What the list of commands is, or one of them (XEP-0050 section 3).
    fn about_command(&self, node: Option<String>) -> Result<IqAnswer, StanzaError> {
        let asked = node.as_deref().unwrap_or_default();
        let command = self.commands.iter().find(|command| command.answers_to(asked));
        let identity = match command {
            Some(command) => Identity::new("automation", "command-node", "zh", command.name()),
            None if asked == COMMANDS && !self.commands.is_empty() => {
                Identity::new("automation", "command-list", "en", "Posthouse")
            }
            None => return Err(StanzaError::new(Condition::ItemNotFound)),
        };
        let features = [COMMANDS, "jabber:x:data"].map(str::to_owned).into();
        IqAnswer::of(&DiscoInfoResult { node, identities: vec![identity], features, extensions: Vec::new() })
    }

    async fn items(&self, request: &IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let query: DiscoItemsQuery = request.parse()?;
        if let IqTarget::Account(account) = request.target {
            self.must_see(request, account)?;
        }
        let is_server = *request.target == IqTarget::Server;
        let is_of_commands = query.node.as_deref() == Some(COMMANDS) && !self.commands.is_empty();
        if is_server && query.node.is_some() && !is_of_commands {
            return Err(StanzaError::new(Condition::ItemNotFound));
        }
        let asker = request.from.to_bare();
        let items = match request.target {
            IqTarget::Server if is_of_commands => self.command_items(request, &asker).await,
            IqTarget::Server => self.services(),
            IqTarget::OwnAccount => self.nodes_of(&asker, &asker).await,
            IqTarget::Account(account) => self.nodes_of(account, &asker).await,
        };
        IqAnswer::of(&DiscoItemsResult { node: query.node, items, rsm: None })
    }

    fn services(&self) -> Vec<Item> {
        let services = self.discoverable.items.iter();
        services.map(|(jid, name)| Item { jid: jid.clone(), node: None, name: Some(name.clone()) }).collect()
    }

    async fn command_items(&self, request: &IqRequest<'_>, asker: &BareJid) -> Vec<Item> {
        // The server's own address is whom they have asked.
        let Some(jid) = request.frame.to().and_then(|to| Jid::new(&to).ok()) else { return Vec::new() };
        let mut items = Vec::new();
        for command in &self.commands {
            let listed = command.listed(asker).await.into_iter();
            items.extend(listed.map(|(node, name)| Item {
                jid: jid.clone(),
                node: Some(node),
                name: Some(name),
            }));
        }
        items
    }

    /// What an account publishes (XEP-0163).
    async fn nodes_of(&self, account: &BareJid, asker: &BareJid) -> Vec<Item> {
        let nodes = self.nodes.nodes(account, asker).await.into_iter();
        let item = |(node, name): (String, String)| Item {
            jid: account.clone().into(),
            node: Some(node),
            name: Some(name).filter(|name| !name.is_empty()),
        };
        nodes.map(item).collect()
    }

    /// RFC 6121 section 8.5.1: the same answer for who does not exist and who is not to be seen.
    fn must_see(&self, request: &IqRequest<'_>, account: &BareJid) -> Result<(), StanzaError> {
        if self.directory.may_see(&request.from.to_bare(), account) {
            Ok(())
        } else {
            Err(StanzaError::new(Condition::ServiceUnavailable))
        }
    }
}

/// Contact addresses (XEP-0157) and the name of the software (XEP-0232; not its version).
fn forms(contacts: &[String]) -> Vec<DataForm> {
    let software = vec![Field::text_single("software", "Posthouse")];
    let mut forms = vec![DataForm::new(DataFormType::Result_, "urn:xmpp:dataforms:softwareinfo", software)];
    if !contacts.is_empty() {
        let addresses = ["admin-addresses", "support-addresses"].map(|var| {
            let mut field = Field::new(var, FieldType::ListMulti);
            field.values = contacts.to_vec();
            field
        });
        let form_type = "http://jabber.org/network/serverinfo";
        forms.push(DataForm::new(DataFormType::Result_, form_type, addresses.into()));
    }
    forms
}

#[async_trait]
impl IqHandler for ServiceDiscovery {
    fn namespaces(&self) -> &'static [&'static str] {
        &[INFO, ITEMS]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        if request.is_set {
            return Err(StanzaError::new(Condition::NotAllowed));
        }
        if request.payload.namespace == INFO { self.info(&request) } else { self.items(&request).await }
    }
}

#[cfg(test)]
mod tests;
