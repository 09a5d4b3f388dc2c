//! The order of the bar, and what of it outlives the app.

use posthouse_tests::desktop::Desktop;

use super::house::House;

/// The driver's names of keys: Ctrl with the arrow to the left, and no key any more.
const MOVE_LEFT: &str = "\u{E009}\u{E012}\u{E000}";

#[tokio::test]
async fn tabs_are_moved_by_pointer_and_keyboard_and_pinned_ones_stand_so_after_a_restart() {
    let house = House::open().await;
    let (oa, erp, mail) = (house.site("oa").await, house.site("erp").await, house.site("mail").await);
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    for (system, site) in [("oa", &oa), ("erp", &erp), ("mail", &mail)] {
        window.open_system(system).await.unwrap();
        site.is_reached("/", 1).await.unwrap();
    }
    window.bar_is(&["oa", "erp", "mail"]).await.unwrap();

    window.pull_tab("oa", "mail").await.unwrap();
    window.bar_is(&["erp", "mail", "oa"]).await.unwrap();
    window.focus_tab("mail").await.unwrap();
    window.type_keys(MOVE_LEFT).await.unwrap();
    window.bar_is(&["mail", "erp", "oa"]).await.unwrap();
    window.pin_system("oa").await.unwrap();
    window.pin_system("mail").await.unwrap();
    window.close().await.unwrap();

    let window = house.window(&desktop).await;
    window.bar_after_start_is(&["mail", "oa"]).await.unwrap();
    window.tab_sleeps("mail").await.unwrap();
    window.tab_sleeps("oa").await.unwrap();
    assert_eq!((oa.reached("/").len(), mail.reached("/").len()), (1, 1), "nothing is fetched before a click");
    window.choose_tab("oa").await.unwrap();
    oa.is_reached("/", 2).await.unwrap();
    window.tab_has_a_page().await.unwrap();
    window.open_system("erp").await.unwrap();
    window.bar_is(&["mail", "erp", "oa"]).await.unwrap();
}
