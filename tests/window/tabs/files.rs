//! Files that pages bring.

use posthouse_tests::business_site::{Answer, BusinessSite, Tap};
use posthouse_tests::desktop::{Desktop, ShownDownload, Window};

use super::house::{House, leads_to};

const NAME: &str = "季度报表（终稿）.xlsx";

async fn has_one_file(window: &Window, desktop: &Desktop) {
    let finished =
        ShownDownload { state: "finished".to_owned(), name: NAME.to_owned(), percent: String::new() };
    window
        .until("the file is stored", || async { Ok(window.downloads().await?.contains(&finished)) })
        .await
        .unwrap();
    assert_eq!(window.downloads().await.unwrap(), [finished], "told once");
    assert_eq!(stored(desktop), [NAME]);
}

fn stored(desktop: &Desktop) -> Vec<std::ffi::OsString> {
    let files = std::fs::read_dir(desktop.downloads_folder()).unwrap();
    files.map(|file| file.unwrap().file_name()).collect()
}

/// A page that fetches a file of a megabyte, of which 40 % have come.
async fn fetches_a_slow_file(desktop: &Desktop) -> (House, BusinessSite, Window, Tap) {
    let house = House::open().await;
    let site = house.site("oa").await;
    let (answer, tap) = Answer::slow_file(NAME, vec![7; 1_000_000]);
    site.answers("/slow", answer);
    let window = house.window(desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();
    leads_to(&window, "oa", &format!("{}/slow", site.origin())).await;
    tap.lets_through(400_000);
    window.download_is_at(40).await.unwrap();
    (house, site, window, tap)
}

#[tokio::test]
async fn a_slow_file_says_how_far_it_is_until_it_is_stored() {
    let desktop = Desktop::start().await.unwrap();
    let (_house, _site, window, tap) = fetches_a_slow_file(&desktop).await;

    tap.lets_through(750_000);
    window.download_is_at(75).await.unwrap();
    tap.lets_through(1_000_000);

    window.download_is("finished").await.unwrap();
    assert_eq!(stored(&desktop), [NAME]);
    assert!(std::fs::read(desktop.downloads_folder().join(NAME)).unwrap() == vec![7; 1_000_000]);
}

#[tokio::test]
async fn a_file_that_nobody_wants_any_more_is_cancelled_and_leaves_nothing() {
    let desktop = Desktop::start().await.unwrap();
    let (_house, _site, window, _tap) = fetches_a_slow_file(&desktop).await;

    window.cancel_download().await.unwrap();

    window.download_is("cancelled").await.unwrap();
    window.until("nothing is left", || async { Ok(stored(&desktop).is_empty()) }).await.unwrap();
}

#[tokio::test]
async fn a_file_whose_line_is_cut_has_failed_and_leaves_nothing_that_looks_whole() {
    let desktop = Desktop::start().await.unwrap();
    let (_house, _site, window, tap) = fetches_a_slow_file(&desktop).await;

    tap.cuts();

    window.download_is("failed").await.unwrap();
    window.until("nothing is left", || async { Ok(stored(&desktop).is_empty()) }).await.unwrap();
}

#[tokio::test]
async fn a_file_goes_on_when_its_tab_is_closed() {
    let desktop = Desktop::start().await.unwrap();
    let (_house, _site, window, tap) = fetches_a_slow_file(&desktop).await;

    window.close_tab("oa").await.unwrap();
    window.has_tabs(0).await.unwrap();
    tap.lets_through(1_000_000);

    window.download_is("finished").await.unwrap();
    assert_eq!(stored(&desktop), [NAME]);
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
