//! Whether what an application says makes sense, and can be carried.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::refusal::Refusal;
use super::request::{ChangeMessage, NewMessage};
use crate::clock::Timestamp;
use crate::storage::notices::{Action, Change, Content, Field, Link};

/// Longest time until a notice goes to the phone: 30 days.
const LONGEST_WAIT: i64 = 2_592_000;

/// What the notice says and until when, checked.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) content: Content,
    pub(super) escalate_after: i64,
    pub(super) expires: Timestamp,
}

pub(super) fn new_message(message: &NewMessage, now: Timestamp) -> Result<Checked, Refusal> {
    let content = Content {
        title: message.title.clone(),
        text: message.text.clone(),
        priority: message.priority.word().to_owned(),
        link: message.link.clone(),
        fields: message.fields.clone(),
        actions: message.actions.clone(),
    };
    check(&content)?;
    let wait = message.escalate_after_seconds.unwrap_or_default();
    if message.escalate_after_seconds.is_some() && !(1..=LONGEST_WAIT).contains(&wait) {
        let sentence = format!("Between 1 and {LONGEST_WAIT}.");
        return Err(Refusal::of_field("escalateAfterSeconds", sentence));
    }
    if let Some(key) = &message.idempotency_key {
        text("idempotencyKey", key, (1, 200), false)?;
    }
    let expires = message.expires_at.as_deref().map(|text| expiry(text, now)).transpose()?;
    Ok(Checked {
        content,
        escalate_after: wait.saturating_mul(1_000_000),
        expires: expires.unwrap_or_default(),
    })
}

pub(super) fn change(wanted: ChangeMessage, before: Content) -> Result<Change, Refusal> {
    let state = wanted.status.map(super::request::Status::word);
    let content = Content {
        title: wanted.title.unwrap_or(before.title),
        text: wanted.text.unwrap_or(before.text),
        priority: wanted.priority.map_or(before.priority, |priority| priority.word().to_owned()),
        link: wanted.link.or(before.link),
        fields: wanted.fields.unwrap_or(before.fields),
        actions: wanted.actions.unwrap_or(before.actions),
    };
    check(&content)?;
    Ok(Change::Update { content: Some(content), state })
}

fn expiry(text: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    let wrong = |sentence| Refusal::of_field("expiresAt", sentence);
    let moment =
        OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong("Write it as 2026-11-27T18:00:00+08:00."))?;
    let expires = Timestamp(moment.unix_timestamp().saturating_mul(1_000_000));
    if expires <= now { Err(wrong("It is over.")) } else { Ok(expires) }
}

fn check(content: &Content) -> Result<(), Refusal> {
    text("title", &content.title, (1, 200), false)?;
    text("text", &content.text, (0, 4_000), true)?;
    if let Some(Link { app, path }) = &content.link {
        name("link.app", app)?;
        text("link.path", path, (1, 2_000), false)?;
        // Anything else could lead out of the system.
        if !path.starts_with('/') || path.starts_with("//") || path.contains('\\') {
            return Err(Refusal::of_field("link.path", "A path begins with one slash."));
        }
    }
    few("fields", content.fields.len(), 30)?;
    for (index, Field { label, value }) in content.fields.iter().enumerate() {
        text(&format!("fields[{index}].label"), label, (1, 50), false)?;
        text(&format!("fields[{index}].value"), value, (0, 500), true)?;
    }
    few("actions", content.actions.len(), 8)?;
    content.actions.iter().enumerate().try_for_each(|(index, one)| action(&format!("actions[{index}]"), one))
}

fn action(at: &str, action: &Action) -> Result<(), Refusal> {
    name(&format!("{at}.id"), &action.id)?;
    text(&format!("{at}.label"), &action.label, (1, 50), false)?;
    if !["", "primary", "danger"].contains(&action.style.as_str()) {
        return Err(Refusal::of_field(format!("{at}.style"), "primary or danger."));
    }
    few(&format!("{at}.inputs"), action.inputs.len(), 8)?;
    action.inputs.iter().enumerate().try_for_each(|(index, input)| {
        name(&format!("{at}.inputs[{index}].name"), &input.name)?;
        text(&format!("{at}.inputs[{index}].label"), &input.label, (1, 50), false)
    })
}

fn few(field: &str, count: usize, most: usize) -> Result<(), Refusal> {
    if count > most { Err(Refusal::of_field(field, format!("At most {most}."))) } else { Ok(()) }
}

fn name(field: &str, name: &str) -> Result<(), Refusal> {
    let is_good = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if (1..=64).contains(&name.len()) && name.chars().all(is_good) {
        return Ok(());
    }
    Err(Refusal::of_field(field, "Up to 64 of a-z, A-Z, 0-9, hyphen, underscore and dot."))
}

/// What XML 1.0 cannot carry would end the stream of everyone who gets it.
fn text(field: &str, text: &str, (least, most): (usize, usize), has_lines: bool) -> Result<(), Refusal> {
    let count = text.chars().count();
    if count < least || count > most {
        return Err(Refusal::of_field(field, format!("Between {least} and {most} characters.")));
    }
    let is_bad = |letter: char| match letter {
        '\n' | '\t' => !has_lines,
        '\u{fffe}' | '\u{ffff}' => true,
        _ => letter.is_control(),
    };
    if text.chars().any(is_bad) {
        return Err(Refusal::of_field(
            field,
            "It has a control character, or a line break where none can be.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(body: &str) -> Result<Checked, String> {
        let message: NewMessage = serde_json::from_str(body).unwrap();
        new_message(&message, Timestamp(1_000_000)).map_err(|error| error.field.unwrap_or_default())
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_field() {
        for (more, field) in [
            (r#""title":"""#, "title"),
            (r#""title":"a\u0007""#, "title"),
            (r#""title":"a\nb""#, "title"),
            (r#""title":"a","link":{"app":"oa","path":"//evil.test"}"#, "link.path"),
            (r#""title":"a","link":{"app":"oa","path":"https://evil.test"}"#, "link.path"),
            (r#""title":"a","link":{"app":"o a","path":"/"}"#, "link.app"),
            (r#""title":"a","escalateAfterSeconds":0"#, "escalateAfterSeconds"),
            (r#""title":"a","expiresAt":"tomorrow""#, "expiresAt"),
            (r#""title":"a","expiresAt":"1970-01-01T00:00:00Z""#, "expiresAt"),
            (r#""title":"a","actions":[{"id":"x","label":"y","style":"z"}]"#, "actions[0].style"),
            (r#""title":"a","fields":[{"label":"","value":"y"}]"#, "fields[0].label"),
        ] {
            let error = checked(&format!(r#"{{"to":{{"everyone":true}},{more}}}"#)).unwrap_err();
            assert_eq!(error, field);
        }
        let good = r#"{"to":{},"title":"a","text":"b\nc","expiresAt":"2026-11-27T18:00:00+08:00"}"#;
        assert_eq!(checked(good).unwrap().expires, Timestamp(1_795_773_600_000_000));
    }
}
