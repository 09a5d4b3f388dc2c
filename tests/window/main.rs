//! Scenes in the app's real window: each on a desktop of its own.
#![cfg(target_os = "linux")]

use posthouse_tests::desktop::Desktop;

#[tokio::test]
async fn closing_the_window_ends_the_app_where_no_tray_offers_a_way_back() {
    let desktop = Desktop::start().await.unwrap();
    let window = desktop.open_app(&[]).await.unwrap();
    window.close().await.unwrap();
}
