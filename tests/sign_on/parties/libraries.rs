//! Relying parties made with libraries of others: openid-client (npm) and Authlib (PyPI), strict about every answer.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

use crate::house::{House, PATIENCE, ZHANG};

const CALLBACK: &str = "http://127.0.0.1:9/callback";
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sign_on/parties/scripts");

/// Lets somebody in through a program that prints where to go and reads where the browser came back; answers what it
/// has learnt.
async fn lets_in(house: &House, mut program: Command) -> Value {
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = program.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let playing = async {
        let url = lines.next_line().await.unwrap();
        let url = url?;
        let _office = house.office().await;
        let mut zhang = house.person(ZHANG).await;
        let (mut browser, page) = house.tab(&mut zhang, "oa", "").await;
        assert_eq!(page.answer.status, 200, "{}", house.refusals().await);
        let answer = browser.ask("GET", &url, None, "cross-site").await.unwrap();
        let back = answer.header("location").unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
        child.stdin.take().unwrap().write_all(format!("{back}\n").as_bytes()).await.unwrap();
        lines.next_line().await.unwrap()
    };
    let told = tokio::time::timeout(PATIENCE * 2, playing).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    let told = told.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(&told).unwrap()
}

async fn runs(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A folder below `target` for what is installed; one scene at a time installs.
fn place(name: &str) -> (PathBuf, std::fs::File) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let lock = std::fs::File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    (folder, lock)
}

async fn registered(house: &House) -> String {
    house.register("library", &["--launch", "http://127.0.0.1:9/", "--redirect-uri", CALLBACK]).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs openid-client from npm"]
async fn openid_client_takes_every_answer() {
    let house = House::open().await;
    let secret = registered(&house).await;
    let (folder, lock) = place("openid-client");
    if !folder.join("node_modules/openid-client/package.json").exists() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&folder);
        runs(npm.arg("openid-client@6")).await;
    }
    drop(lock);
    let mut node = Command::new("node");
    node.arg(format!("{SCRIPTS}/openid_client.mjs")).args([&house.issuer, "library", &secret, CALLBACK]);
    node.arg(&folder).env("NODE_EXTRA_CA_CERTS", house.server.authority());
    let told = lets_in(&house, node).await;
    assert_eq!((&told["name"], &told["login"]), (&"张爱丽".into(), &ZHANG.into()), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Authlib from PyPI"]
async fn authlib_takes_every_answer() {
    let house = House::open().await;
    let secret = registered(&house).await;
    let (folder, lock) = place("authlib");
    if !folder.join("bin/installed").exists() {
        runs(Command::new("python3").args(["-m", "venv"]).arg(&folder)).await;
        let mut pip = Command::new(folder.join("bin/pip"));
        runs(pip.args(["install", "--quiet", "authlib>=1.6,<2", "joserfc", "requests"])).await;
        std::fs::write(folder.join("bin/installed"), "").unwrap();
    }
    drop(lock);
    let mut python = Command::new(folder.join("bin/python"));
    python.arg(format!("{SCRIPTS}/authlib_client.py")).args([&house.issuer, "library", &secret, CALLBACK]);
    python.arg(house.server.authority());
    let told = lets_in(&house, python).await;
    assert_eq!((&told["name"], &told["login"]), (&"张爱丽".into(), &ZHANG.into()), "{told}");
    assert_eq!(told["fresh"], true);
}
