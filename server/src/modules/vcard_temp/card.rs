//! A card as XML, and what somebody wants to change in it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use posthouse_protocol::organization::Person;
use posthouse_protocol::wire::{Child, Frame, escape};

use super::NAMESPACE;
use crate::organization::directory::Directory;
use crate::storage::avatar::Avatar;

/// The card of a person.
pub(super) fn write(directory: &Directory, person: &Person, avatar: Option<&Avatar>) -> String {
    let mut card = format!("<vCard xmlns='{NAMESPACE}'>");
    card.push_str(&element("FN", &person.name));
    card.push_str(&format!("<N>{}</N>", element("GIVEN", &person.name)));
    if let Some(birth) = &person.birth {
        card.push_str(&element("BDAY", birth));
    }
    let post = person.posts.iter().find(|post| post.primary).or_else(|| person.posts.first());
    if let Some(post) = post {
        let mut path = directory.department_path(&post.department).into_iter();
        let name = path.next().map(|name| element("ORGNAME", &name)).unwrap_or_default();
        let units: String = path.map(|name| element("ORGUNIT", &name)).collect();
        card.push_str(&format!("<ORG>{name}{units}</ORG>"));
        card.push_str(&post.title.as_deref().map(|title| element("TITLE", title)).unwrap_or_default());
    }
    for phone in &person.phones {
        card.push_str(&format!("<TEL><WORK/><VOICE/>{}</TEL>", element("NUMBER", phone)));
    }
    if let Some(mobile) = &person.mobile {
        card.push_str(&format!("<TEL><WORK/><CELL/>{}</TEL>", element("NUMBER", mobile)));
    }
    if let Some(email) = &person.email {
        card.push_str(&format!("<EMAIL><INTERNET/><WORK/>{}</EMAIL>", element("USERID", email)));
    }
    card.push_str(&element("JABBERID", person.jid.as_str()));
    card.push_str(&picture(avatar));
    card.push_str("</vCard>");
    card
}

/// The card of an account that has nothing but a picture.
pub(super) fn of_picture(avatar: Option<&Avatar>) -> String {
    format!("<vCard xmlns='{NAMESPACE}'>{}</vCard>", picture(avatar))
}

fn picture(avatar: Option<&Avatar>) -> String {
    avatar.map_or_else(String::new, |avatar| {
        let kind = element("TYPE", &avatar.media_type);
        format!("<PHOTO>{kind}<BINVAL>{}</BINVAL></PHOTO>", STANDARD.encode(&avatar.picture))
    })
}

fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// Clients send the whole card back to set a picture: true when all that it says is said by `now` too.
/// What it leaves out stays as it is.
pub(super) fn changes_only_picture(card: &Child<'_>, now: &str) -> bool {
    let Ok(now) = Frame::parse(Bytes::copy_from_slice(now.as_bytes())) else { return false };
    let mut said = BTreeSet::new();
    now.children().for_each(|child| gather(&child, "", &mut said));
    let mut wanted = BTreeSet::new();
    card.children().filter(|child| child.name != "PHOTO").for_each(|child| gather(&child, "", &mut wanted));
    wanted.is_subset(&said)
}

/// Paths and texts of all elements with text.
fn gather(element: &Child<'_>, above: &str, found: &mut BTreeSet<(String, String)>) {
    let path = format!("{above}/{}", element.name);
    let text = element.text();
    if !text.trim().is_empty() {
        found.insert((path.clone(), text.trim().to_owned()));
    }
    // Four levels are more than a card has.
    if path.len() < 200 {
        element.children().for_each(|child| gather(&child, &path, found));
    }
}
