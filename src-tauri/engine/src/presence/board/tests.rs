use jid::BareJid;
use posthouse_protocol::presence::{Availability as Wire, DepartmentCount as WireCount, PersonState, State};

use super::{Board, News};
use crate::model::Availability;

const ZHANG: &str = "zhang@house.test";
const LI: &str = "li@house.test";

fn address(text: &str) -> BareJid {
    text.parse().unwrap()
}

fn state(people: &[(&str, Wire, &str)], counts: &[(&str, u32)]) -> State {
    let person = |(jid, availability, status): &(&str, Wire, &str)| PersonState {
        jid: address(jid),
        availability: *availability,
        status: (*status).to_owned(),
    };
    let count = |(department, online): &(&str, u32)| WireCount {
        department: (*department).to_owned(),
        online: *online,
        total: 40,
    };
    State { people: people.iter().map(person).collect(), counts: counts.iter().map(count).collect() }
}

fn board() -> Board {
    let mut board = Board::default();
    assert!(board.look(vec!["d7".to_owned()], vec![address(ZHANG), address(LI)]));
    board
}

fn told(news: &News) -> Vec<(&str, Availability)> {
    news.people.iter().map(|person| (person.person.as_str(), person.availability)).collect()
}

#[test]
fn an_answer_tells_everything_that_is_looked_at() {
    let mut board = board();
    let news = board.answered(state(&[(LI, Wire::DoNotDisturb, "开会")], &[("d7", 12)]));
    assert_eq!(told(&news), [(LI, Availability::DoNotDisturb), (ZHANG, Availability::Offline)]);
    assert_eq!(news.people[0].status.as_deref(), Some("开会"));
    assert_eq!((news.counts[0].online, news.counts[0].total), (12, 40));
    assert_eq!(board.presence_of(&address(LI)).availability, Availability::DoNotDisturb);
}

#[test]
fn a_change_is_told_once() {
    let mut board = board();
    board.answered(state(&[(ZHANG, Wire::Online, "")], &[("d7", 12)]));
    let change = state(&[(ZHANG, Wire::Away, ""), (LI, Wire::Offline, "")], &[("d7", 12)]);
    assert_eq!(told(&board.pushed(change.clone())), [(ZHANG, Availability::Away)]);
    assert!(board.pushed(change).is_empty());
}

#[test]
fn what_is_not_looked_at_is_not_told_and_not_remembered() {
    let mut board = board();
    board.answered(state(&[(ZHANG, Wire::Online, "")], &[("d7", 12)]));
    board.look(Vec::new(), vec![address(LI)]);
    assert_eq!(board.presence_of(&address(ZHANG)).availability, Availability::Offline);
    let news = board.pushed(state(&[(ZHANG, Wire::Away, "")], &[("d7", 13), ("d8", 1)]));
    assert!(news.is_empty());
}

#[test]
fn when_the_line_breaks_whoever_was_there_is_told_to_be_gone() {
    let mut board = board();
    board.answered(state(&[(ZHANG, Wire::Online, "")], &[("d7", 12)]));
    let news = board.broken();
    assert_eq!(told(&news), [(ZHANG, Availability::Offline)]);
    assert_eq!((news.counts[0].online, news.counts[0].total), (0, 40));
    assert!(board.broken().is_empty());
}

#[test]
fn looking_at_the_same_again_is_nothing_new() {
    let mut board = board();
    assert!(!board.look(vec!["d7".to_owned()], vec![address(LI), address(ZHANG)]));
}

#[test]
fn no_more_is_watched_than_the_server_allows() {
    let mut board = Board::default();
    let departments = (0..600).map(|id| format!("d{id}")).collect();
    let people = (0..1_100).map(|id| address(&format!("p{id}@house.test"))).collect();
    board.look(departments, people);
    let watch = board.watch();
    assert_eq!((watch.departments.len(), watch.people.len()), (500, 1_000));
}
