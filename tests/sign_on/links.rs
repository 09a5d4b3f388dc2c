//! People with other clients than the app get links for their browser.

use posthouse_tests::element::Element;
use posthouse_tests::raw_client::Person;
use posthouse_tests::server_process::DOMAIN;

use crate::house::{House, ZHANG};

const COMMANDS: &str = "http://jabber.org/protocol/commands";
const DATA: &str = "jabber:x:data";
const NODE: &str = "urn:posthouse:sso:0#open";

/// Runs the command; a form that was filled in goes along.
async fn run(person: &mut Person, form: &str) -> Element {
    let command = format!("<command xmlns='{COMMANDS}' node='{NODE}' action='execute'>{form}</command>");
    person.ask_at(DOMAIN, "set", &command).await.unwrap()
}

fn chosen(system: &str) -> String {
    format!("<x xmlns='{DATA}' type='submit'><field var='system'><value>{system}</value></field></x>")
}

/// The link that the command gives for a system.
pub(crate) async fn link(person: &mut Person, system: &str) -> String {
    let done = run(person, &chosen(system)).await;
    let command = done.child("command", COMMANDS).unwrap_or_else(|| panic!("{done:?}"));
    assert_eq!(command.attribute("status"), Some("completed"));
    let note = command.child("note", COMMANDS).unwrap().text.clone();
    note.rsplit(' ').next().unwrap().to_owned()
}

/// A hidden field of the page's form.
fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split_once('"').unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_02_a_link_signs_in_whoever_presses_the_button_under_the_name_and_nobody_before() {
    let house = House::open().await;
    let office = house.office().await;
    let mut zhang = house.person_at(ZHANG, "gajim").await;
    let url = link(&mut zhang, "oa").await;
    let mut browser = house.browser();
    let page = browser.open(&url).await.unwrap();
    assert_eq!(page.answer.status, 200, "{}", house.refusals().await);
    assert!(
        page.answer.text.contains("张爱丽") && page.answer.text.contains("办公自动化"),
        "{}",
        page.answer.text
    );
    assert!(browser.cookie("localhost", "__Host-sso").is_none(), "nobody is signed in yet");
    assert!(page.answer.header("content-security-policy").unwrap().starts_with("default-src 'none'"));

    let (ticket, mark) = (field(&page.answer.text, "t"), field(&page.answer.text, "mark"));
    let confirm = format!("{}/sso/confirm", house.issuer);
    for forged in [vec![("t", ticket)], vec![("t", ticket), ("mark", "x")]] {
        assert_eq!(browser.submit(&confirm, &forged).await.unwrap().answer.status, 403);
    }
    let another = house.browser().submit(&confirm, &[("t", ticket), ("mark", mark)]).await.unwrap();
    assert_eq!(another.answer.status, 403, "another browser has not seen the page");
    let inside = browser.submit(&confirm, &[("t", ticket), ("mark", mark)]).await.unwrap();
    assert_eq!(inside.url, format!("{}/", office.address()));
    assert!(inside.answer.text.contains("张爱丽，您好"), "{}", inside.answer.text);
    assert_eq!(browser.open(&url).await.unwrap().answer.status, 403, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_client_finds_the_command_and_is_asked_for_the_system() {
    let house = House::open().await;
    let _office = house.office().await;
    let (mut zhang, mut li) = (house.person(ZHANG).await, house.person("li.si").await);
    let items = format!("<query xmlns='http://jabber.org/protocol/disco#items' node='{COMMANDS}'/>");
    let listed = zhang.ask_at(DOMAIN, "get", &items).await.unwrap();
    let item = listed.find("item", "http://jabber.org/protocol/disco#items").unwrap();
    assert_eq!((item.attribute("jid"), item.attribute("node")), (Some(DOMAIN), Some(NODE)));
    let info = format!("<query xmlns='http://jabber.org/protocol/disco#info' node='{NODE}'/>");
    let about = zhang.ask_at(DOMAIN, "get", &info).await.unwrap();
    let identity = about.find("identity", "http://jabber.org/protocol/disco#info").unwrap();
    assert_eq!(identity.attribute("type"), Some("command-node"));

    let asked = run(&mut zhang, "").await;
    assert_eq!(asked.child("command", COMMANDS).unwrap().attribute("status"), Some("executing"));
    let option = asked.find("option", DATA).unwrap();
    assert_eq!(option.attribute("label"), Some("办公自动化"));
    let nothing = run(&mut li, "").await;
    assert_eq!(nothing.child("command", COMMANDS).unwrap().attribute("status"), Some("completed"));
    assert_eq!(run(&mut li, &chosen("oa")).await.condition(), "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_administrator_may_have_no_links() {
    let house = House::with(&[("links", "false")]).await;
    let _office = house.office().await;
    let mut zhang = house.person(ZHANG).await;
    assert_eq!(run(&mut zhang, &chosen("oa")).await.condition(), "item-not-found");
    let items = format!("<query xmlns='http://jabber.org/protocol/disco#items' node='{COMMANDS}'/>");
    let listed = zhang.ask_at(DOMAIN, "get", &items).await.unwrap();
    assert!(listed.find("item", "http://jabber.org/protocol/disco#items").is_none(), "{listed:?}");
    let (_, page) = house.tab(&mut zhang, "oa", "").await;
    assert_eq!(page.answer.status, 200, "the app needs none");
}
