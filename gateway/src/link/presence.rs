//! The gateway's own presence (XEP-0100 section 4.4): available while a way to phones is ready, with a sentence
//! how many are. It goes to whoever asked for it since the link stands.

use std::collections::BTreeSet;

use super::Link;
use super::stanzas;
use super::stream::{LinkError, Writer};

/// Who follows the gateway, and what they know.
#[derive(Debug, Default)]
pub(super) struct Followers {
    addresses: BTreeSet<String>,
    told: Option<(usize, usize)>,
}

/// Most that are told; a client beyond asks when it comes.
const MOST: usize = 10_000;

impl Followers {
    /// Somebody wants to know.
    pub(super) fn add(&mut self, address: &str) {
        if self.addresses.len() < MOST {
            self.addresses.insert(address.to_owned());
        }
    }

    /// Somebody does not want to know any more.
    pub(super) fn remove(&mut self, address: &str) {
        self.addresses.remove(address);
    }

    /// Tells all when it is news.
    pub(super) async fn tell(&mut self, link: &Link, writer: &mut Writer) -> Result<(), LinkError> {
        let Some(reporter) = &link.status else { return Ok(()) };
        let now = reporter.readiness();
        if self.told.replace(now) == Some(now) {
            return Ok(());
        }
        for address in &self.addresses {
            writer.write(of(now, &link.settings.domain, address).as_bytes()).await?;
        }
        Ok(())
    }
}

/// Presence of the gateway, as far as it is known.
pub(super) fn current(link: &Link, to: &str) -> String {
    let domain = &link.settings.domain;
    match &link.status {
        Some(reporter) => of(reporter.readiness(), domain, to),
        None => stanzas::presence(None, domain, to),
    }
}

fn of((ready, all): (usize, usize), domain: &str, to: &str) -> String {
    let kind = if ready == 0 { Some("unavailable") } else { None };
    stanzas::presence_with(kind, domain, to, &sentence(ready, all))
}

fn sentence(ready: usize, all: usize) -> String {
    match (ready, all) {
        (_, 0) => "No modem and no line is set up. Texts wait.".to_owned(),
        (0, _) => "No modem or line is ready. Texts wait.".to_owned(),
        (ready, all) => format!("{ready} of {all} modems and lines are ready."),
    }
}
