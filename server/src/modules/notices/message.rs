//! A notice as clients and phones get it.

use bytes::Bytes;
use posthouse_protocol::notice::{
    Action, ActionStyle, Application, Field, Input, Link, Notice, NoticeState, Priority, Text,
};
use posthouse_protocol::sms;
use posthouse_protocol::wire::{Frame, escape, escape_attribute};

use super::answers::offer;
use crate::storage::notices::{self as storage, Content, Job, relay_name};

/// Most letters of a text: five messages of a phone.
const TEXT: usize = 330;

/// The payload.
fn notice(job: &Job) -> Notice {
    let row = &job.notice;
    let content = &row.content;
    Notice {
        id: row.name.clone(),
        revision: row.revision,
        state: NoticeState::of_word(&row.state),
        priority: Priority::of_word(&content.priority),
        created: Some(row.created.to_xmpp()),
        expires: (row.expires.0 > 0).then(|| row.expires.to_xmpp()),
        application: Application {
            name: job.sender.name.clone(),
            title: job.sender.title.clone(),
            icon: Some(job.sender.icon.clone()).filter(|icon| !icon.is_empty()),
        },
        title: content.title.clone(),
        text: (!content.text.is_empty()).then(|| Text { text: content.text.clone() }),
        link: content.link.as_ref().map(|link| Link { app: link.app.clone(), path: link.path.clone() }),
        fields: content
            .fields
            .iter()
            .map(|field| Field { label: field.label.clone(), value: field.value.clone() })
            .collect(),
        actions: content.actions.iter().map(action).collect(),
    }
}

fn action(action: &storage::Action) -> Action {
    Action {
        id: action.id.clone(),
        label: action.label.clone(),
        style: ActionStyle::of_word(&action.style),
        inputs: action
            .inputs
            .iter()
            .map(|input| Input {
                name: input.name.clone(),
                label: input.label.clone(),
                required: input.required,
            })
            .collect(),
    }
}

/// What clients show that do not know notices.
fn body(job: &Job) -> String {
    let content = &job.notice.content;
    let mut lines = vec![match job.notice.state.as_str() {
        "withdrawn" => return format!("[已撤回] {}", content.title),
        "handled" => format!("[已处理] {}", content.title),
        _ => content.title.clone(),
    }];
    if !content.text.is_empty() {
        lines.push(content.text.clone());
    }
    lines.extend(content.fields.iter().map(|field| format!("{}：{}", field.label, field.value)));
    lines.join("\n")
}

/// The message for the client; one about a notice that the client has takes its place (XEP-0308, XEP-0424).
pub(super) fn for_client(job: &Job, from: &str) -> Option<Frame> {
    let original = relay_name(job.line);
    let is_new = job.told == 0;
    let id = if is_new { original.clone() } else { format!("{original}-{}", job.notice.revision) };
    let replaces = match (is_new, job.notice.state.as_str()) {
        (true, _) => String::new(),
        (false, "withdrawn") => format!(
            "<retract xmlns='urn:xmpp:message-retract:1' id='{original}'/>\
             <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>"
        ),
        (false, _) => format!("<replace xmlns='urn:xmpp:message-correct:0' id='{original}'/>"),
    };
    let payload = xso::to_vec(&notice(job)).ok()?;
    let payload = String::from_utf8(payload).ok()?;
    let text = format!(
        "<message type='chat' from='{from}' to='{to}' id='{id}'><body>{body}</body>\
         <nick xmlns='http://jabber.org/protocol/nick'>{nick}</nick>{payload}{replaces}\
         <origin-id xmlns='urn:xmpp:sid:0' id='{id}'/><request xmlns='urn:xmpp:receipts'/>\
         <markable xmlns='urn:xmpp:chat-markers:0'/></message>",
        from = escape_attribute(from),
        to = escape_attribute(&job.address),
        body = escape(&body(job)),
        nick = escape(&job.sender.title),
    );
    Frame::parse(Bytes::from(text)).ok()
}

/// The message for the gateway, in the namespace of components.
/// `choices`: what the phone's owner may choose by answering.
pub(super) fn for_gateway(
    job: &Job,
    from: &str,
    (gateway, number): (&str, &str),
    choices: &[(u8, &storage::Action)],
) -> Option<Frame> {
    let login = job.address.split('@').next().unwrap_or_default();
    let text = format!(
        "<message type='chat' from='{from}' to='{login}@{gateway}' id='{id}'><body>{body}</body>\
         <deliver xmlns='{space}' number='{number}' name='{name}' chat='{chat}' alone='true'{urgent}/></message>",
        from = escape_attribute(from),
        login = escape_attribute(login),
        id = relay_name(job.line),
        body = escape(&text(&job.sender.title, &job.notice.content, choices)),
        space = sms::NAMESPACE,
        number = escape_attribute(number),
        name = escape_attribute(&job.sender.title),
        chat = escape_attribute(&job.address),
        urgent = if job.notice.content.priority == "urgent" { " urgent='true'" } else { "" },
    );
    Frame::parse(Bytes::from(text)).ok().map(|frame| frame.to_component_namespace())
}

/// What stands on the phone. Where all is plain Latin the signs are, too: one that is not would make the text
/// three times as dear.
/// What may be chosen stands at the end, however long the text.
fn text(sender: &str, content: &Content, choices: &[(u8, &storage::Action)]) -> String {
    let is_latin = sender.is_ascii() && content.title.is_ascii() && content.text.is_ascii();
    let (open, close, colon, end) =
        if is_latin { ("[", "] ", ": ", "...") } else { ("【", "】", "：", "…") };
    let mut text = format!("{open}{sender}{close}{}", content.title);
    if !content.text.is_empty() {
        text.push_str(colon);
        text.push_str(&content.text);
    }
    let offer = offer(choices, is_latin);
    let most = TEXT.saturating_sub(offer.chars().count());
    if text.chars().count() <= most {
        return text + &offer;
    }
    let kept: String = text.chars().take(most.saturating_sub(3)).collect();
    kept + end + &offer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(title: &str, text: &str) -> Content {
        Content { title: title.to_owned(), text: text.to_owned(), ..Content::default() }
    }

    #[test]
    fn a_text_names_its_sender_as_texts_do() {
        assert_eq!(
            text("办公自动化", &content("请假待审批", "王磊，三天"), &[]),
            "【办公自动化】请假待审批：王磊，三天"
        );
        assert_eq!(text("OA", &content("Leave", ""), &[]), "[OA] Leave");
    }

    #[test]
    fn a_long_text_is_cut_with_a_sign() {
        let long = text("OA", &content(&"长".repeat(400), ""), &[]);
        assert!(long.chars().count() <= TEXT && long.ends_with('…'));
    }

    #[test]
    fn what_may_be_chosen_stands_at_the_end_however_long_the_text() {
        let action = |label: &str| storage::Action {
            id: "a".to_owned(),
            label: label.to_owned(),
            style: String::new(),
            inputs: Vec::new(),
        };
        let (yes, no) = (action("同意"), action("驳回"));
        let long = text("OA", &content(&"长".repeat(400), ""), &[(1, &yes), (2, &no)]);
        assert!(long.chars().count() <= TEXT && long.ends_with("…。回复1同意，2驳回"), "{long}");
        let approve = action("Approve");
        assert_eq!(text("OA", &content("Leave", ""), &[(3, &approve)]), "[OA] Leave Reply 3 Approve");
    }
}
