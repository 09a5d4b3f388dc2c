//! Tabs are signed in when they open, each for itself.

use posthouse_protocol::sign_on::BIND_COOKIE;
use posthouse_tests::business_site::Answer;
use posthouse_tests::desktop::Desktop;

use super::house::{House, leads_to};

#[tokio::test]
async fn a_tab_opens_signed_in_by_its_ticket() {
    let house = House::open().await;
    let site = house.site("oa").await;
    let back = format!("{}/", site.origin());
    // The site knows nobody and asks the provider, as every system does.
    let question =
        format!("{}/cas/login?service={}", house.issuer, back.replace('/', "%2F").replace(':', "%3A"));
    site.answers(
        "/",
        Answer::page("CAS", &format!("<script>if (!location.search) location.href = '{question}'</script>")),
    );
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;

    window.open_system("oa").await.unwrap();

    let answered = site.is_reached("/", 2).await.unwrap();
    assert!(answered.path.contains("?ticket=ST-"), "the provider does not know the tab: {}", answered.path);
    assert_eq!(
        window.tab_site().await.unwrap(),
        site.origin().trim_start_matches("http://"),
        "no ticket there"
    );
}

#[tokio::test]
async fn the_secret_of_the_ticket_is_used_up_when_the_first_page_is_there() {
    let house = House::open().await;
    let site = house.site("oa").await;
    // Another port of the same host: cookies do not tell ports apart, so this one sees all that are left.
    let witness = super::house::site_with_certificate_of(&house.server, true).await;
    witness.answers("/", Answer::page("证人", ""));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    site.is_reached("/", 1).await.unwrap();

    leads_to(&window, "oa", &format!("{}/", witness.origin().replace("127.0.0.1", "localhost"))).await;

    let seen = witness.is_reached("/", 1).await.unwrap().cookies;
    assert!(seen.contains("__Host-"), "the provider's session is in the tab's store: {seen}");
    assert!(!seen.contains(BIND_COOKIE), "{seen}");
}

#[tokio::test]
async fn threat_17_two_systems_share_neither_cookies_nor_storage() {
    let house = House::open().await;
    let (oa, erp) = (house.site("oa").await, house.site("erp").await);
    let keeps = "<script>localStorage.setItem('secret', 'of the oa')</script>";
    oa.answers("/", Answer::page("OA", keeps).with("set-cookie", "oa=secret; Path=/; Max-Age=3600"));
    let tells = "<script>fetch('/told?' + (localStorage.getItem('secret') ?? 'nothing'))</script>";
    oa.answers("/look", Answer::page("OA", tells));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    oa.is_reached("/", 1).await.unwrap();
    leads_to(&window, "oa", &format!("{}/look", oa.origin())).await;
    let own = oa.is_reached("/told", 1).await.unwrap();
    assert_eq!((own.path.as_str(), own.cookies.as_str()), ("/told?of%20the%20oa", "oa=secret"));

    window.open_system("erp").await.unwrap();
    assert_eq!(erp.is_reached("/", 1).await.unwrap().cookies, "", "the same host, another port");
    leads_to(&window, "erp", &format!("{}/look", oa.origin())).await;
    let other = oa.is_reached("/told", 2).await.unwrap();
    assert_eq!((other.path.as_str(), other.cookies.as_str()), ("/told?nothing", ""));
}
