//! A browser as far as signing in needs one: cookies of a host whatever the port, redirects, forms. Without scripts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;

use crate::business_system::{Answer, BusinessSystem, form};
use crate::raw_client::Trust;

/// Redirects that are followed.
const MOST_REDIRECTS: usize = 12;

/// Its cookies are its own, as those of a tab.
#[derive(Debug, Clone)]
pub struct Browser {
    authority: PathBuf,
    cookies: BTreeMap<(String, String), String>,
}

/// Where a browser has come to.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its address.
    pub url: String,
    /// What was answered.
    pub answer: Answer,
    /// Addresses on the way here.
    pub way: Vec<String>,
}

impl Browser {
    /// Trusts this certificate authority.
    #[must_use]
    pub fn trusting(authority: PathBuf) -> Self {
        Self { authority, cookies: BTreeMap::new() }
    }

    /// Puts a cookie into its store, as the app does before the first visit.
    pub fn put_cookie(&mut self, host: &str, name: &str, value: &str) {
        self.cookies.insert((host.to_owned(), name.to_owned()), value.to_owned());
    }

    /// A cookie of a host.
    #[must_use]
    pub fn cookie(&self, host: &str, name: &str) -> Option<&str> {
        self.cookies.get(&(host.to_owned(), name.to_owned())).map(String::as_str)
    }

    /// Opens an address and follows where it leads, as a person who types it.
    ///
    /// # Errors
    /// There is no answer, or the redirects never end.
    pub async fn open(&mut self, url: &str) -> anyhow::Result<Page> {
        self.go("GET", url, None, "none").await
    }

    /// Follows a link of another site.
    ///
    /// # Errors
    /// There is no answer, or the redirects never end.
    pub async fn follow(&mut self, url: &str) -> anyhow::Result<Page> {
        self.go("GET", url, None, "cross-site").await
    }

    /// Sends the form of a page of the same site.
    ///
    /// # Errors
    /// There is no answer, or the redirects never end.
    pub async fn submit(&mut self, url: &str, fields: &[(&str, &str)]) -> anyhow::Result<Page> {
        self.go("POST", url, Some(form(fields)), "same-origin").await
    }

    /// Asks once, without following.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn ask(
        &mut self,
        method: &str,
        url: &str,
        body: Option<&str>,
        fetch_site: &str,
    ) -> anyhow::Result<Answer> {
        let (scheme, rest) = url.split_once("://").context("no scheme")?;
        let slash = rest.find('/').unwrap_or(rest.len());
        let (address, path) = rest.split_at(slash);
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host).to_owned();
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((owner, _), _)| *owner == host)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut system = BusinessSystem::at(address);
        if scheme == "https" {
            system = system.inside_tls(Trust::in_authority(&self.authority, &host)?);
        }
        if !cookies.is_empty() {
            system = system.with_header("Cookie", &cookies.join("; "));
        }
        let system = system
            .with_header("Host", address)
            .with_header("Sec-Fetch-Site", fetch_site)
            .with_header("Accept", "text/html,application/xhtml+xml")
            .with_header("Sec-Fetch-Mode", "navigate")
            .with_header("Sec-Fetch-Dest", "document");
        let path = if path.is_empty() { "/" } else { path };
        let kind = "application/x-www-form-urlencoded";
        let answer = system.ask_with(method, path, body.map(|body| (kind, body))).await?;
        for (name, value) in &answer.headers {
            if name == "set-cookie" {
                self.take_cookie(&host, value)?;
            }
        }
        Ok(answer)
    }

    /// Asks once with a header that only a proxy should send.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn forge(&self, url: &str, name: &str, value: &str) -> anyhow::Result<Answer> {
        let (_, rest) = url.split_once("://").context("no scheme")?;
        let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let system = BusinessSystem::at(address).inside_tls(Trust::in_authority(&self.authority, host)?);
        system.with_header("Host", address).with_header(name, value).get(path).await
    }

    async fn go(
        &mut self,
        method: &str,
        url: &str,
        body: Option<String>,
        fetch_site: &str,
    ) -> anyhow::Result<Page> {
        let (mut method, mut url, mut body) = (method, url.to_owned(), body);
        let mut way = Vec::new();
        for _ in 0..MOST_REDIRECTS {
            let answer = self.ask(method, &url, body.as_deref(), fetch_site).await?;
            let Some(to) = answer.header("location").filter(|_| (300..400).contains(&answer.status)) else {
                return Ok(Page { url, answer, way });
            };
            let next = absolute(&url, to)?;
            way.push(std::mem::replace(&mut url, next));
            (method, body) = ("GET", None);
        }
        anyhow::bail!("redirects without end: {way:?}")
    }

    fn take_cookie(&mut self, host: &str, text: &str) -> anyhow::Result<()> {
        let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
        let (name, value) = pair.trim().split_once('=').context("no cookie")?;
        let key = (host.to_owned(), name.to_owned());
        if attributes.to_ascii_lowercase().contains("max-age=0") {
            self.cookies.remove(&key);
        } else {
            self.cookies.insert(key, value.to_owned());
        }
        Ok(())
    }
}

/// A redirect's target, seen from where it was met.
fn absolute(from: &str, to: &str) -> anyhow::Result<String> {
    if to.contains("://") {
        return Ok(to.to_owned());
    }
    anyhow::ensure!(to.starts_with('/'), "where is {to}?");
    let start = from.find("://").context("no scheme")?.saturating_add(3);
    let end = from.get(start..).and_then(|rest| rest.find('/')).map_or(from.len(), |slash| start + slash);
    Ok(format!("{}{to}", from.get(..end).unwrap_or(from)))
}
