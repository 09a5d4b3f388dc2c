use bytes::Bytes;

use crate::wire::{Child, Frame};

fn without_forged(stanza: &str) -> String {
    let frame = Frame::parse(Bytes::from(stanza.to_owned())).unwrap();
    let all = |_: &Child<'_>| true;
    let edited = frame.edit().without("forged", "n", &all).finish();
    Frame::parse(edited.bytes().clone()).unwrap();
    String::from_utf8(edited.bytes().to_vec()).unwrap()
}

#[test]
fn a_dropped_child_leaves_no_end_of_cdata_behind() {
    let forged = "<forged xmlns='n'/>";
    for (left, expected) in [
        (format!("]]{forged}>"), "]]&gt;"),
        (format!("]{forged}]>"), "]]&gt;"),
        (format!("]{forged}]{forged}>"), "]]&gt;"),
        (format!("]]{forged}{forged}>b"), "]]&gt;b"),
        (format!("]{forged}>"), "]>"),
        (format!("{forged}]]"), "]]"),
        (format!("]]{forged}<a/>>"), "]]<a/>>"),
    ] {
        assert_eq!(
            without_forged(&format!("<message>{left}</message>")),
            format!("<message>{expected}</message>")
        );
    }
}

#[test]
fn ends_of_lines_before_and_behind_a_dropped_child_stay_two() {
    let forged = "<forged xmlns='n'/>";
    for (left, expected) in [
        (format!("a\r{forged}\nb"), "a\n\nb"),
        (format!("a\r\r{forged}\nb"), "a\n\n\nb"),
        (format!("a\r{forged}{forged}\nb"), "a\n\nb"),
        (format!("a\r{forged}\r\nb"), "a\r\r\nb"),
        (format!("a\n{forged}\nb"), "a\n\nb"),
    ] {
        assert_eq!(
            without_forged(&format!("<message>{left}</message>")),
            format!("<message>{expected}</message>")
        );
    }
}
