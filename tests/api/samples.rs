//! The samples of the documentation do what they say.

use std::path::PathBuf;
use std::process::Stdio;

use posthouse_tests::webhook_receiver::WebhookReceiver;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::house::{House, PATIENCE, application_key};

fn sample(name: &str) -> Command {
    let mut command = Command::new("python3");
    command.arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/samples").join(name));
    command.env("PYTHONIOENCODING", "utf-8").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sample_sends_a_notice() {
    let house = House::without_gateway().await;
    let mut wang = house.person("wang.lei").await;
    let key = application_key(&house.server, "sample", &["--everyone"]).await;
    let mut command = sample("send_notice.py");
    command.arg("wang.lei").env("POSTHOUSE_KEY", key);
    command.env("POSTHOUSE_URL", format!("http://{}", house.server.address_of("http").unwrap()));
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said, "accepted for 1 of 1\nwang.lei pushed\n", "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(wang.next_message().await.unwrap().body(), "请假待审批\n陈静，3天");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sample_knows_what_is_genuine() {
    let house = House::without_gateway().await;
    let receiver = WebhookReceiver::open().await.unwrap();
    let words = ["application", "set", "oa", "--webhook", &receiver.url(), "--webhook-loopback"];
    let secret = house.server.administer(&words, None).await.unwrap();
    house.send(json!({"to": {"people": ["zhao.min"]}, "title": "t"})).await;
    let heard = receiver.wait(PATIENCE, |heard| !heard.is_empty()).await.unwrap().remove(0);
    for (body, is_genuine) in [(heard.text.clone(), true), (format!("{} ", heard.text), false)] {
        let mut command = sample("check_webhook.py");
        command.arg(secret.trim());
        command.args(["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| heard.header(name)));
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(body.as_bytes()).await.unwrap();
        assert_eq!(child.wait_with_output().await.unwrap().status.success(), is_genuine, "{body}");
    }
}
