//! A list in texts: lines stay whole, and each text goes out as one message where that is possible.

use crate::pdu::{References, split};

/// The lines in texts of whole lines.
pub(super) fn of(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut pages: Vec<String> = Vec::new();
    for line in lines {
        let longer = pages.last().map(|page| format!("{page}\n{line}")).filter(|page| is_one_message(page));
        match (longer, pages.last_mut()) {
            (Some(longer), Some(page)) => *page = longer,
            _ => pages.push(line),
        }
    }
    pages
}

fn is_one_message(text: &str) -> bool {
    split(text, References::Narrow).parts.len() <= 1
}

#[cfg(test)]
mod tests {
    use super::{is_one_message, of};

    #[test]
    fn lines_are_gathered_as_far_as_one_message_goes() {
        let lines: Vec<String> = (1..=30).map(|number| format!("{number:03} 待办任务数")).collect();
        let pages = of(lines.clone());
        assert!(pages.len() > 1 && pages.iter().all(|page| is_one_message(page)), "{pages:?}");
        assert_eq!(pages.join("\n"), lines.join("\n"));
        assert_eq!(of(["a".to_owned(), "b".to_owned()]), ["a\nb"]);
    }

    #[test]
    fn a_line_that_is_too_long_stands_alone() {
        let long = "长".repeat(100);
        assert_eq!(
            of(["a".to_owned(), long.clone(), "b".to_owned()]),
            ["a".to_owned(), long, "b".to_owned()]
        );
    }
}
