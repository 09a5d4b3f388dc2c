//! Sites that know no single sign-on: behind a proxy that asks, and systems that redeem launch tickets.

use posthouse_tests::business_system::{Answer, BusinessSystem};
use posthouse_tests::raw_client::Person;
use posthouse_tests::server_process::DOMAIN;

use crate::house::{House, ZHANG, asks};

const SITE: &str = "https://wiki.example.org";

/// Asks as the proxy of a site does.
async fn proxy(house: &House, path: &str, original: &str, cookies: &str) -> Answer {
    let mut line: BusinessSystem = house.line().with_header("X-Original-URL", original);
    if !cookies.is_empty() {
        line = line.with_header("Cookie", cookies);
    }
    line.get(path).await.unwrap()
}

fn cookie(answer: &Answer, name: &str) -> String {
    let cookies = answer.headers.iter().filter(|(key, _)| key == "set-cookie").map(|(_, value)| value);
    let found = cookies.filter_map(|value| value.split(';').next()).find(|pair| pair.starts_with(name));
    found.unwrap_or_else(|| panic!("no {name}: {:?}", answer.headers)).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_behind_a_proxy_learns_who_it_is_and_stops_with_the_session() {
    let house = House::open().await;
    let _office = house.office().await;
    let launch = format!("{SITE}/");
    house.register("wiki", &["--launch", &launch, "--site", SITE]).await;
    let mut zhang = house.person(ZHANG).await;
    let (mut browser, _) = house.tab(&mut zhang, "oa", "").await;

    let wanted = format!("{SITE}/page?x=1&y=2");
    assert_eq!(proxy(&house, "/forward-auth/check", &wanted, "").await.status, 401);
    let started = proxy(&house, "/.posthouse/sign-in", &wanted, "").await;
    let (state, to) = (cookie(&started, "__Host-posthouse_state"), started.header("location").unwrap());
    let granted = browser.ask("GET", to, None, "cross-site").await.unwrap();
    let back = granted.header("location").unwrap().to_owned();
    let path = back.strip_prefix(SITE).unwrap();
    let stolen = proxy(&house, path, &back, "").await;
    assert_eq!(stolen.status, 403, "without the state cookie");

    let granted = browser.ask("GET", to, None, "cross-site").await.unwrap();
    let back = granted.header("location").unwrap().to_owned();
    let entered = proxy(&house, back.strip_prefix(SITE).unwrap(), &back, &state).await;
    assert_eq!(entered.header("location"), Some(wanted.as_str()));
    let site = cookie(&entered, "__Host-posthouse=");
    let passed = proxy(&house, "/forward-auth/check", &wanted, &site).await;
    assert_eq!((passed.status, passed.header("remote-user")), (200, Some(ZHANG)));
    assert_eq!(passed.header("remote-name"), Some("%E5%BC%A0%E7%88%B1%E4%B8%BD"));
    let other = proxy(&house, "/forward-auth/check", "https://other.example.org/", &site).await;
    assert_eq!(other.status, 403, "threat 15: a site that is not registered");

    house.server.administer(&["user", "disable", ZHANG], None).await.unwrap();
    assert_eq!(proxy(&house, "/forward-auth/check", &wanted, &site).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_of_ones_own_redeems_a_launch_ticket_once_with_its_secret() {
    let house = House::open().await;
    let secret = house.register("own", &["--launch", "http://127.0.0.1:9/start", "--launch-ticket"]).await;
    let mut zhang = house.person(ZHANG).await;
    let (verifier, url) = crate::house::ticket(&mut zhang, "own", "/todo/7").await;
    let mut browser = house.browser();
    browser.put_cookie("localhost", "__Host-sso_bind", &verifier);
    let entered = browser.ask("GET", &url, None, "none").await.unwrap();
    let launched = browser.ask("GET", entered.header("location").unwrap(), None, "none").await.unwrap();
    let to = launched.header("location").unwrap();
    let ticket = to.strip_prefix("http://127.0.0.1:9/start/todo/7?ticket=").unwrap();
    let redeem = async |secret: &str| {
        let fields = [("ticket", ticket), ("client_id", "own"), ("client_secret", secret)];
        house.line().post_form("/launch/redeem", &fields).await.unwrap()
    };
    assert_eq!(redeem("wrong").await.status, 401);
    let told = redeem(&secret).await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!((&told.body["name"], &told.body["preferred_username"]), (&"张爱丽".into(), &ZHANG.into()));
    assert_eq!(redeem(&secret).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_opens_a_system_and_when_it_is_taken_away_the_next_request_is_refused() {
    let house = House::open().await;
    let office = house.office().await;
    let launch = format!("{SITE}/");
    let audience = ["--department", "总部/财务部", "--tag", "审批"];
    house.register("wiki", &[["--launch", &launch, "--site", SITE].as_slice(), &audience].concat()).await;
    // Whoever has entered this one has a session to enter others with.
    let everybody = format!("{}/", office.address());
    house.register("start", &["--launch", &everybody, "--launch-ticket"]).await;
    let mut zhang = house.person(ZHANG).await;
    let mut li = house.person("li.si").await;
    assert!(may_open(&mut zhang).await, "by the department");
    assert!(!may_open(&mut li).await, "neither by the department nor by a tag");
    let (mut browser, _) = house.tab(&mut li, "start", "").await;

    house.server.administer(&["user", "set", "li.si", "--tag", "审批"], None).await.unwrap();
    assert!(may_open(&mut li).await);
    let wanted = format!("{SITE}/page");
    let started = proxy(&house, "/.posthouse/sign-in", &wanted, "").await;
    let (state, to) = (cookie(&started, "__Host-posthouse_state"), started.header("location").unwrap());
    let granted = browser.ask("GET", to, None, "cross-site").await.unwrap();
    let back = granted.header("location").unwrap().to_owned();
    let entered = proxy(&house, back.strip_prefix(SITE).unwrap(), &back, &state).await;
    let site = cookie(&entered, "__Host-posthouse=");
    let passed = proxy(&house, "/forward-auth/check", &wanted, &site).await;
    assert_eq!((passed.status, passed.header("remote-user")), (200, Some("li.si")));
    let told = format!("{:?}", passed.headers);
    assert!(
        !told.contains("审批") && !told.contains("%E5%AE%A1%E6%89%B9"),
        "the system learns no tag: {told}"
    );

    house.server.administer(&["user", "set", "li.si", "--no-tag", "审批"], None).await.unwrap();
    assert_eq!(proxy(&house, "/forward-auth/check", &wanted, &site).await.status, 403);
    assert!(!may_open(&mut li).await);
    assert!(may_open(&mut zhang).await);
}

/// The system stands in the app's list and gives an entrance, or neither.
async fn may_open(person: &mut Person) -> bool {
    const BIND: &str = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";
    let list = person.ask_at(DOMAIN, "get", "<systems xmlns='urn:posthouse:sso:0'/>").await.unwrap();
    let is_listed = format!("{list:?}").contains("wiki");
    let entrance = asks(person, "wiki", BIND, "").await;
    let is_open = entrance.child("open", "urn:posthouse:sso:0").is_some();
    assert_eq!(is_listed, is_open, "{list:?} {entrance:?}");
    is_open
}
