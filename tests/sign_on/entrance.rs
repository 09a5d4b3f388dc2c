//! A tab opens signed in, once, for whom it was made and nobody else.

use futures_util::future::join_all;
use posthouse_protocol::sign_on::BIND_COOKIE;
use posthouse_tests::server_process::DOMAIN;

use crate::house::{House, ZHANG, asks, ticket};

const BIND: &str = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_opens_signed_in_at_the_very_task_and_its_cookie_is_used_up() {
    let house = House::open().await;
    let office = house.office().await;
    let mut zhang = house.person(ZHANG).await;
    let (browser, page) = house.tab(&mut zhang, "oa", "/todo/42").await;
    assert_eq!(page.answer.status, 200, "{}\n{}", page.answer.text, house.refusals().await);
    assert_eq!(page.url, format!("{}/todo/42", office.address()));
    assert!(page.answer.text.contains("张爱丽，您好"), "{}", page.answer.text);
    assert!(browser.cookie("localhost", BIND_COOKIE).is_none());
    assert!(browser.cookie("localhost", "__Host-sso").is_some());
    assert_eq!(office.sessions(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_01_a_link_is_worth_nothing_to_whoever_only_read_it() {
    let house = House::open().await;
    let _office = house.office().await;
    let mut zhang = house.person(ZHANG).await;
    let (verifier, url) = ticket(&mut zhang, "oa", "").await;
    let stolen = house.browser().open(&url).await.unwrap();
    assert_eq!(stolen.answer.status, 403);
    assert_eq!(stolen.answer.header("cache-control"), Some("no-store"));
    assert_eq!(stolen.answer.header("referrer-policy"), Some("no-referrer"));
    assert!(stolen.answer.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    let mut own = house.browser();
    own.put_cookie("localhost", BIND_COOKIE, &verifier);
    let late = own.open(&url).await.unwrap();
    assert_eq!(late.answer.status, 403, "whoever tried it has used it up");
    assert_eq!(late.answer.text, stolen.answer.text, "the page tells no reason");
    house.notes_refusal("oa\tzhang.aili\tthe ticket was opened in another browser").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_02_a_link_that_a_page_leads_to_and_a_look_ahead_take_nothing() {
    let house = House::open().await;
    let _office = house.office().await;
    let mut zhang = house.person(ZHANG).await;
    let (verifier, url) = ticket(&mut zhang, "oa", "").await;
    let mut browser = house.browser();
    browser.put_cookie("localhost", BIND_COOKIE, &verifier);
    assert_eq!(browser.follow(&url).await.unwrap().answer.status, 403);
    for method in ["POST", "PUT"] {
        assert_eq!(browser.ask(method, &url, Some(""), "none").await.unwrap().status, 405, "{method}");
    }
    let page = browser.open(&url).await.unwrap();
    assert_eq!(page.answer.status, 200, "{}", house.refusals().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_03_of_many_that_use_a_ticket_at_once_one_gets_in() {
    let house = House::open().await;
    let _office = house.office().await;
    let mut zhang = house.person(ZHANG).await;
    let (verifier, url) = ticket(&mut zhang, "oa", "").await;
    let tries = (0..12).map(|_| {
        let (mut browser, url) = (house.browser(), url.clone());
        browser.put_cookie("localhost", BIND_COOKIE, &verifier);
        async move { browser.ask("GET", &url, None, "none").await.unwrap().status }
    });
    let statuses = join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_04_the_session_is_always_a_new_one() {
    let house = House::open().await;
    let _office = house.office().await;
    let mut zhang = house.person(ZHANG).await;
    let (verifier, url) = ticket(&mut zhang, "oa", "").await;
    let mut browser = house.browser();
    browser.put_cookie("localhost", BIND_COOKIE, &verifier);
    browser.put_cookie("localhost", "__Host-sso", "chosen-by-somebody-else");
    browser.open(&url).await.unwrap();
    let session = browser.cookie("localhost", "__Host-sso").unwrap();
    assert!(session.len() == 43 && session != "chosen-by-somebody-else", "{session}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_their_own_systems_and_is_refused_the_others() {
    let house = House::open().await;
    let _office = house.office().await;
    let (mut zhang, mut li) = (house.person(ZHANG).await, house.person("li.si").await);
    let namespace = "urn:posthouse:sso:0";
    let systems = format!("<systems xmlns='{namespace}'/>");
    let own = zhang.ask_at(DOMAIN, "get", &systems).await.unwrap();
    let system = own.child("systems", namespace).unwrap().child("system", namespace).unwrap();
    assert_eq!((system.attribute("id"), system.attribute("name")), (Some("oa"), Some("办公自动化")));
    let none = li.ask_at(DOMAIN, "get", &systems).await.unwrap();
    assert!(none.child("systems", namespace).unwrap().child("system", namespace).is_none());
    assert_eq!(asks(&mut li, "oa", BIND, "").await.condition(), "forbidden");
    assert_eq!(asks(&mut zhang, "erp", BIND, "").await.condition(), "item-not-found");
    assert_eq!(asks(&mut zhang, "oa", "short", "").await.condition(), "bad-request");
    for path in ["//evil.net", "https://evil.net/", "todo"] {
        assert_eq!(asks(&mut zhang, "oa", BIND, path).await.condition(), "bad-request", "{path}");
    }
    house.notes_refusal("oa\tli.si\tthe person may not use this system").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_20_nobody_opens_more_than_thirty_tabs_a_minute() {
    let house = House::open().await;
    let _office = house.office().await;
    let mut zhang = house.person(ZHANG).await;
    for _ in 0..30 {
        let (_, url) = ticket(&mut zhang, "oa", "").await;
        // Used up, and counted all the same.
        house.browser().ask("GET", &url, None, "none").await.unwrap();
    }
    assert_eq!(asks(&mut zhang, "oa", BIND, "").await.condition(), "resource-constraint");
}
