//! The samples of the documentation do what they say. Those whose language is not installed here are skipped, with a
//! word about it.

use std::path::PathBuf;
use std::process::Stdio;

use posthouse_tests::business_system::BusinessSystem;
use posthouse_tests::webhook_receiver::WebhookReceiver;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::house::{House, PATIENCE, application_key};

fn path_of(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/samples").join(name)
}

fn sample(program: &str, name: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(path_of(name)).env("PYTHONIOENCODING", "utf-8");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Whether a program of a language is there; what is not there is not tried.
#[allow(clippy::print_stdout, reason = "says what was not tried")]
async fn is_here(program: &str, version: &str) -> bool {
    let started =
        Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status().await;
    let is_here = started.is_ok_and(|status| status.success());
    if !is_here {
        println!("skipped: there is no {program} here");
    }
    is_here
}

/// Runs a sample that sends 王磊 a notice; answers what it has said.
async fn sends(mut command: Command, house: &House) -> String {
    let mut wang = house.person("wang.lei").await;
    let key = application_key(&house.server, "sample", &["--everyone"]).await;
    command.arg("wang.lei").env("POSTHOUSE_KEY", key);
    command.env("POSTHOUSE_URL", format!("http://{}", house.server.address_of("http").unwrap()));
    let output = tokio::time::timeout(PATIENCE, command.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(wang.next_message().await.unwrap().body(), "请假待审批\n陈静，3天");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sample_sends_a_notice() {
    let house = House::without_gateway().await;
    let said = sends(sample("python3", "send_notice.py"), &house).await;
    assert_eq!(said, "accepted for 1 of 1\nwang.lei pushed\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_sample_sends_a_notice() {
    if !is_here("curl", "--version").await {
        return;
    }
    let house = House::without_gateway().await;
    let said = sends(sample("sh", "send_notice.sh"), &house).await;
    assert!(said.starts_with("sent as m-") && said.ends_with("\nwang.lei pushed\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_java_sample_sends_a_notice() {
    // A runtime alone does not compile what it starts.
    if !is_here("javac", "-version").await {
        return;
    }
    let house = House::without_gateway().await;
    let said = sends(sample("java", "SendNotice.java"), &house).await;
    assert!(said.starts_with("sent as m-") && said.ends_with("\nwang.lei pushed\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_c_sharp_sample_sends_a_notice() {
    if !is_here("mcs", "--version").await || !is_here("mono", "--version").await {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("SendNotice.exe");
    let mut compiler = Command::new("mcs");
    compiler.args(["-r:System.Net.Http.dll", &format!("-out:{}", program.display())]);
    let compiled = compiler.arg(path_of("SendNotice.cs")).output().await.unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let house = House::without_gateway().await;
    let mut command = Command::new("mono");
    command.arg(&program).stdout(Stdio::piped()).stderr(Stdio::piped());
    let said = sends(command, &house).await;
    assert!(said.starts_with("sent as m-") && said.ends_with("\nwang.lei pushed\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_sample_sets_a_badge() {
    if !is_here("curl", "--version").await {
        return;
    }
    let house = House::without_gateway().await;
    let key = application_key(&house.server, "mail", &["--everyone"]).await;
    let mut command = sample("sh", "set_badge.sh");
    command.args(["wang.lei", "3"]).env("POSTHOUSE_KEY", &key);
    command.env("POSTHOUSE_URL", format!("http://{}", house.server.address_of("http").unwrap()));
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said, "{\"accepted\":1,\"invalid\":[]}\n", "{}", String::from_utf8_lossy(&output.stderr));
    let mail = BusinessSystem::at(&house.server.address_of("http").unwrap()).with_key(&key);
    assert_eq!(mail.get("/api/v1/badges/wang.lei").await.unwrap().body["count"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_sample_brings_people_into_the_directory() {
    if !is_here("curl", "--version").await {
        return;
    }
    let house = House::without_gateway().await;
    let key = application_key(&house.server, "hr", &["--directory", "edit"]).await;
    let mut command = sample("sh", "add_people.sh");
    command.env("POSTHOUSE_KEY", key);
    command.env("POSTHOUSE_URL", format!("http://{}", house.server.address_of("http").unwrap()));
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let summary = "1 departments new, 0 changed; 1 people new, 0 changed, 0 unchanged; 3 people and 2 departments \
                   not in the sheet and kept";
    let wanted = format!("would be: {summary}\ndone: {summary}\n");
    assert_eq!(said, wanted, "{}", String::from_utf8_lossy(&output.stderr));
    house.server.administer(&["user", "show", "zhou.tao"], None).await.unwrap();
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
        let mut command = sample("python3", "check_webhook.py");
        command.arg(secret.trim());
        command.args(["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| heard.header(name)));
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(body.as_bytes()).await.unwrap();
        assert_eq!(child.wait_with_output().await.unwrap().status.success(), is_genuine, "{body}");
    }
}
