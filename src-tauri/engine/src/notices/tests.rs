//! What becomes of notices in the store, by any way and in any order.

mod marks;

use jid::BareJid;
use rusqlite::Connection;
use xmpp_parsers::message::Message as Stanza;
use xmpp_parsers::minidom::Element;

use super::seen_through;
use crate::incoming::{Applied, Arrival, Incoming, Reading, apply, classify, read_elsewhere};
use crate::model::{DeliveryWish, MessageState, Notice, NoticeFilter, NoticeState};
use crate::outgoing::{Written, acknowledge, enqueue};
use crate::store::messages::{self, Act, READ, StoredMessage, UNREAD};
use crate::store::{ACCOUNT, conversations, outbox};

const OFFICE: &str = "oa@notices.house.test";
const NOW: i64 = 1_800_000_000_000_000;
const END: (i64, i64) = (i64::MAX, i64::MAX);

fn me() -> BareJid {
    BareJid::new("wang@house.test").unwrap()
}

fn store() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for (_, step) in ACCOUNT {
        connection.execute_batch(step).unwrap();
    }
    connection
}

fn read(text: &str) -> Arrival {
    let element: Element = text.parse().unwrap();
    match classify(Stanza::try_from(element).unwrap(), &me()) {
        Incoming::Arrival(arrival) => *arrival,
        other => panic!("{other:?}"),
    }
}

/// What the server sends: a revision of a notice, its state, the id of the message; the archive has it at `at`.
fn says(from: &str, notice: &str, (revision, state): (u32, &str), id: &str, at: i64) -> Arrival {
    let archive = NOW + at;
    read(&format!(
        "<message xmlns='jabber:client' type='chat' id='{id}' from='{from}' to='wang@house.test'>\
         <body>请假待审批 {revision}</body>\
         <notice xmlns='urn:posthouse:notice:1' id='{notice}' revision='{revision}' {state} \
         title='请假待审批'><application name='oa' title='办公自动化'/>\
         <action id='approve' label='同意' style='primary'/></notice>\
         <origin-id xmlns='urn:xmpp:sid:0' id='{id}'/>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='wang@house.test' id='{archive}'/>\
         <markable xmlns='urn:xmpp:chat-markers:0'/></message>"
    ))
}

fn first() -> Arrival {
    says(OFFICE, "m-1", (1, ""), "notice-17", 1_000)
}

fn handled() -> Arrival {
    says(OFFICE, "m-1", (2, "state='handled'"), "notice-17-2", 5_000)
}

fn take(store: &Connection, arrivals: &[Arrival]) -> Applied {
    apply(store, arrivals, Reading::News, NOW).unwrap()
}

fn list(store: &Connection, filter: NoticeFilter) -> Vec<StoredMessage> {
    messages::notices(store, ("", filter), END, (99, NOW)).unwrap()
}

fn notice(store: &Connection) -> Notice {
    let all = list(store, NoticeFilter::All);
    assert_eq!(all.len(), 1, "one card");
    all[0].notice.clone().unwrap()
}

/// The person chooses at this computer.
fn choose(store: &Connection) -> StoredMessage {
    let message = list(store, NoticeFilter::All).remove(0);
    let notice = message.notice.clone().unwrap();
    let chosen = Notice { chosen: Some("approve".to_owned()), under_way: true, ..notice };
    messages::set_notice(store, message.id, &message.text, &chosen).unwrap();
    let act = Act { message: message.message_id, action: "approve".to_owned(), ..Act::default() };
    let wish = DeliveryWish::Client;
    let written = Written { text: "同意".to_owned(), wish, origin_id: "choice".to_owned(), act: Some(act) };
    enqueue(store, OFFICE, written, NOW + 3_000).unwrap()
}

/// A choice of the person's, made at another computer.
fn chosen_elsewhere() -> Arrival {
    read(&format!(
        "<message xmlns='jabber:client' from='wang@house.test' to='wang@house.test/here'>\
         <sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
         <message xmlns='jabber:client' type='chat' id='far' from='wang@house.test/there' to='{OFFICE}'>\
         <body>同意</body><act xmlns='urn:posthouse:notice:1' message='notice-17' action='approve'/>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='wang@house.test' id='{}'/></message></forwarded></sent></message>",
        NOW + 3_000
    ))
}

fn waits(store: &Connection) -> bool {
    outbox::after(store, 0).unwrap().is_some()
}

#[test]
fn what_was_handled_elsewhere_changes_in_its_place_and_is_unread_no_longer() {
    let store = store();
    take(&store, &[first()]);
    let before = list(&store, NoticeFilter::Unread).remove(0);
    let applied = take(&store, &[handled()]);
    assert!(applied.added.is_empty() && applied.fresh.is_empty());
    assert_eq!(applied.changed.len(), 1);
    assert!(applied.read_elsewhere.contains(OFFICE), "its notification goes");
    let after = list(&store, NoticeFilter::Done).remove(0);
    assert_eq!((after.id, after.moment, after.text.as_str()), (before.id, before.moment, "请假待审批 2"));
    assert_eq!(messages::unread(&store, OFFICE).unwrap(), 0);
    assert!(list(&store, NoticeFilter::Open).is_empty());
}

#[test]
fn revisions_in_any_order_and_as_often_as_they_come_leave_the_newest() {
    let taken_back = says(OFFICE, "m-1", (3, "state='withdrawn'"), "notice-17-3", 9_000);
    let (first, second) = (first(), handled());
    for order in
        [[&first, &second, &taken_back], [&taken_back, &first, &second], [&second, &taken_back, &first]]
    {
        let store = store();
        for arrival in order.into_iter().chain(order) {
            take(&store, std::slice::from_ref(arrival));
        }
        let notice = notice(&store);
        assert_eq!((notice.revision, notice.state), (3, NoticeState::Withdrawn));
        assert_eq!(messages::unread(&store, OFFICE).unwrap(), 0);
    }
}

#[test]
fn a_card_that_was_deleted_here_does_not_come_back_with_its_next_revision() {
    let store = store();
    take(&store, &[first()]);
    messages::hide(&store, list(&store, NoticeFilter::All)[0].id).unwrap();
    take(&store, &[says(OFFICE, "m-1", (2, ""), "notice-17-2", 5_000)]);
    assert!(list(&store, NoticeFilter::All).is_empty());
}

#[test]
fn a_read_position_at_a_later_revision_is_found_whichever_comes_first() {
    let position = [(BareJid::new(OFFICE).unwrap(), (NOW + 5_000).to_string())];
    let revision = says(OFFICE, "m-1", (2, ""), "notice-17-2", 5_000);
    for is_early in [true, false] {
        let store = store();
        take(&store, &[first()]);
        if is_early {
            read_elsewhere(&store, &position, NOW).unwrap();
        }
        take(&store, std::slice::from_ref(&revision));
        if !is_early {
            read_elsewhere(&store, &position, NOW).unwrap();
        }
        assert_eq!(messages::unread(&store, OFFICE).unwrap(), 0, "early: {is_early}");
    }
}

#[test]
fn a_choice_is_under_way_until_the_server_has_it() {
    let store = store();
    take(&store, &[first()]);
    let own = choose(&store);
    assert!(notice(&store).under_way && list(&store, NoticeFilter::Open).is_empty());
    let applied = acknowledge(&store, &[own.id]).unwrap();
    assert_eq!(applied.changed.len(), 2, "the message and the card");
    let notice = notice(&store);
    assert_eq!((notice.chosen.as_deref(), notice.under_way), (Some("approve"), false));
    assert_eq!(list(&store, NoticeFilter::Done)[0].unread, UNREAD, "choosing is not reading");
}

#[test]
fn a_choice_that_waits_is_not_sent_when_somebody_else_was_faster() {
    let store = store();
    take(&store, &[first()]);
    choose(&store);
    take(&store, &[handled()]);
    assert!(!waits(&store));
    let notice = notice(&store);
    assert_eq!((notice.state, notice.chosen, notice.under_way), (NoticeState::Handled, None, false));
}

#[test]
fn a_choice_that_was_refused_says_why_and_another_can_be_made() {
    for is_acknowledged in [false, true] {
        let store = store();
        take(&store, &[first()]);
        let own = choose(&store);
        if is_acknowledged {
            acknowledge(&store, &[own.id]).unwrap();
        }
        let refusal = read(&format!(
            "<message xmlns='jabber:client' type='error' id='choice' from='{OFFICE}' to='wang@house.test'>\
             <error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
        ));
        let applied = take(&store, &[refusal]);
        assert_eq!(applied.changed.len(), 2, "the message and the card");
        let notice = notice(&store);
        assert_eq!((notice.chosen, notice.failure.as_deref()), (None, Some("notFound")));
        assert!(!waits(&store) && list(&store, NoticeFilter::Open).len() == 1);
    }
}

#[test]
fn what_was_chosen_at_another_computer_is_chosen_here_whichever_comes_first() {
    let both = [first(), chosen_elsewhere()];
    for order in [[0, 1], [1, 0]] {
        let store = store();
        for at in order {
            take(&store, std::slice::from_ref(&both[at]));
        }
        assert_eq!(notice(&store).chosen.as_deref(), Some("approve"), "{order:?}");
        assert!(list(&store, NoticeFilter::Open).is_empty());
    }
}

#[test]
fn a_later_open_revision_asks_again() {
    let store = store();
    take(&store, &[first(), chosen_elsewhere(), says(OFFICE, "m-1", (2, ""), "notice-17-2", 5_000)]);
    assert_eq!(notice(&store).chosen, None);
    assert_eq!(list(&store, NoticeFilter::Open).len(), 1);
}

#[test]
fn the_list_goes_over_all_systems_newest_first_and_in_pages() {
    let store = store();
    take(&store, &[first(), says("erp@notices.house.test", "m-2", (1, ""), "notice-18", 2_000)]);
    let all = list(&store, NoticeFilter::Unread);
    assert_eq!(all.iter().map(|it| it.peer.as_str()).collect::<Vec<_>>(), ["erp@notices.house.test", OFFICE]);
    let rest =
        messages::notices(&store, ("", NoticeFilter::Open), (all[0].moment, all[0].id), (9, NOW)).unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(messages::notices(&store, (OFFICE, NoticeFilter::Open), END, (9, NOW)).unwrap().len(), 1);
}

#[test]
fn what_has_expired_is_not_to_be_done_any_more() {
    let store = store();
    take(&store, &[first()]);
    let message = list(&store, NoticeFilter::Open).remove(0);
    let expired = Notice { expires: Some(NOW / 1_000 - 1), ..message.notice.clone().unwrap() };
    messages::set_notice(&store, message.id, &message.text, &expired).unwrap();
    assert!(list(&store, NoticeFilter::Open).is_empty());
    assert_eq!(list(&store, NoticeFilter::Done).len(), 1);
}

#[test]
fn words_of_an_application_without_a_notice_stand_in_its_list_too() {
    let store = store();
    take(
        &store,
        &[read(&format!(
            "<message xmlns='jabber:client' type='chat' id='w1' from='{OFFICE}' to='wang@house.test'>\
             <body>已收到\n谢谢</body><nick xmlns='http://jabber.org/protocol/nick'>办公自动化</nick></message>"
        ))],
    );
    assert_eq!(list(&store, NoticeFilter::Open).len(), 1, "it is to be read");
    let message = list(&store, NoticeFilter::Unread).remove(0);
    messages::set_unread(&store, message.id, READ).unwrap();
    assert!(list(&store, NoticeFilter::Open).is_empty() && list(&store, NoticeFilter::Done).len() == 1);
    let notice = notice(&store);
    assert_eq!((notice.title.as_str(), notice.text.as_str()), ("已收到", "谢谢"));
    assert_eq!((notice.system.as_str(), notice.system_name.as_str()), ("oa", "办公自动化"));
}

#[test]
fn reading_the_newest_leaves_older_ones_unread_and_is_told_when_all_before_are_read() {
    let store = store();
    take(&store, &[first(), says(OFFICE, "m-2", (1, ""), "notice-18", 2_000)]);
    let all = list(&store, NoticeFilter::All);
    messages::set_unread(&store, all[0].id, READ).unwrap();
    seen_through(&store, OFFICE).unwrap();
    assert_eq!(messages::unread(&store, OFFICE).unwrap(), 1);
    assert!(conversations::of(&store, OFFICE).unwrap().read_moment < all[1].moment);
    messages::set_unread(&store, all[1].id, READ).unwrap();
    seen_through(&store, OFFICE).unwrap();
    assert_eq!(conversations::of(&store, OFFICE).unwrap().read_moment, all[0].moment);
    assert_eq!(conversations::untold(&store).unwrap().len(), 1);
}

#[test]
fn an_older_store_gets_its_lists() {
    let connection = Connection::open_in_memory().unwrap();
    for (number, step) in ACCOUNT {
        if *number == 10 {
            let notice = |id: i64, state: &str, chosen: &str, actions: &str| {
                format!(
                    "INSERT INTO message (id, peer, moment, notice_id, notice) VALUES ({id}, '{OFFICE}', {id}, 'm-{id}', \
                     '{{\"state\":\"{state}\",\"chosen\":{chosen},\"link\":null,\"actions\":[{actions}]}}');"
                )
            };
            let rows = [
                notice(1, "open", "null", "{}"),
                notice(2, "open", "\"approve\"", "{}"),
                notice(3, "handled", "null", "{}"),
                notice(4, "open", "null", ""),
            ];
            connection.execute_batch(&rows.concat()).unwrap();
        }
        connection.execute_batch(step).unwrap();
    }
    let ids = |filter| list(&connection, filter).iter().map(|message| message.id).collect::<Vec<_>>();
    assert_eq!((ids(NoticeFilter::Open), ids(NoticeFilter::Done)), (vec![1], vec![4, 3, 2]));
}

#[test]
fn a_message_of_the_person_is_no_notice() {
    let store = store();
    take(&store, &[first()]);
    let own = choose(&store);
    assert_eq!(own.state, MessageState::Queued);
    assert_eq!(list(&store, NoticeFilter::All).len(), 1);
}
