//! Notices of business systems.

use serde_json::json;

use super::part;
use crate::desktop::window::Window;

impl Window {
    /// Shows the notices of a system, once so many are unread in all.
    ///
    /// # Errors
    /// There is no such system, or never so much to read.
    pub async fn opens_notices_of(&self, system: &str, unread: u32) -> anyhow::Result<()> {
        // Before the list is on the screen: what is looked at is unread no longer.
        self.find(&format!("{}[data-count=\"{unread}\"]", part("rail-unread-notices"))).await?;
        self.click(&part("rail-notices")).await?;
        let entry = format!("{}[data-system=\"{system}\"]", part("notice-system"));
        self.click(&entry).await?;
        self.find(&format!("{entry}[aria-current=true]")).await.map(|_| ())
    }

    /// Shows the notices of all systems that are to be done (`open`), `unread`, `done`, or `all` of them.
    ///
    /// # Errors
    /// There is no such list.
    pub async fn lists_notices(&self, filter: &str) -> anyhow::Result<()> {
        self.click(&part("rail-notices")).await?;
        self.click(&format!("{}[data-system=\"\"]", part("notice-system"))).await?;
        self.click(&part(&format!("filter-{filter}"))).await
    }

    /// Waits until the titles of the shown notices are these, from the top.
    ///
    /// # Errors
    /// They never are.
    pub async fn sees_notices(&self, titles: &[&str]) -> anyhow::Result<()> {
        let heads = format!("{} h3", part("notice"));
        let seen = self.until("the notices are listed", || async {
            Ok(self.texts(&heads).await?.iter().map(String::as_str).eq(titles.iter().copied()))
        });
        match seen.await {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("there is {:?}", self.texts(&heads).await?))),
        }
    }

    /// Waits until nothing of a system is unread.
    ///
    /// # Errors
    /// Something stays so.
    pub async fn has_read_all_notices_of(&self, system: &str) -> anyhow::Result<()> {
        let entry = format!("{}[data-system=\"{system}\"]", part("notice-system"));
        self.find(&format!("{entry}[data-unread=\"0\"]")).await.map(|_| ())
    }

    /// Presses a button of the first notice.
    ///
    /// # Errors
    /// There is none.
    pub async fn press_on_notice(&self, words: &str) -> anyhow::Result<()> {
        let script = "const button = Array.from(document.querySelectorAll('[data-testid=notice-action]'))\
                      .find(one => one.innerText.trim() === arguments[0]); button?.click(); return !!button";
        self.until("the notice has the button", || async {
            Ok(self.run(script, vec![json!(words)]).await? == json!(true))
        })
        .await
    }

    /// Waits until the first notice says what became of it.
    ///
    /// # Errors
    /// It never does.
    pub async fn sees_outcome(&self, words: &str) -> anyhow::Result<()> {
        self.sees(&part("notice-done"), words).await
    }

    /// Waits until a notice with this title is shown.
    ///
    /// # Errors
    /// It never is.
    pub async fn sees_notice(&self, title: &str) -> anyhow::Result<()> {
        self.sees(&format!("{} h3", part("notice")), title).await
    }

    /// Presses the button of the notice that leads into its system.
    ///
    /// # Errors
    /// There is none.
    pub async fn open_from_notice(&self) -> anyhow::Result<()> {
        self.click(&part("notice-open")).await?;
        self.find(&part("tab-slot")).await.map(|_| ())
    }
}
