//! What phones read beside the text itself.

/// A colleague's text: who writes, and the first time how to answer.
pub(super) fn outgoing(name: &str, body: &str, tag: u32, has_own_modem: bool, is_first: bool) -> String {
    match (has_own_modem, is_first) {
        (true, false) => format!("{name}：{body}"),
        (true, true) => format!("{name}：{body}\n（直接回复即可）"),
        (false, false) => format!("{name}#{tag}：{body}"),
        (false, true) => format!("{name}#{tag}：{body}\n（回复请以#{tag}开头）"),
    }
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
