//! Makes up stanzas that are well-formed more often than not, out of the odd corners of XML.

use crate::random_input::Randomness;

const NAMES: [&str; 14] = [
    "message", "presence", "iq", "body", "a", "x", "stream", "消息", "_1", "a.b-c", "é", "query", "delay",
    "\u{fdf0}",
];
const PREFIXES: [&str; 7] = ["stream", "xml", "p", "q", "xmlns", "前", "p"];
const NAMESPACES: [&str; 9] = [
    "jabber:client",
    "jabber:component:accept",
    "http://etherx.jabber.org/streams",
    "http://www.w3.org/XML/1998/namespace",
    "http://www.w3.org/2000/xmlns/",
    "urn:xmpp:sid:0",
    "urn:x\"y",
    "",
    "urn:驿站",
];
const ATTRIBUTES: [&str; 9] = ["to", "from", "id", "type", "xml:lang", "xmlns", "p:to", "q:to", "stream:to"];
const VALUES: [&str; 12] = [
    "bob@example.org",
    "",
    "a b",
    "&lt;&amp;",
    "&#x9A7F;",
    "&#13;",
    "tab\tand\nline",
    "\r\n",
    ">",
    "en",
    "it&apos;s",
    "驿站",
];
const TEXTS: [&str; 16] = [
    "hello",
    "驿站",
    "&lt;b&gt;",
    "]]&gt;",
    "]] >",
    "<![CDATA[a<b]]>",
    "<![CDATA[]]]]>",
    "<![CDATA[]]>",
    "\r\n",
    "\r",
    "&#10;",
    "&#x10FFFF;",
    "\u{1f600}",
    "\u{85}",
    "\u{fffd}",
    ">",
];
const SPACES: [&str; 5] = [" ", "\n", "\t", "  ", "\r\n"];

/// A few first-level elements with white space between them.
pub(super) fn elements(random: &mut Randomness) -> Vec<u8> {
    let mut text = String::new();
    for _ in 0..=random.below(3) {
        if random.once_in(4) {
            text.push_str(random.pick(&SPACES).unwrap_or(" "));
        }
        write_element(random, 0, &mut text);
    }
    text.into_bytes()
}

/// One element.
pub(super) fn element(random: &mut Randomness) -> String {
    let mut text = String::new();
    write_element(random, 5, &mut text);
    text
}

/// What stands between elements.
pub(super) fn text(random: &mut Randomness) -> String {
    random.pick(&TEXTS).unwrap_or_default().to_owned()
}

/// An attribute behind white space.
pub(super) fn attribute(random: &mut Randomness) -> String {
    let mut text = random.pick(&SPACES).unwrap_or(" ").to_owned();
    write_attribute(random, &mut text);
    text
}

fn write_element(random: &mut Randomness, depth: usize, text: &mut String) {
    let mut name = String::new();
    if random.once_in(4) {
        name.push_str(random.pick(&PREFIXES).unwrap_or("p"));
        name.push(':');
    }
    name.push_str(random.pick(&NAMES).unwrap_or("a"));
    text.push('<');
    text.push_str(&name);
    for _ in 0..random.below(5) {
        text.push_str(random.pick(&SPACES).unwrap_or(" "));
        write_attribute(random, text);
    }
    if name.contains(':') && !random.once_in(8) {
        let prefix = name.split(':').next().unwrap_or_default();
        text.push_str(&format!(" xmlns:{prefix}='{}'", random.pick(&NAMESPACES).unwrap_or("urn:x")));
    }
    if random.once_in(5) {
        text.push_str(" /");
        text.push('>');
        return;
    }
    text.push('>');
    for _ in 0..random.below(4) {
        if depth < 7 && random.once_in(2) {
            write_element(random, depth.saturating_add(1), text);
        } else {
            text.push_str(random.pick(&TEXTS).unwrap_or("text"));
        }
    }
    text.push_str("</");
    text.push_str(&name);
    if random.once_in(6) {
        text.push_str(random.pick(&SPACES).unwrap_or(" "));
    }
    text.push('>');
}

fn write_attribute(random: &mut Randomness, text: &mut String) {
    let equals = if random.once_in(8) { " =\n" } else { "=" };
    let quote = if random.once_in(3) { '"' } else { '\'' };
    let (name, value) = match random.below(5) {
        0 => ("xmlns".to_owned(), random.pick(&NAMESPACES)),
        1 => (format!("xmlns:{}", random.pick(&PREFIXES).unwrap_or("p")), random.pick(&NAMESPACES)),
        _ => (random.pick(&ATTRIBUTES).unwrap_or("to").to_owned(), random.pick(&VALUES)),
    };
    text.push_str(&name);
    text.push_str(equals);
    text.push(quote);
    text.push_str(value.unwrap_or_default());
    text.push(quote);
}
