//! What a person does with the messenger, in the words of the messenger: the one place that knows the names
//! of the page's parts.

use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::json;

use super::window::{PATIENCE, Window};

/// The driver's name of the key (WebDriver, section 17.4.2).
const ESCAPE: char = '\u{E00C}';

/// Selector of a part of the page.
fn part(name: &str) -> String {
    format!("[data-testid=\"{name}\"]")
}

/// A message as the window shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct ShownMessage {
    /// Written by the person at this window.
    pub own: bool,
    /// `queued`, `sent`, `delivered`, `read`, `failed` or `received`.
    pub state: String,
    /// Its words.
    pub text: String,
}

impl Window {
    /// Fills the sign-in form and sends it.
    ///
    /// # Errors
    /// There is no such form.
    pub async fn sign_in(&self, server: &str, id: &str, password: &str) -> anyhow::Result<()> {
        self.fill(&part("sign-in-server"), server).await?;
        self.fill(&part("sign-in-login"), id).await?;
        self.fill(&part("sign-in-password"), password).await?;
        self.click(&part("sign-in-submit")).await
    }

    /// Ticks the box that keeps the password in the keyring.
    ///
    /// # Errors
    /// The form does not offer it.
    pub async fn remember_the_password(&self) -> anyhow::Result<()> {
        self.click(&part("sign-in-remember")).await
    }

    /// Types another password into the form and sends it.
    ///
    /// # Errors
    /// There is no such form.
    pub async fn sign_in_again(&self, password: &str) -> anyhow::Result<()> {
        self.fill(&part("sign-in-password"), password).await?;
        self.click(&part("sign-in-submit")).await
    }

    /// The one line that says why signing in failed.
    ///
    /// # Errors
    /// It stays empty.
    pub async fn sign_in_problem(&self) -> anyhow::Result<String> {
        let texts = self
            .wait_for_texts(&part("sign-in-problem"), |texts| {
                texts.first().is_some_and(|text| !text.is_empty())
            })
            .await?;
        Ok(texts.concat())
    }

    /// Reads the fingerprint that the window shows of an unknown server.
    ///
    /// # Errors
    /// It shows none.
    pub async fn shown_fingerprint(&self) -> anyhow::Result<String> {
        let shown = self.find(&part("fingerprint")).await?;
        shown.attr("data-fingerprint").await?.context("a fingerprint")
    }

    /// Confirms that the shown fingerprint was compared.
    ///
    /// # Errors
    /// The window does not ask.
    pub async fn trust_the_server(&self) -> anyhow::Result<()> {
        self.click(&part("fingerprint-compared")).await?;
        self.click(&part("trust-server-accept")).await
    }

    /// Waits for the main view.
    ///
    /// # Errors
    /// It does not come.
    pub async fn is_signed_in(&self) -> anyhow::Result<()> {
        self.find(&part("main")).await.map(|_| ())
    }

    /// Waits until the open conversation shows a notice with this title.
    ///
    /// # Errors
    /// It never does.
    pub async fn sees_notice(&self, title: &str) -> anyhow::Result<()> {
        self.sees(&part("notice"), title).await
    }

    /// Presses the button of the notice that leads into its system.
    ///
    /// # Errors
    /// There is none.
    pub async fn open_from_notice(&self) -> anyhow::Result<()> {
        self.click(&part("notice-open")).await?;
        self.find(&part("tab-slot")).await.map(|_| ())
    }

    /// Opens a business system in a tab, and waits until its page is there.
    ///
    /// # Errors
    /// There is no such system, or it does not open.
    pub async fn open_system(&self, system: &str) -> anyhow::Result<()> {
        self.click(&part("rail-systems")).await?;
        self.click(&format!("{}[data-system=\"{system}\"]", part("system"))).await?;
        self.find(&part("tab-slot")).await?;
        Ok(())
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

    /// Leaves the business systems for a chat of the list.
    ///
    /// # Errors
    /// There is no such chat.
    pub async fn back_to_the_chat_with(&self, person: &str) -> anyhow::Result<()> {
        self.click(&part("rail-recent")).await?;
        self.click(&format!("{}[data-person=\"{person}\"]", part("recent-row"))).await?;
        self.find(&part("conversation")).await.map(|_| ())
    }

    /// What a script says in the tab of a system, once it says anything.
    ///
    /// # Errors
    /// It says nothing in time.
    pub async fn tab_says(&self, system: &str, script: &str) -> anyhow::Result<String> {
        // No driver sees into tabs: debug builds have a command for scenes.
        let ask = "const [system, script, told] = arguments;\
                   const tab = document.querySelector(`[data-testid=tab][data-system='${system}']`);\
                   if (!tab) return told(null);\
                   window.__TAURI_INTERNALS__.invoke('evaluate_in_tab', { tab: Number(tab.dataset.tab), script })\
                   .then(told, () => told(null))";
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.run_until_told(ask, vec![json!(system), json!(script)]).await?;
            let text = answer.as_str().and_then(|text| serde_json::from_str::<String>(text).ok());
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                return Ok(text);
            }
            anyhow::ensure!(Instant::now() < deadline, "the tab of {system} says {answer}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the line to the server stands.
    ///
    /// # Errors
    /// It does not.
    pub async fn is_online(&self) -> anyhow::Result<()> {
        self.is_signed_in().await?;
        let script =
            "return document.querySelector('[data-testid=connection-strip]')?.dataset.state ?? 'online'";
        let stands = self.until("the line to the server stands", || async {
            Ok(self.run(script, Vec::new()).await? == json!("online"))
        });
        match stands.await {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("the line is {}", self.run(script, Vec::new()).await?))),
        }
    }

    /// Shows the organisation with every department open.
    ///
    /// # Errors
    /// There is no tree.
    pub async fn open_the_whole_tree(&self) -> anyhow::Result<()> {
        self.click(&part("rail-organization")).await?;
        self.click(&part("expand-all")).await?;
        self.find(&part("person-row")).await.map(|_| ())
    }

    /// The rows of the tree from the top, as far as they are drawn: names of departments and people.
    ///
    /// # Errors
    /// There is no tree.
    pub async fn tree(&self) -> anyhow::Result<Vec<String>> {
        let script =
            "return Array.from(document.querySelectorAll('[role=treeitem] .name'), e => e.innerText.trim())";
        serde_json::from_value(self.run(script, Vec::new()).await?).context("the tree")
    }

    /// Scrolls the tree until a person is on the screen; answers with the selector of the row.
    ///
    /// # Errors
    /// The person is not in the tree.
    pub async fn find_in_tree(&self, person: &str) -> anyhow::Result<String> {
        let row = format!("{}[data-person=\"{person}\"]", part("person-row"));
        let script = "const tree = document.querySelector('[data-testid=organization-tree] > *');\
                      const row = document.querySelector(arguments[0]);\
                      if (row) { row.scrollIntoView({block: 'center'}); return true; }\
                      const ended = tree.scrollTop + tree.clientHeight >= tree.scrollHeight - 1;\
                      tree.scrollTop = ended ? 0 : tree.scrollTop + tree.clientHeight * 0.8;\
                      return false";
        self.until("the person is in the tree", || async {
            Ok(self.run(script, vec![json!(row)]).await? == json!(true))
        })
        .await?;
        Ok(row)
    }

    /// Double-clicks a person in the tree.
    ///
    /// # Errors
    /// The person is not in the tree.
    pub async fn double_click_in_tree(&self, person: &str) -> anyhow::Result<()> {
        let row = self.find_in_tree(person).await?;
        // Once more after the list has settled: a row may be drawn anew while it scrolls.
        self.find_in_tree(person).await?;
        self.double_click(&row).await?;
        self.find(&part("conversation")).await.map(|_| ())
    }

    /// How a person's dot in the tree looks: `online`, `offline` and so on.
    ///
    /// # Errors
    /// It never looks as expected.
    pub async fn sees_in_tree(&self, person: &str, availability: &str) -> anyhow::Result<()> {
        let row = self.find_in_tree(person).await?;
        self.find(&format!("{row}[data-availability=\"{availability}\"]")).await.map(|_| ())
    }

    /// Whether the cursor stands in the composer.
    ///
    /// # Errors
    /// It does not.
    pub async fn can_write_at_once(&self) -> anyhow::Result<()> {
        let script = "return document.activeElement?.dataset.testid ?? ''";
        self.until("the cursor stands in the composer", || async {
            Ok(self.run(script, Vec::new()).await? == json!("composer"))
        })
        .await
    }

    /// Writes a message and sends it with Enter.
    ///
    /// # Errors
    /// There is no composer.
    pub async fn write(&self, text: &str) -> anyhow::Result<()> {
        let composer = self.find(&part("composer")).await?;
        composer.send_keys(&format!("{text}\u{E007}")).await?;
        let written = self
            .until("the message is in the conversation", || async {
                Ok(self.messages().await?.iter().any(|message| message.own && message.text == text))
            })
            .await;
        if let Err(error) = written {
            let left = self.find(&part("composer")).await?.prop("value").await?.unwrap_or_default();
            anyhow::bail!(
                "{error}: {text:?}; the composer holds {left:?}; there was {:?}",
                self.messages().await?
            );
        }
        Ok(())
    }

    /// Messages to the open conversation go to the phone as well, or no longer.
    ///
    /// # Errors
    /// There is no such button.
    pub async fn also_texts(&self, wished: bool) -> anyhow::Result<()> {
        let pressed = |is_pressed: bool| format!("{}[aria-pressed=\"{is_pressed}\"]", part("sms-toggle"));
        self.click(&pressed(!wished)).await?;
        self.find(&pressed(wished)).await.map(|_| ())
    }

    /// Writes into the composer without sending.
    ///
    /// # Errors
    /// There is no composer.
    pub async fn type_without_sending(&self, text: &str) -> anyhow::Result<()> {
        self.find(&part("composer")).await?.send_keys(text).await.context("the composer")
    }

    /// Sends what stands in the composer.
    ///
    /// # Errors
    /// There is no composer.
    pub async fn send_written(&self) -> anyhow::Result<()> {
        self.find(&part("composer")).await?.send_keys("\u{E007}").await.context("the composer")
    }

    /// Waits until the text message with these words is in a state: `delivered`, or `received` for one from a
    /// phone.
    ///
    /// # Errors
    /// It never is.
    pub async fn sees_sms(&self, text: &str, state: &str) -> anyhow::Result<()> {
        let script = "return Array.from(document.querySelectorAll('[data-testid=message]')).some(e => \
                      e.querySelector('[data-testid=message-text]').innerText === arguments[0] && \
                      e.querySelector('[data-testid=sms-mark]')?.dataset.sms === arguments[1])";
        self.until("the text message is in its state", || async {
            Ok(self.run(script, vec![json!(text), json!(state)]).await? == json!(true))
        })
        .await
    }

    /// The messages of the open conversation, as they stand there.
    ///
    /// # Errors
    /// The window does not answer.
    pub async fn messages(&self) -> anyhow::Result<Vec<ShownMessage>> {
        let script = "return Array.from(document.querySelectorAll('[data-testid=message]'), e => ({\
                      own: e.dataset.own === 'true', state: e.dataset.state,\
                      text: e.querySelector('[data-testid=message-text]').innerText}))";
        serde_json::from_value(self.run(script, Vec::new()).await?).context("the messages")
    }

    /// Waits until the open conversation is exactly these words, in this order.
    ///
    /// # Errors
    /// It never is; the error tells what stood there instead.
    pub async fn reads(&self, expected: &[&str]) -> anyhow::Result<()> {
        let result = self
            .until("the conversation is complete", || async {
                Ok(self
                    .messages()
                    .await?
                    .iter()
                    .map(|message| message.text.as_str())
                    .eq(expected.iter().copied()))
            })
            .await;
        if result.is_err() {
            let shown: Vec<String> = self.messages().await?.into_iter().map(|message| message.text).collect();
            anyhow::bail!("expected {expected:?}\nbut there was {shown:?}");
        }
        Ok(())
    }

    /// Waits until the own message with these words is in a state.
    ///
    /// # Errors
    /// It never is.
    pub async fn sees_own_message(&self, text: &str, states: &[&str]) -> anyhow::Result<()> {
        let result = self
            .until("the message is in its state", || async {
                let messages = self.messages().await?;
                Ok(messages.iter().any(|message| {
                    message.own && message.text == text && states.contains(&message.state.as_str())
                }))
            })
            .await;
        if let Err(error) = result {
            anyhow::bail!("{error}: {text:?} should be {states:?}; there was {:?}", self.messages().await?);
        }
        Ok(())
    }

    /// Waits until a conversation has a number of unread messages, and opens it.
    ///
    /// # Errors
    /// It never does.
    pub async fn opens_unread(&self, person: &str, unread: u32) -> anyhow::Result<()> {
        self.click(&part("rail-recent")).await?;
        let row = format!("{}[data-person=\"{person}\"]", part("recent-row"));
        self.find(&format!("{row}[data-unread=\"{unread}\"]")).await?;
        self.click(&row).await?;
        self.find(&part("conversation")).await.map(|_| ())
    }

    /// Searches people; returns when there are hits.
    ///
    /// # Errors
    /// There are none.
    pub async fn search(&self, words: &str) -> anyhow::Result<Vec<String>> {
        self.fill(&part("search-field"), words).await?;
        self.wait_for_texts(&part("search-hit"), |hits| !hits.is_empty()).await
    }

    /// Empties the search field.
    ///
    /// # Errors
    /// There is none.
    pub async fn leave_search(&self) -> anyhow::Result<()> {
        self.fill(&part("search-field"), "").await
    }

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

    /// Waits until the window says that the line is down.
    ///
    /// # Errors
    /// It does not.
    pub async fn is_cut_off(&self) -> anyhow::Result<()> {
        let strip = part("connection-strip");
        self.find(&format!("{strip}[data-state=waiting], {strip}[data-state=connecting]")).await.map(|_| ())
    }

    /// Waits until a question is answered with yes.
    ///
    /// # Errors
    /// It never is, or it cannot be asked.
    pub async fn until<Answer>(&self, wish: &str, question: impl Fn() -> Answer) -> anyhow::Result<()>
    where
        Answer: Future<Output = anyhow::Result<bool>>,
    {
        let deadline = Instant::now() + PATIENCE;
        while !question().await? {
            anyhow::ensure!(Instant::now() < deadline, "never came true: {wish}");
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
        Ok(())
    }
}
