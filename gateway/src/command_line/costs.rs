//! `costs`: what each person and application texted today and in this month, and what it cost.

use clap::Args;

use super::{CommandError, DataFolder, block_on, say};
use crate::clock::Clock;
use crate::gateway::DATABASE;
use crate::quotas::{money, month_of};
use crate::store::{Store, Usage};

/// Arguments of `costs`.
#[derive(Debug, Args)]
pub(crate) struct Costs {
    #[command(flatten)]
    folder: DataFolder,
}

impl Costs {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        block_on(self.show())
    }

    async fn show(self) -> Result<(), CommandError> {
        let rules = self.folder.config()?.rules()?;
        let store = Store::open(&self.folder.file(DATABASE))?;
        let now = Clock::System.now();
        let today = rules.day(now);
        table("Today", &store.usage(today, today).await?, &rules.currency)?;
        let month = store.usage(rules.first_of_month(now), today).await?;
        table(&month_of(today), &month, &rules.currency)
    }
}

fn table(title: &str, rows: &[Usage], currency: &str) -> Result<(), CommandError> {
    if rows.is_empty() {
        return say(&format!("{title}: no texts"));
    }
    say(&format!("{title}:"))?;
    for row in rows {
        say(&format!(
            "  {}: {} texts of {} messages, {} refused, {} sent, {} {currency}",
            row.origin,
            row.texts,
            row.messages,
            row.refused,
            row.sent,
            money(row.cost)
        ))?;
    }
    let total: i64 = rows.iter().map(|row| row.cost).sum();
    say(&format!("  in all: {} {currency}", money(total)))
}
