//! Answers in XML.

use std::fmt::Write;

use posthouse_protocol::notice::NAMESPACE;
use posthouse_protocol::wire::{escape, escape_attribute};

use super::super::happening;
use crate::modules::notices::desk::Sent;
use crate::organization::directory::Directory;
use crate::storage::notices::{Content, Event, Line, NoticeRow, Timeline};

/// What has become of `<send/>`.
pub(super) fn sent(sent: &Sent) -> String {
    let mut text = format!("<sent xmlns='{NAMESPACE}' id='{}' accepted='{}'", sent.id, sent.accepted);
    text.push_str(if sent.replayed { " replayed='true'>" } else { ">" });
    for one in &sent.invalid {
        let recipient = escape_attribute(&one.recipient);
        let _ = write!(text, "<invalid recipient='{recipient}' reason='{}'/>", one.reason);
    }
    text + "</sent>"
}

/// What has become of `<change/>` and `<withdraw/>`.
pub(super) fn changed(row: &NoticeRow) -> String {
    let NoticeRow { name, state, revision, .. } = row;
    format!("<changed xmlns='{NAMESPACE}' id='{name}' status='{state}' revision='{revision}'/>")
}

/// What has become of a notice.
pub(super) fn timeline(timeline: &Timeline, directory: &Directory) -> String {
    let row = &timeline.notice;
    let mut text = format!(
        "<timeline xmlns='{NAMESPACE}' id='{}' created='{}' status='{}' revision='{}'",
        row.name,
        row.created.to_xmpp(),
        row.state,
        row.revision
    );
    if row.expires.0 > 0 {
        let _ = write!(text, " expires='{}'", row.expires.to_xmpp());
    }
    if let Some(last) = timeline.lines.last().filter(|_| timeline.has_more) {
        let _ = write!(text, " next='{}'", last.id);
    }
    text.push('>');
    content(&row.content, &mut text);
    for (state, people) in &timeline.counts {
        let _ = write!(text, "<count state='{state}' people='{people}'/>");
    }
    for line in &timeline.lines {
        receiver(line, directory, &mut text);
    }
    text + "</timeline>"
}

fn content(content: &Content, text: &mut String) {
    let (title, priority) = (escape_attribute(&content.title), escape_attribute(&content.priority));
    let _ = write!(text, "<content title='{title}' priority='{priority}'>");
    if !content.text.is_empty() {
        let _ = write!(text, "<text>{}</text>", escape(&content.text));
    }
    if let Some(link) = &content.link {
        let (app, path) = (escape_attribute(&link.app), escape_attribute(&link.path));
        let _ = write!(text, "<link app='{app}' path='{path}'/>");
    }
    for field in &content.fields {
        let label = escape_attribute(&field.label);
        let _ = write!(text, "<field label='{label}'>{}</field>", escape(&field.value));
    }
    for action in &content.actions {
        let (id, label) = (escape_attribute(&action.id), escape_attribute(&action.label));
        let _ = write!(text, "<action id='{id}' label='{label}'");
        if !action.style.is_empty() {
            let _ = write!(text, " style='{}'", escape_attribute(&action.style));
        }
        text.push('>');
        for input in &action.inputs {
            let (name, label) = (escape_attribute(&input.name), escape_attribute(&input.label));
            let _ = write!(text, "<input name='{name}' label='{label}' required='{}'/>", input.required);
        }
        text.push_str("</action>");
    }
    text.push_str("</content>");
}

fn receiver(line: &Line, directory: &Directory, text: &mut String) {
    let login = line.address.split('@').next().unwrap_or_default();
    let (person, login) = (escape_attribute(&line.person), escape_attribute(login));
    let _ = write!(text, "<receiver person='{person}' login='{login}' state='{}'", line.state);
    if let Some(known) = directory.person_of_id(&line.person) {
        let _ = write!(text, " name='{}'", escape_attribute(&known.name));
    }
    text.push('>');
    for one in &line.events {
        event(one, text);
    }
    text.push_str("</receiver>");
}

/// Something that has happened.
pub(super) fn event(event: &Event, text: &mut String) {
    let (kind, time) = (event.kind.word(), event.time.to_xmpp());
    let detail = happening::detail(event);
    let _ = write!(text, "<event kind='{kind}' time='{time}'>{detail}</event>");
}
