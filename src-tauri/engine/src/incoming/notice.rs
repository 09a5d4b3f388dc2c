//! Notices of business systems in what comes in.

use jid::BareJid;
use posthouse_protocol::notice::{self as wire, ActionStyle, Priority};
use xmpp_parsers::date::DateTime;
use xmpp_parsers::message::Message;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use crate::model::{
    Notice, NoticeAction, NoticeActionStyle, NoticeField, NoticeInput, NoticeLink, NoticePriority,
    NoticeState, NoticeValue,
};
use crate::store::messages::Act;

/// Most facts, actions and lines of one notice.
const MOST: usize = 50;
/// Most characters of one text.
const LONGEST: usize = 10_000;

/// The notice of a message; only applications of the own server are believed. Words without a notice are one as
/// well, so that everything an application says stands in its list.
pub(super) fn of(message: &Message, peer: &BareJid, me: &BareJid) -> Option<Notice> {
    if peer.domain().as_str() != wire::domain_below(me.domain().as_str()) {
        return None;
    }
    let element = message.payloads.iter().find(|payload| payload.is("notice", wire::NAMESPACE));
    match element.and_then(|element| wire::Notice::try_from(element.clone()).ok()) {
        Some(notice) if !notice.id.is_empty() && notice.id.len() <= super::classify::LONGEST_ID => {
            Some(said(notice))
        }
        Some(_) | None => words(message, peer),
    }
}

/// What an own message chooses on a notice.
pub(super) fn act(message: &Message) -> Option<Act> {
    let element = message.payloads.iter().find(|payload| payload.is("act", wire::NAMESPACE))?;
    let act = wire::Act::try_from(element.clone()).ok()?;
    let value = |value: wire::Value| NoticeValue { name: value.name, text: short(value.text) };
    let values = act.values.into_iter().take(MOST).map(value).collect();
    Some(Act { message: act.message, action: act.action, values, mark: None })
}

/// What an own message marks as done, or no longer. It has no words.
pub(super) fn mark(message: &Message, peer: &BareJid, me: &BareJid) -> Option<Act> {
    if peer.domain().as_str() != wire::domain_below(me.domain().as_str()) {
        return None;
    }
    let element = message.payloads.iter().find(|payload| payload.is("mark", wire::NAMESPACE))?;
    let mark = wire::Mark::try_from(element.clone()).ok()?;
    Some(Act { message: mark.message, mark: Some(mark.done), ..Act::default() })
}

fn said(notice: wire::Notice) -> Notice {
    Notice {
        id: notice.id,
        revision: notice.revision,
        state: match notice.state {
            wire::NoticeState::Open => NoticeState::Open,
            wire::NoticeState::Handled => NoticeState::Handled,
            wire::NoticeState::Withdrawn => NoticeState::Withdrawn,
        },
        priority: match notice.priority {
            Priority::Low => NoticePriority::Low,
            Priority::Normal => NoticePriority::Normal,
            Priority::High => NoticePriority::High,
            Priority::Urgent => NoticePriority::Urgent,
        },
        system: short(notice.application.name),
        icon: notice.application.icon.map(short),
        system_name: short(notice.application.title),
        title: short(notice.title),
        text: notice.text.map(|text| short(text.text)).unwrap_or_default(),
        link: notice.link.map(|link| NoticeLink { system: short(link.app), path: short(link.path) }),
        fields: notice
            .fields
            .into_iter()
            .take(MOST)
            .map(|field| NoticeField { label: short(field.label), value: short(field.value) })
            .collect(),
        actions: notice.actions.into_iter().take(MOST).map(action).collect(),
        expires: notice
            .expires
            .and_then(|time| time.parse().ok())
            .map(|time: DateTime| time.0.timestamp_millis()),
        chosen: None,
        marked: false,
        under_way: false,
        failure: None,
        unread: false,
    }
}

/// A message that only has words: nothing is to be done about it.
fn words(message: &Message, peer: &BareJid) -> Option<Notice> {
    let id = message.id.as_ref().map(|id| id.0.as_str()).filter(|id| !id.is_empty())?;
    let node = peer.node()?.as_str().to_owned();
    let (_, body) = message.get_best_body(Vec::new())?;
    let (title, text) = body.trim().split_once('\n').unwrap_or_else(|| (body.trim(), ""));
    let nick = message.payloads.iter().find(|payload| payload.is("nick", ns::NICK)).map(Element::text);
    Some(Notice {
        // No notice of a server is called so.
        id: format!("words {}", short(id.to_owned())),
        revision: 1,
        state: NoticeState::Open,
        priority: NoticePriority::Normal,
        system_name: short(nick.unwrap_or_else(|| node.clone())),
        system: node,
        icon: None,
        title: short(title.to_owned()),
        text: short(text.to_owned()),
        link: None,
        fields: Vec::new(),
        actions: Vec::new(),
        expires: None,
        chosen: None,
        marked: false,
        under_way: false,
        failure: None,
        unread: false,
    })
}

fn short(text: String) -> String {
    text.chars().take(LONGEST).collect()
}

fn action(action: wire::Action) -> NoticeAction {
    let input =
        |input: wire::Input| NoticeInput { name: input.name, label: input.label, required: input.required };
    NoticeAction {
        id: action.id,
        label: action.label,
        style: match action.style {
            ActionStyle::Usual => NoticeActionStyle::Usual,
            ActionStyle::Primary => NoticeActionStyle::Primary,
            ActionStyle::Danger => NoticeActionStyle::Danger,
        },
        inputs: action.inputs.into_iter().take(MOST).map(input).collect(),
    }
}
