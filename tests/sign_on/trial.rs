//! What an administrator learns of a system without signing in to it: `relying-party test`.

use posthouse_tests::business_system::form;

use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn threat_23_an_administrator_learns_what_is_wrong_with_a_system_in_plain_words() {
    let house = House::open().await;
    let office = house.office().await;
    let told = house.server.administer(&["relying-party", "test", "oa"], None).await.unwrap();
    assert!(told.contains(&format!("ok       launch       {}/ answers", office.address())), "{told}");
    assert!(told.contains(&format!("ok       redirect     {} answers", office.redirect_uri())), "{told}");
    assert!(told.contains("the system's own session lasts as long as the system likes"), "{told}");
    assert!(told.contains("Nobody was refused lately."), "{told}");

    let fields = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("client_id", "oa"),
        ("client_secret", "a-wrong-secret-of-somebody"),
    ];
    assert_eq!(house.line().post_form("/oauth2/token", &fields).await.unwrap().status, 401);
    let lacks = form(&[
        ("client_id", "oa"),
        ("response_type", "code"),
        ("redirect_uri", &office.redirect_uri()),
        ("scope", "openid"),
    ]);
    let answer = house.line().get(&format!("/oauth2/authorize?{lacks}")).await.unwrap();
    assert_eq!(answer.status, 303);
    house.notes_refusal("sent back: invalid_request: code_challenge is needed").await;
    let told = house.server.administer(&["relying-party", "test", "oa"], None).await.unwrap();
    assert!(told.contains("put the secret of the registration into the system's configuration"), "{told}");
    assert!(told.contains("switch PKCE with S256 on"), "{told}");
    assert!(!told.contains("a-wrong-secret-of-somebody"), "no secret is kept: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_does_not_answer_and_one_without_single_sign_out_fail_the_test() {
    let house = House::open().await;
    let office = house.office().await;
    house.register("gone", &["--launch", "http://127.0.0.1:9/", "--launch-ticket"]).await;
    let failed = house.server.administer(&["relying-party", "test", "gone"], None).await.unwrap_err();
    let failed = failed.to_string();
    assert!(failed.contains("FAILED   launch       http://127.0.0.1:9/: it cannot be reached"), "{failed}");
    let service = format!("{}/nowhere/", office.address());
    house.register("erp", &["--launch", &service, "--cas-service", &service]).await;
    let failed = house.server.administer(&["relying-party", "test", "erp"], None).await.unwrap_err();
    let failed = failed.to_string();
    assert!(failed.contains("to the end of a session. Next: register the address"), "{failed}");
}
