//! Pages that nobody looks at give their memory back.

use posthouse_tests::business_site::Answer;
use posthouse_tests::desktop::Desktop;

use super::house::{House, leads_to};
use crate::office::{self, ALICE};

#[tokio::test]
async fn a_tab_that_nobody_looks_at_sleeps_and_wakes_signed_in_where_it_was() {
    let house = House::open().await;
    let (oa, erp) = (house.site("oa").await, house.site("erp").await);
    oa.answers("/todo", Answer::page("待办", "<p>42</p>"));
    let desktop = Desktop::start().await.unwrap();
    let hurried = ["--tabs-sleep-after", "2"];
    let window = office::signed_in_with(&house.server, &desktop, ALICE, &hurried).await.unwrap();
    window.open_system("oa").await.unwrap();
    oa.is_reached("/", 1).await.unwrap();
    leads_to(&window, "oa", &format!("{}/todo?number=42#end", oa.origin())).await;
    oa.is_reached("/todo", 1).await.unwrap();
    let before = window.web_processes().unwrap();

    window.open_system("erp").await.unwrap();
    erp.is_reached("/", 1).await.unwrap();
    window.tab_sleeps("oa").await.unwrap();
    let is_gone = || async {
        Ok(window.web_processes()?.iter().filter(|one| before.contains(one)).count() < before.len())
    };
    window.until("the page's process has ended", is_gone).await.unwrap();
    assert!(window.tabs().await.unwrap().iter().any(|tab| tab.name == "待办"), "it keeps its name");

    window.choose_tab("oa").await.unwrap();

    assert_eq!(oa.is_reached("/todo", 2).await.unwrap().path, "/todo?number=42");
    assert_eq!(oa.reached("/").len(), 2, "it went through an entrance");
    assert_eq!(window.tab_says("oa", "location.hash").await.unwrap(), "#end");
}
