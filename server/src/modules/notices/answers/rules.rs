//! What a text from a phone says about notices that went there: a pure rule.
//!
//! `1同意` and `1` choose what the text with that number offered, `同意` what only one open notice offers. A number
//! with its words is always meant for us. A number or words alone might be meant for a colleague: they count only when
//! the last text that the phone got was of a business system.

use crate::clock::Timestamp;
use crate::storage::notices::Chance;

/// Most characters of an answer.
const LONGEST: usize = 60;

/// What a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is no answer to a notice.
    Pass,
    /// An action of a line.
    Choose { line: i64, action: String },
    /// It answers a notice that takes no answer any more: this line's.
    TooLate { line: i64 },
    /// It fits several notices; these lines.
    Which { lines: Vec<i64> },
}

/// An offer: a number, the words beside it, and what it belongs to.
struct Offer<'a> {
    number: u8,
    label: String,
    action: &'a str,
    chance: &'a Chance,
}

/// `chances`: what the phone was offered, the newest first. `follows`: the last text it got was of a business system.
pub(super) fn judge(said: &str, follows: bool, chances: &[Chance], now: Timestamp) -> Verdict {
    let said = plain(said);
    if said.is_empty() || said.chars().count() > LONGEST {
        return Verdict::Pass;
    }
    let offers = offers(chances);
    let (number, words) = split(&said);
    let fits: Vec<&Offer<'_>> = match number {
        Some(number) if words.is_empty() => {
            offers.iter().filter(|offer| follows && offer.number == number).collect()
        }
        Some(number) => {
            offers.iter().filter(|offer| offer.number == number && offer.label == words).collect()
        }
        None => offers.iter().filter(|offer| follows && offer.label == words).collect(),
    };
    let open: Vec<&&Offer<'_>> = fits.iter().filter(|offer| offer.chance.is_open(now)).collect();
    match (open.as_slice(), fits.first()) {
        ([one], _) => choose(one),
        ([first, ..], _) if number.is_some() => choose(first),
        ([_, ..], _) => Verdict::Which { lines: open.iter().map(|offer| offer.chance.line).collect() },
        // The same once more is no second choice.
        ([], Some(last)) if last.chance.chosen.as_deref() == Some(last.action) => choose(last),
        ([], Some(last)) => Verdict::TooLate { line: last.chance.line },
        ([], None) => Verdict::Pass,
    }
}

fn choose(offer: &Offer<'_>) -> Verdict {
    Verdict::Choose { line: offer.chance.line, action: offer.action.to_owned() }
}

fn offers(chances: &[Chance]) -> Vec<Offer<'_>> {
    let of = |chance: &'_ Chance, number: u8, action: &str| {
        let action = chance.notice.content.actions.iter().find(|one| one.id == action)?;
        Some((number, plain(&action.label)))
    };
    chances
        .iter()
        .flat_map(|chance| chance.numbers.iter().map(move |(number, action)| (chance, *number, action)))
        .filter_map(|(chance, number, action)| {
            let (number, label) = of(chance, number, action)?;
            Some(Offer { number, label, action, chance })
        })
        .collect()
}

/// Narrow signs, small letters, nothing around.
fn plain(text: &str) -> String {
    let narrow = text.chars().map(|sign| match sign {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(sign).saturating_sub(0xFEE0)).unwrap_or(sign),
        '\u{3000}' => ' ',
        other => other,
    });
    let text: String = narrow.flat_map(char::to_lowercase).collect();
    text.trim_matches(|sign: char| sign.is_whitespace() || "。.!,;、".contains(sign)).to_owned()
}

/// The number in front, of one or two digits, and the words behind it.
fn split(said: &str) -> (Option<u8>, String) {
    let digits = said.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = said.split_at_checked(digits).unwrap_or((said, ""));
    // `001` is a code, and 2026 a year.
    let number =
        if (1..=2).contains(&digits) && !number.starts_with('0') { number.parse().ok() } else { None };
    match number {
        Some(number) => (Some(number), plain(rest.trim_start_matches([':', '-', ')', ' ']))),
        None => (None, said.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge};
    use crate::clock::Timestamp;
    use crate::storage::notices::{Action, Chance, Content, DeliveryMode, NoticeRow};

    const NOW: Timestamp = Timestamp(1_000);

    /// A notice whose text offered these numbers.
    fn chance(line: i64, offers: &[(u8, &str)], state: &str) -> Chance {
        let actions = offers.iter().map(|(number, label)| Action {
            id: format!("a{number}"),
            label: (*label).to_owned(),
            style: String::new(),
            inputs: Vec::new(),
        });
        let content = Content { actions: actions.collect(), ..Content::default() };
        Chance {
            line,
            application: "oa".to_owned(),
            title: "OA".to_owned(),
            notice: NoticeRow {
                id: line,
                name: format!("m-{line}"),
                created: NOW,
                content,
                delivery: DeliveryMode::Phone,
                escalate_after: 0,
                expires: Timestamp(0),
                state: state.to_owned(),
                revision: 1,
            },
            chosen: None,
            numbers: offers.iter().map(|(number, _)| (*number, format!("a{number}"))).collect(),
        }
    }

    fn chosen(line: i64, action: &str) -> Verdict {
        Verdict::Choose { line, action: action.to_owned() }
    }

    #[test]
    fn what_a_text_means() {
        let leave = chance(7, &[(1, "同意"), (2, "驳回")], "open");
        let order = chance(8, &[(3, "同意"), (4, "驳回")], "open");
        let english = chance(9, &[(5, "Approve")], "open");
        let all = [english, order, leave];
        // What was said, whether the last text was of a business system, what it means.
        let table = [
            ("1同意", true, chosen(7, "a1")),
            ("1同意", false, chosen(7, "a1")),
            ("1", true, chosen(7, "a1")),
            ("1", false, Verdict::Pass),
            ("４。", true, chosen(8, "a4")),
            (" ３：同意 ", false, chosen(8, "a3")),
            ("2) 驳回", false, chosen(7, "a2")),
            ("2同意", true, Verdict::Pass),
            ("同意", true, Verdict::Which { lines: vec![8, 7] }),
            ("同意", false, Verdict::Pass),
            ("approve", true, chosen(9, "a5")),
            ("5 Approve!", false, chosen(9, "a5")),
            ("001", true, Verdict::Pass),
            ("01", true, Verdict::Pass),
            ("6", true, Verdict::Pass),
            ("100", true, Verdict::Pass),
            ("好的", true, Verdict::Pass),
            ("1点钟开会", true, Verdict::Pass),
            ("", true, Verdict::Pass),
        ];
        for (said, follows, meant) in table {
            assert_eq!(judge(said, follows, &all, NOW), meant, "{said:?}, {follows}");
        }
    }

    #[test]
    fn with_one_open_notice_its_words_alone_are_enough() {
        let (old, new) = (chance(7, &[(1, "同意")], "handled"), chance(8, &[(2, "同意")], "open"));
        assert_eq!(judge("同意", true, &[new, old], NOW), chosen(8, "a2"));
    }

    #[test]
    fn a_number_that_was_given_again_means_the_notice_that_is_open() {
        let (old, new) = (chance(7, &[(1, "同意")], "handled"), chance(8, &[(1, "同意")], "open"));
        assert_eq!(judge("1同意", false, &[new, old], NOW), chosen(8, "a1"));
    }

    #[test]
    fn what_comes_too_late_is_told_so() {
        for state in ["handled", "withdrawn"] {
            let late = chance(7, &[(1, "同意"), (2, "驳回")], state);
            assert_eq!(judge("1", true, &[late], NOW), Verdict::TooLate { line: 7 });
        }
        let mut over = chance(7, &[(1, "同意"), (2, "驳回")], "open");
        over.notice.expires = NOW;
        assert_eq!(judge("1", true, &[over.clone()], NOW), Verdict::TooLate { line: 7 });
        over.notice.expires = Timestamp(0);
        over.chosen = Some("a1".to_owned());
        assert_eq!(judge("2驳回", false, &[over.clone()], NOW), Verdict::TooLate { line: 7 });
        assert_eq!(judge("1同意", false, &[over], NOW), chosen(7, "a1"), "the same again is no mistake");
    }
}
