//! `application set --component`: the component (XEP-0114) that stands for a business system.

use clap::Args;
use jid::BareJid;
use serde_json::{Value, json};

use super::super::folder::block_on;
use super::super::{CommandError, DataFolder, remark};
use super::webhook::WebhookChange;
use crate::storage::applications::{ApplicationRow, ApplicationStore};

/// What may be said about it.
#[derive(Debug, Args)]
pub(super) struct ComponentFields {
    /// Domain of the component that may send its notices, such as oa.example.org, and is told what becomes of them
    #[arg(long, value_name = "DOMAIN", conflicts_with = "no_component")]
    component: Option<String>,
    /// No component stands for it any more
    #[arg(long)]
    no_component: bool,
}

impl ComponentFields {
    /// The domain, or empty for none any more; `None` when nothing was said.
    pub(super) fn checked(&self, folder: &DataFolder) -> Result<Option<String>, CommandError> {
        let Some(text) = &self.component else {
            return Ok(self.no_component.then(String::new));
        };
        let wrong = || CommandError::Refused(format!("{text:?} is no domain; write it as oa.example.org"));
        let domain = BareJid::new(text).ok().filter(|jid| jid.node().is_none()).ok_or_else(wrong)?;
        let domain = domain.domain().as_str().to_owned();
        // The server may run with other settings than those of the folder.
        if let Ok(settings) = folder.settings() {
            if domain == settings.domain || domain == format!("sms.{}", settings.domain) {
                return Err(CommandError::Refused(format!("{domain} is not for business systems")));
            }
            if !settings.components.iter().any(|one| one.domain == domain) {
                remark(&format!(
                    "{domain} cannot connect yet: write [[components]] with its domain and secret into server.toml, \
                     and start the server again"
                ));
            }
        }
        Ok(Some(domain))
    }
}

/// One component stands for one system, and a system hears in one place.
pub(super) fn fits(
    folder: &DataFolder,
    name: &str,
    webhook: &WebhookChange,
    component: Option<&str>,
) -> Result<(), CommandError> {
    let all = block_on(ApplicationStore::new(folder.database()?).all())??;
    let own = all.iter().find(|row| row.name == name);
    let component = component.or_else(|| own.map(|row| row.component.as_str())).unwrap_or_default();
    if component.is_empty() {
        return Ok(());
    }
    if let Some(other) = all.iter().find(|row| row.name != name && row.component == component) {
        return Err(CommandError::Refused(format!("{component} stands for {} already", other.name)));
    }
    let has_webhook = match webhook {
        WebhookChange::Keep => own.is_some_and(|row| !row.webhook.url.is_empty()),
        WebhookChange::Remove => false,
        WebhookChange::Set(_) => true,
    };
    if has_webhook {
        return Err(CommandError::Refused(
            "a business system hears what became of its notices either by webhook or through its component; give \
             --no-webhook or --no-component as well"
                .to_owned(),
        ));
    }
    Ok(())
}

/// For the list: what there is to know.
pub(super) fn describe(row: &ApplicationRow) -> Value {
    if row.component.is_empty() {
        return Value::Null;
    }
    let since = row.webhook.failing;
    json!({
        "domain": row.component,
        "status": if since.0 > 0 { "failing" } else { "active" },
        "since": (since.0 > 0).then(|| since.to_xmpp()),
        "error": Some(&row.webhook.error).filter(|error| !error.is_empty()),
    })
}

/// For the list: what an administrator should see at once.
pub(super) fn mark(row: &ApplicationRow) -> String {
    match (row.component.is_empty(), row.webhook.failing.0 > 0) {
        (true, _) => String::new(),
        (false, false) => format!("\tcomponent {}", row.component),
        (false, true) => format!(
            "\tcomponent {} failing since {}: {}",
            row.component,
            row.webhook.failing.to_xmpp(),
            row.webhook.error
        ),
    }
}
