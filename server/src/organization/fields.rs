//! The fields of departments and people as people write them: each is cleaned and checked here, once, for the
//! command line and for imports alike.

use std::collections::BTreeSet;

use jid::NodePart;
use posthouse_protocol::organization::Gender;
use unicode_normalization::UnicodeNormalization;

use super::tree::SEPARATOR;

/// What is wrong with a field and what to do about it, as one plain sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FieldProblem(pub String);

type Field<T> = Result<T, FieldProblem>;

fn wrong<T>(sentence: String) -> Field<T> {
    Err(FieldProblem(sentence))
}

/// An ID: the part of the address before the @, as RFC 7622 prepares it; Chinese is allowed.
///
/// # Errors
/// It is empty or holds a character that an address cannot have.
pub fn login(text: &str) -> Field<String> {
    let text = text.trim();
    if text.is_empty() {
        return wrong("the ID is missing".to_owned());
    }
    if text.chars().count() > 64 {
        return wrong(format!("the ID {text:?} is longer than 64 characters"));
    }
    match NodePart::new(text) {
        Ok(node) => Ok(node.as_str().to_owned()),
        Err(_) => wrong(format!(
            "the ID {text:?} has a blank or one of \" & ' / : < > @, which an address cannot have"
        )),
    }
}

/// A display name, a title or another line of text of at most 100 characters.
///
/// # Errors
/// It is too long or has control characters.
pub fn line(what: &str, text: &str) -> Field<String> {
    let text = text.trim();
    if text.chars().count() > 100 {
        return wrong(format!("the {what} is longer than 100 characters"));
    }
    // The characters that XML 1.0 cannot carry would end the stream of everyone who gets them.
    if text.chars().any(|letter| letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}')) {
        return wrong(format!("the {what} has a line break or a control character"));
    }
    Ok(text.to_owned())
}

/// A display name.
///
/// # Errors
/// As [`line`], or it is empty.
pub fn name(text: &str) -> Field<String> {
    let name = line("name", text)?;
    if name.is_empty() { wrong("the name is missing".to_owned()) } else { Ok(name) }
}

/// Most tags of one person.
pub const MOST_TAGS: usize = 50;

/// A tag: a short word such as `司机`. Compared exactly, so that it has one form.
///
/// # Errors
/// It is empty, longer than 64 characters, or has a separator or a control character.
pub fn tag(text: &str) -> Field<String> {
    let tag: String = text.trim().nfc().collect();
    if tag.is_empty() || tag.chars().count() > 64 {
        return wrong(format!("the tag {tag:?} does not have between 1 and 64 characters"));
    }
    // What stands between tags where several are written in one line.
    if tag.contains([',', '，', ';', '；', '、']) {
        return wrong(format!("the tag {tag:?} has a comma, a semicolon or 、"));
    }
    line("tag", &tag)
}

/// Tags in their order, each once.
///
/// # Errors
/// One of them is none, or there are more than 50.
pub fn tags<'a>(texts: impl IntoIterator<Item = &'a str>) -> Field<Vec<String>> {
    let tags: BTreeSet<String> = texts.into_iter().map(tag).collect::<Field<_>>()?;
    if tags.len() > MOST_TAGS {
        return wrong(format!("there are more than {MOST_TAGS} tags"));
    }
    Ok(tags.into_iter().collect())
}

/// A path of department names such as `总部/财务部`.
///
/// # Errors
/// A name in it is empty, too long, or there are more than 32.
pub fn path(text: &str) -> Field<Vec<String>> {
    let text = text.trim().trim_matches(SEPARATOR);
    if text.is_empty() {
        return wrong("the department is missing; write a path such as 总部/财务部".to_owned());
    }
    let names: Vec<String> =
        text.split(SEPARATOR).map(|name| line("department", name)).collect::<Field<_>>()?;
    if names.iter().any(String::is_empty) {
        return wrong(format!("the department {text:?} has an empty name between two slashes"));
    }
    if names.len() > 32 {
        return wrong(format!("the department {text:?} lies more than 32 levels deep"));
    }
    Ok(names)
}

/// Gender, in English or Chinese; empty is unspecified.
///
/// # Errors
/// The word is not known.
pub fn gender(text: &str) -> Field<Gender> {
    match text.trim().to_lowercase().as_str() {
        "" | "未知" | "unspecified" => Ok(Gender::Unspecified),
        "女" | "f" | "female" | "woman" => Ok(Gender::Female),
        "男" | "m" | "male" | "man" => Ok(Gender::Male),
        other => wrong(format!("the gender {other:?} is not known; write female, male, 女, 男 or nothing")),
    }
}

/// A date of birth: `1990-01-31`, `1990/1/31` or `1990年1月31日`; answered as `1990-01-31`. Empty stays empty.
///
/// # Errors
/// It is no date.
pub fn birth(text: &str) -> Field<String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let parts: Vec<&str> =
        text.trim_end_matches('日').split(['-', '/', '.', '年', '月']).map(str::trim).collect();
    let date = match parts.as_slice() {
        [year, month, day] => date_of(year, month, day),
        _ => None,
    };
    match date {
        Some(date) => Ok(format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())),
        None => wrong(format!("{text:?} is not a date; write it as 1990-01-31")),
    }
}

fn date_of(year: &str, month: &str, day: &str) -> Option<time::Date> {
    let month: u8 = month.parse().ok()?;
    let year: i32 = year.parse().ok().filter(|year| (1_800..=9_999).contains(year))?;
    time::Date::from_calendar_date(year, time::Month::try_from(month).ok()?, day.parse().ok()?).ok()
}

/// A phone number: digits, with `+` in front, blanks, hyphens and brackets, and `*`, `#` or `x` for extensions.
///
/// # Errors
/// It has other characters or too few digits.
pub fn phone(text: &str) -> Field<String> {
    let text = text.trim();
    let is_known = |letter: char| letter.is_ascii_digit() || "+-() *#x.,转".contains(letter);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if text.is_empty()
        || (text.chars().all(is_known) && (2..=32).contains(&digits) && text.chars().count() <= 64)
    {
        Ok(text.to_owned())
    } else {
        wrong(format!("{text:?} is not a phone number"))
    }
}

/// A mobile number without blanks and hyphens; Chinese ones of eleven digits get `+86`.
///
/// # Errors
/// It is no number.
pub fn mobile(text: &str) -> Field<String> {
    let number: String = text.trim().chars().filter(|letter| !" -()".contains(*letter)).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    if number.is_empty() {
        return Ok(number);
    }
    if !digits.chars().all(|letter| letter.is_ascii_digit()) || !(5..=20).contains(&digits.len()) {
        return wrong(format!(
            "{:?} is not a mobile number; write it as 13800000001 or +8613800000001",
            text.trim()
        ));
    }
    // A spreadsheet takes +8613800000001 for a number and loses the plus.
    Ok(if number.len() == 13 && number.starts_with("861") {
        format!("+{number}")
    } else if number.len() == 11 && number.starts_with('1') {
        format!("+86{number}")
    } else {
        number
    })
}

/// An e-mail address; empty stays empty.
///
/// # Errors
/// It has no `@` with something on both sides, or blanks.
pub fn email(text: &str) -> Field<String> {
    let text = line("e-mail address", text)?;
    let halves = text.rsplit_once('@').filter(|(left, right)| !left.is_empty() && !right.is_empty());
    if text.is_empty() || (halves.is_some() && !text.contains(char::is_whitespace)) {
        Ok(text)
    } else {
        wrong(format!("{text:?} is not an e-mail address"))
    }
}

/// A priority; empty is 0.
///
/// # Errors
/// It is no whole number.
pub fn priority(text: &str) -> Field<i32> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    text.parse()
        .or_else(|_| wrong(format!("the priority {text:?} is not a whole number; smaller comes first")))
}

/// A status, in English or Chinese; answers whether the account is disabled.
///
/// # Errors
/// The word is not known.
pub fn disabled(text: &str) -> Field<bool> {
    match text.trim().to_lowercase().as_str() {
        "" | "active" | "live" | "enabled" | "启用" | "在职" | "正常" => Ok(false),
        "disabled" | "停用" | "禁用" | "离职" => Ok(true),
        other => wrong(format!("the status {other:?} is not known; write active, disabled, 启用 or 停用")),
    }
}

#[cfg(test)]
mod tests {
    use super::{birth, disabled, email, gender, login, mobile, name, path, phone, priority, tag, tags};
    use posthouse_protocol::organization::Gender;

    #[test]
    fn fields_are_cleaned() {
        assert_eq!(login(" Zhang.San ").unwrap(), "zhang.san");
        assert_eq!(login("张三").unwrap(), "张三");
        assert_eq!(path("/总部/财务部/").unwrap(), ["总部", "财务部"]);
        assert_eq!(mobile("138 0000-0001").unwrap(), "+8613800000001");
        assert_eq!(mobile("8613800000001").unwrap(), "+8613800000001");
        assert_eq!(birth("1990年1月3日").unwrap(), "1990-01-03");
        assert_eq!(gender("女").unwrap(), Gender::Female);
        assert_eq!(phone("(010) 8888-6666转12").unwrap(), "(010) 8888-6666转12");
        assert!(disabled("停用").unwrap());
        assert_eq!(priority("").unwrap(), 0);
        assert_eq!(tag(" Caf\u{65}\u{301} ").unwrap(), "Caf\u{e9}", "one form of what looks the same");
        assert_eq!(tags(["司机", "a b", "司机"]).unwrap(), ["a b", "司机"]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert!(login("a b").is_err() && login("").is_err() && login("a@b").is_err());
        assert!(name(" ").is_err() && name("a\u{7}").is_err());
        assert!(path("总部//财务部").is_err());
        assert!(mobile("abc").is_err() && birth("1990-02-30").is_err() && email("a@").is_err());
        assert!(
            tag(" ").is_err() && tag("a,b").is_err() && tag("司机、出纳").is_err() && tag("a\nb").is_err()
        );
        assert!(tag(&"签".repeat(64)).is_ok() && tag(&"签".repeat(65)).is_err());
        let many: Vec<String> = (0..=super::MOST_TAGS).map(|number| format!("t{number}")).collect();
        assert!(tags(many.iter().map(String::as_str)).is_err());
        assert!(tags(many.iter().skip(1).map(String::as_str)).is_ok());
        assert!(priority("first").is_err() && gender("x").is_err() && disabled("x").is_err());
    }
}
