//! A power failure, five times, while everybody writes: the short version of `cargo xtask chaos`.

use posthouse_tests::chaos;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled_in_five_kills_of_the_server() {
    let report = chaos::run(5, 1, &|_| {}).await.unwrap();
    assert!(report.is_good(), "{report}");
}
