//! Notices of business systems in what comes in.

use jid::BareJid;
use posthouse_protocol::notice::{self as wire, ActionStyle, Priority};
use xmpp_parsers::message::Message;

use crate::model::{
    Notice, NoticeAction, NoticeActionStyle, NoticeField, NoticeInput, NoticeLink, NoticePriority,
    NoticeState,
};

/// Most facts, actions and lines of one notice.
const MOST: usize = 50;
/// Most characters of one text.
const LONGEST: usize = 10_000;

/// The notice of a message; only applications of the own server are believed.
pub(super) fn of(message: &Message, peer: &BareJid, me: &BareJid) -> Option<Notice> {
    if peer.domain().as_str() != wire::domain_below(me.domain().as_str()) {
        return None;
    }
    let element = message.payloads.iter().find(|payload| payload.is("notice", wire::NAMESPACE))?;
    let notice = wire::Notice::try_from(element.clone()).ok()?;
    if notice.id.is_empty() || notice.id.len() > super::classify::LONGEST_ID {
        return None;
    }
    let short = |text: String| -> String { text.chars().take(LONGEST).collect() };
    Some(Notice {
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
        chosen: None,
    })
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
