//! CAS on the wire.

use posthouse_tests::browser::Browser;
use posthouse_tests::business_system::form;

use crate::house::{House, ZHANG};

const SERVICE: &str = "http://127.0.0.1:9/erp/";

/// Somebody whose tab has a session, and a system that speaks CAS.
async fn signed_in() -> (House, Browser) {
    let house = House::open().await;
    let _office = house.office().await;
    house.register("erp", &["--launch", SERVICE, "--cas-service", SERVICE]).await;
    let mut zhang = house.person(ZHANG).await;
    let (browser, page) = house.tab(&mut zhang, "oa", "").await;
    assert_eq!(page.answer.status, 200, "{}", house.refusals().await);
    (house, browser)
}

async fn ticket(house: &House, browser: &mut Browser) -> String {
    let url = format!("{}/cas/login?{}", house.issuer, form(&[("service", SERVICE)]));
    let answer = browser.ask("GET", &url, None, "cross-site").await.unwrap();
    let to = answer.header("location").unwrap_or_else(|| panic!("{}", answer.text));
    to.strip_prefix("http://127.0.0.1:9/erp/?ticket=").unwrap().to_owned()
}

async fn validate(house: &House, path: &str, ticket: &str, more: &[(&str, &str)]) -> String {
    let fields = [&[("service", SERVICE), ("ticket", ticket)], more].concat();
    house.line().get(&format!("/cas/{path}?{}", form(&fields))).await.unwrap().text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_ticket_says_who_it_is_once_in_every_version() {
    let (house, mut browser) = signed_in().await;
    let first = ticket(&house, &mut browser).await;
    let told = validate(&house, "p3/serviceValidate", &first, &[]).await;
    assert!(told.contains("<cas:user>zhang.aili</cas:user>"), "{told}");
    assert!(told.contains("<cas:displayName>张爱丽</cas:displayName>"), "{told}");
    let again = validate(&house, "p3/serviceValidate", &first, &[]).await;
    assert!(again.contains("code=\"INVALID_TICKET\""), "{again}");

    let second = ticket(&house, &mut browser).await;
    let told = validate(&house, "serviceValidate", &second, &[]).await;
    assert!(told.contains("<cas:user>zhang.aili</cas:user>") && !told.contains("attributes"), "{told}");
    let third = ticket(&house, &mut browser).await;
    assert_eq!(validate(&house, "validate", &third, &[]).await, "yes\nzhang.aili\n");
    assert_eq!(validate(&house, "validate", &third, &[]).await, "no\n\n");
    let fourth = ticket(&house, &mut browser).await;
    let told = validate(&house, "p3/serviceValidate", &fourth, &[("format", "JSON")]).await;
    assert!(told.contains("\"user\":\"zhang.aili\""), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_of_other_services_and_strange_characters_get_a_well_formed_no() {
    let (house, mut browser) = signed_in().await;
    let one = ticket(&house, &mut browser).await;
    let fields = [("service", "http://127.0.0.1:9/erp/other"), ("ticket", one.as_str())];
    let told = house.line().get(&format!("/cas/serviceValidate?{}", form(&fields))).await.unwrap().text;
    assert!(told.contains("code=\"INVALID_SERVICE\""), "{told}");
    let told = validate(&house, "serviceValidate", "ST-\u{1}<x>", &[]).await;
    assert!(told.contains("code=\"INVALID_TICKET\"") && !told.contains('\u{1}'), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_05_nobody_is_sent_to_a_service_that_is_not_registered_not_even_at_the_end() {
    let (house, mut browser) = signed_in().await;
    let url = format!("{}/cas/login?{}", house.issuer, form(&[("service", "http://127.0.0.1:9/other/")]));
    let answer = browser.ask("GET", &url, None, "cross-site").await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (403, None));
    let url = format!("{}/cas/logout?{}", house.issuer, form(&[("url", "http://evil.net/")]));
    let answer = browser.ask("GET", &url, None, "none").await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (200, None));
    assert!(browser.cookie("localhost", "__Host-sso").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_14_a_link_of_another_site_signs_nobody_out_before_the_button_is_pressed() {
    let (house, mut browser) = signed_in().await;
    let url = format!("{}/cas/logout?{}", house.issuer, form(&[("service", SERVICE)]));
    let page = browser.ask("GET", &url, None, "cross-site").await.unwrap();
    assert_eq!((page.status, page.header("location")), (200, None), "she is not in that system");
    assert!(page.header("content-security-policy").unwrap().contains("form-action 'self' http:;"));
    let confirm = format!("{}/cas/logout/confirm", house.issuer);
    assert_eq!(browser.submit(&confirm, &[("service", SERVICE)]).await.unwrap().answer.status, 403);
    assert!(browser.cookie("localhost", "__Host-sso").is_some());
    let (_, mark) = page.text.split_once("name=\"mark\" value=\"").unwrap();
    let fields = form(&[("service", SERVICE), ("mark", mark.split('"').next().unwrap())]);
    let pressed = browser.ask("POST", &confirm, Some(&fields), "same-origin").await.unwrap();
    assert_eq!((pressed.status, pressed.header("location")), (303, Some(SERVICE)));
    assert!(browser.cookie("localhost", "__Host-sso").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_she_is_in_signs_her_out_and_gets_her_back() {
    let (house, mut browser) = signed_in().await;
    let ticket = ticket(&house, &mut browser).await;
    assert!(validate(&house, "serviceValidate", &ticket, &[]).await.contains(ZHANG));
    let url = format!("{}/cas/logout?{}", house.issuer, form(&[("service", SERVICE)]));
    let answer = browser.ask("GET", &url, None, "cross-site").await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (303, Some(SERVICE)));
    assert!(browser.cookie("localhost", "__Host-sso").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_without_a_session_goes_back_without_a_ticket_when_the_system_only_looks() {
    let (house, _) = signed_in().await;
    let mut other = house.browser();
    let url = format!("{}/cas/login?{}", house.issuer, form(&[("service", SERVICE), ("gateway", "true")]));
    let answer = other.ask("GET", &url, None, "cross-site").await.unwrap();
    assert_eq!(answer.header("location"), Some(SERVICE));
    let url = format!("{}/cas/login?{}", house.issuer, form(&[("service", SERVICE)]));
    let page = other.follow(&url).await.unwrap();
    assert_eq!((page.answer.status, page.url), (401, format!("{}/sso/expired?app=erp", house.issuer)));
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_validated_by_form_too_and_where_proxy_tickets_would_be() {
    let (house, mut browser) = signed_in().await;
    for path in ["serviceValidate", "proxyValidate", "p3/serviceValidate", "p3/proxyValidate"] {
        let ticket = ticket(&house, &mut browser).await;
        let fields = [("service", SERVICE), ("ticket", ticket.as_str())];
        let told = house.line().post_form(&format!("/cas/{path}"), &fields).await.unwrap();
        assert!(told.text.contains("<cas:user>zhang.aili</cas:user>"), "{path}: {}", told.text);
        assert_eq!(told.text.contains("<cas:attributes>"), path.starts_with("p3/"), "{}", told.text);
        assert_eq!(told.header("cache-control"), Some("no-store"));
    }
    let told = validate(&house, "serviceValidate", "PT-1", &[]).await;
    assert!(told.contains("code=\"INVALID_TICKET_SPEC\""), "{told}");
    let told = validate(&house, "proxyValidate", "PT-1", &[]).await;
    assert!(told.contains("code=\"INVALID_TICKET\""), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_12_proxy_tickets_and_saml_are_refused_in_the_words_of_the_protocol() {
    let (house, mut browser) = signed_in().await;
    for (callback, code) in [
        ("https://127.0.0.1:9/pgt", "UNAUTHORIZED_SERVICE_PROXY"),
        ("http://127.0.0.1:9/pgt", "INVALID_PROXY_CALLBACK"),
    ] {
        let ticket = ticket(&house, &mut browser).await;
        let told = validate(&house, "serviceValidate", &ticket, &[("pgtUrl", callback)]).await;
        assert!(told.contains(&format!("<cas:authenticationFailure code=\"{code}\">")), "{told}");
        let again = validate(&house, "serviceValidate", &ticket, &[]).await;
        assert!(again.contains("code=\"INVALID_TICKET\""), "the ticket was used: {again}");
    }
    let asked = form(&[("pgt", "PGT-1"), ("targetService", SERVICE)]);
    let told = house.line().get(&format!("/cas/proxy?{asked}")).await.unwrap();
    assert_eq!((told.status, told.header("content-type")), (200, Some("application/xml; charset=utf-8")));
    assert!(told.text.contains("<cas:proxyFailure code=\"UNAUTHORIZED_SERVICE\">"), "{}", told.text);
    let told = house.line().get("/cas/proxy?pgt=PGT-1").await.unwrap();
    assert!(told.text.contains("<cas:proxyFailure code=\"INVALID_REQUEST\">"), "{}", told.text);
    let saml = ("text/xml", "<SOAP-ENV:Envelope/>");
    let told = house.line().ask_with("POST", "/cas/samlValidate?TARGET=x", Some(saml)).await.unwrap();
    assert!(told.text.contains("samlp:Responder") && !told.text.contains("samlp:Success"), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_somebody_types_into_a_forged_page_goes_nowhere() {
    let (house, _) = signed_in().await;
    let fields = [("service", SERVICE), ("username", ZHANG), ("password", "Zhengque-2026!")];
    let sent = house.line().post_form("/cas/login", &fields).await.unwrap();
    let to = format!("{}/cas/login?service=http%3A%2F%2F127.0.0.1%3A9%2Ferp%2F", house.issuer);
    assert_eq!((sent.status, sent.header("location")), (303, Some(to.as_str())));
}
