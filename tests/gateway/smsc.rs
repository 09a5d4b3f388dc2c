//! A carrier that nobody here wrote: the npm package `smpp` in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::world::PATIENCE;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/gateway/scripts/carrier.js");
const PACKAGE: &str = "smpp@0.5.1";

/// The carrier.
pub(crate) struct Smsc {
    _child: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// The texts of all messages it got.
    pub(crate) texts: Vec<String>,
    pub(crate) port: u16,
}

/// A message as the carrier read it.
#[derive(Debug, Clone)]
pub(crate) struct Submitted {
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) udh: String,
    pub(crate) coding: u64,
}

/// Installs the package where all scenes find it.
async fn modules() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smpp");
    std::fs::create_dir_all(&folder).unwrap();
    // Scenes are processes of their own: one of them installs, the others wait.
    let lock = std::fs::File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let modules = folder.join("node_modules");
    if !modules.join("smpp/package.json").exists() {
        let npm = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"])
            .arg(&folder)
            .arg(PACKAGE)
            .output();
        let output = npm.await.expect("npm runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    modules
}

impl Smsc {
    /// A carrier at this port (0: any); its names for messages begin with `prefix`.
    pub(crate) async fn start(port: u16, prefix: &str) -> Self {
        Self::start_with(port, prefix, None).await
    }

    /// The same over TLS, with these files of key and certificate.
    pub(crate) async fn start_with(port: u16, prefix: &str, secret: Option<(&Path, &Path)>) -> Self {
        let mut command = Command::new("node");
        command.arg(SCRIPT).arg(port.to_string()).arg(prefix).env("NODE_PATH", modules().await);
        if let Some((key, certificate)) = secret {
            command.arg(key).arg(certificate);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("node runs");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let orders = child.stdin.take().unwrap();
        let mut smsc = Self { _child: child, orders, lines, texts: Vec::new(), port: 0 };
        let said = smsc.says("listening").await;
        smsc.port = u16::try_from(said.as_u64().unwrap()).unwrap();
        smsc
    }

    /// What it says next under this name; all else is passed over.
    pub(crate) async fn says(&mut self, name: &str) -> Value {
        let waiting = async {
            loop {
                let line = self.lines.next_line().await.unwrap().expect("the carrier lives");
                let said: Value = serde_json::from_str(&line).unwrap();
                self.texts.extend(said["submit"]["text"].as_str().map(str::to_owned));
                if let Some(value) = said.get(name) {
                    return value.clone();
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("it does not say {name}"))
    }

    /// The next message.
    pub(crate) async fn submitted(&mut self) -> Submitted {
        let said = self.says("submit").await;
        let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        Submitted {
            id: text("id"),
            to: text("to"),
            text: text("text"),
            udh: text("udh"),
            coding: said["coding"].as_u64().unwrap(),
        }
    }

    /// A sign that it has said all before.
    pub(crate) async fn everything(&mut self) {
        self.order(json!({"order": "echo"})).await;
        self.says("echo").await;
    }

    async fn order(&mut self, order: Value) {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.unwrap();
    }

    /// A phone writes.
    pub(crate) async fn write(&mut self, from: &str, text: &str) {
        self.order(json!({"order": "write", "from": from, "text": text})).await;
    }

    /// A phone writes in parts, each with its header.
    pub(crate) async fn write_parts(&mut self, from: &str, parts: &[(&str, &str)]) {
        let parts: Vec<Value> = parts.iter().map(|(udh, text)| json!({"udh": udh, "text": text})).collect();
        self.order(json!({"order": "write", "from": from, "parts": parts})).await;
    }

    /// What receipts say from now on; empty: there are none.
    pub(crate) async fn receipts(&mut self, state: &str) {
        self.order(json!({"order": "receipts", "state": state})).await;
    }

    /// The next messages are refused.
    pub(crate) async fn refuse(&mut self, statuses: &[u32]) {
        self.order(json!({"order": "refuse", "statuses": statuses})).await;
    }

    /// The next messages are taken without an answer.
    pub(crate) async fn keep_silent(&mut self, count: u32) {
        self.order(json!({"order": "silent", "count": count})).await;
    }
}
