//! What phones are told about their answers; in English where the notice is plain Latin.

use crate::clock::Timestamp;
use crate::storage::notices::{Action, Chance};

fn is_latin(chance: &Chance) -> bool {
    chance.notice.content.title.is_ascii()
}

fn label<'a>(chance: &'a Chance, action: &'a str) -> &'a str {
    let found = chance.notice.content.actions.iter().find(|one| one.id == action);
    found.map_or(action, |one| one.label.as_str())
}

/// The choice is noted.
pub(super) fn noted(chance: &Chance, action: &str) -> String {
    let (title, label) = (&chance.notice.content.title, label(chance, action));
    if is_latin(chance) {
        format!("Noted: {title} - {label}.")
    } else {
        format!("已收到：{title}，{label}。")
    }
}

/// Why the notice takes no answer any more.
pub(super) fn too_late(chance: &Chance, now: Timestamp) -> String {
    let title = &chance.notice.content.title;
    let is_latin = is_latin(chance);
    match (&chance.chosen, chance.notice.state.as_str()) {
        (Some(action), _) if is_latin => {
            format!("You have answered already: {title} - {}.", label(chance, action))
        }
        (Some(action), _) => format!("您已经回复过：{title}，{}。", label(chance, action)),
        (None, "withdrawn") if is_latin => format!("It has been taken back: {title}."),
        (None, "withdrawn") => format!("该通知已撤回：{title}。"),
        (None, "open") if chance.is_over(now) && is_latin => format!("It is too late: {title}."),
        (None, "open") if chance.is_over(now) => format!("该通知已过期：{title}。"),
        (None, _) if is_latin => format!("Somebody has seen to it: {title}."),
        (None, _) => format!("该通知已有人处理：{title}。"),
    }
}

/// Several notices offer what was said.
pub(super) fn which(open: &[&Chance]) -> String {
    let is_latin = open.iter().all(|chance| is_latin(chance));
    let of = |chance: &&Chance| {
        let numbers: Vec<String> = chance
            .numbers
            .iter()
            .map(|(number, action)| {
                format!("{number}{}{}", if is_latin { " " } else { "" }, label(chance, action))
            })
            .collect();
        let title = &chance.notice.content.title;
        if is_latin {
            format!("{title}: {}", numbers.join(", "))
        } else {
            format!("{title}：{}", numbers.join("，"))
        }
    };
    let list: Vec<String> = open.iter().map(of).collect();
    if is_latin {
        format!("Several notices wait for your answer, please reply with a number. {}", list.join("; "))
    } else {
        format!("有几条通知等您回复，请回复数字。{}", list.join("；"))
    }
}

/// What a text offers: `回复1同意，2驳回`. Empty when it offers nothing.
pub(in crate::modules::notices) fn offer(choices: &[(u8, &Action)], is_latin: bool) -> String {
    let list: Vec<String> = choices
        .iter()
        .map(|(number, action)| format!("{number}{}{}", if is_latin { " " } else { "" }, action.label))
        .collect();
    match (list.is_empty(), is_latin) {
        (true, _) => String::new(),
        (false, true) => format!(" Reply {}", list.join(", ")),
        (false, false) => format!("。回复{}", list.join("，")),
    }
}
