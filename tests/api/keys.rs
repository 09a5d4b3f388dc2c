//! Keys: whose, how long, from where, how fast.

use posthouse_tests::business_system::BusinessSystem;
use posthouse_tests::server_process::ServerProcess;

use crate::house::server;

const ME: &str = "/api/v1/application";

async fn key(server: &ServerProcess, words: &[&str]) -> String {
    let said = server.administer(&[&["application"], words].concat(), None).await.unwrap();
    said.lines().next().unwrap_or_default().to_owned()
}

fn at(server: &ServerProcess) -> BusinessSystem {
    BusinessSystem::at(&server.address_of("http").unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_key_opens_the_door() {
    let server = server(&[]).await;
    let good = key(&server, &["create", "oa", "--title", "办公自动化", "--everyone"]).await;
    let answer = at(&server).with_key(&good).get(ME).await.unwrap();
    assert_eq!((answer.status, answer.body["title"].as_str()), (200, Some("办公自动化")));
    let other = good.replace("ph_1_", "ph_2_");
    let mut wrong = good.clone();
    wrong.replace_range(10..11, if good.as_bytes()[10] == b'A' { "B" } else { "A" });
    for bad in ["", "x", &other, &wrong] {
        let answer = at(&server).with_key(bad).get(ME).await.unwrap();
        assert_eq!((answer.status, answer.code()), (401, "unauthorized"), "{bad}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"posthouse\""));
    }
    assert_eq!(at(&server).get(ME).await.unwrap().status, 401);
    let secret = good.rsplit('_').next().unwrap();
    assert!(!server.log().contains(secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_ends_the_old_one_at_once_or_after_a_while() {
    let server = server(&[]).await;
    let first = key(&server, &["create", "oa", "--everyone"]).await;
    let second = key(&server, &["rotate", "oa", "--keep-old-minutes", "5"]).await;
    for good in [&first, &second] {
        assert_eq!(at(&server).with_key(good).get(ME).await.unwrap().status, 200);
    }
    let third = key(&server, &["rotate", "oa"]).await;
    for (key, status) in [(&first, 401), (&second, 401), (&third, 200)] {
        assert_eq!(at(&server).with_key(key).get(ME).await.unwrap().status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_or_removed_application_may_do_nothing() {
    let server = server(&[]).await;
    let good = key(&server, &["create", "oa", "--everyone"]).await;
    for (word, status) in [("disable", 403), ("enable", 200), ("remove", 401)] {
        key(&server, &[word, "oa"]).await;
        assert_eq!(at(&server).with_key(&good).get(ME).await.unwrap().status, status, "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_good_from_its_networks_only() {
    let server = server(&[]).await;
    let good = key(&server, &["create", "oa", "--everyone", "--network", "192.0.2.0/24"]).await;
    let answer = at(&server).with_key(&good).get(ME).await.unwrap();
    assert_eq!((answer.status, answer.code()), (403, "forbidden"));
    let proxied = at(&server).with_key(&good).with_header("X-Forwarded-For", "10.0.0.1, 192.0.2.7");
    assert_eq!(proxied.get(ME).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_fast_is_told_when_to_come_back() {
    let server = server(&[("http_requests_per_second", "1")]).await;
    let good = key(&server, &["create", "oa", "--everyone"]).await;
    let system = at(&server).with_key(&good);
    let mut last = system.get(ME).await.unwrap();
    for _ in 0..20 {
        last = system.get(ME).await.unwrap();
    }
    assert_eq!((last.status, last.code()), (429, "too_many_requests"));
    assert_eq!(last.header("retry-after"), Some("1"));
    assert_eq!(last.body["retryAfterSeconds"], 1);
}
