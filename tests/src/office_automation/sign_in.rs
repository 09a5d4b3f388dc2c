//! Signing in with OpenID Connect: code with PKCE (RFC 7636), state, nonce, and the issuer of the answer (RFC 9207).

use anyhow::Context;
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::User;
use crate::business_system::{BusinessSystem, form};

/// The provider, and what it knows this system by.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its name, such as `https://chat.example.org:5281`.
    pub issuer: String,
    /// Asks it, with its authority trusted.
    pub line: BusinessSystem,
    /// This system's name there.
    pub client_id: String,
    /// This system's secret.
    pub secret: String,
}

/// A sign-in that has begun.
#[derive(Debug)]
pub(super) struct Begun {
    verifier: String,
    nonce: String,
    path: String,
}

impl Provider {
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The state, what to keep under it, and where to send the browser.
    pub(super) fn begin(&self, redirect_uri: &str, path: String) -> anyhow::Result<(String, Begun, String)> {
        let (state, verifier, nonce) = (random_text()?, random_text()?, random_text()?);
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        let question = form(&[
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", "openid profile"),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let to = format!("{}/oauth2/authorize?{question}", self.issuer);
        Ok((state, Begun { verifier, nonce, path }, to))
    }

    /// Changes a code for what it stands for: who it is, and where the person wanted to go.
    pub(super) async fn finish(
        &self,
        redirect_uri: &str,
        code: &str,
        begun: Begun,
    ) -> anyhow::Result<(User, String)> {
        let asked = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("client_id", &self.client_id),
            ("client_secret", &self.secret),
            ("code_verifier", &begun.verifier),
        ];
        let tokens = self.line.post_form("/oauth2/token", &asked).await?;
        anyhow::ensure!(tokens.status == 200, "the provider refuses the code: {}", tokens.text);
        let nonce = claims(text(&tokens.body, "id_token")?)?;
        anyhow::ensure!(text(&nonce, "nonce")? == begun.nonce, "the token is for another sign-in");
        let token = text(&tokens.body, "access_token")?;
        let person = self.line.clone().with_key(token).get("/oauth2/userinfo").await?;
        anyhow::ensure!(person.status == 200, "the provider says nothing about the person: {}", person.text);
        let user = User {
            login: text(&person.body, "preferred_username")?.to_owned(),
            name: text(&person.body, "name")?.to_owned(),
        };
        Ok((user, begun.path))
    }
}

/// What an ID token says. It came straight from the provider over TLS, so its signature adds nothing (OpenID Connect
/// Core, section 3.1.3.7, point 6).
fn claims(token: &str) -> anyhow::Result<Value> {
    let inside = token.split('.').nth(1).context("no token")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(inside)?)?)
}

fn text<'a>(answer: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    answer.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in {answer}"))
}

/// 256 random bits.
pub(super) fn random_text() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
