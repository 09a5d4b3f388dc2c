//! The settings.

use serde_json::json;

use super::part;
use crate::desktop::window::Window;

/// The driver's name of the key (WebDriver, section 17.4.2).
const ESCAPE: char = '\u{E00C}';

impl Window {
    /// Opens the settings.
    ///
    /// # Errors
    /// They do not open.
    pub async fn open_settings(&self) -> anyhow::Result<()> {
        self.click(&part("open-settings")).await?;
        self.find(&part("settings")).await.map(|_| ())
    }

    /// Chooses something in the open settings: `setting-theme` and `dark`, for example.
    ///
    /// # Errors
    /// There is no such choice.
    pub async fn choose(&self, setting: &str, value: &str) -> anyhow::Result<()> {
        let choice = format!("{} input[value=\"{value}\"]", part(setting));
        self.find(&choice).await?;
        // The box itself is hidden behind its label, which is what a person clicks.
        let script = "document.querySelector(arguments[0]).closest('label').click()";
        self.run(script, vec![json!(choice)]).await?;
        self.find(&format!("{} input[value=\"{value}\"]:checked", part(setting))).await.map(|_| ())
    }

    /// Closes the settings.
    ///
    /// # Errors
    /// They stay.
    pub async fn close_settings(&self) -> anyhow::Result<()> {
        self.type_keys(&ESCAPE.to_string()).await?;
        self.until("the settings are closed", || async {
            Ok(self.texts(&part("settings")).await?.is_empty())
        })
        .await
    }
}
