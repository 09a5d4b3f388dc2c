use rusqlite::Connection;

use super::page;
use crate::mailbox::{preview, row};
use crate::model::{DeliveryWish, MessageState};
use crate::store::conversations::{self, StoredConversation};
use crate::store::messages::{
    self, NOTICE_COLUMNS, NOTICE_LISTS, PHONE_COLUMNS, PHONE_TIME, READ, StoredMessage, TABLES, UNREAD,
};

const ZHANG: &str = "zhang@house.test";

/// `count` messages, of which the last `unread` have not been seen.
fn talk(count: i64, unread: i64) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(&[TABLES, PHONE_COLUMNS, PHONE_TIME, NOTICE_COLUMNS, NOTICE_LISTS].concat())
        .unwrap();
    for number in 1..=count {
        let message = StoredMessage {
            id: 0,
            peer: ZHANG.to_owned(),
            own: false,
            moment: number * 1_000,
            text: number.to_string(),
            state: MessageState::Received,
            failure: String::new(),
            archive_id: number.to_string(),
            origin_id: String::new(),
            message_id: String::new(),
            markable: false,
            unread: if number > count - unread { UNREAD } else { READ },
            deleted: false,
            wish: DeliveryWish::Client,
            sms: None,
            notice: None,
            act: None,
        };
        messages::insert(&connection, &message).unwrap();
    }
    complete(&connection, true);
    connection
}

fn complete(connection: &Connection, archive_complete: bool) {
    let conversation =
        StoredConversation { peer: ZHANG.to_owned(), archive_complete, ..StoredConversation::default() };
    conversations::save(connection, &conversation).unwrap();
}

fn ends(page: &page::StoredPage) -> (usize, &str, &str) {
    let text =
        |message: Option<&StoredMessage>| message.map_or("", |message| message.text.as_str()).to_owned();
    let (first, last) = (text(page.messages.first()), text(page.messages.last()));
    (page.messages.len(), first.leak(), last.leak())
}

#[test]
fn a_conversation_opens_at_its_end_or_at_the_first_unread_message() {
    let read = talk(100, 0);
    let page = page::around(&read, ZHANG, None, 40).unwrap();
    assert_eq!((ends(&page), page.has_older, page.has_newer), ((40, "61", "100"), true, false));

    let unread = talk(100, 50);
    let page = page::around(&unread, ZHANG, None, 40).unwrap();
    assert_eq!((ends(&page), page.has_older, page.has_newer), ((40, "31", "70"), true, true));
    assert_eq!(page.first_unread, messages::first_unread(&unread, ZHANG).unwrap().map(|(_, id)| id));
}

#[test]
fn a_page_is_as_full_as_it_can_be_on_either_side() {
    let talk = talk(50, 0);
    let first = messages::by_archive_id(&talk, "2").unwrap().unwrap().id;
    let page = page::around(&talk, ZHANG, Some(first), 40).unwrap();
    assert_eq!((ends(&page), page.has_older, page.has_newer), ((40, "1", "40"), false, true));
    let last = messages::by_archive_id(&talk, "49").unwrap().unwrap().id;
    let page = page::around(&talk, ZHANG, Some(last), 40).unwrap();
    assert_eq!((ends(&page), page.has_older, page.has_newer), ((40, "11", "50"), true, false));
}

#[test]
fn pages_join_without_gap_or_overlap() {
    let talk = talk(100, 0);
    let middle = messages::by_archive_id(&talk, "50").unwrap().unwrap().id;
    let older = page::older(&talk, ZHANG, middle, 20).unwrap().unwrap();
    assert_eq!((ends(&older), older.has_older), ((20, "30", "49"), true));
    let newer = page::newer(&talk, ZHANG, middle, 60).unwrap().unwrap();
    assert_eq!((ends(&newer), newer.has_newer), ((50, "51", "100"), false));
    let top = page::older(&talk, ZHANG, middle, 49).unwrap().unwrap();
    assert_eq!((ends(&top), top.has_older), ((49, "1", "49"), false));
    complete(&talk, false);
    let top = page::older(&talk, ZHANG, middle, 49).unwrap().unwrap();
    assert!(top.has_older, "the archive has not been asked");
    assert!(page::older(&talk, ZHANG, 7, 5).unwrap().is_none());
}

#[test]
fn a_closed_conversation_comes_back_with_the_next_message_and_not_before() {
    let talk = talk(3, 0);
    let mut conversation = conversations::of(&talk, ZHANG).unwrap();
    assert!(row(&talk, conversation.clone()).unwrap().is_some());
    conversation.closed_moment = 3_000;
    assert!(row(&talk, conversation.clone()).unwrap().is_none());
    conversation.closed_moment = 2_999;
    assert!(row(&talk, conversation).unwrap().is_some());
}

#[test]
fn a_preview_is_one_line() {
    assert_eq!(preview(" 一\n二\t 三  "), "一 二 三");
    assert_eq!(preview(&"长".repeat(900)).chars().count(), 200);
}
