//! What the standards demand of requests and answers of systems, whatever stands in them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use posthouse_tests::business_system::{Answer, form};

use crate::house::House;

const CALLBACK: &str = "http://127.0.0.1:9/callback";

async fn house_with_wiki() -> (House, String) {
    let house = House::open().await;
    let words = ["--launch", "http://127.0.0.1:9/", "--redirect-uri", CALLBACK];
    let secret = house.register("wiki.1", &words).await;
    (house, secret)
}

/// Every character percent-encoded, as RFC 6749 section 2.3.1 lets systems do it.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn is_not_kept(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", answer.text);
    assert_eq!(answer.header("pragma"), Some("no-cache"), "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.text);
}

/// RFC 6749 sections 2.3.1, 5.1 and 5.2.
#[tokio::test(flavor = "multi_thread")]
async fn a_system_proves_itself_by_basic_or_by_form_and_not_by_both() {
    let (house, secret) = house_with_wiki().await;
    let ask = async |authorization: Option<String>, more: &[(&str, &str)]| {
        let fields = [&[("grant_type", "authorization_code"), ("code", "x")], more].concat();
        let line = match authorization {
            Some(text) => {
                house.line().with_header("Authorization", &format!("Basic {}", STANDARD.encode(text)))
            }
            None => house.line(),
        };
        let answer = line.post_form("/oauth2/token", &fields).await.unwrap();
        is_not_kept(&answer);
        if answer.status == 401 {
            assert!(answer.header("www-authenticate").unwrap().starts_with("Basic "), "{}", answer.text);
        }
        (answer.status, answer.body["error"].as_str().unwrap().to_owned())
    };
    let good = |word: &str| (400, word.to_owned());
    assert_eq!(ask(Some(format!("wiki.1:{secret}")), &[]).await, good("invalid_grant"));
    assert_eq!(
        ask(Some(format!("{}:{}", encoded("wiki.1"), encoded(&secret))), &[]).await,
        good("invalid_grant")
    );
    let by_form = [("client_id", "wiki.1"), ("client_secret", secret.as_str())];
    assert_eq!(ask(None, &by_form).await, good("invalid_grant"));
    assert_eq!(ask(Some(format!("wiki.1:{secret}")), &by_form).await, good("invalid_request"));
    let denied = (401, "invalid_client".to_owned());
    assert_eq!(ask(Some("wiki.1:wrong".to_owned()), &[]).await, denied);
    assert_eq!(ask(Some(format!("nobody:{secret}")), &[]).await, denied);
    assert_eq!(ask(None, &[("client_id", "wiki.1")]).await, denied);
    assert_eq!(ask(None, &[]).await, denied);
}

/// RFC 6749 section 3.2, RFC 9110 section 15.5.6.
#[tokio::test(flavor = "multi_thread")]
async fn forms_alone_are_taken_and_other_methods_are_told_which_are_known() {
    let (house, secret) = house_with_wiki().await;
    for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
        let answer = house.line().get(path).await.unwrap();
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST,OPTIONS")), "{path}");
    }
    for (method, path, allowed) in [
        ("PUT", "/oauth2/authorize", "GET,HEAD,POST"),
        ("DELETE", "/oauth2/userinfo", "GET,HEAD,POST,OPTIONS"),
        ("POST", "/oauth2/jwks", "GET,HEAD,OPTIONS"),
    ] {
        let answer = house.line().ask(method, path, None).await.unwrap();
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{path}");
    }
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("client_id", "wiki.1"),
        ("client_secret", secret.as_str()),
    ];
    let in_query = format!("/oauth2/token?{}", form(&fields));
    let answer = house.line().post_form(&in_query, &[]).await.unwrap();
    assert_eq!(
        (answer.status, answer.body["error"].as_str()),
        (401, Some("invalid_client")),
        "{}",
        answer.text
    );
    let json = ("application/json", r#"{"grant_type":"authorization_code"}"#);
    let answer = house.line().ask_with("POST", "/oauth2/token", Some(json)).await.unwrap();
    assert_eq!((answer.status, answer.body["error"].as_str()), (400, Some("invalid_request")));
    let twice = format!("{}&code=y", form(&fields));
    let twice = ("application/x-www-form-urlencoded", twice.as_str());
    let answer = house.line().ask_with("POST", "/oauth2/token", Some(twice)).await.unwrap();
    assert_eq!((answer.status, answer.body["error"].as_str()), (400, Some("invalid_request")));
    for (kind, error) in [("password", "unsupported_grant_type"), ("", "invalid_request")] {
        let fields = [("grant_type", kind), ("client_id", "wiki.1"), ("client_secret", secret.as_str())];
        let answer = house.line().post_form("/oauth2/token", &fields).await.unwrap();
        assert_eq!((answer.status, answer.body["error"].as_str()), (400, Some(error)));
    }
}

/// RFC 6750 section 3, RFC 7009 section 2.2, RFC 7662 section 2.2.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_nobody_knows_are_answered_as_the_standards_say() {
    let (house, secret) = house_with_wiki().await;
    let answer = house.line().get("/oauth2/userinfo").await.unwrap();
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer realm=\"posthouse\"")));
    let answer = house.line().get("/oauth2/userinfo?access_token=x").await.unwrap();
    assert_eq!(
        (answer.status, answer.header("www-authenticate")),
        (401, Some("Bearer realm=\"posthouse\"")),
        "never of a query"
    );
    let answer = house.line().with_key("x").get("/oauth2/userinfo").await.unwrap();
    assert_eq!(answer.status, 401);
    assert!(
        answer
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer realm=\"posthouse\", error=\"invalid_token\"")
    );
    let answer =
        house.line().with_key("x").post_form("/oauth2/userinfo", &[("access_token", "y")]).await.unwrap();
    assert_eq!((answer.status, answer.body["error"].as_str()), (400, Some("invalid_request")));
    let own = [("client_id", "wiki.1"), ("client_secret", secret.as_str())];
    let unknown = [&own[..], &[("token", "x"), ("token_type_hint", "anything")]].concat();
    assert_eq!(house.line().post_form("/oauth2/revoke", &unknown).await.unwrap().status, 200);
    let told = house.line().post_form("/oauth2/introspect", &unknown).await.unwrap();
    assert_eq!((told.status, told.text.as_str()), (200, "{\"active\":false}"));
    for path in ["/oauth2/revoke", "/oauth2/introspect"] {
        let answer = house.line().post_form(path, &own).await.unwrap();
        assert_eq!((answer.status, answer.body["error"].as_str()), (400, Some("invalid_request")), "{path}");
        let answer = house.line().post_form(path, &[("token", "x")]).await.unwrap();
        assert_eq!((answer.status, answer.body["error"].as_str()), (401, Some("invalid_client")), "{path}");
    }
}

/// OpenID Connect Discovery section 4, RFC 8414 section 3.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_description_promises_is_there() {
    let (house, _) = house_with_wiki().await;
    let told = house.line().get("/.well-known/openid-configuration").await.unwrap();
    let same = house.line().get("/.well-known/oauth-authorization-server").await.unwrap();
    assert_eq!((told.status, &told.body), (200, &same.body));
    for (name, value) in told.body.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            let path = value.as_str().unwrap().strip_prefix(&house.issuer).unwrap().to_owned();
            let answers =
                [house.line().get(&path).await.unwrap(), house.line().post_form(&path, &[]).await.unwrap()];
            assert!(answers.iter().all(|answer| answer.status != 404), "{name}");
            assert!(answers.iter().any(|answer| answer.status != 405), "{name}");
        }
    }
}
