//! A system wants to know anew who somebody is: the app that owns the tab is asked, and nobody else.

use posthouse_tests::browser::Browser;
use posthouse_tests::business_system::form;
use posthouse_tests::element::Element;
use posthouse_tests::office_automation::OfficeAutomation;
use posthouse_tests::raw_client::Person;
use posthouse_tests::server_process::DOMAIN;
use serde_json::Value;

use crate::house::{House, PASSWORD, ZHANG};

const NAMESPACE: &str = "urn:posthouse:sso:0";
const SERVICE: &str = "http://127.0.0.1:9/erp/";
const CALLBACK: &str = "http://127.0.0.1:9/callback";
// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct Scene {
    house: House,
    zhang: Person,
    browser: Browser,
    secret: String,
    // The tabs come to it.
    _office: OfficeAutomation,
}

/// 张爱丽 has a tab; a wiki of OpenID Connect and an ERP of CAS are registered, which is sensitive.
async fn scene() -> Scene {
    let house = House::open().await;
    let office = house.office().await;
    let secret =
        house.register("wiki", &["--launch", "http://127.0.0.1:9/", "--redirect-uri", CALLBACK]).await;
    let erp = ["--name", "财务系统", "--launch", SERVICE, "--cas-service", SERVICE, "--confirm"];
    house.register("erp", &erp).await;
    let mut zhang = house.person(ZHANG).await;
    let (browser, page) = house.tab(&mut zhang, "oa", "").await;
    assert_eq!(page.answer.status, 200, "{}", house.refusals().await);
    Scene { house, zhang, browser, secret, _office: office }
}

impl Scene {
    async fn sent(&mut self, url: &str) -> String {
        let answer = self.browser.ask("GET", url, None, "cross-site").await.unwrap();
        answer.header("location").unwrap_or_else(|| panic!("{} {}", answer.status, answer.text)).to_owned()
    }

    fn authorize(&self, more: &[(&str, &str)]) -> String {
        let fields = [
            ("response_type", "code"),
            ("client_id", "wiki"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", "s1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        format!("{}/oauth2/authorize?{}", self.house.issuer, form(&[&fields, more].concat()))
    }
}

async fn question(person: &mut Person) -> Element {
    let asked = person.next_where(|stanza| stanza.find("prove", NAMESPACE).is_some()).await.unwrap();
    asked.find("prove", NAMESPACE).unwrap().clone()
}

/// Answers a question; what the server says to that.
async fn answer(person: &mut Person, question: &Element, password: &str) -> Element {
    let id = question.attribute("id").unwrap();
    let proof = format!("<proof xmlns='{NAMESPACE}' id='{id}' password='{password}'/>");
    person.ask_at(DOMAIN, "set", &proof).await.unwrap()
}

fn claims(id_token: &str) -> Value {
    use base64::Engine;
    let middle = id_token.split('.').nth(1).unwrap();
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(middle).unwrap();
    serde_json::from_slice(&json).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_18_prompt_login_is_answered_by_the_password_in_the_app_that_owns_the_tab() {
    let mut scene = scene().await;
    let mut laptop = scene.house.person_at(ZHANG, "laptop").await;
    let url = scene.authorize(&[("prompt", "login")]);
    let page = scene.sent(&url).await;
    assert!(page.starts_with(&format!("{}/sso/prove?id=", scene.house.issuer)), "{page}");
    let asked = question(&mut scene.zhang).await;
    assert_eq!(asked.attribute("person"), Some("张爱丽"));
    let number = asked.attribute("number").unwrap().to_owned();
    let shown = scene.browser.ask("GET", &page, None, "cross-site").await.unwrap();
    assert!(shown.text.contains(&format!(">{number}<")), "the number {number}: {}", shown.text);
    assert_eq!((shown.status, shown.header("refresh")), (200, Some("2")));
    assert!(shown.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    let other_tab = scene.house.browser().ask("GET", &page, None, "none").await.unwrap();
    assert_eq!(other_tab.status, 403, "no other browser sees it");

    assert_eq!(answer(&mut laptop, &asked, PASSWORD).await.condition(), "item-not-found");
    let others = laptop.everything().await.unwrap();
    assert!(others.iter().all(|stanza| stanza.find("prove", NAMESPACE).is_none()), "{others:?}");
    assert_eq!(answer(&mut scene.zhang, &asked, "a-wrong-password").await.condition(), "not-authorized");
    let right = answer(&mut scene.zhang, &asked, PASSWORD).await;
    assert_eq!(right.attribute("type"), Some("result"), "{right:?}");
    let again = scene.sent(&page).await;
    assert!(again.starts_with(&format!("{}/oauth2/authorize?", scene.house.issuer)), "once more: {again}");
    let back = scene.sent(&again).await;
    let (_, code) = back.split_once("?code=").unwrap_or_else(|| panic!("{back}"));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.split('&').next().unwrap()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", "wiki"),
        ("client_secret", &scene.secret),
    ];
    let told = scene.house.line().post_form("/oauth2/token", &fields).await.unwrap();
    let claims = claims(told.body["id_token"].as_str().unwrap());
    assert_eq!(claims["acr"], "urn:posthouse:acr:confirmed");
    let age = claims["iat"].as_i64().unwrap() - claims["auth_time"].as_i64().unwrap();
    assert!((0..60).contains(&age), "{claims}");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_wrong_passwords_send_back_with_a_no_and_silence_is_told_what_is_missing() {
    let mut scene = scene().await;
    let strong = [("prompt", "none"), ("acr_values", "urn:posthouse:acr:confirmed")];
    let url = scene.authorize(&strong);
    assert!(scene.sent(&url).await.contains("error=interaction_required"));
    let url = scene.authorize(&[("prompt", "login")]);
    let page = scene.sent(&url).await;
    let asked = question(&mut scene.zhang).await;
    for condition in ["not-authorized", "not-authorized", "item-not-found"] {
        assert_eq!(answer(&mut scene.zhang, &asked, "a-wrong-password").await.condition(), condition);
    }
    assert_eq!(answer(&mut scene.zhang, &asked, PASSWORD).await.condition(), "item-not-found");
    let back = scene.sent(&page).await;
    assert!(back.starts_with(&format!("{CALLBACK}?error=access_denied&")), "{back}");
    assert!(back.contains("state=s1"), "{back}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sensitive_system_opens_after_the_password_and_not_without_the_app() {
    let mut scene = scene().await;
    let login = format!("{}/cas/login?{}", scene.house.issuer, form(&[("service", SERVICE)]));
    let page = scene.sent(&login).await;
    let asked = question(&mut scene.zhang).await;
    assert_eq!(asked.attribute("system"), Some("财务系统"));
    answer(&mut scene.zhang, &asked, PASSWORD).await;
    assert_eq!(scene.sent(&page).await, login);
    assert!(scene.sent(&login).await.starts_with(&format!("{SERVICE}?ticket=ST-")));
    assert!(scene.sent(&login).await.starts_with(&format!("{SERVICE}?ticket=ST-")), "once in a session");

    let (mut second, _) = scene.house.tab(&mut scene.zhang, "oa", "").await;
    scene.zhang.send("</stream:stream>").await.unwrap();
    let end = tokio::time::Instant::now() + crate::house::PATIENCE;
    loop {
        let refused = second.ask("GET", &login, None, "cross-site").await.unwrap();
        if refused.status == 403 {
            break;
        }
        assert!(tokio::time::Instant::now() < end, "the app is gone: {}", refused.status);
    }
    scene.house.notes_refusal("the app that the session belongs to is not connected").await;
}
