//! Writing and reading in conversations.

use anyhow::Context;
use serde_json::json;

use super::part;
use crate::desktop::window::Window;

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
    /// Leaves the business systems for a chat of the list.
    ///
    /// # Errors
    /// There is no such chat.
    pub async fn back_to_the_chat_with(&self, person: &str) -> anyhow::Result<()> {
        self.click(&part("rail-recent")).await?;
        self.click(&format!("{}[data-person=\"{person}\"]", part("recent-row"))).await?;
        self.find(&part("conversation")).await.map(|_| ())
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
}
