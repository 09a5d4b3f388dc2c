//! What goes over the wire.

use super::mailbox::{is_about_earlier, line_of};

#[test]
fn a_message_names_its_line_whatever_its_revision() {
    assert_eq!((line_of("notice-17"), line_of("notice-17-3")), (Some(17), Some(17)));
    assert_eq!((line_of("m1"), line_of("notice-"), line_of("notice-x")), (None, None, None));
    assert!(is_about_earlier("notice-17-3") && !is_about_earlier("notice-17"));
}
