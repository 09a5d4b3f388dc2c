//! How numbers are written, and whether two are the same.

/// The first half of an address that is a number.
pub(super) fn of_address(local: &str) -> Option<&str> {
    let digits = local.strip_prefix('+').unwrap_or(local);
    let is_number = (3..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(local)
}

/// The same phone: with or without the country in front.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (digits(one), digits(other));
    let (short, long) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    (!one.is_empty() && one == other)
        || (short.len() >= 8 && long.len() <= short.len() + 4 && long.ends_with(short.as_str()))
}

/// Without signs, and without the zeros that stand for "abroad" or "another town".
fn digits(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{is_same, of_address};

    #[test]
    fn the_country_does_not_matter() {
        assert!(is_same("+8613800000001", "13800000001"));
        assert!(is_same("0086 138-0000-0001", "+8613800000001"));
        assert!(!is_same("+8613800000001", "+8613800000002"));
        assert!(!is_same("10086", "+86110086"), "short numbers have no country");
        assert!(!is_same("", ""));
    }

    #[test]
    fn a_login_is_no_number() {
        assert_eq!(of_address("+8613800000001"), Some("+8613800000001"));
        assert_eq!(of_address("zhang.san"), None);
        assert_eq!(of_address("+"), None);
    }
}
