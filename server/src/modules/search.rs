//! Search for people (XEP-0055) by name, pinyin, initials, ID or the end of a phone number, in one field.

use std::sync::Arc;

use async_trait::async_trait;
use jid::BareJid;
use posthouse_protocol::organization::Person;
use posthouse_protocol::wire::{Child, escape};

use crate::organization::directory::Directory;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};

const NAMESPACE: &str = "jabber:iq:search";
const DATA: &str = "jabber:x:data";

/// Most people found.
const FOUND: usize = 50;

/// Longest keyword that is looked for, in characters.
const LONGEST: usize = 64;

/// The form that is asked for: one keyword, and plain fields for clients without forms (section 2.1).
const FORM: &str = "<query xmlns='jabber:iq:search'>\
    <instructions>Name, pinyin, initials, ID or the end of a phone number</instructions><nick/><email/>\
    <x xmlns='jabber:x:data' type='form'><title>People</title>\
    <field type='hidden' var='FORM_TYPE'><value>jabber:iq:search</value></field>\
    <field type='text-single' var='keyword' label='Name, pinyin, initials, ID or phone'/></x></query>";

/// Answers `jabber:iq:search`.
#[derive(Debug)]
pub struct Search {
    directory: Arc<Directory>,
}

impl Search {
    /// Searches that directory.
    pub fn new(directory: Arc<Directory>) -> Self {
        Self { directory }
    }

    /// The people this user may see for whom all words hold, in the order of the organisation.
    async fn find(&self, asker: BareJid, words: Vec<String>) -> Vec<Arc<Person>> {
        let directory = Arc::clone(&self.directory);
        // A large organisation takes some milliseconds to look through.
        let found = tokio::task::spawn_blocking(move || {
            let view = directory.view_of(&asker);
            let mut found =
                directory.people_in(&view, |person| words.iter().all(|word| matches(person, word)));
            found.sort_by(|one, other| {
                (one.priority, &one.pinyin, &one.name).cmp(&(other.priority, &other.pinyin, &other.name))
            });
            found.truncate(FOUND);
            found
        });
        found.await.unwrap_or_default()
    }

    fn written(&self, found: &[Arc<Person>], is_form: bool) -> String {
        if !is_form {
            let items: String = found.iter().map(|person| plain_item(person)).collect();
            return format!("<query xmlns='{NAMESPACE}'>{items}</query>");
        }
        let reported: String = [("jid", "jid-single", "JID"), ("name", "text-single", "Name")]
            .into_iter()
            .chain(COLUMNS.into_iter().map(|(var, label)| (var, "text-single", label)))
            .map(|(var, kind, label)| format!("<field var='{var}' type='{kind}' label='{label}'/>"))
            .collect();
        let items: String = found.iter().map(|person| self.form_item(person)).collect();
        format!(
            "<query xmlns='{NAMESPACE}'><x xmlns='{DATA}' type='result'>\
             <field type='hidden' var='FORM_TYPE'><value>{NAMESPACE}</value></field>\
             <reported>{reported}</reported>{items}</x></query>"
        )
    }

    fn form_item(&self, person: &Person) -> String {
        let post = person.posts.iter().find(|post| post.primary).or_else(|| person.posts.first());
        let path = post.map(|post| self.directory.department_path(&post.department).join(" / "));
        let title = post.and_then(|post| post.title.clone());
        let values = [
            ("jid", person.jid.to_string()),
            ("name", person.name.clone()),
            ("department", path.unwrap_or_default()),
            ("title", title.unwrap_or_default()),
            ("email", person.email.clone().unwrap_or_default()),
        ];
        let fields = values
            .map(|(var, value)| format!("<field var='{var}'><value>{}</value></field>", escape(&value)));
        format!("<item>{}</item>", fields.concat())
    }
}

/// Columns behind address and name.
const COLUMNS: [(&str, &str); 3] = [("department", "Department"), ("title", "Title"), ("email", "E-mail")];

fn plain_item(person: &Person) -> String {
    let (jid, name) = (escape(person.jid.as_str()), escape(&person.name));
    let email = person.email.as_deref().map(escape).unwrap_or_default();
    format!("<item jid='{jid}'><nick>{name}</nick><email>{email}</email></item>")
}

/// The word is part of the name, the pinyin (with or without spaces), the ID or the e-mail address, begins the
/// initials, or ends a phone number with at least four digits.
fn matches(person: &Person, word: &str) -> bool {
    let contains = |text: &str| text.to_lowercase().contains(word);
    if contains(&person.name) || person.jid.node().is_some_and(|node| contains(node.as_str())) {
        return true;
    }
    if let Some(pinyin) = &person.pinyin {
        let joined: String = pinyin.split(' ').collect();
        let initials: String = pinyin.split(' ').filter_map(|syllable| syllable.chars().next()).collect();
        if contains(&joined) || contains(pinyin) || initials.starts_with(word) {
            return true;
        }
    }
    if person.email.as_deref().is_some_and(contains) {
        return true;
    }
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let numbers = person.phones.iter().chain(&person.mobile);
    digits.len() >= 4
        && digits.len() == word.len()
        && numbers
            .map(|number| number.chars().filter(char::is_ascii_digit).collect::<String>())
            .any(|number| number.ends_with(&digits))
}

/// What is looked for, and whether the question was a form.
fn words_of(payload: &Child<'_>) -> (Vec<String>, bool) {
    let form = payload.children().find(|child| child.name == "x" && child.namespace == DATA);
    let values: Vec<String> = match &form {
        Some(form) => form
            .children()
            .filter(|field| field.name == "field" && field.attribute("var").as_deref() != Some("FORM_TYPE"))
            .flat_map(|field| field.children().map(|value| value.text().into_owned()).collect::<Vec<_>>())
            .collect(),
        None => payload.children().map(|field| field.text().into_owned()).collect(),
    };
    let words = values.iter().map(|value| value.trim().to_lowercase()).filter(|word| !word.is_empty());
    (words.map(|word| word.chars().take(LONGEST).collect()).take(8).collect(), form.is_some())
}

#[async_trait]
impl IqHandler for Search {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        if *request.target != IqTarget::Server {
            return Err(StanzaError::new(Condition::ServiceUnavailable));
        }
        if !request.is_set {
            return Ok(IqAnswer::Payload(FORM.as_bytes().to_vec()));
        }
        let (words, is_form) = words_of(&request.payload);
        if words.is_empty() {
            return Err(StanzaError::new(Condition::NotAcceptable));
        }
        let found = self.find(request.from.to_bare(), words).await;
        Ok(IqAnswer::Payload(self.written(&found, is_form).into_bytes()))
    }
}

#[cfg(test)]
mod tests;
