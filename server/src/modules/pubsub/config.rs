//! The configuration of a node as a form (XEP-0060 section 16.4.4), and publish-options (section 7.1.5).

use jid::BareJid;
use posthouse_protocol::wire::{Child, escape};

use super::{OWNER, error, precondition_not_met, pubsub_answer};
use crate::routing::iq::IqAnswer;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::pubsub::PubsubNode;

const CONFIG_FORM: &str = "http://jabber.org/protocol/pubsub#node_config";
const OPTIONS_FORM: &str = "http://jabber.org/protocol/pubsub#publish-options";
const DATA_FORMS: &str = "jabber:x:data";

/// What `max` stands for, and the most that can be asked for.
pub(super) const MOST_ITEMS: u32 = 10_000;
const ACCESS: &[&str] = &["open", "presence", "roster", "whitelist"];
const SEND_LAST: &[&str] = &["never", "on_sub", "on_sub_and_presence"];

/// A node as it is created without a word about it.
pub(super) fn usual(owner: &BareJid, name: &str) -> PubsubNode {
    PubsubNode {
        id: 0,
        owner: owner.clone(),
        node: name.to_owned(),
        access: "presence".to_owned(),
        persist: true,
        most_items: 1,
        send_last: "on_sub_and_presence".to_owned(),
        notify_retract: true,
        kind: String::new(),
        title: String::new(),
        members: Vec::new(),
    }
}

/// The fields of the form inside `element`; nothing when it holds none.
fn fields(element: &Child<'_>, form_type: &str) -> Result<Vec<(String, String)>, StanzaError> {
    let form = element.children().find(|child| child.name == "x" && child.namespace == DATA_FORMS);
    let Some(form) = form else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for field in form.children().filter(|child| child.name == "field") {
        let Some(name) = field.attribute("var") else { continue };
        let value = field.children().find(|child| child.name == "value");
        let value = value.map(|value| value.text().into_owned()).unwrap_or_default();
        if name == "FORM_TYPE" {
            if value != form_type {
                return Err(StanzaError::new(Condition::BadRequest));
            }
        } else {
            found.push((name.into_owned(), value));
        }
    }
    Ok(found)
}

/// Changes a configuration as `<configure/>` says; what we do not know is ignored (section 8.2.4).
pub(super) fn configure(node: &mut PubsubNode, element: &Child<'_>) -> Result<(), StanzaError> {
    for (name, value) in fields(element, CONFIG_FORM)? {
        set(node, &name, &value)?;
    }
    Ok(())
}

/// Creates the configuration that `<publish-options/>` want for a new node.
pub(super) fn with_options(node: &mut PubsubNode, element: &Child<'_>) -> Result<(), StanzaError> {
    for (name, value) in fields(element, OPTIONS_FORM)? {
        if !set(node, &name, &value)? {
            return Err(precondition_not_met());
        }
    }
    Ok(())
}

/// Whether the node is as `<publish-options/>` want it.
pub(super) fn check_options(node: &PubsubNode, element: &Child<'_>) -> Result<(), StanzaError> {
    let mut wanted = node.clone();
    with_options(&mut wanted, element)?;
    if wanted == *node { Ok(()) } else { Err(precondition_not_met()) }
}

/// Sets one field; false when we do not know it.
fn set(node: &mut PubsubNode, name: &str, value: &str) -> Result<bool, StanzaError> {
    let Some(name) = name.strip_prefix("pubsub#") else { return Ok(false) };
    match name {
        "access_model" => node.access = one_of(ACCESS, value)?,
        "persist_items" => node.persist = boolean(value)?,
        "max_items" => node.most_items = most_items(value)?,
        "send_last_published_item" => node.send_last = one_of(SEND_LAST, value)?,
        "notify_retract" => node.notify_retract = boolean(value)?,
        "type" => node.kind = text(value)?,
        "title" => node.title = text(value)?,
        // What holds for every node of ours, whatever is said.
        "deliver_payloads"
        | "deliver_notifications"
        | "subscribe"
        | "notify_delete"
        | "notify_config"
        | "notify_sub"
        | "presence_based_delivery"
        | "publish_model"
        | "notification_type"
        | "max_payload_size"
        | "itemreply"
        | "roster_groups_allowed"
        | "description"
        | "item_expire" => {}
        _ => return Ok(false),
    }
    Ok(true)
}

fn one_of(known: &[&str], value: &str) -> Result<String, StanzaError> {
    if known.contains(&value) {
        return Ok(value.to_owned());
    }
    Err(error(Condition::NotAcceptable, "unsupported-access-model"))
}

fn boolean(value: &str) -> Result<bool, StanzaError> {
    match value {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(StanzaError::new(Condition::NotAcceptable)),
    }
}

fn most_items(value: &str) -> Result<u32, StanzaError> {
    if value == "max" {
        return Ok(MOST_ITEMS);
    }
    let most: u32 = value.parse().map_err(|_| StanzaError::new(Condition::NotAcceptable))?;
    if most > MOST_ITEMS {
        return Err(error(Condition::NotAcceptable, "max-items-exceeded"));
    }
    Ok(most.max(1))
}

fn text(value: &str) -> Result<String, StanzaError> {
    if value.len() > 1_023 { Err(StanzaError::new(Condition::NotAcceptable)) } else { Ok(value.to_owned()) }
}

/// The form with a node's configuration.
pub(super) fn form(node: &PubsubNode, kind: &str) -> String {
    let flag = |value: bool| if value { "1" } else { "0" };
    let most = node.most_items.to_string();
    let list = |known: &[&str]| -> String {
        known.iter().map(|value| format!("<option><value>{value}</value></option>")).collect()
    };
    let fields: [(&str, &str, &str, String); 9] = [
        ("access_model", "list-single", &node.access, list(ACCESS)),
        ("persist_items", "boolean", flag(node.persist), String::new()),
        ("max_items", "text-single", &most, String::new()),
        ("send_last_published_item", "list-single", &node.send_last, list(SEND_LAST)),
        ("notify_retract", "boolean", flag(node.notify_retract), String::new()),
        ("deliver_payloads", "boolean", "1", String::new()),
        ("publish_model", "list-single", "publishers", list(&["publishers"])),
        ("type", "text-single", &node.kind, String::new()),
        ("title", "text-single", &node.title, String::new()),
    ];
    let fields: String = fields
        .into_iter()
        .map(|(name, kind, value, options)| {
            let value = escape(value);
            format!("<field var='pubsub#{name}' type='{kind}'><value>{value}</value>{options}</field>")
        })
        .collect();
    format!(
        "<x xmlns='{DATA_FORMS}' type='{kind}'><field var='FORM_TYPE' type='hidden'>\
         <value>{CONFIG_FORM}</value></field>{fields}</x>"
    )
}

/// The configuration that new nodes get.
pub(super) fn default_form(namespace: &str) -> IqAnswer {
    // The owner's name does not show in the form.
    let form = BareJid::new("localhost").map(|owner| form(&usual(&owner, ""), "form")).unwrap_or_default();
    pubsub_answer(
        if namespace == OWNER { OWNER } else { namespace },
        format!("<default>{form}</default>").as_bytes(),
    )
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use posthouse_protocol::wire::Frame;

    use super::*;

    fn options(fields: &str) -> Frame {
        let stanza = format!(
            "<iq><publish-options xmlns='http://jabber.org/protocol/pubsub'><x xmlns='jabber:x:data' type='submit'>\
             <field var='FORM_TYPE'><value>{OPTIONS_FORM}</value></field>{fields}</x></publish-options></iq>"
        );
        Frame::parse(Bytes::from(stanza)).expect("well-formed")
    }

    fn node() -> PubsubNode {
        usual(&BareJid::new("a@example.org").expect("valid"), "n")
    }

    #[test]
    fn publish_options_shape_a_new_node_and_then_hold() {
        let wanted = options(
            "<field var='pubsub#access_model'><value>whitelist</value></field>\
             <field var='pubsub#max_items'><value>max</value></field>",
        );
        let element = wanted.children().next().expect("options");
        let mut new = node();
        with_options(&mut new, &element).expect("known options");
        assert_eq!((new.access.as_str(), new.most_items), ("whitelist", MOST_ITEMS));
        assert_eq!(check_options(&new, &element), Ok(()));
        assert_eq!(check_options(&node(), &element), Err(precondition_not_met()));
    }

    #[test]
    fn an_unknown_option_is_a_precondition_not_met() {
        let wanted = options("<field var='pubsub#colour'><value>red</value></field>");
        let element = wanted.children().next().expect("options");
        assert_eq!(with_options(&mut node(), &element), Err(precondition_not_met()));
    }
}
