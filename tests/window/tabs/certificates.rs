//! Certificates of the organisation's own authority, which the person has accepted for the server (threat 22).

use posthouse_tests::desktop::Desktop;
use posthouse_tests::server_process::ServerProcess;

use super::house::{House, site_with_certificate_of};

#[tokio::test]
async fn a_site_that_the_accepted_authority_has_signed_opens() {
    let house = House::open().await;
    let site = house.secure_site("oa", true).await;
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;

    window.open_system("oa").await.unwrap();

    site.is_reached("/", 1).await.unwrap();
    window.tab_has_a_page().await.unwrap();
}

#[tokio::test]
async fn a_site_that_leaves_the_accepted_authority_out_of_what_it_sends_opens_too() {
    let house = House::open().await;
    let site = house.secure_site("oa", false).await;
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;

    window.open_system("oa").await.unwrap();

    site.is_reached("/", 1).await.unwrap();
    window.tab_has_a_page().await.unwrap();
}

#[tokio::test]
async fn threat_22_a_site_of_another_authority_is_refused_and_the_tab_says_what_to_do() {
    let house = House::open().await;
    let stranger = ServerProcess::prepare().await.unwrap();
    let site = site_with_certificate_of(&stranger, true).await;
    house.register("oa", &site).await;
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;

    window.open_system("oa").await.unwrap();

    window.tab_fails_as("certificate").await.unwrap();
    let words = window.tab_failure_text().await.unwrap();
    assert!(words.contains("管理员"), "whom to ask: {words}");
    assert!(site.reached("/").is_empty());
}
