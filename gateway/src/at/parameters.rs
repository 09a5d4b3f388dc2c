//! The comma-separated values of an answer.

/// The values behind `prefix:`, without their quotes; `None` when the line begins differently.
pub(super) fn of_line<'a>(line: &'a str, prefix: &str) -> Option<Vec<&'a str>> {
    Some(split(line.strip_prefix(prefix)?.strip_prefix(':')?))
}

/// Commas inside quotes separate nothing.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut values = Vec::new();
    let mut rest = text;
    loop {
        let mut is_quoted = false;
        let comma = rest.char_indices().find(|(_, character)| {
            is_quoted ^= *character == '"';
            *character == ',' && !is_quoted
        });
        let Some((value, more)) = comma.and_then(|(place, _)| rest.split_at_checked(place)) else {
            values.push(plain(rest));
            return values;
        };
        values.push(plain(value));
        rest = more.strip_prefix(',').unwrap_or(more);
    }
}

fn plain(value: &str) -> &str {
    let value = value.trim();
    value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::of_line;

    #[test]
    fn commas_in_quotes_belong_to_the_value() {
        let values = of_line("+COPS: 0,0,\"Tele, Fon\",7", "+COPS").unwrap();
        assert_eq!(values, ["0", "0", "Tele, Fon", "7"]);
    }

    #[test]
    fn empty_values_keep_their_place() {
        assert_eq!(of_line("+CMGL: 3,1,,24", "+CMGL").unwrap(), ["3", "1", "", "24"]);
        assert_eq!(of_line("+CSQ 3", "+CSQ"), None);
    }
}
