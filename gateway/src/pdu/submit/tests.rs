//! SUBMITs against the examples of the standard's readers, and back.

use std::time::Duration;

use super::Submit;
use crate::pdu::{Address, Class, Content, References, split};

fn one(text: &str) -> Submit {
    let split = split(text, References::Narrow);
    Submit::part(Address::number("+46708251358").unwrap(), &split.parts[0], References::Narrow, 0, None)
        .unwrap()
}

#[test]
fn hellohello_is_written_as_everybody_writes_it() {
    let pdu = one("hellohello").valid_for(Duration::from_secs(4 * 86_400)).to_modem(None).unwrap();
    assert_eq!(pdu.digits, "0011000B916407281553F80000AA0AE8329BFD4697D9EC37");
    assert_eq!(pdu.length, 23);
}

#[test]
fn a_chinese_text_goes_out_in_ucs2() {
    let pdu = one("您好").to_modem(None).unwrap();
    assert_eq!(pdu.digits, "0001000B916407281553F8000804".to_owned() + "60A8597D");
}

#[test]
fn a_flash_text_with_report_says_so() {
    let split = split("fire", References::Narrow);
    let to = Address::number("+46708251358").unwrap();
    let submit = Submit::part(to, &split.parts[0], References::Narrow, 0, Some(Class::Flash)).unwrap();
    let digits = submit.with_report().to_modem(None).unwrap().digits;
    assert!(digits.starts_with("0021000B916407281553F80010"), "{digits}");
}

#[test]
fn the_service_centre_stands_in_front_and_does_not_count() {
    let centre = Address::number("+8613800100500").unwrap();
    let pdu = one("hellohello").to_modem(Some(&centre)).unwrap();
    assert!(pdu.digits.starts_with("0891683108100005F0"), "{}", pdu.digits);
    assert_eq!(pdu.length, 22);
}

#[test]
fn parts_with_either_width_of_reference_are_read_again() {
    for references in [References::Narrow, References::Wide] {
        for text in ["a€".repeat(200), "字".repeat(200), "[x]".repeat(130)] {
            let split = split(&text, references);
            let mut joined = Vec::new();
            for part in &split.parts {
                let to = Address::number("13800000001").unwrap();
                let submit = Submit::part(to, part, references, 0x1fe, None).unwrap();
                let read = Submit::from_modem(&submit.to_modem(None).unwrap().digits).unwrap();
                assert_eq!(read, submit);
                joined.push(read.content);
            }
            assert_eq!(crate::pdu::join(&joined), text);
        }
    }
}

#[test]
fn a_part_of_a_narrow_split_does_not_fit_with_a_wide_reference() {
    let split = split(&"字".repeat(100), References::Narrow);
    let to = Address::number("13800000001").unwrap();
    assert!(matches!(split.parts[0].content, Content::Units(_)));
    assert!(Submit::part(to, &split.parts[0], References::Wide, 1, None).is_err());
}
