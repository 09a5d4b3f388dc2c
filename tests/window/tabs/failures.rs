//! Tabs without a page.

use posthouse_tests::desktop::Desktop;

use super::house::House;

#[tokio::test]
async fn a_page_whose_process_ends_says_so_and_comes_back_signed_in() {
    let house = House::open().await;
    let site = house.site("oa").await;
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    let own = window.web_processes().unwrap();
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();

    let all = window.web_processes().unwrap();
    let pages: Vec<String> = all.iter().filter(|one| !own.contains(one)).map(ToString::to_string).collect();
    assert!(!pages.is_empty(), "the tab has no process of its own");
    let killed = tokio::process::Command::new("kill").arg("-KILL").args(&pages).status().await.unwrap();
    assert!(killed.success());

    window.tab_fails_as("crashed").await.unwrap();
    window.try_tab_again().await.unwrap();
    site.is_reached("/", 2).await.unwrap();
    window.tab_has_a_page().await.unwrap();
    window.is_online().await.unwrap();
}

#[tokio::test]
async fn a_system_that_does_not_answer_says_so() {
    let house = House::open().await;
    let site = house.site("oa").await;
    site.close();
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;

    window.open_system("oa").await.unwrap();

    window.tab_fails_as("unreachable").await.unwrap();
}
