//! Where texts are cut.

use super::{References, TextEncoding, count, split};
use crate::pdu::join;

fn sizes(text: &str) -> Vec<usize> {
    let split = split(text, References::Narrow);
    split.parts.iter().map(|part| join([&part.content]).chars().count()).collect()
}

#[test]
fn one_hundred_and_sixty_letters_are_one_message_and_one_more_are_two() {
    assert_eq!(count(&"a".repeat(160)).parts, 1);
    assert_eq!(sizes(&"a".repeat(161)), [153, 8]);
}

#[test]
fn seventy_chinese_characters_are_one_message_and_one_more_are_two() {
    assert_eq!(count(&"字".repeat(70)).parts, 1);
    assert_eq!(sizes(&"字".repeat(71)), [67, 4]);
}

#[test]
fn a_euro_counts_twice_and_is_never_cut() {
    assert_eq!(count(&"€".repeat(80)).parts, 1);
    assert_eq!(sizes(&"€".repeat(81)), [76, 5]);
}

#[test]
fn an_emoji_is_never_cut() {
    let text = format!("{}😀{}", "字".repeat(66), "字".repeat(20));
    assert_eq!(sizes(&text), [66, 21]);
}

#[test]
fn a_family_stays_together_where_it_costs_nothing() {
    let family = "👨‍👩‍👧";
    let text = format!("{}{family}{}", "字".repeat(62), "字".repeat(20));
    assert_eq!(sizes(&text), [62, 25]);
}

#[test]
fn a_family_is_cut_where_keeping_it_costs_a_message() {
    let family = "👨‍👩‍👧";
    let text = format!("{}{family}{}", "字".repeat(62), "字".repeat(64));
    assert_eq!(sizes(&text).len(), 2);
}

#[test]
fn the_count_says_what_a_person_wants_to_know() {
    let count = count("会议改到下午3点");
    assert_eq!((count.characters, count.parts, count.encoding), (8, 1, TextEncoding::Ucs2));
}

#[test]
fn an_empty_text_is_one_empty_message() {
    assert_eq!(count("").parts, 1);
}
