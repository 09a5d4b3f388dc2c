//! What phones read beside the text itself. Where all is plain Latin the signs are, too: one that is not would make
//! the text three times as dear.

/// A colleague's text: who writes, and the first time how to answer.
pub(super) fn outgoing(name: &str, body: &str, tag: u32, has_own_modem: bool, is_first: bool) -> String {
    let is_latin = name.is_ascii() && body.is_ascii();
    let mark = if has_own_modem { String::new() } else { format!("#{tag}") };
    let how = match (is_first, has_own_modem, is_latin) {
        (false, _, _) => String::new(),
        (true, true, true) => "\n(just reply)".to_owned(),
        (true, true, false) => "\n（直接回复即可）".to_owned(),
        (true, false, true) => format!("\n(begin your reply with #{tag})"),
        (true, false, false) => format!("\n（回复请以#{tag}开头）"),
    };
    let colon = if is_latin { ": " } else { "：" };
    format!("{name}{mark}{colon}{body}{how}")
}

/// A text that does not say whom it is for.
pub(super) fn who(known: &[(u32, String)]) -> String {
    let list: Vec<String> = known.iter().map(|(tag, name)| format!("#{tag} {name}")).collect();
    if list.is_empty() {
        "请以@姓名开头，例如：@张三 您好".to_owned()
    } else {
        format!("请注明回复对象：{}。", list.join("，"))
    }
}

#[cfg(test)]
mod tests {
    use super::outgoing;

    #[test]
    fn latin_texts_stay_latin() {
        assert_eq!(outgoing("Ann", "hello", 2, true, false), "Ann: hello");
        assert_eq!(outgoing("Ann", "hello", 2, false, true), "Ann#2: hello\n(begin your reply with #2)");
        assert_eq!(outgoing("张三", "hello", 2, true, true), "张三：hello\n（直接回复即可）");
    }
}
