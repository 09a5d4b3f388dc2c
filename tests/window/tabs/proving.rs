//! The question who one is: above the page that waits, in a small window, with large letters and long words.

use posthouse_tests::business_site::{Answer, BusinessSite};
use posthouse_tests::desktop::{Desktop, Window};
use serde_json::json;

use super::house::House;
use crate::office::PASSWORD;

fn part(name: &str) -> String {
    format!("[data-testid=\"{name}\"]")
}

/// A system that wants to know anew who comes.
async fn sensitive_site(house: &House) -> BusinessSite {
    let site = house.site("oa").await;
    let back = format!("{}/", site.origin());
    let question =
        format!("{}/cas/login?service={}", house.issuer, back.replace('/', "%2F").replace(':', "%3A"));
    let script = format!("<script>if (!location.search) location.href = '{question}'</script>");
    site.answers("/", Answer::page("CAS", &script));
    house.server.administer(&["relying-party", "set", "oa", "--confirm", "true"], None).await.unwrap();
    site
}

/// Opens it; its question stands in the window.
async fn is_asked(window: &Window) {
    window.open_system("oa").await.unwrap();
    window.find(&part("proof-question")).await.unwrap();
}

#[tokio::test]
async fn a_sensitive_system_opens_after_the_password_above_its_page() {
    let house = House::open().await;
    let site = sensitive_site(&house).await;
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    is_asked(&window).await;
    let number = window.texts(&part("proof-number")).await.unwrap().remove(0);
    let shown = "document.querySelector('.number')?.textContent ?? ''";
    assert_eq!(window.tab_says("oa", shown).await.unwrap(), number);
    window.fill(&part("proof-password"), "a-wrong-password").await.unwrap();
    window.click(&part("proof-submit")).await.unwrap();
    window.sees(&part("proof-problem"), "密码不正确").await.unwrap();
    window.fill(&part("proof-password"), PASSWORD).await.unwrap();
    window.click(&part("proof-submit")).await.unwrap();
    let answered = site.is_reached("/", 2).await.unwrap();
    assert!(answered.path.contains("?ticket=ST-"), "{}", answered.path);
    window.wait_for_texts(&part("proof-question"), <[String]>::is_empty).await.unwrap();
}

#[tokio::test]
async fn the_question_fits_into_the_smallest_window_in_english_at_125_percent() {
    let house = House::open().await;
    let _site = sensitive_site(&house).await;
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.click(&part("open-settings")).await.unwrap();
    window.click(&format!("{} label:has(input[value='en'])", part("setting-language"))).await.unwrap();
    window.click(&part("dialog-close")).await.unwrap();
    window.resize(900, 600).await.unwrap();
    is_asked(&window).await;
    // The page alone grows, and the tab's place with it is not looked at.
    window.run("document.documentElement.style.zoom = '1.25'", Vec::new()).await.unwrap();
    let script = "const inside = document.querySelector(arguments[0]).getBoundingClientRect();\
                  return [...document.querySelectorAll(arguments[0] + ' :is(input, button, strong, span, label)')]\
                  .map(it => [it.textContent, it.getBoundingClientRect()])\
                  .filter(([, box]) => box.width > 0)\
                  .filter(([, box]) => box.left < inside.left - 1 || box.right > inside.right + 1 || box.right > innerWidth + 1)\
                  .map(([words]) => words)";
    let cut = window.run(script, vec![json!(part("proof-question"))]).await.unwrap();
    assert_eq!(cut, json!([]), "cut off");
    let width = "return document.querySelector(arguments[0]).getBoundingClientRect().width";
    let width = window.run(width, vec![json!(part("proof-password"))]).await.unwrap();
    assert!(width.as_f64().unwrap() > 100.0, "there is room for a password: {width}");
}
