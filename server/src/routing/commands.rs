//! What people may do with any client (XEP-0050): features offer commands, `modules/ad_hoc_commands` speaks the
//! protocol.

use std::collections::HashMap;

use async_trait::async_trait;
use jid::BareJid;
use xmpp_parsers::data_forms::DataForm;

use super::session::Session;
use super::stanza_error::StanzaError;

/// Something that people may do.
#[async_trait]
pub trait AdHocCommand: Send + Sync {
    /// Names it on the wire.
    fn node(&self) -> &'static str;

    /// Names it for people.
    fn name(&self) -> &'static str;

    /// Whether it answers to this node: a command may have one for each thing that somebody can do.
    fn answers_to(&self, node: &str) -> bool {
        node == self.node()
    }

    /// What the list of commands shows this person: nodes and names.
    async fn listed(&self, _account: &BareJid) -> Vec<(String, String)> {
        vec![(self.node().to_owned(), self.name().to_owned())]
    }

    /// The next step for this client at one of the nodes: without answers when it begins.
    ///
    /// # Errors
    /// The error to answer with.
    async fn step(
        &self,
        session: &Session,
        node: &str,
        answers: Option<&Answers>,
    ) -> Result<Step, StanzaError>;
}

/// What somebody has filled in: the first value of each field.
#[derive(Debug, Clone, Default)]
pub struct Answers(pub HashMap<String, String>);

impl Answers {
    /// The value of a field.
    pub fn value(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }
}

/// What comes next.
#[derive(Debug, Clone)]
pub enum Step {
    /// A form is to be filled in.
    Ask(DataForm),
    /// It is done.
    Done {
        /// A sentence for people.
        note: String,
        /// What came out, to look at.
        result: Option<DataForm>,
    },
}
