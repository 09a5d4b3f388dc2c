//! `audit`: who did what, newest last.

use clap::Args;
use serde_json::json;

use super::{CommandError, DataFolder, remark, say, say_json};
use crate::storage::audit::{self, AuditEntry};

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Show so many of the newest entries
    #[arg(long, default_value_t = 50, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    last: u32,
    /// Only entries of this kind, such as `user add` or `text ignored`
    #[arg(long)]
    action: Option<String>,
    /// JSON instead of columns
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folder: DataFolder,
}

impl Audit {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let database = self.folder.database()?;
        let entries =
            database.read_now(|connection| audit::newest(connection, self.action.as_deref(), self.last))?;
        if self.json {
            let all = entries.iter().map(|entry| {
                json!({
                    "time": when(entry), "actor": entry.actor, "action": entry.action,
                    "subject": entry.subject, "detail": entry.detail,
                })
            });
            return say_json(&all.collect());
        }
        if entries.is_empty() {
            remark("nothing of that kind has been written down");
        }
        for entry in &entries {
            let AuditEntry { actor, action, subject, detail, .. } = entry;
            say(&format!("{}\t{actor}\t{action}\t{subject}\t{detail}", when(entry)))?;
        }
        Ok(())
    }
}

/// The time in UTC (RFC 3339).
fn when(entry: &AuditEntry) -> String {
    let time = time::OffsetDateTime::from_unix_timestamp(entry.time.seconds()).ok();
    time.and_then(|time| time.format(&time::format_description::well_known::Rfc3339).ok()).unwrap_or_default()
}
