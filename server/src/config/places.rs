//! Finds keys in the text of a settings file, so that a mistake can be named with its line.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Line of a key such as `limits.connections` or `components[1].secret`, or of what it would stand in.
pub(super) fn line_of(text: &str, key: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut place = None;
    let mut table = document.get_ref();
    for part in key.split('.') {
        let (name, index) = match part.split_once('[') {
            Some((name, rest)) => (name, rest.trim_end_matches(']').parse::<usize>().ok()),
            None => (part, None),
        };
        let Some((found, mut value)) = entry(table, name) else { break };
        place = Some(found.span().start);
        if let (Some(index), DeValue::Array(list)) = (index, value.get_ref()) {
            value = list.get(index)?;
            place = Some(value.span().start);
        }
        let DeValue::Table(inner) = value.get_ref() else { break };
        table = inner;
    }
    place.map(|offset| line_at(text, offset))
}

/// Path of the key whose value holds that byte.
pub(super) fn key_at(text: &str, offset: usize) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    key_in(document.get_ref(), offset)
}

/// Number of the line that holds that byte.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count().saturating_add(1)
}

fn key_in(table: &DeTable<'_>, offset: usize) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let name = key.get_ref();
        let inner = key_below(value, offset);
        match inner {
            Some(inner) if inner.is_empty() || inner.starts_with('[') => Some(format!("{name}{inner}")),
            Some(inner) => Some(format!("{name}.{inner}")),
            None => None,
        }
    })
}

/// What comes behind a key; empty when the value itself holds the byte.
fn key_below(value: &Spanned<DeValue<'_>>, offset: usize) -> Option<String> {
    let is_here = value.span().contains(&offset);
    match value.get_ref() {
        // A table with a header of its own spans that header only.
        DeValue::Table(table) => key_in(table, offset).or_else(|| is_here.then(String::new)),
        DeValue::Array(list) => {
            let tables =
                list.iter().enumerate().filter(|(_, one)| matches!(one.get_ref(), DeValue::Table(_)));
            let mut inner = tables.filter_map(|(index, one)| {
                let below = key_below(one, offset)?;
                Some(if below.is_empty() { format!("[{index}]") } else { format!("[{index}].{below}") })
            });
            inner.next().or_else(|| is_here.then(String::new))
        }
        _ => is_here.then(String::new),
    }
}

fn entry<'a, 'i>(
    table: &'a DeTable<'i>,
    name: &str,
) -> Option<(&'a Spanned<toml::de::DeString<'i>>, &'a Spanned<DeValue<'i>>)> {
    table.iter().find(|(key, _)| key.get_ref() == name)
}

#[cfg(test)]
mod tests {
    use super::{key_at, line_of};

    const TEXT: &str = "domain = \"a.org\"\nany = [\n  \"x\",\n]\n[limits]\nconnections = 5\n\
                        [[components]]\ndomain = \"b\"\n[[components]]\nsecret = \"c\"\n";

    #[test]
    fn keys_have_lines() {
        for (key, line) in [
            ("domain", 1),
            ("any", 2),
            ("limits.connections", 6),
            ("limits.not_there", 5),
            ("components[0].domain", 8),
            ("components[1].secret", 10),
        ] {
            assert_eq!(line_of(TEXT, key), Some(line), "{key}");
        }
        assert_eq!(line_of(TEXT, "passwords.iterations"), None);
    }

    #[test]
    fn places_have_keys() {
        for (part, key) in
            [("\"x\"", "any"), ("5\n", "limits.connections"), ("\"c\"", "components[1].secret")]
        {
            assert_eq!(key_at(TEXT, TEXT.find(part).unwrap()).as_deref(), Some(key));
        }
    }
}
