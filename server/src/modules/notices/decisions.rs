//! For clients that know nothing of notices: each that waits for a decision is a command (XEP-0050) at the server's
//! address. Its form (XEP-0004) says what is to be decided; what comes back is said to the application in the person's
//! name, as our app says it, so that the person's other clients and the history have it as well.

use std::fmt::Write;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jid::{BareJid, Jid};
use posthouse_protocol::notice::{Act, NAMESPACE, Value};
use posthouse_protocol::wire::{Frame, escape, escape_attribute};
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType, Option_};

use super::Inner;
use super::mailbox::line_of;
use crate::routing::commands::{AdHocCommand, Answers, Step};
use crate::routing::outcome::Outcome;
use crate::routing::passage::Origin;
use crate::routing::router::Router;
use crate::routing::session::Session;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::StorageError;
use crate::storage::notices::{Action, Decision, Standing, relay_name};

/// What all nodes begin with; the `id` of the message that brings the notice follows.
const NODES: &str = "urn:posthouse:notice:1#";
/// The field in which an action is chosen.
const ACTION: &str = "action";
/// Most notices in the list.
const MOST: usize = 50;
/// Most letters of what is filled in.
const LONGEST: usize = 1_000;

/// The command.
#[derive(Debug)]
pub(super) struct Decisions(pub(super) Arc<Inner>, pub(super) Router);

fn broken(error: StorageError) -> StanzaError {
    tracing::error!(%error, "a notice cannot be read");
    StanzaError::new(Condition::InternalServerError)
}

fn refused(sentence: impl Into<String>) -> StanzaError {
    StanzaError::new(Condition::NotAcceptable).with_text(sentence)
}

/// Names the field for a line of an action: neither name has a slash.
fn field_name(action: &Action, input: &str) -> String {
    format!("{}/{input}", action.id)
}

/// Why there is nothing to decide.
fn sentence(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Open => None,
        Standing::Decided => Some("您已经处理过了。 · You have decided this already."),
        Standing::Handled => Some("别人已经处理过了。 · Somebody else has seen to this."),
        Standing::Withdrawn => Some("这条通知已被撤回。 · This was taken back."),
        Standing::Expired => Some("已经过期。 · This has expired."),
        Standing::Nothing => Some("没有需要处理的事。 · There is nothing to decide."),
    }
}

/// What is to be decided, and by which answers.
fn form(decision: &Decision) -> DataForm {
    let content = &decision.notice.content;
    let mut choice = Field::new(ACTION, FieldType::ListSingle);
    choice.label = Some("处理 · Decision".to_owned());
    choice.required = true;
    let primary = content.actions.iter().filter(|action| action.style == "primary");
    let usual = primary.chain(&content.actions).next();
    choice.values = usual.map(|action| action.id.clone()).into_iter().collect();
    let option = |action: &Action| Option_ { label: Some(action.label.clone()), value: action.id.clone() };
    choice.options = content.actions.iter().map(option).collect();
    let mut fields = vec![choice];
    let is_one = content.actions.len() == 1;
    for action in &content.actions {
        for input in &action.inputs {
            let mut field = Field::new(&field_name(action, &input.name), FieldType::TextSingle);
            let label = &input.label;
            let of = if is_one { label.clone() } else { format!("{label}（{}）", action.label) };
            field.label = Some(of);
            field.required = input.required && is_one;
            fields.push(field);
        }
    }
    let mut form = DataForm::new(DataFormType::Form, NAMESPACE, fields);
    form.title = Some(format!("{}：{}", decision.title, content.title));
    let mut lines = content.text.clone();
    for fact in &content.fields {
        let _ = write!(lines, "\n{}：{}", fact.label, fact.value);
    }
    form.instructions = Some(lines.trim().to_owned()).filter(|lines| !lines.is_empty());
    form
}

/// What was chosen, and what was filled in for it.
fn chosen<'a>(decision: &'a Decision, answers: &Answers) -> Result<(&'a Action, Act), StanzaError> {
    let id = answers.value(ACTION).unwrap_or_default();
    let action = decision.notice.content.actions.iter().find(|action| action.id == id);
    let action = action.ok_or_else(|| refused("请选择一项。 · Choose one of the answers."))?;
    let mut values = Vec::new();
    for input in &action.inputs {
        let value = answers.value(&field_name(action, &input.name)).unwrap_or_default().trim();
        if value.is_empty() && input.required {
            return Err(refused(format!("请填写“{0}”。 · Fill in “{0}”.", input.label)));
        }
        if !value.is_empty() {
            let text = value.chars().take(LONGEST).collect();
            values.push(Value { name: input.name.clone(), text });
        }
    }
    Ok((action, Act { message: relay_name(decision.line), action: action.id.clone(), values }))
}

/// The choice as a client of the person would say it.
fn said(label: &str, act: &Act, to: &Jid, from: &str) -> Option<Frame> {
    let payload = String::from_utf8(xso::to_vec(act).ok()?).ok()?;
    let id = format!("decided-{:016x}", getrandom::u64().ok()?);
    let text = format!(
        "<message type='chat' from='{from}' to='{to}' id='{id}'><body>{label}</body>{payload}\
         <origin-id xmlns='urn:xmpp:sid:0' id='{id}'/></message>",
        from = escape_attribute(from),
        to = escape_attribute(to.as_str()),
        label = escape(label),
    );
    Frame::parse(Bytes::from(text)).ok()
}

impl Decisions {
    async fn decision(&self, session: &Session, node: &str) -> Result<Decision, StanzaError> {
        let line = node.strip_prefix(NODES).and_then(line_of);
        let line = line.ok_or_else(|| StanzaError::new(Condition::ItemNotFound))?;
        let found = self.0.parts.notices.decision(line, session.bare().to_string()).await;
        found.map_err(broken)?.ok_or_else(|| StanzaError::new(Condition::ItemNotFound))
    }

    /// Why there is nothing to decide any more.
    fn over(&self, decision: &Decision) -> Option<Step> {
        let note = sentence(decision.standing(self.0.parts.clock.now()))?;
        Some(Step::Done { note: note.to_owned(), result: None })
    }

    async fn press(
        &self,
        session: &Session,
        decision: &Decision,
        answers: &Answers,
    ) -> Result<Option<Step>, StanzaError> {
        let (action, act) = chosen(decision, answers)?;
        let failed = || StanzaError::new(Condition::InternalServerError);
        let to = Jid::new(&format!("{}@{}", decision.application, self.0.home)).map_err(|_| failed())?;
        let from = Jid::from(session.jid().clone());
        let frame = said(&action.label, &act, &to, from.as_str()).ok_or_else(failed)?;
        let mut passage = self.1.passage(frame, Origin::Session(session.clone()), from, to);
        let outcome = self.1.route(&mut passage).await;
        if matches!(outcome, Outcome::Refused | Outcome::Dropped) {
            return Ok(None);
        }
        self.0.parts.notices.reach(passage.durable_at).await.map_err(broken)?;
        let note = format!("已处理：{0}。 · Done: {0}.", action.label);
        Ok(Some(Step::Done { note, result: None }))
    }
}

#[async_trait]
impl AdHocCommand for Decisions {
    fn node(&self) -> &'static str {
        NODES
    }

    fn name(&self) -> &'static str {
        "待处理的通知 · A notice to decide"
    }

    fn answers_to(&self, node: &str) -> bool {
        node.strip_prefix(NODES).and_then(line_of).is_some()
    }

    async fn listed(&self, account: &BareJid) -> Vec<(String, String)> {
        let parts = &self.0.parts;
        let open = parts.notices.decisions(account.to_string(), parts.clock.now(), MOST).await;
        let open = open.unwrap_or_else(|error| {
            tracing::error!(%error, "notices that wait cannot be read");
            Vec::new()
        });
        let entry = |one: Decision| {
            let node = format!("{NODES}{}", relay_name(one.line));
            (node, format!("{}：{}", one.title, one.notice.content.title))
        };
        open.into_iter().map(entry).collect()
    }

    async fn step(
        &self,
        session: &Session,
        node: &str,
        answers: Option<&Answers>,
    ) -> Result<Step, StanzaError> {
        let decision = self.decision(session, node).await?;
        if let Some(over) = self.over(&decision) {
            return Ok(over);
        }
        let Some(answers) = answers else { return Ok(Step::Ask(form(&decision))) };
        if let Some(done) = self.press(session, &decision, answers).await? {
            return Ok(done);
        }
        // Somebody was faster, or something stands in the way.
        let decision = self.decision(session, node).await?;
        self.over(&decision).ok_or_else(|| StanzaError::new(Condition::ServiceUnavailable))
    }
}
