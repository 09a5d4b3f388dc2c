use xmpp_parsers::presence::Presence;

use super::*;

fn send(ledger: &mut Ledger) -> oneshot::Receiver<bool> {
    let (delivery, outcome) = oneshot::channel();
    let stanza = Arc::new(Presence::available().into());
    ledger.sent(Sent { stanza, delivery: Some(delivery) });
    outcome
}

#[test]
fn only_what_the_server_counts_is_acknowledged() {
    let mut ledger = Ledger::managed(Some("token".to_owned()));
    let (mut first, mut second) = (send(&mut ledger), send(&mut ledger));
    assert_eq!(ledger.due(), Some(Question::Request));
    assert_eq!(ledger.due(), None, "one question at a time");
    ledger.acknowledge(1).unwrap();
    assert_eq!(first.try_recv(), Ok(true));
    assert!(second.try_recv().is_err());
    assert_eq!(ledger.lost().count(), 1);
    assert_eq!(ledger.due(), None, "nothing new to ask about");
    drop(ledger);
    assert!(second.try_recv().is_err(), "lost");
}

#[test]
fn a_server_that_counts_too_much_or_backwards_is_refused() {
    let mut ledger = Ledger::managed(None);
    let _outcomes = [send(&mut ledger), send(&mut ledger)];
    assert!(ledger.acknowledge(3).is_err());
    ledger.acknowledge(2).unwrap();
    assert!(ledger.acknowledge(1).is_err());
}

#[test]
fn counts_go_round_at_two_to_the_32() {
    let mut ledger = Ledger { acknowledged: u32::MAX, covered: u32::MAX, ..Ledger::managed(None) };
    let mut outcome = send(&mut ledger);
    assert_eq!(ledger.due(), Some(Question::Request));
    ledger.acknowledge(0).unwrap();
    assert_eq!(outcome.try_recv(), Ok(true));
}

#[test]
fn the_answer_to_a_ping_covers_what_was_sent_before_it() {
    let mut ledger = Ledger::unmanaged();
    let mut before = send(&mut ledger);
    assert_eq!(ledger.due(), Some(Question::Ping));
    let mut behind = send(&mut ledger);
    ledger.ping_answered();
    assert_eq!(before.try_recv(), Ok(true));
    assert!(behind.try_recv().is_err());
    assert_eq!(ledger.due(), Some(Question::Ping));
    ledger.ping_answered();
    assert_eq!(behind.try_recv(), Ok(true));
}

#[test]
fn on_a_new_connection_the_question_is_asked_again() {
    let mut ledger = Ledger::managed(Some("token".to_owned()));
    let _outcome = send(&mut ledger);
    ledger.received();
    assert_eq!(ledger.due(), Some(Question::Request));
    assert_eq!(ledger.resumption(), Some(("token", 1)));
    ledger.reconnected();
    assert_eq!(ledger.due(), Some(Question::Request));
}
