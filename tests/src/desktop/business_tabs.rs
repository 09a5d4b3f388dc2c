//! What a person does with business systems in tabs. No driver sees into their pages: debug builds of the app have a
//! command for that.

use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::json;

use super::messenger::part;
use super::window::{PATIENCE, Window};

/// A tab in the bar.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct ShownTab {
    /// The system it belongs to.
    pub system: String,
    /// What stands on it.
    pub name: String,
    /// The number beside the name; empty when there is none.
    pub unread: String,
}

impl Window {
    /// Opens a business system in a tab.
    ///
    /// # Errors
    /// There is no such system.
    pub async fn open_system(&self, system: &str) -> anyhow::Result<()> {
        self.click(&part("rail-systems")).await?;
        self.click(&format!("{}[data-system=\"{system}\"]", part("system"))).await?;
        self.find(&part("tab-slot")).await.map(|_| ())
    }

    /// Waits until the page of a system is on the screen.
    ///
    /// # Errors
    /// It never is.
    pub async fn tab_is_drawn(&self, system: &str) -> anyhow::Result<()> {
        let script = "window.drawn ??= (requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => \
                      window.drawn = 'drawn', 100))), ''), window.drawn";
        self.tab_says(system, script).await.map(|_| ())
    }

    /// What a script says in the first tab of a system, once it says anything.
    ///
    /// # Errors
    /// It says nothing in time.
    pub async fn tab_says(&self, system: &str, script: &str) -> anyhow::Result<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.tab_runs(system, script).await?;
            if let Some(text) = answer.as_str().filter(|text| !text.is_empty()) {
                return Ok(text.to_owned());
            }
            anyhow::ensure!(Instant::now() < deadline, "the tab of {system} says {answer} to {script}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Does something in the page of the first tab of a system, once it is whole; answers with the script's value.
    ///
    /// # Errors
    /// There is no page in time.
    pub async fn tab_does(&self, system: &str, script: &str) -> anyhow::Result<serde_json::Value> {
        let is_whole = "location.href !== 'about:blank' && document.readyState === 'complete' ? 'whole' : ''";
        self.tab_says(system, is_whole).await?;
        self.tab_runs(system, script).await
    }

    /// Runs a script in the first tab of a system, once; answers with its value, or nothing.
    ///
    /// # Errors
    /// The window does not answer.
    pub async fn tab_runs(&self, system: &str, script: &str) -> anyhow::Result<serde_json::Value> {
        let ask = "const [system, script, told] = arguments;\
                   const tab = document.querySelector(`[data-testid=tab][data-system='${system}']`);\
                   if (!tab) return told(null);\
                   window.__TAURI_INTERNALS__.invoke('evaluate_in_tab', { tab: Number(tab.dataset.tab), script })\
                   .then(told, () => told(null))";
        let answer = self.run_until_told(ask, vec![json!(system), json!(script)]).await?;
        Ok(answer.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default())
    }

    /// The tabs of the bar, from the left.
    ///
    /// # Errors
    /// The window does not answer.
    pub async fn tabs(&self) -> anyhow::Result<Vec<ShownTab>> {
        let script = "return Array.from(document.querySelectorAll('[data-testid=tab]'), e => ({\
                      system: e.dataset.system, name: e.querySelector('.name').innerText.trim(),\
                      unread: e.querySelector('[data-testid=tab-unread]')?.dataset.count ?? ''}))";
        serde_json::from_value(self.run(script, Vec::new()).await?).context("the tabs")
    }

    /// Waits until there are so many tabs.
    ///
    /// # Errors
    /// There never are.
    pub async fn has_tabs(&self, count: usize) -> anyhow::Result<()> {
        let waiting = self.until("the number of tabs", || async { Ok(self.tabs().await?.len() == count) });
        match waiting.await {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("there are {:?}", self.tabs().await?))),
        }
    }

    /// Waits until the tab in front says why it shows no page: `crashed`, `certificate` and so on.
    ///
    /// # Errors
    /// It never does.
    pub async fn tab_fails_as(&self, failure: &str) -> anyhow::Result<()> {
        self.find(&format!("{}[data-failure=\"{failure}\"]", part("tab-slot"))).await.map(|_| ())
    }

    /// The words with which the tab in front says so.
    ///
    /// # Errors
    /// It shows a page.
    pub async fn tab_failure_text(&self) -> anyhow::Result<String> {
        Ok(self.texts(&part("tab-slot")).await?.concat())
    }

    /// Presses the button below those words.
    ///
    /// # Errors
    /// There is none.
    pub async fn try_tab_again(&self) -> anyhow::Result<()> {
        self.click(&part("tab-retry")).await
    }

    /// Waits until the tab in front has a page to show.
    ///
    /// # Errors
    /// It never has.
    pub async fn tab_has_a_page(&self) -> anyhow::Result<()> {
        self.find(&format!("{}:not([data-failure])", part("tab-slot"))).await.map(|_| ())
    }

    /// The site that the tab in front names.
    ///
    /// # Errors
    /// There is no tab.
    pub async fn tab_site(&self) -> anyhow::Result<String> {
        Ok(self.texts(&part("tab-site")).await?.concat())
    }
}

impl Window {
    /// Clicks into the page of the tab in front with the desktop's own pointer, so many pixels from its corner.
    ///
    /// # Errors
    /// There is no page, or no pointer.
    pub async fn click_in_tab(&self, right: i64, down: i64) -> anyhow::Result<()> {
        let script = "const box = document.querySelector('[data-testid=tab-slot]').getBoundingClientRect();\
                      return [Math.round(box.x), Math.round(box.y)]";
        let (x, y): (i64, i64) = serde_json::from_value(self.run(script, Vec::new()).await?)?;
        let place = [(x + right).to_string(), (y + down).to_string()];
        let window = self.on_desktop_named().await?;
        self.on_desktop(&["mousemove", "--window", &window, &place[0], &place[1], "click", "1"]).await?;
        Ok(())
    }

    /// Pulls whatever lies there to another place with the desktop's own pointer.
    pub(super) async fn pull_on_desktop(&self, from: (i64, i64), to: (i64, i64)) -> anyhow::Result<()> {
        let window = self.on_desktop_named().await?;
        let middle = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
        let place = |place: (i64, i64)| [place.0.to_string(), place.1.to_string()];
        let (from, middle, to) = (place(from), place(middle), place(to));
        let mut words = vec!["mousemove", "--window", &window, &from[0], &from[1], "mousedown", "1"];
        for step in [&middle, &to] {
            words.extend(["mousemove", "--window", &window, &step[0], &step[1], "sleep", "0.1"]);
        }
        words.extend(["mouseup", "1"]);
        self.on_desktop(&words).await.map(|_| ())
    }

    /// The name of this window on the desktop.
    async fn on_desktop_named(&self) -> anyhow::Result<String> {
        let window = self.on_desktop(&["search", "--onlyvisible", "--name", "Posthouse|驿站"]).await?;
        Ok(window.lines().next_back().context("the desktop shows no window")?.to_owned())
    }

    /// Types with the desktop's own keyboard.
    ///
    /// # Errors
    /// There is none.
    pub async fn type_on_desktop(&self, text: &str) -> anyhow::Result<()> {
        self.on_desktop(&["type", "--delay", "30", text]).await.map(|_| ())
    }

    pub(super) async fn on_desktop(&self, words: &[&str]) -> anyhow::Result<String> {
        let mut command = tokio::process::Command::new("xdotool");
        let output = self.on_this_desktop(&mut command).args(words).output().await.context("xdotool")?;
        anyhow::ensure!(output.status.success(), "xdotool {words:?}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Clicks a tab of the bar.
    ///
    /// # Errors
    /// There is none of that system.
    pub async fn choose_tab(&self, system: &str) -> anyhow::Result<()> {
        self.click(&format!("{}[data-system=\"{system}\"]", part("tab"))).await
    }

    /// Closes a tab of the bar.
    ///
    /// # Errors
    /// There is none of that system.
    pub async fn close_tab(&self, system: &str) -> anyhow::Result<()> {
        let tab = format!("[data-place]:has([data-system=\"{system}\"])");
        self.click(&format!("{tab} {}", part("close-tab"))).await
    }

    /// Waits until a tab of the bar sleeps.
    ///
    /// # Errors
    /// It never does.
    pub async fn tab_sleeps(&self, system: &str) -> anyhow::Result<()> {
        let tab = format!("{}[data-system=\"{system}\"][data-asleep=\"true\"]", part("tab"));
        self.find(&tab).await.map(|_| ())
    }

    /// Presses a button above the page: `back`, `forward`, `reload`, `zoom-in` and so on.
    ///
    /// # Errors
    /// There is none.
    pub async fn press_tab_button(&self, name: &str) -> anyhow::Result<()> {
        self.click(&part(&format!("tab-{name}"))).await
    }
}
