use posthouse_protocol::presence::{Availability as Wire, PersonState, State};

use super::office::Office;
use crate::events::EngineEvent;
use crate::model::Availability;
use crate::organization::tests::toy_directory::ToyDirectory;

const ZHANG: &str = "zhang@example.org";
const LI: &str = "li@example.org";

fn state(people: &[(&str, Wire)]) -> State {
    let person = |(jid, availability): &(&str, Wire)| PersonState {
        jid: jid.parse().unwrap(),
        availability: *availability,
        status: String::new(),
    };
    State { people: people.iter().map(person).collect(), counts: Vec::new() }
}

fn people(event: EngineEvent) -> Option<Vec<(String, Availability)>> {
    let EngineEvent::PresenceChanged { people, .. } = event else { return None };
    Some(people.into_iter().map(|person| (person.person, person.availability)).collect())
}

fn told(people: &[(&str, Availability)]) -> Vec<(String, Availability)> {
    people.iter().map(|(person, availability)| ((*person).to_owned(), *availability)).collect()
}

impl Office {
    async fn with(answer: State) -> Self {
        let office = Self::open(ToyDirectory::new(2)).await;
        office.hall.states.lock().1 = answer;
        office.hall.hears(|said| said.contains(&"presence online".to_owned())).await;
        office
    }

    fn looks_at(&self, people: &[&str]) {
        let people: Vec<String> = people.iter().map(|person| (*person).to_owned()).collect();
        self.session.presence().watch(Vec::new(), &people);
    }
}

#[tokio::test]
async fn what_is_looked_at_is_told_and_kept_up() {
    let mut office = Office::with(state(&[(ZHANG, Wire::Online)])).await;
    office.looks_at(&[ZHANG, LI, "no address at all@"]);
    let expected = told(&[(LI, Availability::Offline), (ZHANG, Availability::Online)]);
    assert_eq!(office.is_told(people).await, expected);
    office.hall.push(state(&[(LI, Wire::DoNotDisturb)]));
    assert_eq!(office.is_told(people).await, told(&[(LI, Availability::DoNotDisturb)]));
}

#[tokio::test]
async fn without_a_line_nobody_is_there_and_with_the_next_login_everything_is_told_again() {
    let mut office = Office::with(state(&[(ZHANG, Wire::Away)])).await;
    office.looks_at(&[ZHANG]);
    assert_eq!(office.is_told(people).await, told(&[(ZHANG, Availability::Away)]));
    office.hall.break_lines();
    assert_eq!(office.is_told(people).await, told(&[(ZHANG, Availability::Offline)]));
    assert_eq!(office.is_told(people).await, told(&[(ZHANG, Availability::Away)]));
    let watch = format!("watch {ZHANG}");
    let said = office.hall.said();
    assert_eq!(said.iter().filter(|word| **word == watch).count(), 2, "{said:?}");
    let after =
        said.iter().rposition(|word| word == "presence online") < said.iter().rposition(|it| *it == watch);
    assert!(after, "a session that is not available watches nothing: {said:?}");
}

#[tokio::test]
async fn a_change_from_before_the_answer_does_not_undo_it() {
    let mut office = Office::with(state(&[(ZHANG, Wire::Online)])).await;
    office.hall.states.lock().0 = Some(state(&[(ZHANG, Wire::Away)]));
    office.looks_at(&[ZHANG]);
    assert_eq!(office.is_told(people).await, told(&[(ZHANG, Availability::Away)]));
    assert_eq!(office.is_told(people).await, told(&[(ZHANG, Availability::Online)]));
    let zhang = ZHANG.parse().unwrap();
    assert_eq!(office.session.presence().presence_of(&zhang).availability, Availability::Online);
}

#[tokio::test]
async fn an_answer_that_was_not_asked_for_says_nothing() {
    let mut office = Office::with(state(&[(ZHANG, Wire::Online)])).await;
    office.looks_at(&[ZHANG]);
    assert_eq!(office.is_told(people).await, told(&[(ZHANG, Availability::Online)]));
    for from in ["example.org", "mallory@example.org/x"] {
        office.hall.answer_unasked(from, state(&[(ZHANG, Wire::Offline)]));
    }
    office.hall.push(state(&[(ZHANG, Wire::Away)]));
    assert_eq!(office.is_told(people).await, told(&[(ZHANG, Availability::Away)]));
}

#[tokio::test]
async fn whoever_scrolls_asks_little_and_ends_with_what_is_on_the_screen() {
    let mut office = Office::with(state(&[(LI, Wire::Online)])).await;
    for number in 0..100 {
        office.looks_at(&[ZHANG, &format!("p{number}@example.org")]);
        tokio::task::yield_now().await;
    }
    office.looks_at(&[LI]);
    let last = told(&[(LI, Availability::Online)]);
    office.is_told(|event| people(event).filter(|people| *people == last)).await;
    let said = office.hall.said();
    let watches = said.iter().filter(|word| word.starts_with("watch")).count();
    assert!(watches <= 5, "{said:?}");
}

#[tokio::test]
async fn own_presence_is_kept_over_a_break() {
    let office = Office::with(State::default()).await;
    office.session.presence().set_own(Availability::DoNotDisturb, Some("开会".to_owned())).unwrap();
    let dnd = "presence dnd 开会".to_owned();
    office.hall.hears(|said| said.contains(&dnd)).await;
    office.hall.break_lines();
    office.hall.hears(|said| said.iter().filter(|word| **word == dnd).count() == 2).await;
    let said = office.hall.said();
    assert_eq!(said.iter().filter(|word| *word == "presence online").count(), 1, "{said:?}");
}
