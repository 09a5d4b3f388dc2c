//! Edits of the head change what they are told to change and nothing else.

use bytes::Bytes;
use posthouse_protocol::wire::{Child, Frame, HeadEdit, escape};

use super::reference::Surroundings;
use super::stanzas::{check_head, receive};
use crate::element::Element;
use crate::random_input::Finding;
use crate::random_input::Randomness;

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Values that need care.
const VALUES: [&str; 12] = [
    "",
    "bob@example.org",
    "张三@驿站.example/客户端",
    "a'b\"c<d>e&f",
    "&amp;&#10;&lt;",
    "]]>",
    "tab\there",
    "line\nend\r\n\r",
    "\u{0}\u{8}\u{b}\u{1f}\u{fffe}\u{ffff}",
    "\u{85}\u{2028}\u{feff}",
    "<message xmlns='x'/>",
    "groupchat",
];

/// An edit that was chosen.
#[derive(Debug, Clone, Default)]
struct Plan {
    to: Option<Option<&'static str>>,
    from: Option<Option<&'static str>>,
    id: Option<&'static str>,
    type_: Option<Option<&'static str>>,
    lang: Option<&'static str>,
    is_self_contained: bool,
    appended: Option<&'static str>,
    dropped: Option<(String, String)>,
}

pub(super) fn check(element: &Element, frame: &Frame, choices: &mut Randomness) -> Result<(), Finding> {
    let plan = Plan::choose(element, choices);
    let edited = plan.run(frame);
    let received = receive(edited.bytes(), Surroundings::Client)?;
    let expected = plan.expected(element);
    if received != expected {
        return Err(Finding::new(
            "an edit changes what it is told to change and nothing else",
            format!("{plan:?}\n{received:?}\n{expected:?}\n{}", String::from_utf8_lossy(edited.bytes())),
        ));
    }
    check_head(&received, &edited)?;
    check_again(&plan, &edited)
}

/// What the edit says about its result is what scanning it says, so that further edits are right too.
fn check_again(plan: &Plan, edited: &Frame) -> Result<(), Finding> {
    let scanned = Frame::parse_in(edited.bytes().clone(), edited.stream_namespace());
    let scanned = scanned.map_err(|error| {
        let text = String::from_utf8_lossy(edited.bytes()).into_owned();
        Finding::new("the scanner takes what an edit makes", format!("{error}\n{plan:?}\n{text}"))
    })?;
    let again = Plan { to: Some(Some("x")), from: Some(None), appended: Some(""), ..Plan::default() };
    let (from_edit, from_scan) = (again.run(edited), again.run(&scanned));
    if from_edit.bytes() == from_scan.bytes() {
        return Ok(());
    }
    Err(Finding::new(
        "an edited stanza can be edited like one that was received",
        format!("{plan:?}\n{from_edit:?}\n{from_scan:?}"),
    ))
}

impl Plan {
    fn choose(element: &Element, choices: &mut Randomness) -> Self {
        let mut value = |often: usize| {
            let is_chosen = choices.once_in(often);
            choices.pick(&VALUES).filter(|_| is_chosen)
        };
        let (to, from, type_) = (value(2), value(2), value(4));
        let (id, lang, appended) = (value(3), value(3), value(3));
        let mut change = |value: Option<&'static str>| {
            if choices.once_in(4) { Some(None) } else { value.map(Some) }
        };
        let (to, from, type_) = (change(to), change(from), change(type_));
        let is_self_contained = choices.once_in(3);
        let at = choices.below(element.children.len());
        let dropped = element.children.get(at).filter(|_| choices.once_in(2));
        let dropped = dropped.map(|child| (child.name.clone(), child.namespace.clone()));
        Self { to, from, id, type_, lang, is_self_contained, appended, dropped }
    }

    fn run(&self, frame: &Frame) -> Frame {
        let child = self.appended.map(child_element);
        let drops = |child: &Child<'_>| has_even_text(&child.text());
        let mut edit: HeadEdit<'_> = frame.edit();
        if let Some(value) = self.to {
            edit = edit.to(value);
        }
        if let Some(value) = self.from {
            edit = edit.from(value);
        }
        if let Some(value) = self.type_ {
            edit = edit.type_(value);
        }
        if let Some(value) = self.id {
            edit = edit.id(value);
        }
        if let Some(value) = self.lang {
            edit = edit.default_lang(value);
        }
        if self.is_self_contained {
            edit = edit.self_contained();
        }
        if let Some(child) = &child {
            edit = edit.append(child);
        }
        if let Some((name, namespace)) = &self.dropped {
            edit = edit.without(name, namespace, &drops);
        }
        edit.finish()
    }

    /// What a receiver has to see.
    fn expected(&self, element: &Element) -> Element {
        let mut expected = element.clone();
        let mut set = |namespace: &str, name: &str, value: Option<&str>| {
            let name = (namespace.to_owned(), name.to_owned());
            match value {
                Some(value) => expected.attributes.insert(name, carried(value)),
                None => expected.attributes.remove(&name),
            }
        };
        for (name, change) in [("to", self.to), ("from", self.from), ("type", self.type_)] {
            if let Some(value) = change {
                set("", name, value);
            }
        }
        if let Some(id) = self.id {
            set("", "id", Some(id));
        }
        let has_lang = element.attributes.contains_key(&(XML.to_owned(), "lang".to_owned()));
        if let Some(lang) = self.lang
            && !has_lang
        {
            set(XML, "lang", Some(lang));
        }
        if let Some((name, namespace)) = &self.dropped {
            expected.children.retain(|child| {
                !(child.name == *name && child.namespace == *namespace && has_even_text(&child.text))
            });
        }
        if let Some(text) = self.appended {
            let namespace = "urn:example:note".to_owned();
            let note =
                Element { namespace, name: "note".to_owned(), text: carried(text), ..Element::default() };
            expected.children.push(note);
        }
        expected
    }
}

fn child_element(text: &str) -> Bytes {
    Bytes::from(format!("<note xmlns='urn:example:note'>{}</note>", escape(text)))
}

/// Any choice that needs the text will do; line ends are left out of it (see `tree`).
fn has_even_text(text: &str) -> bool {
    text.chars().filter(|character| !matches!(character, '\r' | '\n')).count().is_multiple_of(2)
}

/// What XML cannot carry arrives as U+FFFD.
fn carried(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' | '\n' | '\r' => character,
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            other => other,
        })
        .collect()
}
