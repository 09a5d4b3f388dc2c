//! `application set --webhook`: where a business system hears what became of its notices.

use clap::Args;
use serde_json::{Value, json};

use super::super::{CommandError, remark, say};
use crate::http::{WebhookSecret, is_good_address};
use crate::storage::StorageError;
use crate::storage::applications::{ApplicationRow, Webhook};

/// What may be said about it.
#[derive(Debug, Args)]
pub(super) struct WebhookFields {
    /// Address that is told what becomes of its notices, beginning with https://; a new secret is shown, once
    #[arg(long, value_name = "URL", conflicts_with = "no_webhook")]
    webhook: Option<String>,
    /// The address may be http:// on this computer
    #[arg(long, requires = "webhook")]
    webhook_loopback: bool,
    /// Nothing is told to it any more
    #[arg(long)]
    no_webhook: bool,
}

/// What is to change.
#[derive(Debug)]
pub(super) enum WebhookChange {
    Keep,
    Remove,
    Set(Webhook),
}

impl WebhookFields {
    pub(super) fn checked(&self) -> Result<WebhookChange, CommandError> {
        let Some(url) = &self.webhook else {
            return Ok(if self.no_webhook { WebhookChange::Remove } else { WebhookChange::Keep });
        };
        if !is_good_address(url, self.webhook_loopback) {
            return Err(CommandError::Refused(format!(
                "{url:?} is no address that could be told; write it as https://oa.example.org/path, or \
                 http://127.0.0.1:8080/path with --webhook-loopback"
            )));
        }
        let mut secret = vec![0_u8; 32];
        getrandom::fill(&mut secret).map_err(|_| CommandError::Storage(StorageError::NoRandomness))?;
        let may_be_plain = self.webhook_loopback;
        Ok(WebhookChange::Set(Webhook { url: url.clone(), secret, may_be_plain, ..Webhook::default() }))
    }
}

impl WebhookChange {
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// For the audit log: never the secret.
    pub(super) fn describe(&self) -> Value {
        match self {
            Self::Keep => Value::Null,
            Self::Remove => json!("none"),
            Self::Set(webhook) => json!(webhook.url),
        }
    }

    /// The secret, as its owner gets to see it.
    pub(super) fn shown(&self) -> Option<String> {
        match self {
            Self::Set(webhook) => Some(WebhookSecret::new(webhook.secret.clone()).shown()),
            Self::Keep | Self::Remove => None,
        }
    }

    pub(super) fn apply(self, row: &mut ApplicationRow) {
        match self {
            Self::Keep => {}
            Self::Remove => row.webhook = Webhook::default(),
            Self::Set(webhook) => row.webhook = webhook,
        }
    }
}

pub(super) fn show(secret: &str) -> Result<(), CommandError> {
    remark("The secret that deliveries are signed with is shown this once only:");
    say(secret)
}

/// For the list: what there is to know.
pub(super) fn describe(row: &ApplicationRow) -> Value {
    let webhook = &row.webhook;
    if webhook.url.is_empty() {
        return Value::Null;
    }
    let since = if webhook.disabled.0 > 0 { webhook.disabled } else { webhook.failing };
    json!({
        "url": webhook.url,
        "status": status(webhook),
        "since": (since.0 > 0).then(|| since.to_xmpp()),
        "error": Some(&webhook.error).filter(|error| !error.is_empty()),
    })
}

/// For the list: what an administrator should see at once.
pub(super) fn mark(row: &ApplicationRow) -> String {
    let webhook = &row.webhook;
    match (webhook.url.is_empty(), status(webhook)) {
        (true, _) | (false, "active") => String::new(),
        (false, "failing") => {
            format!("\twebhook failing since {}: {}", webhook.failing.to_xmpp(), webhook.error)
        }
        (false, _) => format!(
            "\twebhook disabled since {}: {}; `application set {} --webhook URL` begins anew",
            webhook.disabled.to_xmpp(),
            webhook.error,
            row.name
        ),
    }
}

fn status(webhook: &Webhook) -> &'static str {
    match (webhook.disabled.0 > 0, webhook.failing.0 > 0) {
        (true, _) => "disabled",
        (false, true) => "failing",
        (false, false) => "active",
    }
}
