//! When a session ends, everything that was signed in through it ends, and systems are told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use posthouse_protocol::sign_on::BIND_COOKIE;
use posthouse_tests::business_system::form;
use posthouse_tests::people::{Computer, with_trust};
use posthouse_tests::server_process::DOMAIN;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::house::{House, PATIENCE, ZHANG};

/// A system that takes notes of what it is asked, and has an answer for it.
async fn listener() -> (String, mpsc::Receiver<String>) {
    listener_that(Arc::new(AtomicBool::new(true))).await
}

/// The same, and it answers what is posted only as long as `answers` says so.
async fn listener_that(answers: Arc<AtomicBool>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/erp/", listener.local_addr().unwrap());
    let (told, heard) = mpsc::channel(8);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !is_whole(&request) {
                if stream.read_buf(&mut request).await.unwrap_or_default() == 0 {
                    break;
                }
            }
            if !request.starts_with(b"POST") || answers.load(Ordering::Acquire) {
                let text = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(text.as_bytes()).await.unwrap();
            }
            told.send(String::from_utf8(request).unwrap()).await.unwrap();
        }
    });
    (address, heard)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse::<usize>().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_13_a_disabled_account_is_out_of_every_system_at_once() {
    let house = House::open().await;
    let office = house.office().await;
    let (service, mut heard) = listener().await;
    house.register("erp", &["--launch", &service, "--cas-service", &service]).await;
    let mut zhang = house.person(ZHANG).await;
    let (mut browser, _) = house.tab(&mut zhang, "oa", "").await;
    let login = format!("{}/cas/login?{}", house.issuer, form(&[("service", &service)]));
    let answer = browser.ask("GET", &login, None, "cross-site").await.unwrap();
    let to = answer.header("location").unwrap().to_owned();
    let ticket = to.split_once("ticket=").unwrap().1;
    let fields = form(&[("service", &service), ("ticket", ticket)]);
    let told = house.line().get(&format!("/cas/serviceValidate?{fields}")).await.unwrap();
    assert!(told.text.contains("zhang.aili"), "{}", told.text);

    house.server.administer(&["user", "disable", ZHANG], None).await.unwrap();
    let request = timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
    assert!(request.starts_with("POST /erp/ HTTP/1.1"), "{request}");
    assert!(
        request.to_ascii_lowercase().contains("content-type: application/x-www-form-urlencoded"),
        "{request}"
    );
    assert!(request.contains(ticket), "the system knows its session by the ticket: {request}");
    let page =
        browser.follow(&format!("{}/cas/login?{}", house.issuer, form(&[("service", &service)]))).await;
    assert_eq!(page.unwrap().answer.status, 401);
    drop(office);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_what_the_old_one_opened() {
    let house = House::open().await;
    let _office = house.office().await;
    let mut zhang = house.person(ZHANG).await;
    let (mut browser, _) = house.tab(&mut zhang, "oa", "").await;
    let words = ["user", "password", ZHANG, "--password-stdin"];
    house.server.administer(&words, Some("Xin-Mima-2026!")).await.unwrap();
    zhang.stream_error().await.unwrap();
    let authorize = format!("{}/cas/login", house.issuer);
    let page = browser.follow(&authorize).await.unwrap();
    assert_eq!(page.answer.status, 401, "{}", page.answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_everywhere_is_out_of_every_system_too() {
    let house = House::open().await;
    let _office = house.office().await;
    let mut zhang = house.person(ZHANG).await;
    let (mut browser, _) = house.tab(&mut zhang, "oa", "").await;
    house.server.administer(&["user", "sign-out", ZHANG], None).await.unwrap();
    let page = browser.follow(&format!("{}/cas/login", house.issuer)).await.unwrap();
    assert_eq!(page.answer.status, 401, "from the very command on: {}", page.answer.text);
    zhang.stream_error().await.unwrap();
    house.person(ZHANG).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_one_changes_oneself_ends_what_was_opened_elsewhere() {
    let house = House::open().await;
    let _office = house.office().await;
    let mut here = house.person(ZHANG).await;
    let mut there = house.person_at(ZHANG, "laptop").await;
    let (mut own, _) = house.tab(&mut here, "oa", "").await;
    let (mut other, _) = house.tab(&mut there, "oa", "").await;
    let wish = format!(
        "<query xmlns='jabber:iq:register'><username>{ZHANG}</username><password>Xin-Mima-2026!</password></query>"
    );
    let answer = here.ask_at(DOMAIN, "set", &wish).await.unwrap();
    assert_eq!(answer.attribute("type"), Some("result"), "{answer:?}");
    let login = format!("{}/cas/login", house.issuer);
    assert_eq!(other.follow(&login).await.unwrap().answer.status, 401);
    assert_eq!(own.follow(&login).await.unwrap().answer.status, 200);
}

/// The next logout that the system hears of.
async fn logout(heard: &mut mpsc::Receiver<String>) -> String {
    loop {
        let request = timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
        if request.starts_with("POST") {
            return request;
        }
    }
}

/// 张爱丽 is in a system of CAS; the ticket by which it knows her.
async fn enter(house: &House, service: &str) -> String {
    house.register("erp", &["--launch", service, "--cas-service", service]).await;
    let mut zhang = house.person(ZHANG).await;
    let (mut browser, page) = house.tab(&mut zhang, "erp", "").await;
    assert_eq!(page.url, service);
    let login = format!("{}/cas/login?{}", house.issuer, form(&[("service", service)]));
    let answer = browser.ask("GET", &login, None, "cross-site").await.unwrap();
    let ticket = answer.header("location").unwrap().split_once("ticket=").unwrap().1.to_owned();
    let fields = form(&[("service", service), ("ticket", &ticket)]);
    let told = house.line().get(&format!("/cas/serviceValidate?{fields}")).await.unwrap();
    assert!(told.text.contains(ZHANG), "{}", told.text);
    ticket
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_while_the_server_is_down_counts_and_is_told_when_it_is_back() {
    let mut house = House::open().await;
    let (service, mut heard) = listener().await;
    let ticket = enter(&house, &service).await;
    house.server.kill().await.unwrap();
    house.server.administer(&["user", "disable", ZHANG], None).await.unwrap();
    house.server.run().await.unwrap();
    let request = logout(&mut heard).await;
    assert!(request.contains(&ticket), "{request}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_two_tries_swallows_no_logout() {
    let mut house = House::open().await;
    let answers = Arc::new(AtomicBool::new(false));
    let (service, mut heard) = listener_that(Arc::clone(&answers)).await;
    let ticket = enter(&house, &service).await;
    house.server.administer(&["user", "disable", ZHANG], None).await.unwrap();
    logout(&mut heard).await;
    house.server.kill().await.unwrap();
    while heard.try_recv().is_ok() {}
    answers.store(true, Ordering::Release);
    house.server.run().await.unwrap();
    let request = logout(&mut heard).await;
    assert!(request.contains(&ticket), "{request}");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_of_the_app_ends_its_tabs_at_once_and_those_of_no_other_app() {
    let house = House::open().await;
    let _office = house.office().await;
    let mut app = Computer::new().unwrap().start().unwrap();
    app.sign_in(&with_trust(&house.server, ZHANG).unwrap()).await.unwrap();
    app.is_online().await.unwrap();
    let entrance = app.engine().enter("oa", None).await.unwrap();
    let mut tab = house.browser();
    tab.put_cookie("localhost", BIND_COOKIE, &entrance.secret);
    let page = tab.open(&entrance.url).await.unwrap();
    assert_eq!(page.answer.status, 200, "{}", house.refusals().await);
    let mut other = house.person(ZHANG).await;
    let (mut elsewhere, _) = house.tab(&mut other, "oa", "").await;

    app.engine().sign_out().await.unwrap();
    let login = format!("{}/cas/login", house.issuer);
    assert_eq!(tab.follow(&login).await.unwrap().answer.status, 401);
    assert_eq!(elsewhere.follow(&login).await.unwrap().answer.status, 200);
}
