//! Files that pages bring.

use posthouse_tests::business_site::Answer;
use posthouse_tests::desktop::{Desktop, ShownDownload, Window};

use super::house::{House, leads_to};

const NAME: &str = "季度报表（终稿）.xlsx";

async fn has_one_file(window: &Window, desktop: &Desktop) {
    let finished = ShownDownload { state: "finished".to_owned(), name: NAME.to_owned() };
    window
        .until("the file is stored", || async { Ok(window.downloads().await?.contains(&finished)) })
        .await
        .unwrap();
    assert_eq!(window.downloads().await.unwrap(), [finished], "told once");
    let stored: Vec<_> = std::fs::read_dir(desktop.downloads_folder())
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(stored, [NAME]);
}

#[tokio::test]
async fn a_file_with_a_chinese_name_is_stored_under_it_and_told_once() {
    let house = House::open().await;
    let site = house.site("oa").await;
    let content = vec![7; 3_000_000];
    site.answers("/file", Answer::file(NAME, content.clone()));
    site.answers("/popup", Answer::page("弹窗", ""));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();
    // Another page of the same store.
    window.tab_does("oa", "window.open('/popup'), 'opened'").await.unwrap();
    window.has_tabs(2).await.unwrap();

    leads_to(&window, "oa", &format!("{}/file", site.origin())).await;

    has_one_file(&window, &desktop).await;
    assert!(std::fs::read(desktop.downloads_folder().join(NAME)).unwrap() == content);
}

#[tokio::test]
async fn a_window_that_was_opened_for_a_file_leaves_no_empty_tab() {
    let house = House::open().await;
    let site = house.site("oa").await;
    site.answers("/file", Answer::file(NAME, b"PK".to_vec()));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();

    window.tab_does("oa", "window.open('/file'), 'opened'").await.unwrap();

    has_one_file(&window, &desktop).await;
    window.has_tabs(1).await.unwrap();
}
