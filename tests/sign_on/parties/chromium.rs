//! A Chromium without a window that knows the server's certificate authority, driven by chromedriver.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use axum::http::Method;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use posthouse_tests::daemon::Daemon;
use posthouse_tests::port::Port;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::process::Command;
use url::{ParseError, Url};

use crate::house::{House, PATIENCE};

const GLANCE: Duration = Duration::from_millis(50);

/// It ends when this is dropped.
pub(super) struct Chromium {
    client: Client,
    // The programs end before the port is given back and the profile is removed.
    _driver: Daemon,
    _port: Port,
    _profile: tempfile::TempDir,
}

impl Chromium {
    pub(super) async fn start(house: &House) -> Self {
        let port = Port::take().unwrap();
        let profile = tempfile::Builder::new().prefix("chromium-").tempdir().unwrap();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={}", port.number())).stdout(Stdio::null()).env("HOME", profile.path());
        let driver = Daemon::start(&mut command).unwrap();
        let end = tokio::time::Instant::now() + PATIENCE;
        while TcpStream::connect(port.address()).await.is_err() {
            assert!(tokio::time::Instant::now() < end, "chromedriver does not listen");
            // It is another process.
            tokio::time::sleep(GLANCE).await;
        }
        let arguments = json!([
            "--headless=new",
            // Browsers of the superuser have no sandbox.
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=900,600",
            format!("--user-data-dir={}", profile.path().join("profile").display()),
            format!("--ignore-certificate-errors-spki-list={}", key_of(&house.server.authority()).await),
        ]);
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.as_object().unwrap().clone());
        let address = format!("http://{}", port.address());
        let client = tokio::time::timeout(PATIENCE, builder.connect(&address)).await.unwrap().unwrap();
        Self { client, _driver: driver, _port: port, _profile: profile }
    }

    /// Opens an address as a person who types it; answers the page's heading.
    pub(super) async fn open(&self, url: &str) -> String {
        self.client.goto(url).await.unwrap();
        self.text("h1").await
    }

    /// The text of the first such element.
    pub(super) async fn text(&self, selector: &str) -> String {
        let waiting = self.client.wait().at_most(PATIENCE).every(GLANCE);
        let element = waiting.for_element(Locator::Css(selector)).await;
        let Ok(element) = element else {
            panic!("no {selector} at {:?}: {:?}", self.client.current_url().await, self.log().await);
        };
        element.text().await.unwrap()
    }

    pub(super) async fn press_the_button(&self) {
        self.client.find(Locator::Css("button")).await.unwrap().click().await.unwrap();
    }

    /// Waits until an address is reached.
    pub(super) async fn comes_to(&self, address: &str) {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let url = self.client.current_url().await.unwrap();
            if url.as_str() == address {
                return;
            }
            assert!(tokio::time::Instant::now() < end, "it stays at {url}: {:?}", self.log().await);
            // It is another process.
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// What stands in the frame of the page.
    pub(super) async fn text_in_the_frame(&self) -> String {
        self.client.enter_frame(0).await.unwrap();
        let text = self.client.execute("return document.body.innerText", Vec::new()).await.unwrap();
        self.client.enter_parent_frame().await.unwrap();
        text.as_str().unwrap_or_default().to_owned()
    }

    /// What the browser complained of since it was last asked.
    pub(super) async fn log(&self) -> Vec<String> {
        let told = self.client.issue_cmd(Complaints).await.unwrap();
        let entries = told.as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Leaves a picture for people in `target/interop`.
    pub(super) async fn photograph(&self, name: &str) {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/interop"));
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("sign-on-{name}.png")), picture).unwrap();
    }

    pub(super) async fn close(self) {
        self.client.close().await.unwrap();
    }
}

/// Asks for what the browser has complained of: a command of Chromium's driver alone.
#[derive(Debug)]
struct Complaints;

impl WebDriverCompatibleCommand for Complaints {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

/// SHA-256 of a certificate's public key, as Chromium wants to know it.
async fn key_of(certificate: &Path) -> String {
    let line = "openssl x509 -in \"$1\" -noout -pubkey | openssl pkey -pubin -outform der \
                | openssl dgst -sha256 -binary | openssl base64";
    let output = Command::new("sh").args(["-c", line, "sh"]).arg(certificate).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
