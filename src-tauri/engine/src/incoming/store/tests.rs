//! Transcripts of conversations, and every order in which copies of them can come.

use jid::BareJid;
use rusqlite::Connection;

mod property;

use super::{Applied, Reading, apply, read_elsewhere};
use crate::error::EngineErrorCode;
use crate::incoming::classify::{Arrival, Text, Way};
use crate::model::{DeliveryWish, MessageState, Notice, NoticePriority, NoticeState, Sms, SmsState};
use crate::outgoing::{Written, acknowledge, enqueue};
use crate::store::messages::{
    self, NOTICE_COLUMNS, NOTICE_LISTS, PHONE_COLUMNS, PHONE_TIME, StoredMessage, TABLES,
};

const ZHANG: &str = "zhang@house.test";
/// 2026-11-24, microseconds.
const NOON: i64 = 1_795_000_000_000_000;

struct Desk(Connection);

impl Desk {
    fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(&[TABLES, PHONE_COLUMNS, PHONE_TIME, NOTICE_COLUMNS, NOTICE_LISTS].concat())
            .unwrap();
        Self(connection)
    }

    fn gets(&self, arrivals: &[Arrival]) -> Applied {
        apply(&self.0, arrivals, Reading::News, NOON).unwrap()
    }

    fn writes(&self, text: &str, now: i64) -> StoredMessage {
        self.wishes(text, DeliveryWish::Client, now)
    }

    fn wishes(&self, text: &str, wish: DeliveryWish, now: i64) -> StoredMessage {
        let written = Written { act: None, text: text.to_owned(), wish, origin_id: format!("o-{text}") };
        enqueue(&self.0, ZHANG, written, now).unwrap()
    }

    fn talk(&self) -> Vec<(String, MessageState)> {
        let all = messages::from(&self.0, ZHANG, (0, 0), 1_000).unwrap();
        all.into_iter().map(|message| (message.text, message.state)).collect()
    }

    fn unread(&self) -> u32 {
        messages::unread(&self.0, ZHANG).unwrap()
    }
}

fn blank(way: Way, own: bool) -> Arrival {
    Arrival {
        way,
        peer: BareJid::new(ZHANG).unwrap(),
        own,
        archive_id: String::new(),
        stamp: None,
        text: None,
        receipt: None,
        displayed: None,
        typing: None,
        failure: None,
        sms: None,
    }
}

/// `text` as the server accepted it at NOON + `at`.
fn said(way: Way, own: bool, text: &str, at: i64) -> Arrival {
    let moment = NOON + at;
    let body = text.to_owned();
    let ids = format!("o-{text}");
    Arrival {
        archive_id: moment.to_string(),
        stamp: (way == Way::Archived).then_some(moment),
        text: Some(Text {
            body,
            origin_id: ids.clone(),
            message_id: ids,
            wants_receipt: true,
            markable: true,
            wish: DeliveryWish::Client,
            is_from_phone: false,
            notice: None,
            act: None,
        }),
        ..blank(way, own)
    }
}

fn texts(talk: &[(String, MessageState)]) -> Vec<&str> {
    talk.iter().map(|(text, _)| text.as_str()).collect()
}

#[test]
fn a_conversation_as_it_happens() {
    let desk = Desk::new();
    desk.gets(&[said(Way::Direct, false, "在吗", 1_000)]);
    let answer = desk.writes("在", NOON + 2_000);
    assert_eq!(desk.talk(), [("在吗".into(), MessageState::Received), ("在".into(), MessageState::Queued)]);

    acknowledge(&desk.0, &[answer.id]).unwrap();
    desk.gets(&[Arrival { receipt: Some("o-在".into()), ..blank(Way::Direct, false) }]);
    assert_eq!(desk.talk()[1].1, MessageState::Delivered);

    desk.gets(&[Arrival { displayed: Some("o-在".into()), ..blank(Way::Direct, false) }]);
    assert_eq!(desk.talk()[1].1, MessageState::Read);
    // What comes late does not turn it back.
    desk.gets(&[Arrival { receipt: Some("o-在".into()), ..blank(Way::Direct, false) }]);
    assert_eq!(desk.talk()[1].1, MessageState::Read);
}

#[test]
fn what_waits_stays_behind_what_finds_its_place_later_than_it_was_written() {
    let desk = Desk::new();
    desk.writes("一", NOON);
    desk.writes("二", NOON + 10);
    // The server took the first one after the second one was written.
    desk.gets(&[said(Way::Archived, true, "一", 5_000)]);
    assert_eq!(texts(&desk.talk()), ["一", "二"]);
}

#[test]
fn the_same_message_by_all_ways_is_one_and_is_announced_once() {
    let desk = Desk::new();
    let ways = [Way::Direct, Way::Archived, Way::Copied, Way::Direct, Way::Archived];
    let mut added = 0;
    let mut fresh = 0;
    for way in ways {
        let applied = desk.gets(&[said(way, false, "一", 1_000)]);
        added += applied.added.len();
        fresh += applied.fresh.len();
    }
    assert_eq!((added, fresh, desk.talk().len(), desk.unread()), (1, 1, 1, 1));
}

#[test]
fn a_resend_that_the_archive_has_twice_is_shown_once() {
    let desk = Desk::new();
    desk.gets(&[said(Way::Archived, false, "一", 1_000), said(Way::Archived, false, "一", 90_000_000_000)]);
    assert_eq!(desk.talk().len(), 1);
}

#[test]
fn two_messages_of_a_client_that_counts_from_one_again_are_two() {
    let desk = Desk::new();
    let mut first = said(Way::Direct, false, "一", 1_000);
    let mut second = said(Way::Direct, false, "二", 2_000);
    for arrival in [&mut first, &mut second] {
        let text = arrival.text.as_mut().unwrap();
        text.origin_id = "1".into();
        text.message_id = "1".into();
    }
    desk.gets(&[first, second]);
    assert_eq!(texts(&desk.talk()), ["一", "二"]);
}

#[test]
fn an_own_message_found_in_the_archive_has_been_sent() {
    let desk = Desk::new();
    let message = desk.writes("报告", NOON);
    let applied = desk.gets(&[said(Way::Archived, true, "报告", 5_000)]);
    assert_eq!(applied.added.len(), 0);
    assert_eq!((applied.changed[0].id, applied.changed[0].state), (message.id, MessageState::Sent));
    assert_eq!(crate::store::outbox::after(&desk.0, 0).unwrap(), None, "it would be sent once more");
}

#[test]
fn what_only_the_other_side_has_stays_behind_what_was_written_before_it() {
    let desk = Desk::new();
    desk.writes("一", NOON + 1_000);
    let second = desk.writes("二", NOON + 2_000);
    // Its receipt comes; then the server dies before it has kept it.
    let mut receipt = said(Way::Direct, false, "", 0);
    (receipt.text, receipt.receipt, receipt.stamp) = (None, Some(second.message_id.clone()), None);
    desk.gets(&[receipt]);
    let applied = desk.gets(&[said(Way::Archived, true, "一", 60_000_000)]);
    assert_eq!(texts(&desk.talk()), ["一", "二"]);
    assert_eq!(applied.changed.len(), 2, "the window has to move both");
}

#[test]
fn what_the_other_side_has_is_sent_until_the_server_has_it_too() {
    let desk = Desk::new();
    let message = desk.writes("一", NOON);
    let receipt = Some(message.message_id.clone());
    desk.gets(&[Arrival { receipt, ..blank(Way::Direct, false) }]);
    assert_eq!(desk.talk(), [("一".to_owned(), MessageState::Delivered)]);
    assert!(crate::store::outbox::after(&desk.0, 0).unwrap().is_some(), "the server may have lost it");

    let displayed = Some(message.message_id);
    desk.gets(&[Arrival { displayed, ..blank(Way::Direct, false) }]);
    assert!(crate::store::outbox::after(&desk.0, 0).unwrap().is_some());
    acknowledge(&desk.0, &[message.id]).unwrap();
    assert_eq!(desk.talk(), [("一".to_owned(), MessageState::Read)]);
    assert_eq!(crate::store::outbox::after(&desk.0, 0).unwrap(), None);
}

#[test]
fn what_waits_stands_behind_what_comes() {
    let desk = Desk::new();
    desk.writes("一", NOON + 1_000);
    desk.writes("二", NOON + 2_000);
    let applied = desk.gets(&[said(Way::Direct, false, "来", 60_000_000)]);
    assert_eq!(texts(&desk.talk()), ["来", "一", "二"]);
    assert_eq!(applied.changed.len(), 2, "the window has to move them");
}

#[test]
fn a_refused_message_says_why_and_a_deleted_one_does_not_come_back() {
    let desk = Desk::new();
    let message = desk.writes("喂", NOON);
    let failure = Some(("o-喂".to_owned(), EngineErrorCode::Forbidden));
    desk.gets(&[Arrival { failure, ..blank(Way::Direct, false) }]);
    let stored = messages::by_id(&desk.0, message.id).unwrap().unwrap();
    assert_eq!((stored.state, stored.failure.as_str()), (MessageState::Failed, "forbidden"));

    messages::hide(&desk.0, message.id).unwrap();
    desk.gets(&[said(Way::Archived, true, "喂", 1_000)]);
    assert_eq!(desk.talk(), []);
}

#[test]
fn reading_on_another_client_clears_here_also_before_the_messages_come() {
    let desk = Desk::new();
    let zhang = BareJid::new(ZHANG).unwrap();
    desk.gets(&[said(Way::Direct, false, "一", 1_000), said(Way::Direct, false, "二", 2_000)]);
    let through = |at: i64| vec![(zhang.clone(), (NOON + at).to_string())];
    let applied = read_elsewhere(&desk.0, &through(1_000), NOON).unwrap();
    assert!(applied.read_elsewhere.contains(ZHANG));
    assert_eq!(desk.unread(), 1);

    read_elsewhere(&desk.0, &through(4_000), NOON).unwrap();
    assert_eq!(desk.unread(), 1, "nothing is known about a message that has not come");
    let applied = desk.gets(&[
        said(Way::Archived, false, "三", 3_000),
        said(Way::Archived, false, "四", 4_000),
        said(Way::Archived, false, "五", 5_000),
    ]);
    assert_eq!(desk.unread(), 1);
    assert_eq!(applied.fresh.len(), 1, "a notification for what has been read on the phone");
}

#[test]
fn answering_on_another_client_reads_what_came_before() {
    let desk = Desk::new();
    desk.gets(&[said(Way::Direct, false, "一", 1_000), said(Way::Direct, false, "三", 3_000)]);
    desk.gets(&[said(Way::Copied, true, "二", 2_000)]);
    assert_eq!((texts(&desk.talk()), desk.unread()), (vec!["一", "二", "三"], 1));
}

#[test]
fn the_first_reading_of_the_archive_is_no_news_but_what_waited_is() {
    let desk = Desk::new();
    let history = [said(Way::Archived, false, "旧", 1_000), said(Way::Archived, false, "等", 2_000)];
    let applied = apply(&desk.0, &history, Reading::History, NOON).unwrap();
    assert_eq!((applied.fresh.len(), desk.unread()), (0, 0));
    let waited = Arrival { stamp: Some(NOON + 2_000), ..said(Way::Direct, false, "等", 2_000) };
    let applied = desk.gets(&[waited]);
    assert_eq!((applied.fresh.len(), applied.added.len(), desk.unread()), (1, 0, 1));
}

#[test]
fn a_marker_that_comes_before_its_message_counts_when_the_message_comes() {
    let desk = Desk::new();
    desk.gets(&[Arrival { displayed: Some("o-二".into()), ..blank(Way::Archived, false) }]);
    let older = [said(Way::Archived, true, "一", 1_000), said(Way::Archived, true, "二", 2_000)];
    apply(&desk.0, &older, Reading::History, NOON).unwrap();
    let states: Vec<_> = desk.talk().into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, [MessageState::Read, MessageState::Read]);
}

/// What the gateway says about our message, and how it stands then.
fn told(desk: &Desk, text: &str, state: SmsState) -> (MessageState, Option<SmsState>) {
    let said = Sms {
        state,
        failure: (state == SmsState::Failed).then(|| "reported".to_owned()),
        again: false,
        until: None,
    };
    desk.gets(&[Arrival { sms: Some((format!("o-{text}"), said)), ..blank(Way::Direct, false) }]);
    let message = messages::by_message_id(&desk.0, ZHANG, true, &format!("o-{text}")).unwrap().unwrap();
    (message.state, message.sms.map(|sms| sms.state))
}

#[test]
fn a_text_shows_how_far_it_is() {
    let desk = Desk::new();
    let message = desk.wishes("在吗", DeliveryWish::Phone, NOON);
    assert_eq!(message.sms, Some(Sms::new(SmsState::Wished)));
    acknowledge(&desk.0, &[message.id]).unwrap();
    assert_eq!(told(&desk, "在吗", SmsState::Queued), (MessageState::Sent, Some(SmsState::Queued)));
    assert_eq!(told(&desk, "在吗", SmsState::Sent), (MessageState::Sent, Some(SmsState::Sent)));
    assert_eq!(told(&desk, "在吗", SmsState::Delivered).1, Some(SmsState::Delivered));
    assert_eq!(told(&desk, "在吗", SmsState::Sent).1, Some(SmsState::Delivered), "late notices are no news");
}

#[test]
fn a_text_for_the_phone_only_fails_with_it_and_one_for_both_does_not() {
    let desk = Desk::new();
    for (text, wish, state) in
        [("只", DeliveryWish::Phone, MessageState::Failed), ("都", DeliveryWish::Both, MessageState::Sent)]
    {
        let message = desk.wishes(text, wish, NOON);
        acknowledge(&desk.0, &[message.id]).unwrap();
        assert_eq!(told(&desk, text, SmsState::Failed), (state, Some(SmsState::Failed)));
    }
    assert_eq!(told(&desk, "只", SmsState::Delivered), (MessageState::Delivered, Some(SmsState::Delivered)));
}

#[test]
fn a_text_from_a_phone_is_marked() {
    let desk = Desk::new();
    let mut arrival = said(Way::Direct, false, "收到", 1_000);
    if let Some(text) = &mut arrival.text {
        text.is_from_phone = true;
    }
    let applied = desk.gets(&[arrival]);
    assert_eq!(applied.added[0].sms, Some(Sms::new(SmsState::Received)));
}

#[test]
fn an_answer_from_the_own_phone_says_nothing_about_what_was_read() {
    let desk = Desk::new();
    desk.gets(&[said(Way::Direct, false, "在吗", 1_000)]);
    let mut answer = said(Way::Archived, true, "在", 2_000);
    if let Some(text) = &mut answer.text {
        text.is_from_phone = true;
    }
    let applied = desk.gets(&[answer]);
    assert_eq!(applied.added[0].sms, Some(Sms::new(SmsState::Received)));
    assert_eq!(desk.unread(), 1);
}

fn notice(revision: u32, state: NoticeState, text: &str) -> Notice {
    Notice {
        id: "m-17".to_owned(),
        revision,
        state,
        priority: NoticePriority::Normal,
        system: "oa".to_owned(),
        system_name: "办公自动化".to_owned(),
        title: "请假待审批".to_owned(),
        text: text.to_owned(),
        link: None,
        fields: Vec::new(),
        actions: Vec::new(),
        expires: None,
        chosen: None,
        marked: false,
        icon: None,
        under_way: false,
        failure: None,
        unread: false,
    }
}

fn notified(way: Way, at: i64, notice: Notice) -> Arrival {
    let mut arrival = said(way, false, &format!("notice-17-{}", notice.revision), at);
    let text = arrival.text.as_mut().unwrap();
    text.body = format!("{}\n{}", notice.title, notice.text);
    text.notice = Some(notice);
    arrival
}

#[test]
fn a_later_revision_of_a_notice_takes_its_place_and_an_earlier_one_changes_nothing() {
    let desk = Desk::new();
    let first = notified(Way::Direct, 1_000, notice(1, NoticeState::Open, "陈静，3天"));
    desk.gets(std::slice::from_ref(&first));
    assert_eq!(desk.talk().len(), 1);
    let applied = desk.gets(&[notified(Way::Direct, 9_000, notice(2, NoticeState::Handled, "已处理"))]);
    assert_eq!((applied.added.len(), applied.changed.len()), (0, 1));
    assert_eq!(applied.changed[0].notice.as_ref().unwrap().state, NoticeState::Handled);
    assert_eq!(texts(&desk.talk()), ["请假待审批\n已处理"]);
    for way in [Way::Archived, Way::Direct] {
        let late = notified(way, 1_000, notice(1, NoticeState::Open, "陈静，3天"));
        assert!(desk.gets(&[late]).changed.is_empty());
    }
    assert_eq!(texts(&desk.talk()), ["请假待审批\n已处理"]);
}
