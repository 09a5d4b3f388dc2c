//! Scenes of forward-auth.

use super::{Decision, SiteCookie, SiteTicket, Stop, Wish, authorize, callback, check, start};
use crate::moment::{Lifetimes, Moment};
use crate::parameters::Parameters;
use crate::refusal::Refusal;
use crate::secret::Digest;
use crate::session::SignedIn;
use crate::taken::Taken;
use crate::testing::{NOW, grafana, issuer, random, ring, signed_in};

const SITE: &str = "https://grafana.example.org";

fn cookie() -> SiteCookie {
    SiteCookie { site: SITE.to_owned(), child: Digest::of("cookie") }
}

fn ask(url: &str, cookie: Option<(&SiteCookie, &SignedIn)>, now: Moment) -> Result<super::Pass, Stop> {
    check(url, &[grafana()], cookie, (&issuer(), &Lifetimes::default(), ring()), now)
}

fn go(site: &str, state: &str, path: &str, session: Option<&SignedIn>) -> Decision {
    let wish = Wish { site, state, path };
    authorize(&wish, &[grafana()], session, &Lifetimes::default(), NOW, &mut random())
}

/// A browser's whole way: the state it holds and the ticket it brings back.
fn way() -> (String, SiteTicket) {
    let started =
        start(&format!("{SITE}/d/1?x=2"), Some("/d/1?x=2"), &[grafana()], &issuer(), &mut random()).unwrap();
    let query = started.to.strip_prefix("https://im.example.org/forward-auth/authorize?").unwrap();
    let asked = Parameters::parse(query).unwrap();
    let value = |name| asked.value(name).unwrap();
    let Decision::Grant { to, ticket, hash } =
        go(value("site"), value("state"), value("path"), Some(&signed_in()))
    else {
        panic!("no ticket")
    };
    let secret = to.strip_prefix("https://grafana.example.org/.posthouse/callback?ticket=").unwrap();
    assert_eq!(Digest::of(secret), hash);
    (started.state.as_str().to_owned(), ticket)
}

#[test]
fn a_browser_that_is_signed_in_passes_and_the_site_learns_who_it_is() {
    let pass = ask(&format!("{SITE}/d/1"), Some((&cookie(), &signed_in())), NOW).unwrap();
    let header = |name| pass.headers.iter().find(|(other, _)| *other == name).unwrap().1.as_str();
    assert_eq!(header("Remote-User"), "zhang.aili");
    assert_eq!(header("Remote-Name"), "%E5%BC%A0%E7%88%B1%E4%B8%BD");
    assert_eq!(header("Remote-Name-Base64"), "5byg54ix5Li9");
    assert_eq!(header("Remote-Email"), "zhang.aili@example.org");
    assert!(pass.headers.iter().all(|(_, value)| value.bytes().all(|byte| byte.is_ascii_graphic())));
    let assertion = ring().verify("posthouse-assertion+jwt", header("X-Posthouse-Assertion")).unwrap();
    assert_eq!((assertion["aud"].as_str(), assertion["name"].as_str()), (Some(SITE), Some("张爱丽")));
}

#[test]
fn without_cookie_session_or_live_account_the_browser_has_to_sign_in() {
    let session = signed_in();
    assert_eq!(ask(SITE, None, NOW), Err(Stop::SignIn));
    assert_eq!(ask(SITE, Some((&cookie(), &session)), NOW.plus(90_000)), Err(Stop::SignIn));
    let mut locked = signed_in();
    locked.person = None;
    assert_eq!(ask(SITE, Some((&cookie(), &locked)), NOW), Err(Stop::SignIn));
}

#[test]
fn a_cookie_is_good_for_its_own_site_and_an_unknown_site_gets_nothing() {
    let session = signed_in();
    let other = SiteCookie { site: "https://wiki.example.org".to_owned(), ..cookie() };
    assert_eq!(ask(SITE, Some((&other, &session)), NOW), Err(Stop::SignIn));
    for url in
        ["https://evil.net/", "http://grafana.example.org/", "https://grafana.example.org:8443/", "/d/1", ""]
    {
        assert_eq!(
            ask(url, Some((&cookie(), &session)), NOW),
            Err(Stop::Forbidden(Refusal::WrongSite)),
            "{url}"
        );
    }
    let mut closed = grafana();
    closed.audience.people = vec!["li.si".to_owned()];
    let parts = (&issuer(), &Lifetimes::default(), ring());
    let outcome = check(SITE, &[closed], Some((&cookie(), &session)), parts, NOW);
    assert_eq!(outcome, Err(Stop::Forbidden(Refusal::NotForThisPerson)));
}

#[test]
fn the_way_to_the_provider_and_back_ends_where_it_began() {
    let (state, ticket) = way();
    let url = format!("{SITE}/.posthouse/callback");
    let entered = callback(&url, &Taken::Fresh(ticket), Some(&state), NOW.plus(1), &mut random()).unwrap();
    assert_eq!(entered.to, "https://grafana.example.org/d/1?x=2");
    assert_eq!(entered.record, cookie());
}

#[test]
fn a_ticket_serves_one_browser_one_site_and_one_time() {
    let (state, ticket) = way();
    let here = format!("{SITE}/.posthouse/callback");
    let come = |url: &str, taken: &Taken<SiteTicket>, state: Option<&str>, now| {
        callback(url, taken, state, now, &mut random()).unwrap_err()
    };
    let fresh = Taken::Fresh(ticket.clone());
    assert_eq!(come(&here, &fresh, None, NOW), Refusal::OtherBrowser);
    assert_eq!(come(&here, &fresh, Some("other"), NOW), Refusal::OtherBrowser);
    assert_eq!(
        come("https://wiki.example.org/.posthouse/callback", &fresh, Some(&state), NOW),
        Refusal::WrongSite
    );
    assert_eq!(come(&here, &fresh, Some(&state), NOW.plus(31)), Refusal::TicketExpired);
    assert_eq!(come(&here, &Taken::Spent(ticket), Some(&state), NOW), Refusal::UnknownTicket);
}

#[test]
fn nobody_is_sent_anywhere_but_to_the_registered_site() {
    let state = Digest::of("s").to_text();
    assert_eq!(go("https://evil.net", &state, "/", Some(&signed_in())), Decision::Refuse(Refusal::WrongSite));
    assert_eq!(go(SITE, &state, "//evil.net", Some(&signed_in())), Decision::Refuse(Refusal::Malformed));
    assert_eq!(go(SITE, "short", "/", Some(&signed_in())), Decision::Refuse(Refusal::Malformed));
    assert_eq!(go(SITE, &state, "/", None), Decision::Enter { app: "grafana".to_owned() });
    let odd = start(SITE, Some("https://evil.net"), &[grafana()], &issuer(), &mut random()).unwrap();
    assert!(odd.to.ends_with("&path=%2F"), "{}", odd.to);
}
