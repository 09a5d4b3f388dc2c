//! Scenes of tickets at the door.

use super::{Arrival, Asker, Confirmation, EntryFacts, Issued, Ticket, Wish, enter, enter_confirmed, issue};
use crate::moment::{Lifetimes, Moment};
use crate::person::Person;
use crate::refusal::Refusal;
use crate::relying_party::RelyingParty;
use crate::secret::Digest;
use crate::taken::Taken;
use crate::testing::{NOW, issuer, oa, parent, random, zhang};

const VERIFIER: &str = "a-verifier-that-the-app-has-drawn-at-random";

fn bound() -> String {
    Digest::of(VERIFIER).to_text()
}

fn ask(
    wish: &Wish<'_>,
    person: Option<&Person>,
    count: u32,
    party: Option<&RelyingParty>,
) -> Result<Issued, Refusal> {
    let asker = Asker {
        person,
        instance: "zhang.aili@example.org/desk",
        auth_time: NOW.plus(-60),
        in_the_last_minute: count,
    };
    issue(wish, &asker, party, (&issuer(), &Lifetimes::default()), NOW, &mut random())
}

fn issued() -> Issued {
    ask(&Wish { app: "oa", bind: Some(&bound()), path: Some("/todo/42") }, Some(&zhang()), 0, Some(&oa()))
        .unwrap()
}

fn come(taken: &Taken<Ticket>, bind: Option<&str>, now: Moment) -> Result<super::Entered, Refusal> {
    let arrival = Arrival { bind, ..Arrival::default() };
    let facts = EntryFacts { person: Some(&zhang()), party: Some(&oa()), parent: None };
    enter(&arrival, taken, &facts, now, &mut random())
}

#[test]
fn the_ticket_in_the_address_is_nowhere_in_the_record() {
    let issued = issued();
    let secret = issued.url.strip_prefix("https://im.example.org/sso/enter?t=").unwrap();
    assert_eq!(Digest::of(secret), issued.hash);
    assert!(!format!("{:?}", issued.ticket).contains(secret));
    assert_eq!((issued.expires_in, issued.ticket.expires), (30, NOW.plus(30)));
}

#[test]
fn whoever_may_not_use_the_system_gets_no_ticket() {
    let bind = bound();
    let wish = Wish { app: "oa", bind: Some(&bind), path: None };
    assert_eq!(ask(&wish, Some(&zhang()), 0, None).unwrap_err(), Refusal::UnknownSystem);
    assert_eq!(ask(&wish, None, 0, Some(&oa())).unwrap_err(), Refusal::AccountClosed);
    assert_eq!(ask(&wish, Some(&zhang()), 30, Some(&oa())).unwrap_err(), Refusal::TooMany);
    let mut closed = oa();
    closed.audience.people = vec!["li.si".to_owned()];
    assert_eq!(ask(&wish, Some(&zhang()), 0, Some(&closed)).unwrap_err(), Refusal::NotForThisPerson);
    closed = oa();
    closed.enabled = false;
    assert_eq!(ask(&wish, Some(&zhang()), 0, Some(&closed)).unwrap_err(), Refusal::UnknownSystem);
}

#[test]
fn a_wish_with_a_strange_binding_or_path_is_refused() {
    let bind = bound();
    let wish = Wish { app: "oa", bind: Some("short"), path: None };
    assert_eq!(ask(&wish, Some(&zhang()), 0, Some(&oa())).unwrap_err(), Refusal::Malformed);
    let wish = Wish { app: "oa", bind: Some(&bind), path: Some("https://evil.net/") };
    assert_eq!(ask(&wish, Some(&zhang()), 0, Some(&oa())).unwrap_err(), Refusal::WrongPath);
}

#[test]
fn the_tab_that_holds_the_cookie_gets_in_and_lands_on_the_task() {
    let entered = come(&Taken::Fresh(issued().ticket), Some(VERIFIER), NOW.plus(5)).unwrap();
    assert_eq!(entered.launch, "https://oa.example.org/todo/42");
    assert_eq!(entered.child.cookie, entered.cookie.digest());
    assert_eq!(entered.child.parent, entered.parent.id);
    assert_eq!(entered.parent.auth_time, NOW.plus(-60), "the login of the stream, not of the tab");
}

#[test]
fn without_the_cookie_or_with_another_one_nobody_gets_in() {
    let taken = Taken::Fresh(issued().ticket);
    assert_eq!(come(&taken, None, NOW).unwrap_err(), Refusal::OtherBrowser);
    assert_eq!(come(&taken, Some("another"), NOW).unwrap_err(), Refusal::OtherBrowser);
    // The hash is in the server's store and on the stream; it is not the key.
    assert_eq!(come(&taken, Some(&bound()), NOW).unwrap_err(), Refusal::OtherBrowser);
}

#[test]
fn a_ticket_is_worth_nothing_after_half_a_minute_or_a_second_time() {
    let ticket = issued().ticket;
    assert!(come(&Taken::Fresh(ticket.clone()), Some(VERIFIER), NOW.plus(30)).is_ok());
    assert_eq!(
        come(&Taken::Fresh(ticket.clone()), Some(VERIFIER), NOW.plus(31)).unwrap_err(),
        Refusal::TicketExpired
    );
    assert_eq!(come(&Taken::Spent(ticket), Some(VERIFIER), NOW).unwrap_err(), Refusal::UnknownTicket);
    assert_eq!(come(&Taken::Unknown, Some(VERIFIER), NOW).unwrap_err(), Refusal::UnknownTicket);
}

#[test]
fn an_account_that_was_locked_since_gets_nobody_in() {
    let facts = EntryFacts { person: None, party: Some(&oa()), parent: None };
    let arrival = Arrival { bind: Some(VERIFIER), ..Arrival::default() };
    let outcome = enter(&arrival, &Taken::Fresh(issued().ticket), &facts, NOW, &mut random());
    assert_eq!(outcome.unwrap_err(), Refusal::AccountClosed);
}

#[test]
fn a_second_tab_of_the_same_app_shares_the_parent_and_has_its_own_cookie() {
    let parent = parent();
    let facts = EntryFacts { person: Some(&zhang()), party: Some(&oa()), parent: Some(&parent) };
    let arrival = Arrival { bind: Some(VERIFIER), ..Arrival::default() };
    let mut random = random();
    let mut come = || enter(&arrival, &Taken::Fresh(issued().ticket), &facts, NOW, &mut random).unwrap();
    let (one, other) = (come(), come());
    assert_eq!(one.parent.id, parent.id);
    assert_eq!(other.parent.id, parent.id);
    assert_ne!(one.cookie, other.cookie);
}

#[test]
fn a_browser_that_a_page_has_led_here_takes_no_ticket() {
    let ticket = "a".repeat(43);
    let arrival = |site, destination| Arrival {
        ticket: Some(&ticket),
        bind: None,
        fetch_site: site,
        fetch_destination: destination,
    };
    assert!(arrival(None, None).ticket_to_take().is_ok());
    assert!(arrival(Some("none"), Some("document")).ticket_to_take().is_ok());
    for (site, destination) in [
        (Some("cross-site"), Some("document")),
        (Some("same-site"), None),
        (Some("same-origin"), Some("document")),
        (Some("none"), Some("iframe")),
        (None, Some("image")),
    ] {
        assert_eq!(arrival(site, destination).ticket_to_take(), Err(Refusal::LedByAnotherSite));
    }
    let none = Arrival { ticket: Some("x"), ..Arrival::default() };
    assert_eq!(none.ticket_to_take(), Err(Refusal::UnknownTicket));
}

#[test]
fn a_link_for_the_systems_browser_opens_only_after_the_button_of_our_own_page() {
    let unbound = ask(&Wish { app: "oa", bind: None, path: None }, Some(&zhang()), 0, Some(&oa())).unwrap();
    let facts = EntryFacts { person: Some(&zhang()), party: Some(&oa()), parent: None };
    let taken = Taken::Fresh(unbound.ticket);
    assert_eq!(come(&taken, Some(VERIFIER), NOW).unwrap_err(), Refusal::OtherBrowser, "never silently");
    assert!(enter_confirmed(&taken, &facts, NOW, &mut random()).is_ok());
    let bound = Taken::Fresh(issued().ticket);
    assert_eq!(
        enter_confirmed(&bound, &facts, NOW, &mut random()).unwrap_err(),
        Refusal::OtherBrowser,
        "a tab's ticket cannot be laundered through the page"
    );

    let ticket = "a".repeat(43);
    let (cookie, mark) = ("c", Digest::of("c").to_text());
    let form = |mark, cookie, fetch_site| Confirmation { ticket: Some(&ticket), mark, cookie, fetch_site };
    assert!(form(Some(&mark), Some(cookie), Some("same-origin")).ticket_to_take().is_ok());
    assert!(form(Some(&mark), Some(cookie), None).ticket_to_take().is_ok());
    for wrong in [
        form(None, Some(cookie), None),
        form(Some(&mark), None, None),
        form(Some(&mark), Some("other"), None),
        form(Some(&mark), Some(cookie), Some("cross-site")),
    ] {
        assert_eq!(wrong.ticket_to_take(), Err(Refusal::ForgedForm));
    }
}
