//! A page that attacks the app finds nothing to ask (threat 16).

use posthouse_tests::business_site::{Answer, BusinessSite};
use posthouse_tests::desktop::Desktop;
use serde_json::{Value, json};

use super::house::{House, leads_to};

/// Tries every way into the app that there is on some desktop, and reports what answered.
const ATTACK: &str = r#"<script type="module">
const found = {};
for (const name of ['__TAURI__', '__TAURI_INTERNALS__', '__TAURI_INVOKE__', '__TAURI_IPC__', 'ipc', 'chrome', 'external'])
  if (window[name] !== undefined) found[name] = Object.keys(window[name]).sort();
const asks = (send) => { try { send(); return 'sent'; } catch (error) { return null; } };
const question = JSON.stringify({ cmd: 'sign_out', callback: 1, error: 2, payload: {} });
for (const name of ['ipc', 'tauri', 'external', 'posthouse', 'invoke'])
  if (asks(() => window.webkit.messageHandlers[name].postMessage(question))) found['handler ' + name] = 'sent';
if (asks(() => window.__TAURI_INTERNALS__.invoke('sign_out'))) found.invoke = 'sent';
const addresses = ['tauri://localhost/', 'tauri://localhost/index.html', 'ipc://localhost/sign_out', 'asset://localhost/etc/passwd',
  'file:///etc/passwd', 'http://tauri.localhost/', 'https://tauri.localhost/', 'http://ipc.localhost/sign_out',
  'http://asset.localhost/etc/passwd', 'posthouse://localhost/'];
for (const address of addresses) {
  for (const init of [{}, { method: 'POST', body: '{}', headers: { 'Tauri-Callback': '1', 'Tauri-Error': '2' } }, { mode: 'no-cors' }]) {
    const answer = await fetch(address, init).then((it) => it.type + it.status, () => null);
    if (answer) found['fetch ' + address] = answer;
  }
  const frame = document.createElement('iframe');
  document.body.append(frame);
  frame.src = address;
  await new Promise((done) => setTimeout(done, 150));
  try {
    const text = frame.contentDocument?.body?.innerText;
    if (text) found['frame ' + address] = text;
  } catch (error) { if (!/localhost/.test(address)) found['frame ' + address] = String(error); }
  const image = new Image();
  const drawn = await new Promise((told) => { image.onload = () => told(true); image.onerror = () => told(false); image.src = address + 'posthouse.svg'; setTimeout(told, 2000, false); });
  if (drawn) found['image ' + address] = 'drawn';
}
try { if (window.parent !== window || window.opener) found.relatives = 'there'; } catch (error) { found.relatives = String(error); }
await fetch('/report', { method: 'POST', body: JSON.stringify(found) });
</script>"#;

async fn report(site: &BusinessSite) -> Value {
    let report = site.is_reached("/report", 1).await.unwrap();
    serde_json::from_str(&report.body).unwrap()
}

#[tokio::test]
async fn threat_16_a_hostile_page_finds_no_way_into_the_app() {
    let house = House::open().await;
    let site = house.site("oa").await;
    site.answers("/", Answer::page("恶意页面", ATTACK));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;

    window.open_system("oa").await.unwrap();

    assert_eq!(report(&site).await, json!({}));
    window.is_online().await.unwrap();
}

#[tokio::test]
async fn threat_16_a_page_cannot_leave_the_web() {
    let house = House::open().await;
    let site = house.site("oa").await;
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();

    for address in [
        "tauri://localhost/",
        "file:///etc/passwd",
        "ipc://localhost/sign_out",
        "ssh://x",
        "asset://localhost/",
    ] {
        leads_to(&window, "oa", address).await;
    }
    leads_to(&window, "oa", "mailto:hr@example.org").await;
    window
        .until("the mail program is asked", || async { Ok(!desktop.opened_in_browser().is_empty()) })
        .await
        .unwrap();

    assert_eq!(desktop.opened_in_browser(), ["mailto:hr@example.org"], "nothing else was started");
    let place = window.tab_says("oa", "location.href").await.unwrap();
    assert_eq!(place, format!("{}/", site.origin()));
}

#[tokio::test]
async fn threat_16_a_page_elsewhere_in_a_tab_has_no_more_than_the_first_and_the_tab_says_where_it_is() {
    let house = House::open().await;
    let site = house.site("oa").await;
    let elsewhere = BusinessSite::open().await.unwrap();
    elsewhere.answers("/", Answer::page("别处", ATTACK));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();

    leads_to(&window, "oa", &format!("{}/", elsewhere.origin())).await;

    assert_eq!(report(&elsewhere).await, json!({}));
    assert_eq!(window.tab_site().await.unwrap(), elsewhere.origin().trim_start_matches("http://"));
}

#[tokio::test]
async fn a_page_that_starts_mail_programs_gets_a_few() {
    let house = House::open().await;
    let site = house.site("oa").await;
    site.answers("/flood", Answer::page("洪水", "<script>let n = 0; setInterval(() => { if (n++ < 40) location.href = 'mailto:a' + n + '@example.org'; else if (n === 45) fetch('/flooded') }, 60)</script>"));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();

    leads_to(&window, "oa", &format!("{}/flood", site.origin())).await;

    site.is_reached("/flooded", 1).await.unwrap();
    let started = desktop.opened_in_browser().len();
    assert!((1..=3).contains(&started), "{started} programs were started");
}
