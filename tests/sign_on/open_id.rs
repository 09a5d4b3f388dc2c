//! OpenID Connect as systems see it on the wire.

use posthouse_tests::browser::{Browser, Page};
use posthouse_tests::business_system::form;
use serde_json::Value;

use crate::house::{House, ZHANG};

// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "http://127.0.0.1:9/callback";

fn authorize(issuer: &str, more: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", "wiki"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile groups offline_access"),
        ("state", "s1"),
        ("nonce", "n1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    format!("{issuer}/oauth2/authorize?{}", form(&fields))
}

/// A parameter of an address.
fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(it, _)| *it == name)
        .map(|it| it.1.to_owned())
}

/// Somebody whose tab is signed in, and a system that nobody listens for.
async fn signed_in() -> (House, Browser, String) {
    let house = House::open().await;
    let _office = house.office().await;
    let mut zhang = house.person(ZHANG).await;
    let words = [
        "--launch",
        "http://127.0.0.1:9/",
        "--redirect-uri",
        CALLBACK,
        "--post-logout-redirect-uri",
        "http://127.0.0.1:9/bye",
    ];
    let secret = house.register("wiki", &words).await;
    let (browser, page) = house.tab(&mut zhang, "oa", "").await;
    assert_eq!(page.answer.status, 200, "{}", house.refusals().await);
    (house, browser, secret)
}

/// Where the browser is sent by a request.
async fn sent(browser: &mut Browser, url: &str) -> String {
    let answer = browser.ask("GET", url, None, "cross-site").await.unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("location").unwrap().to_owned()
}

async fn exchange(house: &House, secret: &str, code: &str, verifier: &str) -> (u16, Value) {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("client_id", "wiki"),
        ("client_secret", secret),
        ("code_verifier", verifier),
    ];
    let answer = house.line().post_form("/oauth2/token", &fields).await.unwrap();
    (answer.status, answer.body)
}

async fn who(house: &House, token: &str) -> u16 {
    house.line().with_key(token).get("/oauth2/userinfo").await.unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_names_the_address_of_the_settings_whatever_host_is_asked_for() {
    let house = House::open().await;
    let answer = house.line().get("/.well-known/openid-configuration").await.unwrap();
    assert_eq!(answer.body["issuer"], house.issuer.as_str(), "the request named another host");
    let keys = house.line().get("/oauth2/jwks").await.unwrap();
    assert_eq!(keys.body["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_becomes_tokens_once_and_a_second_use_ends_all_that_came_of_it() {
    let (house, mut browser, secret) = signed_in().await;
    let to = sent(&mut browser, &authorize(&house.issuer, &[])).await;
    assert_eq!(parameter(&to, "state").as_deref(), Some("s1"));
    assert!(parameter(&to, "iss").is_some(), "RFC 9207: {to}");
    let code = parameter(&to, "code").unwrap();
    let (status, tokens) = exchange(&house, &secret, &code, VERIFIER).await;
    assert_eq!(status, 200, "{tokens}");
    let access = tokens["access_token"].as_str().unwrap();
    let told = house.line().with_key(access).get("/oauth2/userinfo").await.unwrap();
    assert_eq!(told.body["name"], "张爱丽");
    assert_eq!(told.body["preferred_username"], ZHANG);
    assert_eq!(told.body["groups"][0], "总部/财务部");

    let (status, again) = exchange(&house, &secret, &code, VERIFIER).await;
    assert_eq!((status, again["error"].as_str()), (400, Some("invalid_grant")));
    assert_eq!(who(&house, access).await, 401, "threat 6");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_changes_with_every_use_and_a_stolen_one_ends_both() {
    let (house, mut browser, secret) = signed_in().await;
    let to = sent(&mut browser, &authorize(&house.issuer, &[])).await;
    let (_, tokens) = exchange(&house, &secret, &parameter(&to, "code").unwrap(), VERIFIER).await;
    let first = tokens["refresh_token"].as_str().unwrap().to_owned();
    let refresh = async |token: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", "wiki"),
            ("client_secret", secret.as_str()),
        ];
        house.line().post_form("/oauth2/token", &fields).await.unwrap()
    };
    let second = refresh(&first).await;
    assert_eq!(second.status, 200, "{}", second.text);
    let access = second.body["access_token"].as_str().unwrap();
    assert_eq!(who(&house, access).await, 200);
    assert_eq!(refresh(&first).await.body["error"], "invalid_grant");
    assert_eq!(who(&house, access).await, 401);
    assert_eq!(refresh(second.body["refresh_token"].as_str().unwrap()).await.body["error"], "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_verifiers_secrets_and_addresses_get_nothing() {
    let (house, mut browser, secret) = signed_in().await;
    let to = sent(&mut browser, &authorize(&house.issuer, &[])).await;
    let code = parameter(&to, "code").unwrap();
    let wrong = exchange(&house, "wrong-secret", &code, VERIFIER).await;
    assert_eq!((wrong.0, wrong.1["error"].as_str()), (401, Some("invalid_client")));
    let wrong = exchange(&house, &secret, &code, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX").await;
    assert_eq!((wrong.0, wrong.1["error"].as_str()), (400, Some("invalid_grant")));

    let elsewhere = authorize(&house.issuer, &[("redirect_uri", "http://127.0.0.1:9/callback/")]);
    let answer = browser.ask("GET", &elsewhere, None, "cross-site").await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (403, None), "threat 5");
    let plain = authorize(&house.issuer, &[("code_challenge_method", "plain")]);
    assert_eq!(parameter(&sent(&mut browser, &plain).await, "error").as_deref(), Some("invalid_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_without_a_session_is_told_to_fetch_a_ticket_and_a_silent_request_goes_back() {
    let (house, _, _) = signed_in().await;
    let mut other = house.browser();
    let page: Page = other.follow(&authorize(&house.issuer, &[])).await.unwrap();
    assert_eq!((page.answer.status, page.url), (401, format!("{}/sso/expired?app=wiki", house.issuer)));
    let silent = sent(&mut other, &authorize(&house.issuer, &[("prompt", "none")])).await;
    assert_eq!(parameter(&silent, "error").as_deref(), Some("login_required"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_asks_first_unless_the_persons_own_system_wants_it() {
    let (house, mut browser, secret) = signed_in().await;
    let to = sent(&mut browser, &authorize(&house.issuer, &[])).await;
    let (_, tokens) = exchange(&house, &secret, &parameter(&to, "code").unwrap(), VERIFIER).await;
    let asked = browser.follow(&format!("{}/logout", house.issuer)).await.unwrap();
    assert_eq!(asked.answer.status, 200);
    assert!(asked.answer.text.contains("<button>"), "threat 14: {}", asked.answer.text);
    assert_eq!(who(&house, tokens["access_token"].as_str().unwrap()).await, 200, "nothing has ended yet");

    let hint = tokens["id_token"].as_str().unwrap();
    let fields =
        [("id_token_hint", hint), ("post_logout_redirect_uri", "http://127.0.0.1:9/bye"), ("state", "z")];
    let url = format!("{}/logout?{}", house.issuer, form(&fields));
    assert_eq!(sent(&mut browser, &url).await, "http://127.0.0.1:9/bye?state=z");
    assert_eq!(who(&house, tokens["access_token"].as_str().unwrap()).await, 401);
    assert!(browser.cookie("localhost", "__Host-sso").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn systems_look_into_their_own_tokens_and_give_them_back() {
    let (house, mut browser, secret) = signed_in().await;
    let to = sent(&mut browser, &authorize(&house.issuer, &[])).await;
    let (_, tokens) = exchange(&house, &secret, &parameter(&to, "code").unwrap(), VERIFIER).await;
    let access = tokens["access_token"].as_str().unwrap();
    let fields = [("token", access), ("client_id", "wiki"), ("client_secret", secret.as_str())];
    let told = house.line().post_form("/oauth2/introspect", &fields).await.unwrap();
    assert_eq!((&told.body["active"], &told.body["username"]), (&Value::from(true), &Value::from(ZHANG)));
    assert_eq!(house.line().post_form("/oauth2/revoke", &fields).await.unwrap().status, 200);
    let told = house.line().post_form("/oauth2/introspect", &fields).await.unwrap();
    assert_eq!(told.text, "{\"active\":false}");
    assert_eq!(who(&house, access).await, 401);
}
