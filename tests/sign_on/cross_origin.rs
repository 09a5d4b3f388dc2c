//! Programs in browsers, which ask from pages of other origins.

use posthouse_tests::business_system::{Answer, BusinessSystem};

use crate::house::House;

const APP: &str = "https://app.example.org";

/// A program in browsers, and a page of that origin that asks.
async fn house_and_page(origin: &str) -> (House, BusinessSystem) {
    let house = House::open().await;
    let redirect = format!("{APP}/callback");
    house.register("app", &["--launch", APP, "--redirect-uri", &redirect, "--public"]).await;
    let page = house.line().with_header("Origin", origin);
    (house, page)
}

async fn preflight(page: &BusinessSystem, method: &str, path: &str) -> Answer {
    let asks = page.clone().with_header("Access-Control-Request-Method", method);
    let asks = asks.with_header("Access-Control-Request-Headers", "authorization,content-type");
    asks.ask("OPTIONS", path, None).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_program_in_a_browser_may_ask_for_tokens_from_its_own_origin() {
    let (_house, page) = house_and_page(APP).await;
    for (method, path) in [
        ("POST", "/oauth2/token"),
        ("GET", "/oauth2/userinfo"),
        ("POST", "/oauth2/revoke"),
        ("POST", "/oauth2/introspect"),
    ] {
        let answer = preflight(&page, method, path).await;
        assert_eq!(answer.status, 204, "{path}: {}", answer.text);
        assert_eq!(answer.header("access-control-allow-origin"), Some(APP), "{path}");
        assert!(answer.header("access-control-allow-methods").unwrap().contains(method), "{path}");
        let headers = answer.header("access-control-allow-headers").unwrap().to_ascii_lowercase();
        assert!(headers.contains("authorization") && headers.contains("content-type"), "{headers}");
        assert_eq!(answer.header("access-control-allow-credentials"), None, "never with cookies");
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
    let fields = [("grant_type", "authorization_code"), ("code", "x"), ("client_id", "app")];
    let answer = page.post_form("/oauth2/token", &fields).await.unwrap();
    assert_eq!(
        (answer.status, answer.body["error"].as_str()),
        (400, Some("invalid_grant")),
        "{}",
        answer.text
    );
    assert_eq!(answer.header("access-control-allow-origin"), Some(APP), "it may read the error, too");
    let answer = page.get("/oauth2/userinfo").await.unwrap();
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (401, Some(APP)));
    assert_eq!(answer.header("access-control-expose-headers"), Some("WWW-Authenticate"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins_may_read_the_description_and_the_keys_alone() {
    let (_house, page) = house_and_page("https://evil.example.net").await;
    for path in ["/oauth2/token", "/oauth2/userinfo"] {
        let answer = preflight(&page, "POST", path).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        assert_eq!(answer.header("access-control-allow-methods"), None, "{path}");
        let answer = page.post_form(path, &[]).await.unwrap();
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
    for path in
        ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth2/jwks"]
    {
        let answer = preflight(&page, "GET", path).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, Some("*")), "{path}");
        let answer = page.get(path).await.unwrap();
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some("*")), "{path}");
    }
    for path in ["/oauth2/authorize", "/cas/login", "/logout", "/sso/enter"] {
        let answer = preflight(&page, "GET", path).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
}
