//! Signing in, and how the line to the server looks.

use anyhow::Context;
use serde_json::json;

use super::part;
use crate::desktop::window::Window;

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

    /// Waits until the window says that the line is down.
    ///
    /// # Errors
    /// It does not.
    pub async fn is_cut_off(&self) -> anyhow::Result<()> {
        let strip = part("connection-strip");
        self.find(&format!("{strip}[data-state=waiting], {strip}[data-state=connecting]")).await.map(|_| ())
    }
}
