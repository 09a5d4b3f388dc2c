//! The list of refusals, as it is kept and in plain words.

use clap::Args;
use posthouse_sign_on::refusal::advice;

use crate::command_line::{CommandError, DataFolder, now, remark, say};
use crate::storage::Database;
use crate::storage::sign_on::{self, RefusalRow};

#[derive(Debug, Args)]
pub(crate) struct Refusals {
    /// Short name [default: all systems]
    id: Option<String>,
    /// Show so many
    #[arg(long, default_value_t = 20, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    last: u32,
    #[command(flatten)]
    folder: DataFolder,
}

impl Refusals {
    pub(super) fn run(&self) -> Result<(), CommandError> {
        let rows = newest(&self.folder.database()?, self.id.as_deref(), self.last)?;
        if rows.is_empty() {
            remark("nobody was refused");
        }
        for row in rows {
            say(&format!("{}\t{}\t{}\t{}", time_of(&row)?, row.party, row.login, row.reason))?;
        }
        Ok(())
    }
}

/// The newest refusals of a system, each with what to do about it.
pub(super) fn explained(database: &Database, id: &str, last: u32) -> Result<String, CommandError> {
    let rows = newest(database, Some(id), last)?;
    if rows.is_empty() {
        return Ok("Nobody was refused lately.".to_owned());
    }
    let mut text = format!("The last refusals, newest first ({}):", rows.len());
    let mut told = std::collections::BTreeSet::new();
    for row in rows {
        let who = if row.login.is_empty() { String::new() } else { format!(", {}", row.login) };
        text.push_str(&format!("\n  {}{who}: {}", time_of(&row)?, row.reason));
        if told.insert(row.reason.clone()) {
            text.push_str(&format!("\n      {}", advice(&row.reason)));
        }
    }
    Ok(text)
}

fn newest(database: &Database, id: Option<&str>, last: u32) -> Result<Vec<RefusalRow>, CommandError> {
    Ok(database.read_now(|connection| sign_on::refusals(connection, id, last))?)
}

fn time_of(row: &RefusalRow) -> Result<String, CommandError> {
    let time = time::OffsetDateTime::from_unix_timestamp(row.time).unwrap_or(now()?);
    Ok(time.format(&time::format_description::well_known::Rfc3339).unwrap_or_default())
}
