//! Says in plain words what is wrong with a settings file.

/// Line and problem of a TOML error; an unknown key is answered with the nearest known one.
pub fn explain(text: &str, error: &toml::de::Error) -> String {
    let problem = unknown_key(error.message()).unwrap_or_else(|| error.message().to_owned());
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => {
            let line = before.matches('\n').count().saturating_add(1);
            format!("line {line}: {problem}")
        }
        None => problem,
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
