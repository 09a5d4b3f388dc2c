//! The provider's own pages in Chromium: they work under their own policy, read well, and show in no frame.

use std::net::SocketAddr;

use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::get;

use super::chromium::Chromium;
use crate::house::{House, ZHANG};
use crate::links::link;

/// What the browser would say of something that the page's policy does not allow.
const BLOCKED: &str = "Content Security Policy";

/// A site of somebody else that answers one address.
async fn site(routes: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn the_button_of_a_link_signs_in_and_out_and_the_policy_of_no_page_is_in_its_way() {
    let house = House::open().await;
    let office = house.office().await;
    let mut zhang = house.person_at(ZHANG, "gajim").await;
    let chromium = Chromium::start(&house).await;

    assert_eq!(
        chromium.open(&format!("{}/sso/expired?app=oa", house.issuer)).await,
        "尚未登录 · Not signed in"
    );
    chromium.photograph("expired").await;
    let nobody = format!("{}/oauth2/authorize?client_id=nobody", house.issuer);
    assert_eq!(chromium.open(&nobody).await, "无法登录 · Sign-in failed");
    chromium.photograph("refusal").await;

    let url = link(&mut zhang, "oa").await;
    assert_eq!(chromium.open(&url).await, "登录 · Sign in");
    let question = chromium.text("p").await;
    assert_eq!(question, "以 张爱丽 的身份在此浏览器中登录 办公自动化？");
    chromium.photograph("confirmation").await;
    chromium.press_the_button().await;
    chromium.comes_to(&format!("{}/", office.address())).await;
    assert!(chromium.text("body").await.contains("张爱丽，您好"));
    assert_eq!(chromium.open(&url).await, "无法登录 · Sign-in failed", "once");

    assert_eq!(chromium.open(&format!("{}/logout", house.issuer)).await, "退出 · Sign out");
    chromium.photograph("sign-out").await;
    chromium.press_the_button().await;
    chromium.comes_to(&format!("{}/logout/confirm", house.issuer)).await;
    assert_eq!(chromium.text("h1").await, "已退出 · Signed out");
    chromium.photograph("signed-out").await;
    let log = chromium.log().await;
    assert!(!log.iter().any(|line| line.contains(BLOCKED)), "{log:?}");
    chromium.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn the_button_leads_in_also_where_the_system_sends_people_on_to_another_address() {
    let house = House::open().await;
    let office = house.office().await;
    let there = format!("{}/", office.address());
    let to = there.clone();
    let old = site(Router::new().route("/", get(async move || Redirect::to(&to)))).await;
    house.register("old", &["--launch", &format!("http://{old}/"), "--redirect-uri", &there]).await;
    let mut zhang = house.person_at(ZHANG, "gajim").await;
    let chromium = Chromium::start(&house).await;
    chromium.open(&link(&mut zhang, "old").await).await;
    chromium.press_the_button().await;
    chromium.comes_to(&there).await;
    assert!(chromium.text("body").await.contains("张爱丽，您好"));
    chromium.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn threat_10_no_page_of_the_provider_shows_in_a_frame() {
    let house = House::open().await;
    let _office = house.office().await;
    let mut zhang = house.person_at(ZHANG, "gajim").await;
    let chromium = Chromium::start(&house).await;
    let pages = [
        link(&mut zhang, "oa").await,
        format!("{}/sso/expired?app=oa", house.issuer),
        format!("{}/oauth2/authorize?client_id=nobody", house.issuer),
        format!("{}/logout", house.issuer),
        format!("{}/cas/login", house.issuer),
        format!("{}/cas/logout", house.issuer),
    ];
    for page in pages {
        let frame = format!("<h1>attacker</h1><iframe src=\"{page}\"></iframe>");
        let attacker = site(Router::new().route("/", get(async move || Html(frame)))).await;
        assert_eq!(chromium.open(&format!("http://{attacker}/")).await, "attacker");
        let shown = chromium.text_in_the_frame().await;
        let log = chromium.log().await;
        assert!(!shown.contains('·'), "{page} shows: {shown}");
        let refused = log.iter().any(|line| line.contains("frame") && line.contains(&house.issuer));
        assert!(refused, "{page}: {shown}, {log:?}");
    }
    chromium.close().await;
}
