//! `import`: brings a sheet of departments and people into the organisation, all of it or nothing.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use parking_lot::Mutex;

use super::folder::block_on;
use super::user::tree;
use super::{CommandError, DataFolder, now, remark, say};
use crate::accounts::derivation::derive_all;
use crate::accounts::password;
use crate::organization::editor::NewPassword;
use crate::organization::import::{self, Choices, Difference, Present, Problem, Wanted};
use crate::storage::{Database, accounts};

/// Most problems that are shown at once.
const SHOWN: usize = 50;
/// How often the progress is told.
const PROGRESS: Duration = Duration::from_secs(1);

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(
    after_help = "The first row names the columns, in English or Chinese: kind (类型), id (账号), name (姓名), \
    department (部门, such as 总部/财务部), title (职务), priority (排序, smaller first), gender (性别), \
    birth date (出生日期) or age (年龄), phone (电话), mobile (手机), email (邮箱), employee number (工号), \
    tags (标签, separated by ; or 、), status (状态), password (初始密码). One row for each post of a person; a row \
    without id and name is a department's. An empty cell empties the field; a field without a column stays as it is."
)]
pub(crate) struct Import {
    /// CSV (UTF-8 or GB18030) or XLSX file
    file: PathBuf,
    #[command(flatten)]
    folder: DataFolder,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
    /// Remove people and departments that are not in the file
    #[arg(long)]
    remove_missing: bool,
    /// Set the passwords of the file also for people who have one; their sessions end
    #[arg(long)]
    reset_passwords: bool,
    /// Whoever gets a password from the file must choose another one at the next sign-in
    #[arg(long)]
    must_change: bool,
}

impl Import {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let bytes = std::fs::read(&self.file)
            .map_err(CommandError::file(format!("{} cannot be read", self.file.display())))?;
        let wanted = import::read(&bytes).map_err(|problems| self.refused(&problems))?;
        self.tell_read(&wanted);
        let settings = self.folder.settings()?;
        let database = self.folder.database()?;
        let difference = self.difference(wanted, &database)?;
        if self.dry_run {
            return tell_difference(&difference);
        }
        let summary = difference.summary();
        if difference.is_empty() {
            return say(&format!("Nothing to change: {summary}."));
        }
        let keys = self.keys(&difference, settings.passwords.iterations)?;
        let source = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let editor = self.folder.editor()?;
        block_on(editor.import(&source, summary.clone(), difference.steps(keys)))??;
        say(&format!("Done: {summary}."))
    }

    fn tell_read(&self, wanted: &Wanted) {
        let form = &wanted.form;
        remark(&format!(
            "{}: {form}, {} rows of departments, {} people",
            self.file.display(),
            wanted.departments.len(),
            wanted.people.len()
        ));
        if !wanted.unread.is_empty() {
            remark(&format!("not read: {}", wanted.unread.join(", ")));
        }
    }

    fn difference(&self, wanted: Wanted, database: &Database) -> Result<Difference, CommandError> {
        let present = Present { tree: tree(database)?, accounts: database.read_now(accounts::accounts)? };
        let choices = Choices {
            remove_missing: self.remove_missing,
            reset_passwords: self.reset_passwords,
            today: now()?.date(),
        };
        let unusable: Vec<Problem> = wanted
            .people
            .iter()
            .filter_map(|person| {
                let (text, place) = person.password.as_ref()?;
                let error = password::check(text).err()?;
                Some(Problem { place: place.clone(), text: error.to_string() })
            })
            .collect();
        if !unusable.is_empty() {
            return Err(self.refused(&unusable));
        }
        Difference::new(wanted, &present, choices).map_err(|problems| self.refused(&problems))
    }

    fn keys(&self, difference: &Difference, iterations: u32) -> Result<Vec<NewPassword>, CommandError> {
        let passwords: Vec<&str> =
            difference.passwords().into_iter().map(|(password, _)| password.as_str()).collect();
        let progress = Progress::new(passwords.len());
        let keys = derive_all(&passwords, iterations, &|done| progress.tell(done))?;
        progress.end();
        let must_change = self.must_change;
        Ok(keys.iter().map(|keys| NewPassword { keys: keys.rows(), must_change }).collect())
    }

    fn refused(&self, problems: &[Problem]) -> CommandError {
        let mut lines = vec![format!(
            "{} was not imported, nothing has changed. Problems: {}",
            self.file.display(),
            problems.len()
        )];
        lines.extend(problems.iter().take(SHOWN).map(|problem| format!("  {problem}")));
        let more = problems.len().saturating_sub(SHOWN);
        if more > 0 {
            lines.push(format!("  and {more} more"));
        }
        CommandError::Refused(lines.join("\n"))
    }
}

fn tell_difference(difference: &Difference) -> Result<(), CommandError> {
    let mut lines = difference.lines();
    let passwords = difference.passwords().len();
    if passwords > 0 {
        lines.push(format!("Passwords to be set: {passwords}"));
    }
    lines.push(format!("Dry run, nothing was changed: {}.", difference.summary()));
    say(&lines.join("\n"))
}

/// Tells on standard error how far key derivation is.
struct Progress {
    all: usize,
    told: Mutex<Instant>,
}

impl Progress {
    fn new(all: usize) -> Self {
        Self { all, told: Mutex::new(Instant::now()) }
    }

    fn tell(&self, done: usize) {
        let Some(mut told) = self.told.try_lock() else { return };
        if told.elapsed() < PROGRESS {
            return;
        }
        *told = Instant::now();
        let text = format!("passwords: {done} of {}", self.all);
        let mut errors = std::io::stderr().lock();
        // On a terminal one line that counts, in a file one line each time. Nobody reads is no reason to fail.
        let _ = if errors.is_terminal() { write!(errors, "\r{text}") } else { writeln!(errors, "{text}") };
        let _ = errors.flush();
    }

    fn end(&self) {
        if self.all > 0 {
            let start = if std::io::stderr().is_terminal() { "\r" } else { "" };
            remark(&format!("{start}passwords: {} of {}", self.all, self.all));
        }
    }
}
