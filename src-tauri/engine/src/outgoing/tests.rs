use rusqlite::Connection;

use super::{Written, acknowledge, at_end, changed, enqueue, renew_text, sendable};
use crate::error::EngineErrorCode;
use crate::model::{DeliveryWish, MessageState, Sms, SmsState};
use crate::store::messages::{
    NOTICE_COLUMNS, NOTICE_LISTS, PHONE_COLUMNS, PHONE_TIME, StoredMessage, TABLES,
};
use crate::store::{conversations, messages, outbox};

const ZHANG: &str = "zhang@house.test";

fn said(text: String, origin_id: String) -> Written {
    Written { text, wish: DeliveryWish::Client, origin_id, act: None }
}

fn store() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(&[TABLES, PHONE_COLUMNS, PHONE_TIME, NOTICE_COLUMNS, NOTICE_LISTS].concat())
        .unwrap();
    connection
}

fn order(connection: &Connection) -> Vec<String> {
    let mut number = 0;
    let mut found = Vec::new();
    while let Some((next, id)) = outbox::after(connection, number).unwrap() {
        found.push(messages::by_id(connection, id).unwrap().unwrap().text);
        number = next;
    }
    found
}

#[test]
fn messages_wait_in_the_order_in_which_they_were_written() {
    let store = store();
    for text in ["一", "二", "三"] {
        // The clock stands, or goes back.
        enqueue(&store, ZHANG, said(text.to_owned(), format!("o-{text}")), 5_000).unwrap();
    }
    assert_eq!(order(&store), ["一", "二", "三"]);
    let shown = messages::from(&store, ZHANG, (0, 0), 9).unwrap();
    assert_eq!(shown.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["一", "二", "三"]);
}

#[test]
fn an_acknowledged_message_leaves_the_outbox_and_only_that_one() {
    let store = store();
    let first = enqueue(&store, ZHANG, said("一".to_owned(), "1".to_owned()), 1).unwrap();
    enqueue(&store, ZHANG, said("二".to_owned(), "2".to_owned()), 2).unwrap();
    let applied = acknowledge(&store, &[first.id]).unwrap();
    assert_eq!(applied.changed[0].state, MessageState::Sent);
    assert_eq!(order(&store), ["二"]);
}

#[test]
fn a_refusal_is_not_undone_by_a_late_acknowledgement() {
    let store = store();
    let message = enqueue(&store, ZHANG, said("一".to_owned(), "1".to_owned()), 1).unwrap();
    outbox::remove(&store, message.id).unwrap();
    messages::set_state(&store, message.id, MessageState::Failed, "forbidden").unwrap();
    assert!(acknowledge(&store, &[message.id]).unwrap().changed.is_empty());
    let changed = changed(&store, &[message.id]).unwrap();
    assert_eq!(changed.changed[0].state, MessageState::Failed);
}

#[test]
fn a_message_sent_again_goes_to_the_end() {
    let store = store();
    let first = enqueue(&store, ZHANG, said("一".to_owned(), "1".to_owned()), 1).unwrap();
    enqueue(&store, ZHANG, said("二".to_owned(), "2".to_owned()), 2).unwrap();
    outbox::put(&store, first.id).unwrap();
    assert_eq!(order(&store), ["二", "一"]);
    assert_eq!(at_end(&store, ZHANG, 1).unwrap(), 3);
}

#[test]
fn sending_takes_the_draft_away() {
    let store = store();
    let mut conversation = conversations::of(&store, ZHANG).unwrap();
    conversation.draft = "一半".to_owned();
    conversations::save(&store, &conversation).unwrap();
    enqueue(&store, ZHANG, said("一".to_owned(), "1".to_owned()), 1).unwrap();
    assert_eq!(conversations::of(&store, ZHANG).unwrap().draft, "");
}

#[test]
fn a_text_that_the_stream_cannot_carry_is_cleaned_and_an_empty_or_endless_one_is_refused() {
    assert_eq!(sendable("  行一\r\n行二\u{0}\u{7}\u{FFFF} ").unwrap(), "行一\n行二");
    assert_eq!(sendable("😀\t.").unwrap(), "😀\t.");
    for bad in [" \n ".to_owned(), "\u{1}".to_owned(), "长".repeat(10_001)] {
        assert_eq!(sendable(&bad).unwrap_err().code, EngineErrorCode::BadInput);
    }
    assert!(sendable(&"长".repeat(10_000)).is_ok());
}

#[test]
fn a_text_that_failed_is_sent_anew_under_another_name() {
    let store = store();
    let written =
        Written { act: None, text: "一".to_owned(), wish: DeliveryWish::Phone, origin_id: "1".to_owned() };
    let message = enqueue(&store, ZHANG, written, 1).unwrap();
    renew_text(&store, &message, 5).unwrap();
    assert_eq!(messages::by_id(&store, message.id).unwrap().unwrap().origin_id, "1", "the server refused it");
    messages::set_sms(&store, message.id, &Sms::new(SmsState::Failed)).unwrap();
    for now in [6, 7] {
        let failed = messages::by_id(&store, message.id).unwrap().unwrap();
        let failed = StoredMessage { sms: Some(Sms::new(SmsState::Failed)), ..failed };
        renew_text(&store, &failed, now).unwrap();
    }
    let renewed = messages::by_id(&store, message.id).unwrap().unwrap();
    assert_eq!((renewed.origin_id.as_str(), renewed.message_id.as_str()), ("1~7", "1~7"));
    assert_eq!(renewed.sms, Some(Sms::new(SmsState::Wished)));
}
