//! What a person does with a page.

use posthouse_tests::business_site::Answer;
use posthouse_tests::desktop::Desktop;

use super::house::{House, leads_to};

#[tokio::test]
async fn back_forward_reload_and_zoom_do_what_they_say() {
    let house = House::open().await;
    let site = house.site("oa").await;
    site.answers("/second", Answer::page("(5) 第二页", ""));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();
    leads_to(&window, "oa", &format!("{}/second", site.origin())).await;
    let is_at = async |path: &str| {
        let script =
            format!("location.pathname === '{path}' && document.readyState === 'complete' ? 'yes' : ''");
        window.tab_says("oa", &script).await.unwrap();
    };
    is_at("/second").await;
    let tab = &window.tabs().await.unwrap()[0];
    assert_eq!((tab.name.as_str(), tab.unread.as_str()), ("第二页", "5"), "a count in the title is a badge");

    window.press_tab_button("back").await.unwrap();
    is_at("/").await;
    window.press_tab_button("forward").await.unwrap();
    is_at("/second").await;
    let before = site.reached("/second").len();
    window.press_tab_button("reload").await.unwrap();
    site.is_reached("/second", before + 1).await.unwrap();
    is_at("/second").await;
    let width = window.tab_says("oa", "String(innerWidth)").await.unwrap();
    window.press_tab_button("zoom-in").await.unwrap();
    window.tab_says("oa", &format!("innerWidth < {width} ? 'larger' : ''")).await.unwrap();
}

#[tokio::test]
async fn the_pointer_and_the_keyboard_reach_the_page() {
    let house = House::open().await;
    let site = house.site("oa").await;
    let form = "<input style='position:fixed;inset:0;width:100%;height:200px'>";
    site.answers("/", Answer::page("表单", form));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    window.tab_is_drawn("oa").await.unwrap();

    window.click_in_tab(60, 60).await.unwrap();
    window
        .tab_says("oa", "document.hasFocus() && document.activeElement.tagName === 'INPUT' ? 'there' : ''")
        .await
        .unwrap();
    window.type_on_desktop("approve 42").await.unwrap();

    window
        .tab_says("oa", "document.querySelector('input').value === 'approve 42' ? 'typed' : ''")
        .await
        .unwrap();
}
