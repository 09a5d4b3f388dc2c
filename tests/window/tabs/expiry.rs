//! The provider does not know a tab any more.

use posthouse_tests::business_site::Answer;
use posthouse_tests::desktop::Desktop;

use super::house::{House, leads_to};

#[tokio::test]
async fn a_tab_that_has_expired_is_entered_again_by_itself() {
    let house = House::open().await;
    let site = house.site("oa").await;
    site.answers("/work", Answer::redirect(&house.expired("oa")));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();

    leads_to(&window, "oa", &format!("{}/work", site.origin())).await;

    site.is_reached("/", 2).await.unwrap();
    window.tab_has_a_page().await.unwrap();
}

#[tokio::test]
async fn a_tab_that_always_expires_is_entered_once_and_then_says_so() {
    let house = House::open().await;
    let site = house.site("oa").await;
    site.answers("/", Answer::redirect(&house.expired("oa")));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;

    window.open_system("oa").await.unwrap();

    window.tab_fails_as("signInFailed").await.unwrap();
    assert_eq!(site.reached("/").len(), 2);
}

#[tokio::test]
async fn a_tab_is_never_entered_into_another_system_and_says_so() {
    let house = House::open().await;
    let (oa, erp) = (house.site("oa").await, house.site("erp").await);
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    oa.is_reached("/", 1).await.unwrap();

    leads_to(&window, "oa", &house.expired("erp")).await;

    window.tab_fails_as("otherSystem").await.unwrap();
    assert!(erp.reached("/").is_empty(), "the tab was entered into another system");
    window.try_tab_again().await.unwrap();
    window.tab_has_a_page().await.unwrap();
    window.tab_says("oa", "document.title === '起始页 oa' ? 'back' : ''").await.unwrap();
}

#[tokio::test]
async fn a_frame_does_not_use_up_the_new_entrance_of_its_tab() {
    let house = House::open().await;
    let site = house.site("oa").await;
    let frame = format!("<iframe src='{}' onload=\"fetch('/framed')\"></iframe>", house.expired("oa"));
    site.answers("/frame", Answer::page("框架", &frame));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();

    leads_to(&window, "oa", &format!("{}/frame", site.origin())).await;
    site.is_reached("/framed", 1).await.unwrap();
    assert_eq!(site.reached("/").len(), 1, "a frame has sent the tab away");
    leads_to(&window, "oa", &house.expired("oa")).await;

    site.is_reached("/", 2).await.unwrap();
    window.tab_has_a_page().await.unwrap();
}
