//! What tabs take of the computer's memory, and what becomes of those that take too much.

use posthouse_tests::desktop::{Desktop, ShownMemory};

use super::house::House;
use crate::office::{self, ALICE};

fn megabytes_of(lines: &[ShownMemory], system: &str) -> Option<u64> {
    lines.iter().find(|line| line.system == system).and_then(|line| line.megabytes)
}

#[tokio::test]
async fn the_settings_say_which_tab_takes_much_memory() {
    let house = House::open().await;
    let (_oa, _erp) = (house.site("oa").await, house.site("erp").await);
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    window.tab_is_drawn("oa").await.unwrap();
    window.open_system("erp").await.unwrap();
    window.tab_is_drawn("erp").await.unwrap();

    let taken = "String((window.kept = new Uint8Array(150e6).map((_, at) => at)).length)";
    window.tab_does("oa", taken).await.unwrap();

    let (program, tabs) = window.memory_use().await.unwrap();
    assert!(program > 5, "{program}");
    let (oa, erp) = (megabytes_of(&tabs, "oa").unwrap(), megabytes_of(&tabs, "erp").unwrap());
    assert!(erp > 5 && oa > erp + 130, "{tabs:?}");
}

#[tokio::test]
async fn above_the_budget_a_page_that_was_left_sleeps_long_before_its_time_and_the_shown_one_does_not() {
    let house = House::open().await;
    let (oa, _erp) = (house.site("oa").await, house.site("erp").await);
    let desktop = Desktop::start().await.unwrap();
    // A page may be unused for two minutes, longer than anybody waits here, and all of them may take a mebibyte.
    let narrow = ["--tabs-sleep-after", "120", "--tabs-memory", "1"];
    let window = office::signed_in_with(&house.server, &desktop, ALICE, &narrow).await.unwrap();
    window.open_system("oa").await.unwrap();
    oa.is_reached("/", 1).await.unwrap();
    window.tab_is_drawn("oa").await.unwrap();

    window.open_system("erp").await.unwrap();
    window.tab_is_drawn("erp").await.unwrap();

    window.tab_sleeps("oa").await.unwrap();
    let (_, tabs) = window.memory_use().await.unwrap();
    assert_eq!(megabytes_of(&tabs, "oa"), None, "it takes none");
    assert!(megabytes_of(&tabs, "erp").is_some(), "the one in front is awake: {tabs:?}");
}

#[tokio::test]
async fn within_the_budget_a_page_that_was_left_stays_awake() {
    let house = House::open().await;
    let (oa, erp) = (house.site("oa").await, house.site("erp").await);
    let desktop = Desktop::start().await.unwrap();
    let wide = ["--tabs-sleep-after", "90", "--tabs-memory", "100000"];
    let window = office::signed_in_with(&house.server, &desktop, ALICE, &wide).await.unwrap();
    window.open_system("oa").await.unwrap();
    oa.is_reached("/", 1).await.unwrap();
    window.open_system("erp").await.unwrap();
    erp.is_reached("/", 1).await.unwrap();
    // What the app looks at every second, and would have put to sleep after three.
    let since = std::time::Instant::now();
    window.until("five seconds are over", || async { Ok(since.elapsed().as_secs() >= 5) }).await.unwrap();

    let (_, tabs) = window.memory_use().await.unwrap();
    assert!(megabytes_of(&tabs, "oa").is_some(), "{tabs:?}");
}
