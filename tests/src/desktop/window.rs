//! The app's real window, driven by WebKitWebDriver: what a person sees and does.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus, WebDriver};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::process::Command;

use crate::daemon::Daemon;
use crate::port::Port;
use crate::program;

// The driver's names of keys that are no characters (WebDriver, section 17.4.2).
const CONTROL: char = '\u{E009}';
const NO_MODIFIER: char = '\u{E000}';
const BACKSPACE: char = '\u{E003}';

/// How long anything may take to appear; a busy machine is slow.
pub(super) const PATIENCE: Duration = Duration::from_secs(40);
/// How often the window is looked at.
pub(super) const GLANCE: Duration = Duration::from_millis(60);

/// An open window of the app.
#[derive(Debug)]
pub struct Window {
    client: Client,
    driver: Daemon,
    // The driver's, as long as it runs.
    _port: Port,
    app: u32,
    environment: Vec<(String, String)>,
}

impl Window {
    pub(super) async fn open(environment: &[(String, String)], arguments: &[&str]) -> anyhow::Result<Self> {
        let app = program::built("posthouse")?;
        let port = Port::take()?;
        let mut command = Command::new("WebKitWebDriver");
        command
            .args(["--host=127.0.0.1", &format!("--port={}", port.number())])
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null());
        let driver = Daemon::start(&mut command)?;
        let client = connect(port.number(), &app, arguments).await?;
        let driver_id = driver.id().context("the driver ended")?;
        let app = first_child(driver_id).context("the driver started no app")?;
        let window = Self { client, driver, _port: port, app, environment: environment.to_vec() };
        window.find("body").await?;
        Ok(window)
    }

    /// Waits for an element (CSS selector) and answers with it.
    ///
    /// # Errors
    /// It does not appear in time.
    pub async fn find(&self, selector: &str) -> anyhow::Result<Element> {
        self.client
            .wait()
            .at_most(PATIENCE)
            .every(GLANCE)
            .for_element(Locator::Css(selector))
            .await
            .with_context(|| format!("there is no {selector}"))
    }

    /// The texts of all elements of a selector, in the order of the page.
    ///
    /// # Errors
    /// The window does not answer.
    pub async fn texts(&self, selector: &str) -> anyhow::Result<Vec<String>> {
        let script = "return Array.from(document.querySelectorAll(arguments[0]), e => e.innerText.trim())";
        let answer = self.client.execute(script, vec![json!(selector)]).await?;
        serde_json::from_value(answer).context("texts")
    }

    /// Waits until the texts of a selector satisfy a wish, and answers with them.
    ///
    /// # Errors
    /// They never do; the error tells what was there instead.
    pub async fn wait_for_texts(
        &self,
        selector: &str,
        wish: impl Fn(&[String]) -> bool,
    ) -> anyhow::Result<Vec<String>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let texts = self.texts(selector).await?;
            if wish(&texts) {
                return Ok(texts);
            }
            anyhow::ensure!(Instant::now() < deadline, "{selector} never was as expected: {texts:?}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits until an element of a selector holds a text.
    ///
    /// # Errors
    /// It never does.
    pub async fn sees(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        self.wait_for_texts(selector, |texts| texts.iter().any(|one| one.contains(text)))
            .await
            .map(|_| ())
            .with_context(|| format!("waiting for {text:?}"))
    }

    /// Fills a field, in place of what it holds.
    ///
    /// # Errors
    /// There is no such field.
    pub async fn fill(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        let field = self.find(selector).await?;
        field.click().await?;
        if field.prop("value").await?.is_some_and(|value| !value.is_empty()) {
            // The selection is made behind the keys: what is typed before it stands would go with it.
            field.send_keys(&format!("{CONTROL}a{NO_MODIFIER}")).await?;
            let script = "const field = document.querySelector(arguments[0]);\
                          return field.selectionStart === 0 && field.selectionEnd === field.value.length";
            self.until("everything in the field is selected", async || {
                Ok(self.run(script, vec![json!(selector)]).await? == json!(true))
            })
            .await?;
        }
        let keys = if text.is_empty() { BACKSPACE.to_string() } else { text.to_owned() };
        field.send_keys(&keys).await?;
        Ok(())
    }

    /// Types into whatever has the focus.
    ///
    /// # Errors
    /// Nothing has it.
    pub async fn type_keys(&self, text: &str) -> anyhow::Result<()> {
        self.client.active_element().await?.send_keys(text).await?;
        Ok(())
    }

    /// Clicks an element.
    ///
    /// # Errors
    /// There is no such element.
    pub async fn click(&self, selector: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.find(selector).await?.click().await {
                Ok(()) => return Ok(()),
                // The page has just drawn it anew, or still moves it to its place.
                Err(CmdError::Standard(answer)) if is_passing(&answer) && Instant::now() < deadline => {
                    tokio::time::sleep(GLANCE).await;
                }
                Err(error) => return Err(error).with_context(|| format!("{selector} cannot be clicked")),
            }
        }
    }

    /// Double-clicks the middle of an element with the real pointer.
    ///
    /// # Errors
    /// There is no such element.
    pub async fn double_click(&self, selector: &str) -> anyhow::Result<()> {
        self.find(selector).await?;
        let script = "const box = document.querySelector(arguments[0]).getBoundingClientRect();\
                      return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]";
        let place = self.run(script, vec![json!(selector)]).await?;
        let (x, y): (i64, i64) = serde_json::from_value(place).context("the place of the element")?;
        let pointer = MouseActions::new("pointer".to_owned())
            .then(PointerAction::MoveTo { duration: None, x: as_pixels(x), y: as_pixels(y) })
            .then(PointerAction::Down { button: 0 })
            .then(PointerAction::Up { button: 0 })
            .then(PointerAction::Down { button: 0 })
            .then(PointerAction::Up { button: 0 });
        self.client.perform_actions(pointer).await?;
        self.client.release_actions().await?;
        Ok(())
    }

    /// Runs a script in the page and answers with what it returns.
    ///
    /// # Errors
    /// The window does not answer, or the script throws.
    pub async fn run(
        &self,
        script: &str,
        arguments: Vec<serde_json::Value>,
    ) -> anyhow::Result<serde_json::Value> {
        self.client.execute(script, arguments).await.context("the script failed")
    }

    /// Runs a script in the window's page that tells its answer to the function behind its arguments.
    ///
    /// # Errors
    /// The script fails.
    pub async fn run_until_told(
        &self,
        script: &str,
        arguments: Vec<serde_json::Value>,
    ) -> anyhow::Result<serde_json::Value> {
        self.client.execute_async(script, arguments).await.context("the script failed")
    }

    /// Waits until what the page has to show is on the screen: no change of colours or places is under way, and
    /// two frames have been drawn since.
    async fn is_at_rest(&self) -> anyhow::Result<()> {
        let script = "const told = arguments[arguments.length - 1];\
                      const moves = document.getAnimations().filter(it => it instanceof CSSTransition);\
                      Promise.allSettled(moves.map(it => it.finished)).then(() =>\
                      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(told, 0, true))))";
        self.client
            .execute_async(script, Vec::new())
            .await
            .map(|_| ())
            .context("the page does not come to rest")
    }

    /// Saves a picture of the page.
    ///
    /// # Errors
    /// The window does not answer, or the file cannot be written.
    pub async fn picture(&self, file: &Path) -> anyhow::Result<()> {
        self.is_at_rest().await?;
        let picture = self.client.screenshot().await?;
        std::fs::write(file, picture).with_context(|| file.display().to_string())
    }

    /// A picture of the whole screen: pages of tabs are no part of the window's page.
    ///
    /// # Errors
    /// The screen cannot be photographed, or the file not written.
    pub async fn screen(&self, file: &Path) -> anyhow::Result<()> {
        self.is_at_rest().await?;
        let mut command = Command::new("import");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let status = command.args(["-window", "root"]).arg(file).status().await.context("import")?;
        anyhow::ensure!(status.success(), "the screen cannot be photographed");
        Ok(())
    }

    /// Gives the window another size, in pixels.
    ///
    /// # Errors
    /// The window does not answer.
    pub async fn resize(&self, width: u32, height: u32) -> anyhow::Result<()> {
        self.client.set_window_size(width, height).await.context("the window cannot be resized")
    }

    /// Puts the window away without closing it.
    ///
    /// # Errors
    /// The window does not answer.
    pub async fn minimise(&self) -> anyhow::Result<()> {
        self.client.minimize_window().await.map(|_| ()).context("the window cannot be minimised")
    }

    /// Closes the window by its title bar, and waits until the app has ended.
    ///
    /// # Errors
    /// The app goes on.
    pub async fn close(self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        // The window shows itself only once its page has drawn something.
        while !self.ask_window_manager(&["-c", "Posthouse"]).await? {
            anyhow::ensure!(Instant::now() < deadline, "there is no window to close");
            tokio::time::sleep(GLANCE).await;
        }
        wait_for_end(self.app).await?;
        self.driver.stop().await
    }

    /// The processes that draw pages for this app, oldest first: its own page's, then those of tabs.
    ///
    /// # Errors
    /// The processes cannot be listed.
    pub fn web_processes(&self) -> anyhow::Result<Vec<u32>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc")? {
            let Some(process) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { continue };
            let Some((name, rest)) = status.rsplit_once(") ") else { continue };
            let words: Vec<&str> = rest.split(' ').collect();
            // Fields 4 and 22 of proc_pid_stat(5): the parent, and when it started.
            let (parent, started) = (words.get(1).copied(), words.get(19).copied().unwrap_or_default());
            if name.contains("(WebKitWebProces") && parent == Some(self.app.to_string().as_str()) {
                found.push((started.parse::<u64>()?, process));
            }
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, process)| process).collect())
    }

    /// Lets a program run on this window's desktop.
    pub(super) fn on_this_desktop<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.envs(self.environment.iter().map(|(name, value)| (name, value)))
    }

    async fn ask_window_manager(&self, words: &[&str]) -> anyhow::Result<bool> {
        let mut question = Command::new("wmctrl");
        question.envs(self.environment.iter().map(|(name, value)| (name, value))).args(words);
        let answer = question.stdout(Stdio::null()).stderr(Stdio::null()).status().await;
        Ok(answer.context("wmctrl")?.success())
    }

    /// Lets the app hang: it answers nobody from here on.
    pub(super) async fn freeze(&self) -> anyhow::Result<()> {
        let outcome = Command::new("kill").args(["-STOP", &self.app.to_string()]).status().await?;
        anyhow::ensure!(outcome.success(), "the app cannot be stopped");
        Ok(())
    }

    /// Ends the app the hard way, as a power cut would.
    ///
    /// # Errors
    /// The app goes on.
    pub async fn kill(self) -> anyhow::Result<()> {
        Command::new("kill").args(["-KILL", &self.app.to_string()]).status().await?;
        wait_for_end(self.app).await?;
        self.driver.stop().await
    }
}

async fn connect(port: u16, app: &Path, arguments: &[&str]) -> anyhow::Result<Client> {
    let options = json!({ "binary": app, "args": arguments });
    let capabilities = json!({ "webkitgtk:browserOptions": options });
    let capabilities = capabilities.as_object().context("capabilities")?.clone();
    let address = format!("http://127.0.0.1:{port}");
    let deadline = Instant::now() + PATIENCE;
    // The driver needs a moment before it listens.
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        anyhow::ensure!(Instant::now() < deadline, "WebKitWebDriver does not listen");
        tokio::time::sleep(GLANCE).await;
    }
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities);
    tokio::time::timeout(PATIENCE, builder.connect(&address))
        .await
        .context("the app does not start")?
        .context("the app does not start")
}

/// Whether an element only has to be looked up again, or waited for.
fn is_passing(answer: &WebDriver) -> bool {
    matches!(
        answer.error,
        ErrorStatus::StaleElementReference
            | ErrorStatus::ElementNotInteractable
            | ErrorStatus::ElementClickIntercepted
    )
}

fn as_pixels(place: i64) -> f64 {
    i32::try_from(place).map_or(0.0, f64::from)
}

fn first_child(process: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}

async fn wait_for_end(process: u32) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while is_running(process) {
        anyhow::ensure!(Instant::now() < deadline, "the app goes on");
        tokio::time::sleep(GLANCE).await;
    }
    Ok(())
}

/// A process that has ended but was not collected yet counts as ended.
fn is_running(process: u32) -> bool {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/stat")) else {
        return false;
    };
    status.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}
