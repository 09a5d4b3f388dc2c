//! A system that is registered and changed over HTTP, as people and the system see it: at once.

use posthouse_tests::business_system::BusinessSystem;
use serde_json::{Value, json};

use crate::house::{House, ZHANG};

const PARTIES: &str = "/api/v1/relying-parties";

/// An application that may register systems.
async fn administrator(house: &House) -> BusinessSystem {
    let words = ["application", "create", "admin", "--relying-parties", "edit"];
    let key = house.server.administer(&words, None).await.unwrap();
    let address = house.server.address_of("http").unwrap();
    BusinessSystem::at(&address).with_key(key.trim()).with_header("If-Match", "*")
}

async fn change(admin: &BusinessSystem, id: &str, change: &Value) {
    let path = format!("{PARTIES}/{id}");
    let changed = admin.ask("PATCH", &path, Some(&change.to_string())).await.unwrap();
    assert_eq!(changed.status, 200, "{}", changed.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_registered_and_changed_over_http_counts_from_the_next_request_on() {
    let house = House::open().await;
    let (admin, office) = (administrator(&house).await, house.office().await);
    let mut zhang = house.person(ZHANG).await;
    let launch = format!("{}/", office.address());
    let wiki = json!({"id": "wiki", "launch": launch, "launchTicket": true});
    let added = admin.post(PARTIES, &wiki).await.unwrap();
    assert_eq!(added.status, 201, "{}", added.text);
    let secret = added.body["secret"].as_str().unwrap().to_owned();
    let (mut browser, page) = house.tab(&mut zhang, "wiki", "").await;
    assert_ne!(page.answer.status, 403, "{}", page.answer.text);

    // Whose secret is good learns that the ticket is not; whose is not learns nothing of tickets.
    let redeemed = async |secret: &str| {
        let fields = [("ticket", "LT-of-nobody"), ("client_id", "wiki"), ("client_secret", secret)];
        house.line().post_form("/launch/redeem", &fields).await.unwrap().status
    };
    assert_eq!(redeemed(&secret).await, 400);
    let made = admin.ask("POST", &format!("{PARTIES}/wiki/secret"), None).await.unwrap();
    assert_eq!(redeemed(&secret).await, 401, "the old secret is worth nothing");
    assert_eq!(redeemed(made.body["secret"].as_str().unwrap()).await, 400);

    let begin = format!("{}/launch/wiki", house.issuer);
    let ticket = async |browser: &mut posthouse_tests::browser::Browser| {
        let page = browser.open(&begin).await.unwrap();
        page.url.contains("ticket=LT-") || page.way.iter().any(|url| url.contains("ticket=LT-"))
    };
    assert!(ticket(&mut browser).await);
    change(&admin, "wiki", &json!({"audience": {"people": ["li.si"]}})).await;
    assert!(!ticket(&mut browser).await, "it is for somebody else now");
    change(&admin, "wiki", &json!({"audience": {}})).await;
    assert!(ticket(&mut browser).await);
    change(&admin, "wiki", &json!({"enabled": false})).await;
    assert!(!ticket(&mut browser).await, "it is switched off");
    assert_eq!(admin.ask("DELETE", &format!("{PARTIES}/wiki"), None).await.unwrap().status, 204);
    assert_eq!(redeemed(made.body["secret"].as_str().unwrap()).await, 401);
}
