//! Ad-hoc commands (XEP-0050): what people may do with any client, by filling in a form. No step is kept in mind: the
//! form that comes back says where one was.

use std::sync::Arc;

use async_trait::async_trait;
use posthouse_protocol::wire::{Child, escape};

use crate::routing::commands::{AdHocCommand, Answers, Step};
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};

/// The namespace, and the node under which commands are listed.
pub const NAMESPACE: &str = "http://jabber.org/protocol/commands";
const DATA: &str = "jabber:x:data";
/// Longest name of a client's run through a command.
const LONGEST: usize = 64;

/// Answers requests to run commands.
pub struct AdHocCommands(Vec<Arc<dyn AdHocCommand>>);

impl std::fmt::Debug for AdHocCommands {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("AdHocCommands").field(&self.0.len()).finish()
    }
}

impl AdHocCommands {
    /// These commands.
    pub fn new(commands: Vec<Arc<dyn AdHocCommand>>) -> Self {
        Self(commands)
    }
}

/// Section 4.4: what is wrong, in the words of the protocol.
fn wrong(word: &'static str) -> StanzaError {
    let mut error = StanzaError::new(Condition::BadRequest);
    error.application = Some((word, NAMESPACE));
    error
}

/// The answers, when a form was sent back.
fn answers(command: &Child<'_>) -> Option<Answers> {
    let form = command.child("x", DATA)?;
    if form.attribute("type").as_deref() != Some("submit") {
        return None;
    }
    let fields = form.children().filter(|field| field.name == "field").filter_map(|field| {
        let name = field.attribute("var")?.into_owned();
        Some((name, field.child("value", DATA)?.text().into_owned()))
    });
    Some(Answers(fields.collect()))
}

/// Names this run through a command; the client's own name when it has one.
fn session_id(command: &Child<'_>) -> String {
    let own = command.attribute("sessionid").filter(|id| !id.is_empty() && id.len() <= LONGEST);
    own.map_or_else(|| format!("{:016x}", getrandom::u64().unwrap_or_default()), |id| id.into_owned())
}

fn written(node: &str, id: &str, status: &str, inside: &[u8]) -> IqAnswer {
    let (node, id) = (escape(node), escape(id));
    let mut bytes = format!("<command xmlns='{NAMESPACE}' node='{node}' sessionid='{id}' status='{status}'>")
        .into_bytes();
    bytes.extend_from_slice(inside);
    bytes.extend_from_slice(b"</command>");
    IqAnswer::Payload(bytes)
}

fn form(form: &xmpp_parsers::data_forms::DataForm) -> Result<Vec<u8>, StanzaError> {
    xso::to_vec(form).map_err(|error| {
        tracing::error!(%error, "a form cannot be written");
        StanzaError::new(Condition::InternalServerError)
    })
}

#[async_trait]
impl IqHandler for AdHocCommands {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let (Some(session), IqTarget::Server, true) = (request.session, request.target, request.is_set)
        else {
            return Err(StanzaError::new(Condition::NotAllowed));
        };
        let command = &request.payload;
        let node = command.attribute("node").filter(|_| command.name == "command");
        let node = node.ok_or_else(|| StanzaError::new(Condition::BadRequest))?;
        let known = self.0.iter().find(|known| known.answers_to(&node));
        let known = known.ok_or_else(|| StanzaError::new(Condition::ItemNotFound))?;
        let id = session_id(command);
        match command.attribute("action").as_deref() {
            None | Some("execute" | "next" | "complete") => {}
            Some("cancel") => return Ok(written(&node, &id, "canceled", b"")),
            Some("prev") => return Err(wrong("bad-action")),
            Some(_) => return Err(wrong("malformed-action")),
        }
        match known.step(session, &node, answers(command).as_ref()).await? {
            Step::Ask(question) => {
                let mut inside = b"<actions execute='complete'><complete/></actions>".to_vec();
                inside.extend(form(&question)?);
                Ok(written(&node, &id, "executing", &inside))
            }
            Step::Done { note, result } => {
                let mut inside = result.as_ref().map(form).transpose()?.unwrap_or_default();
                inside.extend(format!("<note type='info'>{}</note>", escape(&note)).into_bytes());
                Ok(written(&node, &id, "completed", &inside))
            }
        }
    }
}

#[cfg(test)]
mod tests;
