//! Requests in XML, as the JSON that the interface for business systems takes: so there is one set of rules, one way
//! to name what is wrong, and the same message under the same idempotency key is the same at both doors.

use posthouse_protocol::notice::NAMESPACE;
use posthouse_protocol::wire::Child;
use serde_json::{Map, Value, json};

use crate::modules::notices::desk::Refusal;

/// Attributes and the fields that they are.
type Names<'a> = &'a [(&'a str, &'a str)];

const WORDS: Names<'_> = &[
    ("delivery", "delivery"),
    ("expires", "expiresAt"),
    ("idempotency-key", "idempotencyKey"),
    ("priority", "priority"),
    ("title", "title"),
];

/// `<send/>`
pub(super) fn message(element: &Child<'_>) -> Value {
    let mut message = words(element, WORDS);
    if let Some(seconds) = element.attribute("escalate-after") {
        let seconds = seconds.parse::<i64>().map_or_else(|_| json!(seconds), |seconds| json!(seconds));
        message.insert("escalateAfterSeconds".to_owned(), seconds);
    }
    message.insert("to".to_owned(), receivers(element));
    content(element, &mut message);
    Value::Object(message)
}

/// `<change/>`
pub(super) fn change(element: &Child<'_>) -> Value {
    let mut change = words(element, &[("status", "status"), ("priority", "priority"), ("title", "title")]);
    // What is given takes the place of what was there, so there is a way to give nothing.
    for (none, name) in [("no-fields", "fields"), ("no-actions", "actions")] {
        if ours(element).any(|child| child.name == none) {
            change.insert(name.to_owned(), json!([]));
        }
    }
    content(element, &mut change);
    Value::Object(change)
}

/// Which notice is meant.
pub(super) fn id(element: &Child<'_>) -> Result<String, Refusal> {
    let id = element.attribute("id").map(|id| id.into_owned());
    id.ok_or_else(|| Refusal::of_field("id", "Which notice?"))
}

/// An attribute that is a number, if it is there.
pub(super) fn number(element: &Child<'_>, name: &str) -> Result<Option<i64>, Refusal> {
    let text = element.attribute(name);
    text.map(|text| text.parse().map_err(|_| Refusal::of_field(name, "A number."))).transpose()
}

fn ours<'a>(element: &Child<'a>) -> impl Iterator<Item = Child<'a>> + use<'a> {
    element.children().filter(|child| child.namespace == NAMESPACE)
}

fn words(element: &Child<'_>, names: Names<'_>) -> Map<String, Value> {
    let value = |(attribute, name): &(&str, &str)| {
        Some(((*name).to_owned(), Value::String(element.attribute(attribute)?.into_owned())))
    };
    names.iter().filter_map(value).collect()
}

/// What is neither yes nor no is refused where it is read.
fn boolean(element: &Child<'_>, attribute: &str, name: &str, into: &mut Map<String, Value>) {
    let value = element.attribute(attribute).map(|text| match text.as_ref() {
        "true" | "1" => json!(true),
        "false" | "0" => json!(false),
        other => json!(other),
    });
    into.extend(value.map(|value| (name.to_owned(), value)));
}

fn receivers(element: &Child<'_>) -> Value {
    let (mut people, mut departments, mut tags, mut everyone) = (Vec::new(), Vec::new(), Vec::new(), false);
    let to = ours(element).filter(|child| child.name == "to");
    for one in to.flat_map(|to| ours(&to)) {
        match one.name {
            "person" => people.push(Value::String(one.text().into_owned())),
            "department" => {
                let mut department = Map::new();
                department.insert("department".to_owned(), Value::String(one.text().into_owned()));
                boolean(&one, "with-sub-departments", "withSubDepartments", &mut department);
                departments.push(Value::Object(department));
            }
            "tag" => tags.push(Value::String(one.text().into_owned())),
            "everyone" => everyone = true,
            _ => {}
        }
    }
    let mut to = Map::new();
    for (name, list) in [("people", people), ("departments", departments), ("tags", tags)] {
        if !list.is_empty() {
            to.insert(name.to_owned(), Value::Array(list));
        }
    }
    if everyone {
        to.insert("everyone".to_owned(), json!(true));
    }
    Value::Object(to)
}

/// Text, link, facts and actions, as far as they are there.
fn content(element: &Child<'_>, into: &mut Map<String, Value>) {
    let (mut fields, mut actions) = (Vec::new(), Vec::new());
    for child in ours(element) {
        match child.name {
            "text" => {
                into.insert("text".to_owned(), Value::String(child.text().into_owned()));
            }
            "link" => {
                let link = words(&child, &[("app", "app"), ("path", "path")]);
                into.insert("link".to_owned(), Value::Object(link));
            }
            "field" => {
                let mut field = words(&child, &[("label", "label")]);
                field.insert("value".to_owned(), Value::String(child.text().into_owned()));
                fields.push(Value::Object(field));
            }
            "action" => actions.push(action(&child)),
            _ => {}
        }
    }
    for (name, list) in [("fields", fields), ("actions", actions)] {
        if !list.is_empty() {
            into.insert(name.to_owned(), Value::Array(list));
        }
    }
}

fn action(element: &Child<'_>) -> Value {
    let mut action = words(element, &[("id", "id"), ("label", "label"), ("style", "style")]);
    let input = |child: Child<'_>| {
        let mut input = words(&child, &[("name", "name"), ("label", "label")]);
        boolean(&child, "required", "required", &mut input);
        Value::Object(input)
    };
    let inputs: Vec<Value> = ours(element).filter(|child| child.name == "input").map(input).collect();
    if !inputs.is_empty() {
        action.insert("inputs".to_owned(), Value::Array(inputs));
    }
    Value::Object(action)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use posthouse_protocol::wire::Frame;

    use super::*;

    fn read(element: &str, how: fn(&Child<'_>) -> Value) -> Value {
        let frame = Frame::parse(Bytes::from(format!("<iq type='set' id='1'>{element}</iq>"))).unwrap();
        let child = frame.children().next().unwrap();
        how(&child)
    }

    #[test]
    fn a_request_is_what_it_would_be_over_http() {
        let read = read(
            "<send xmlns='urn:posthouse:notice:1' title='请假' priority='high' delivery='both' escalate-after='60'
                   expires='2030-01-01T00:00:00Z' idempotency-key='leave-17'>
               <to><person>wang.lei</person><department with-sub-departments='false'>总部/财务部</department>
                   <tag>司机</tag><everyone/></to>
               <text>陈静 &amp; 王磊</text><link app='oa' path='/todo/17'/><field label='天数'>3</field>
               <action id='yes' label='同意' style='primary'>
                 <input name='why' label='意见' required='true'/></action>
               <action xmlns='urn:other' id='no'/>
             </send>",
            message,
        );
        let wanted = json!({
            "title": "请假", "priority": "high", "delivery": "both", "escalateAfterSeconds": 60,
            "expiresAt": "2030-01-01T00:00:00Z", "idempotencyKey": "leave-17",
            "to": {"people": ["wang.lei"], "tags": ["司机"], "everyone": true,
                   "departments": [{"department": "总部/财务部", "withSubDepartments": false}]},
            "text": "陈静 & 王磊", "link": {"app": "oa", "path": "/todo/17"},
            "fields": [{"label": "天数", "value": "3"}],
            "actions": [{"id": "yes", "label": "同意", "style": "primary",
                         "inputs": [{"name": "why", "label": "意见", "required": true}]}],
        });
        assert_eq!(read, wanted);
    }

    #[test]
    fn what_is_not_there_is_not_said_and_what_is_no_number_stays_wrong() {
        let bare = read("<send xmlns='urn:posthouse:notice:1' title='t'/>", message);
        assert_eq!(bare, json!({"title": "t", "to": {}}));
        let wrong = read("<send xmlns='urn:posthouse:notice:1' escalate-after='soon'/>", message);
        assert_eq!(wrong["escalateAfterSeconds"], "soon");
    }

    #[test]
    fn a_change_can_take_facts_and_actions_away() {
        let read = read(
            "<change xmlns='urn:posthouse:notice:1' id='m' status='handled'><no-actions/></change>",
            change,
        );
        assert_eq!(read, json!({"status": "handled", "actions": []}));
    }
}
