//! What stands around the page of a tab: the bar and its order, the search, files, and what all of it takes in memory.

use anyhow::Context;
use serde_json::json;

use super::messenger::part;
use super::window::Window;

/// A download in the list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct ShownDownload {
    /// `running`, `finished`, `failed` or `cancelled`.
    pub state: String,
    /// The file's name.
    pub name: String,
    /// What stands there while it runs, such as `40%`; else empty.
    pub percent: String,
}

/// A line of the memory's list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct ShownMemory {
    /// The system of the tab.
    pub system: String,
    /// Megabytes; none when it sleeps.
    pub megabytes: Option<u64>,
}

impl Window {
    /// The downloads in the list, newest first.
    ///
    /// # Errors
    /// The window does not answer.
    pub async fn downloads(&self) -> anyhow::Result<Vec<ShownDownload>> {
        let script = "return Array.from(document.querySelectorAll('[data-testid=downloads] > li'), e => ({\
                      state: e.dataset.state, name: e.querySelector('.name').innerText.trim(),\
                      percent: e.querySelector('[data-testid=download-percent]')?.innerText.trim() ?? ''}))";
        serde_json::from_value(self.run(script, Vec::new()).await?).context("the downloads")
    }

    /// Waits until the newest download is in that state.
    ///
    /// # Errors
    /// It never is; says what there is.
    pub async fn download_is(&self, state: &str) -> anyhow::Result<()> {
        self.newest_download(|one| one.state == state).await
    }

    /// Waits until so much of the newest download is said to have come.
    ///
    /// # Errors
    /// It never has; says what there is.
    pub async fn download_is_at(&self, percent: u32) -> anyhow::Result<()> {
        self.newest_download(|one| one.percent == format!("{percent}%")).await
    }

    async fn newest_download(&self, wish: impl Fn(&ShownDownload) -> bool) -> anyhow::Result<()> {
        let is_so = || async { Ok(self.downloads().await?.first().is_some_and(&wish)) };
        match self.until("the state of the download", is_so).await {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("there are {:?}", self.downloads().await?))),
        }
    }

    /// Ends the newest download that runs.
    ///
    /// # Errors
    /// None runs.
    pub async fn cancel_download(&self) -> anyhow::Result<()> {
        self.click(&part("cancel-download")).await
    }

    /// Looks for a text in the page of the tab in front.
    ///
    /// # Errors
    /// There is no page.
    pub async fn find_in_page(&self, text: &str) -> anyhow::Result<()> {
        if self.texts(&part("find-bar")).await?.is_empty() {
            self.click(&part("tab-open-find")).await?;
        }
        self.fill(&part("tab-find"), text).await
    }

    /// Presses `find-next`, `find-previous` or `end-find`.
    ///
    /// # Errors
    /// There is no search.
    pub async fn press_find_button(&self, name: &str) -> anyhow::Result<()> {
        self.click(&part(name)).await
    }

    /// Waits until the search says that.
    ///
    /// # Errors
    /// It never does.
    pub async fn search_says(&self, words: &str) -> anyhow::Result<()> {
        self.wait_for_texts(&part("tab-matches"), |texts| texts == [words]).await.map(|_| ())
    }

    /// Waits until the systems of the bar's tabs are these, from the left.
    ///
    /// # Errors
    /// They never are; says what they are.
    pub async fn bar_is(&self, systems: &[&str]) -> anyhow::Result<()> {
        let shown = async || -> anyhow::Result<Vec<String>> {
            Ok(self.tabs().await?.into_iter().map(|tab| tab.system).collect())
        };
        match self.until("the tabs of the bar", || async { Ok(shown().await? == systems) }).await {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("the bar is {:?}", shown().await?))),
        }
    }

    /// The same, right after the start of the app.
    ///
    /// # Errors
    /// They never are; says what they are.
    pub async fn bar_after_start_is(&self, systems: &[&str]) -> anyhow::Result<()> {
        self.click(&part("rail-systems")).await?;
        self.bar_is(systems).await
    }

    /// Pulls a tab over another one with the desktop's own pointer.
    ///
    /// # Errors
    /// There is no such tab, or no pointer.
    pub async fn pull_tab(&self, system: &str, onto: &str) -> anyhow::Result<()> {
        let middle = "const tab = document.querySelector(`[data-testid=tab][data-system='${arguments[0]}']`);\
                      const box = tab.parentElement.getBoundingClientRect();\
                      return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]";
        let from: (i64, i64) = serde_json::from_value(self.run(middle, vec![json!(system)]).await?)?;
        let to: (i64, i64) = serde_json::from_value(self.run(middle, vec![json!(onto)]).await?)?;
        // A little beyond the middle.
        let beyond = if to.0 > from.0 { to.0 + 8 } else { to.0 - 8 };
        self.pull_on_desktop(from, (beyond, to.1)).await
    }

    /// Gives a tab of the bar the keyboard.
    ///
    /// # Errors
    /// There is no such tab.
    pub async fn focus_tab(&self, system: &str) -> anyhow::Result<()> {
        let script = "document.querySelector(`[data-testid=tab][data-system='${arguments[0]}']`).focus()";
        self.run(script, vec![json!(system)]).await.map(|_| ())
    }

    /// Pins a system, or lets it go.
    ///
    /// # Errors
    /// There is no such system in the list.
    pub async fn pin_system(&self, system: &str) -> anyhow::Result<()> {
        self.click(&part("rail-systems")).await?;
        self.find(&format!("{}[data-system=\"{system}\"]", part("system"))).await?;
        let script = "document.querySelector(`[data-testid=system][data-system='${arguments[0]}']`)\
                      .parentElement.querySelector('[data-testid=pin-system]').click()";
        self.run(script, vec![json!(system)]).await.map(|_| ())
    }

    /// Whether the tab in front has a switch for its sound, and whether that is off; waits for it.
    ///
    /// # Errors
    /// It never is so.
    pub async fn tab_sound_is_off(&self, system: &str, is_off: bool) -> anyhow::Result<()> {
        let tab = format!("[data-place]:has([data-system=\"{system}\"])");
        self.find(&format!("{tab} {}[aria-pressed=\"{is_off}\"]", part("tab-sound"))).await.map(|_| ())
    }

    /// Whether a tab has such a switch now.
    ///
    /// # Errors
    /// The window does not answer.
    pub async fn tab_has_sound_switch(&self, system: &str) -> anyhow::Result<bool> {
        let tab = format!("[data-place]:has([data-system=\"{system}\"])");
        Ok(!self.texts(&format!("{tab} {}", part("tab-sound"))).await?.is_empty())
    }

    /// Presses that switch.
    ///
    /// # Errors
    /// There is none.
    pub async fn press_tab_sound(&self) -> anyhow::Result<()> {
        self.click(&part("tab-sound")).await
    }

    /// Opens the settings and answers what they say of memory: the program's, in megabytes, and the tabs'.
    ///
    /// # Errors
    /// They do not say it.
    pub async fn memory_use(&self) -> anyhow::Result<(u64, Vec<ShownMemory>)> {
        self.click(&part("open-settings")).await?;
        self.find(&part("memory-use")).await?;
        let script = "const number = text => { const found = /([0-9,]+) MB/.exec(text); return found ?\
                      Number(found[1].replaceAll(',', '')) : null };\
                      return [number(document.querySelector('[data-testid=memory-program]').innerText) ?? 0,\
                      Array.from(document.querySelectorAll('[data-testid=memory-tab]'), e => ({\
                      system: e.dataset.system, megabytes: number(e.querySelector('dd').innerText)}))]";
        let told = serde_json::from_value(self.run(script, Vec::new()).await?).context("the memory")?;
        self.type_keys("\u{E00C}").await?;
        Ok(told)
    }
}
