//! Systems of other makers, configured with nothing but what `relying-party add --preset` prints. `cargo xtask interop`
//! installs them and plays these scenes.

mod apache;
mod chromium;
mod libraries;
mod nginx;
mod pages;
mod site;

use crate::house::{House, ZHANG};
use apache::Apache;
use nginx::Nginx;
use posthouse_tests::port::Port;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Apache"]
async fn mod_auth_openidc_lets_a_tab_in_with_a_chinese_name_and_out_when_the_account_is_disabled() {
    let house = House::open().await;
    let kept = Port::take().unwrap();
    let port = kept.number();
    let launch = format!("https://127.0.0.1:{port}/");
    let words = ["--name", "门户", "--launch", &launch, "--preset", "mod_auth_openidc"];
    let configuration = house.configuration("portal", &words).await;
    let apache = Apache::start(&house, port, &configuration, "").await;
    let mut zhang = house.person(ZHANG).await;
    let (mut browser, page) = house.tab(&mut zhang, "portal", "/index.shtml").await;
    let state = || format!("{}\n{}", apache.log(), house.server.log());
    assert_eq!(page.answer.status, 200, "{}\n{}\n{}", page.url, page.answer.text, state());
    assert!(page.answer.text.contains("user=zhang.aili"), "{}", page.answer.text);
    assert!(page.answer.text.contains("openid-name=张爱丽"), "{}", page.answer.text);

    let again = browser.ask("GET", &format!("{launch}index.shtml"), None, "none").await.unwrap();
    assert_eq!(again.status, 200, "its own session holds");
    house.server.administer(&["user", "disable", ZHANG], None).await.unwrap();
    apache.refuses(&mut browser, &format!("{launch}index.shtml"), &state).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Apache"]
async fn mod_auth_cas_lets_a_tab_in_with_a_chinese_name_and_out_when_the_account_is_disabled() {
    let house = House::open().await;
    let kept = Port::take().unwrap();
    let port = kept.number();
    let launch = format!("https://127.0.0.1:{port}/");
    let words = ["--name", "教务", "--launch", &launch, "--preset", "mod_auth_cas"];
    let configuration = house.configuration("campus", &words).await;
    let (global, host) = configuration.split_once("# and these").unwrap();
    let apache = Apache::start(&house, port, &format!("# {host}"), global).await;
    let mut zhang = house.person(ZHANG).await;
    let (mut browser, page) = house.tab(&mut zhang, "campus", "/index.shtml").await;
    let state = || format!("{}\n{}", apache.log(), house.server.log());
    assert_eq!(page.answer.status, 200, "{}\n{}\n{}", page.url, page.answer.text, state());
    assert!(page.answer.text.contains("user=zhang.aili"), "{}", page.answer.text);
    assert!(page.answer.text.contains("cas-name=张爱丽"), "{}", page.answer.text);

    let again = browser.ask("GET", &format!("{launch}index.shtml"), None, "none").await.unwrap();
    assert_eq!(again.status, 200, "its own session holds");
    house.server.administer(&["user", "disable", ZHANG], None).await.unwrap();
    apache.refuses(&mut browser, &format!("{launch}index.shtml"), &state).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx"]
async fn nginx_asks_for_every_request_and_a_header_from_outside_counts_for_nothing() {
    let house = House::open().await;
    let kept = Port::take().unwrap();
    let port = kept.number();
    let launch = format!("https://127.0.0.1:{port}/");
    let words = ["--name", "维基", "--launch", &launch, "--preset", "nginx"];
    let configuration = house.configuration("wiki", &words).await;
    let nginx = Nginx::start(&house, port, &configuration).await;
    let mut zhang = house.person(ZHANG).await;
    let (mut browser, page) = house.tab(&mut zhang, "wiki", "/page?x=1&amp;y=2").await;
    let state = || format!("{}\n{}", nginx.log(), house.server.log());
    assert_eq!(page.answer.status, 200, "{}\n{}\n{}", page.url, page.answer.text, state());
    assert_eq!(page.url, format!("{launch}page?x=1&y=2"));
    assert!(page.answer.text.contains("remote-user: zhang.aili"), "{}", page.answer.text);
    assert!(page.answer.text.contains("remote-name: %E5%BC%A0%E7%88%B1%E4%B8%BD"), "{}", page.answer.text);

    let forger = house.browser();
    let forged = forger.forge(&format!("{launch}page"), "Remote-User", "admin").await.unwrap();
    assert_eq!(forged.status, 303, "threat 15: {}", forged.text);
    house.server.administer(&["user", "disable", ZHANG], None).await.unwrap();
    let out = browser.ask("GET", &format!("{launch}page"), None, "none").await.unwrap();
    assert_eq!(out.status, 303, "the very next request: {}", out.text);
}
