//! Says in plain words what is wrong with a settings file.

use super::places;

/// Line, key and problem of a TOML error; an unknown key is answered with the nearest known one.
pub fn explain(text: &str, error: &toml::de::Error) -> String {
    let message = error.message();
    let Some(start) = error.span().map(|span| span.start) else { return message.to_owned() };
    let line = places::line_at(text, start);
    if let Some(problem) = unknown_key(message) {
        return format!("line {line}: {problem}");
    }
    let problem = unknown_word(message).or_else(|| wrong_type(message)).unwrap_or_else(|| message.to_owned());
    match places::key_at(text, start) {
        Some(key) => format!("line {line}: {key} {problem}"),
        // The text is no TOML, so it has no keys.
        None => format!("line {line}: {problem}"),
    }
}

/// Reads serde's "unknown field `a`, expected one of `b`, `c`".
fn unknown_key(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    let nearest = quoted.min_by_key(|known| distance(unknown, known));
    Some(match nearest {
        Some(nearest) => format!("unknown key \"{unknown}\"; did you mean \"{nearest}\"?"),
        None => format!("unknown key \"{unknown}\"; there are no keys here"),
    })
}

/// Reads serde's "unknown variant `a`, expected one of `b`, `c`".
fn unknown_word(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown variant ")?;
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    let known: Vec<String> = quoted.map(|word| format!("\"{word}\"")).collect();
    Some(format!("is \"{unknown}\"; write {}", known.join(" or ")))
}

/// Reads serde's "invalid type: string "5", expected u64".
fn wrong_type(message: &str) -> Option<String> {
    if message.starts_with("invalid socket address") {
        return Some(
            "holds something that is not an address; write \"0.0.0.0:5222\" or \"[::]:5222\"".to_owned(),
        );
    }
    let rest = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    let (found, expected) = rest.split_once(", expected ")?;
    let wanted = match expected {
        "usize" | "u64" | "u32" => "a whole number without quotes, not below 0",
        "a sequence" => "a list such as [\"0.0.0.0:5222\"]; [] switches it off",
        "a string" | "path string" | "a borrowed string" => "a text in quotes",
        "socket address" => "an address in quotes such as \"0.0.0.0:5222\" or \"[::]:5222\"",
        other if other.starts_with("struct") || other == "a map" => "a table, which begins with [name]",
        other => other,
    };
    Some(format!("is {}; write {wanted}", found.replace('`', "")))
}

/// Fewest letters to insert, remove or replace.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index.saturating_add(1);
        let mut next = vec![before];
        for (other, above) in right.iter().zip(row.iter().skip(1)) {
            let replace = diagonal.saturating_add(usize::from(letter != *other));
            before = replace.min(above.saturating_add(1)).min(before.saturating_add(1));
            next.push(before);
            diagonal = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
