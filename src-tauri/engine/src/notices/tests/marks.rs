//! What the person marks as done by hand.

use super::{
    Arrival, NOW, OFFICE, choose, chosen_elsewhere, first, handled, list, notice, read, says, store, take,
};
use crate::model::{DeliveryWish, MessageState, NoticeFilter, NoticeState};
use crate::outgoing::{Written, acknowledge, enqueue};
use crate::store::messages::{self, Act, READ, UNREAD};

/// A mark, made at another computer.
fn marked_elsewhere(done: bool, at: i64) -> Arrival {
    read(&format!(
        "<message xmlns='jabber:client' from='wang@house.test' to='wang@house.test/here'>\
         <sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
         <message xmlns='jabber:client' type='chat' id='mark-{at}' from='wang@house.test/there' to='{OFFICE}'>\
         <mark xmlns='urn:posthouse:notice:1' message='notice-17' done='{done}'/>\
         <origin-id xmlns='urn:xmpp:sid:0' id='mark-{at}'/>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='wang@house.test' id='{}'/></message></forwarded></sent></message>",
        NOW + at
    ))
}

#[test]
fn a_mark_of_another_computer_holds_whichever_comes_first() {
    let all = [
        first(),
        marked_elsewhere(true, 3_000),
        marked_elsewhere(false, 4_000),
        marked_elsewhere(true, 4_500),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]] {
        let store = store();
        // Once more, as after a broken line.
        for at in order.into_iter().chain(order) {
            take(&store, std::slice::from_ref(&all[at]));
        }
        assert!(notice(&store).marked, "{order:?}");
        assert!(list(&store, NoticeFilter::Open).is_empty() && list(&store, NoticeFilter::Done).len() == 1);
        assert_eq!(messages::unread(&store, OFFICE).unwrap(), 0, "it was seen there");
    }
}

#[test]
fn a_mark_that_was_taken_back_leaves_it_to_be_done() {
    let store = store();
    take(&store, &[first(), marked_elsewhere(true, 3_000)]);
    let applied = take(&store, &[marked_elsewhere(false, 4_000)]);
    assert_eq!(applied.changed.len(), 1, "the card");
    assert!(!notice(&store).marked && list(&store, NoticeFilter::Open).len() == 1);
}

#[test]
fn marking_one_says_nothing_about_others() {
    let store = store();
    let earlier = says(OFFICE, "m-0", (1, ""), "notice-16", 500);
    take(&store, &[earlier, first(), marked_elsewhere(true, 3_000)]);
    let row = crate::mailbox::row(&store, crate::store::conversations::of(&store, OFFICE).unwrap()).unwrap();
    assert_eq!(row.unwrap().newest.unwrap().text, "请假待审批 1", "a mark has no words to show");
    let [marked, other] = [0, 1].map(|at| list(&store, NoticeFilter::All)[at].clone());
    assert!(marked.notice.unwrap().marked && marked.unread == READ);
    assert!(!other.notice.unwrap().marked && other.unread == UNREAD);
}

#[test]
fn what_the_system_says_later_asks_again_or_settles_it() {
    for (revision, state) in [
        (says(OFFICE, "m-1", (2, ""), "notice-17-2", 5_000), NoticeState::Open),
        (handled(), NoticeState::Handled),
    ] {
        let store = store();
        take(&store, &[first(), marked_elsewhere(true, 3_000), revision]);
        let notice = notice(&store);
        assert_eq!((notice.marked, notice.state), (false, state));
        assert_eq!(list(&store, NoticeFilter::Open).len(), usize::from(state == NoticeState::Open));
    }
}

#[test]
fn a_mark_does_not_bring_back_what_was_chosen_before_the_system_asked_again() {
    let store = store();
    let again = says(OFFICE, "m-1", (2, ""), "notice-17-2", 5_000);
    take(
        &store,
        &[first(), chosen_elsewhere(), again, marked_elsewhere(true, 6_000), marked_elsewhere(false, 7_000)],
    );
    let notice = notice(&store);
    assert_eq!((notice.chosen, notice.marked), (None, false));
}

#[test]
fn a_mark_that_waits_stands_behind_what_the_system_says_meanwhile() {
    let store = store();
    take(&store, &[first()]);
    let act = Act { message: "notice-17".to_owned(), mark: Some(true), ..Act::default() };
    let wish = DeliveryWish::Client;
    let written = Written { text: String::new(), wish, origin_id: "mark".to_owned(), act: Some(act) };
    let own = enqueue(&store, OFFICE, written, NOW + 3_000).unwrap();
    take(&store, &[says(OFFICE, "m-1", (2, ""), "notice-17-2", 5_000)]);
    assert!(notice(&store).marked, "it goes out behind the revision");
    acknowledge(&store, &[own.id]).unwrap();
    assert_eq!(messages::by_id(&store, own.id).unwrap().unwrap().state, MessageState::Sent);
}

#[test]
fn a_mark_that_arrives_does_not_pass_for_the_arrival_of_a_choice() {
    let store = store();
    take(&store, &[first()]);
    choose(&store);
    let act = Act { message: "notice-17".to_owned(), mark: Some(true), ..Act::default() };
    let wish = DeliveryWish::Client;
    let written = Written { text: String::new(), wish, origin_id: "mark".to_owned(), act: Some(act) };
    let own = enqueue(&store, OFFICE, written, NOW + 4_000).unwrap();
    acknowledge(&store, &[own.id]).unwrap();
    assert!(notice(&store).under_way);
}
