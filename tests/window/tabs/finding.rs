//! Looking for words in a page.

use posthouse_tests::business_site::Answer;
use posthouse_tests::desktop::Desktop;

use super::house::{House, leads_to};

#[tokio::test]
async fn a_search_goes_from_place_to_place_and_says_how_many_there_are_or_that_there_is_none() {
    let house = House::open().await;
    let site = house.site("oa").await;
    site.answers("/", Answer::page("请假单", "<p>请假 一</p><p>出差</p><p>请假 二</p>"));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    window.tab_is_drawn("oa").await.unwrap();
    let is_at = async |place: &str| {
        let script = format!("getSelection().anchorNode?.data === '{place}' ? 'there' : ''");
        window.tab_says("oa", &script).await.unwrap();
    };

    window.find_in_page("请假").await.unwrap();
    window.search_says("共 2 处").await.unwrap();
    is_at("请假 一").await;
    window.press_find_button("find-next").await.unwrap();
    is_at("请假 二").await;
    window.search_says("共 2 处").await.unwrap();
    window.press_find_button("find-previous").await.unwrap();
    is_at("请假 一").await;
    window.type_keys("\u{E007}").await.unwrap();
    is_at("请假 二").await;
    window.type_keys("\u{E007}").await.unwrap();
    is_at("请假 一").await;
    window.find_in_page("加班").await.unwrap();
    window.search_says("没有找到").await.unwrap();
    window.find_in_page("出差").await.unwrap();
    window.search_says("共 1 处").await.unwrap();
    is_at("出差").await;

    site.answers("/file", Answer::file("notes.pdf", b"PDF".to_vec()));
    leads_to(&window, "oa", &format!("{}/file", site.origin())).await;
    window.download_is("finished").await.unwrap();
    window.search_says("共 1 处").await.unwrap();
    site.answers("/next", Answer::page("下一页", "<p>出差</p><p>出差</p>"));
    leads_to(&window, "oa", &format!("{}/next", site.origin())).await;
    window.search_says("").await.unwrap();
    window.tab_is_drawn("oa").await.unwrap();
    window.press_find_button("find-next").await.unwrap();
    window.search_says("共 2 处").await.unwrap();
}

#[tokio::test]
async fn what_was_found_in_one_tab_is_not_said_of_another() {
    let house = House::open().await;
    let (oa, erp) = (house.site("oa").await, house.site("erp").await);
    oa.answers("/", Answer::page("请假单", "<p>请假</p>"));
    erp.answers("/", Answer::page("库存", "<p>库存</p><p>库存</p>"));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    window.tab_is_drawn("oa").await.unwrap();
    window.find_in_page("请假").await.unwrap();
    window.search_says("共 1 处").await.unwrap();

    window.open_system("erp").await.unwrap();
    window.tab_is_drawn("erp").await.unwrap();

    window.find_in_page("库存").await.unwrap();
    window.search_says("共 2 处").await.unwrap();
}
