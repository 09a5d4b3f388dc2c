//! What goes over the wire.

use xso::{from_bytes, to_vec};

use super::*;

fn notice() -> Notice {
    Notice {
        id: "m1".to_owned(),
        revision: 2,
        state: NoticeState::Handled,
        priority: Priority::Urgent,
        created: Some("2026-11-27T08:00:00Z".to_owned()),
        expires: None,
        application: Application { name: "oa".to_owned(), title: "办公自动化".to_owned(), icon: None },
        title: "请假 <待审批>".to_owned(),
        text: Some(Text { text: "王磊 & 三天".to_owned() }),
        link: Some(Link { app: "oa".to_owned(), path: "/todo/1?a=1&b=2".to_owned() }),
        fields: vec![Field { label: "天数".to_owned(), value: "3".to_owned() }],
        actions: vec![Action {
            id: "approve".to_owned(),
            label: "同意".to_owned(),
            style: ActionStyle::Primary,
            inputs: vec![Input { name: "why".to_owned(), label: "意见".to_owned(), required: false }],
        }],
    }
}

#[test]
fn a_notice_is_read_as_it_is_written() {
    let bytes = to_vec(&notice()).unwrap();
    assert_eq!(from_bytes::<Notice>(&bytes).unwrap(), notice());
}

#[test]
fn the_least_notice_has_an_application_and_a_title() {
    let text = "<notice xmlns='urn:posthouse:notice:1' id='m1' title='x' state='new-word'>\
                <application name='oa' title='OA'/></notice>";
    let read: Notice = from_bytes(text.as_bytes()).unwrap();
    assert_eq!((read.state, read.priority, read.revision), (NoticeState::Open, Priority::Normal, 0));
    assert!(read.text.is_none() && read.link.is_none() && read.actions.is_empty());
}
