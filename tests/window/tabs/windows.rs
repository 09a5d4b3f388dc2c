//! What pages open.

use posthouse_tests::business_site::{Answer, BusinessSite};
use posthouse_tests::desktop::Desktop;

use super::house::House;

#[tokio::test]
async fn a_popup_talks_to_its_opener_and_is_in_its_store() {
    let house = House::open().await;
    let site = house.site("oa").await;
    let hears = "<script>onmessage = (event) => fetch('/heard?' + event.data)</script>";
    site.answers("/", Answer::page("OA", hears).with("set-cookie", "session=1; Path=/; HttpOnly"));
    let tells = "<script>opener.postMessage('signed-in', '*')</script>";
    site.answers("/popup", Answer::page("登录窗口", tells));
    site.answers("/bye", Answer::page("再见", "<script>window.close()</script>"));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();

    window.tab_does("oa", "window.popup = window.open('/popup'), 'opened'").await.unwrap();

    assert_eq!(site.is_reached("/popup", 1).await.unwrap().cookies, "session=1");
    assert_eq!(site.is_reached("/heard", 1).await.unwrap().path, "/heard?signed-in");
    window.has_tabs(2).await.unwrap();
    window.tab_does("oa", "popup.location = '/bye', 'closes'").await.unwrap();
    window.has_tabs(1).await.unwrap();
}

#[tokio::test]
async fn a_window_that_belongs_elsewhere_is_for_the_systems_browser() {
    let house = House::open().await;
    let site = house.site("oa").await;
    let elsewhere = BusinessSite::open().await.unwrap();
    let address = format!("{}/page?x=1", elsewhere.origin().replace("127.0.0.1", "localhost"));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();

    window.tab_does("oa", &format!("window.open('{address}'), 'opened'")).await.unwrap();

    window
        .until("the browser is asked", || async { Ok(!desktop.opened_in_browser().is_empty()) })
        .await
        .unwrap();
    assert_eq!(desktop.opened_in_browser(), [address]);
    assert_eq!(window.tabs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_flood_of_windows_is_stopped_after_a_few() {
    let house = House::open().await;
    let site = house.site("oa").await;
    site.answers("/popup", Answer::page("弹窗", ""));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();

    let flood =
        "String(Array.from({ length: 30 }, () => window.open('/popup', '_blank')).filter(Boolean).length)";
    let opened = window.tab_does("oa", flood).await.unwrap();

    assert_eq!(opened, "3", "windows that the page got");
    window.has_tabs(4).await.unwrap();
}
