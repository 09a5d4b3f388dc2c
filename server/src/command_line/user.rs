//! `user`: people and their accounts.

mod said;

use std::io::Read;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::folder::block_on;
use super::{CommandError, DataFolder, remark, say, say_json};
use crate::accounts::password::PasswordKeys;
use crate::organization::changes::person_id;
use crate::organization::editor::{Editor, NewPassword, PersonEdit};
use crate::organization::fields;
use crate::organization::tree::Tree;
use crate::storage::accounts::AccountRow;
use crate::storage::organization::PersonRow;
use crate::storage::{Database, accounts, organization as table};
use said::Fields;

/// Most bytes that are read as a password.
const LONGEST_PASSWORD: u64 = 4_096;

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a person with an account
    Add(Add),
    /// Change a person
    Set(Set),
    /// Set a password; all sessions of the account end
    Password(Password),
    /// Lock an account; its sessions end
    Disable(One),
    /// Sign an account out everywhere: its clients, and its business systems by single sign-on
    SignOut(One),
    /// Unlock an account
    Enable(One),
    /// Remove a person and the account
    Remove(One),
    /// List all people in the order of the tree
    List(List),
    /// Show everything about one person
    Show(Show),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// ID: the part of the address before the @
    id: String,
    #[command(flatten)]
    folder: DataFolder,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    password: PasswordInput,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// ID of the person
    id: String,
    #[command(flatten)]
    folder: DataFolder,
    #[command(flatten)]
    fields: Fields,
}

#[derive(Debug, Args)]
pub(crate) struct Password {
    /// ID of the account
    id: String,
    #[command(flatten)]
    folder: DataFolder,
    #[command(flatten)]
    password: PasswordInput,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    /// ID of the account
    id: String,
    #[command(flatten)]
    folder: DataFolder,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    one: One,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    folder: DataFolder,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct PasswordInput {
    /// Read the password from standard input (the first line)
    #[arg(long)]
    password_stdin: bool,
    /// The owner must choose another password at the next sign-in
    #[arg(long)]
    must_change: bool,
}

impl PasswordInput {
    fn read(&self, iterations: u32) -> Result<Option<NewPassword>, CommandError> {
        if !self.password_stdin {
            return Ok(None);
        }
        let mut text = String::new();
        std::io::stdin()
            .lock()
            .take(LONGEST_PASSWORD)
            .read_to_string(&mut text)
            .map_err(CommandError::file("the password cannot be read from standard input"))?;
        let password = text.lines().next().unwrap_or_default();
        let keys = PasswordKeys::derive(password, iterations)?.rows();
        Ok(Some(NewPassword { keys, must_change: self.must_change }))
    }
}

impl User {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Add(add) => add.run(),
            Self::Set(set) => set.run(),
            Self::Password(password) => password.run(),
            Self::Disable(one) => one.edit(async |editor, id| editor.set_disabled(id, true).await),
            Self::SignOut(one) => one.edit(async |editor, id| editor.sign_out(id).await),
            Self::Enable(one) => one.edit(async |editor, id| editor.set_disabled(id, false).await),
            Self::Remove(one) => one.edit(async |editor, id| editor.remove_person(id).await),
            Self::List(list) => list.run(),
            Self::Show(show) => show.run(),
        }
    }
}

impl Add {
    fn run(self) -> Result<(), CommandError> {
        let login = fields::login(&self.id)?;
        if self.fields.name.is_none() || self.fields.department.is_empty() {
            return Err(CommandError::Refused(
                "a person needs --name NAME and --department PATH, such as 总部/财务部".to_owned(),
            ));
        }
        let edit = self.fields.edit()?;
        let settings = self.folder.settings()?;
        let password = self.password.read(settings.passwords.iterations)?;
        if password.is_none() {
            remark(&format!("{login} has no password yet; set one with `posthouse-server user password`"));
        }
        let editor = self.folder.editor()?;
        tell_created(&block_on(editor.add_person(&login, edit, password))??);
        Ok(())
    }
}

impl Set {
    fn run(self) -> Result<(), CommandError> {
        let login = fields::login(&self.id)?;
        let edit = self.fields.edit()?;
        if edit == PersonEdit::default() {
            return Err(CommandError::Refused(
                "nothing to change was given; see `user set --help`".to_owned(),
            ));
        }
        tell_created(&block_on(self.folder.editor()?.set_person(&login, edit))??);
        Ok(())
    }
}

impl Password {
    fn run(self) -> Result<(), CommandError> {
        let login = fields::login(&self.id)?;
        let settings = self.folder.settings()?;
        let Some(password) = self.password.read(settings.passwords.iterations)? else {
            return Err(CommandError::Refused(
                "give --password-stdin and the password on standard input".to_owned(),
            ));
        };
        Ok(block_on(self.folder.editor()?.set_password(&login, password))??)
    }
}

impl One {
    fn edit(
        self,
        change: impl AsyncFnOnce(&Editor, &str) -> Result<(), crate::organization::editor::EditError>,
    ) -> Result<(), CommandError> {
        let login = fields::login(&self.id)?;
        let editor = self.folder.editor()?;
        Ok(block_on(change(&editor, &login))??)
    }
}

/// Says which departments an edit has created.
pub(crate) fn tell_created(paths: &[String]) {
    for path in paths {
        remark(&format!("created the department {path}"));
    }
}

/// Everything, in order.
pub(crate) fn tree(database: &Database) -> Result<Tree, CommandError> {
    let rows =
        database.read_now(|connection| Ok((table::departments(connection)?, table::people(connection)?)))?;
    Ok(Tree::new(rows.0, rows.1))
}

impl List {
    fn run(self) -> Result<(), CommandError> {
        let database = self.folder.database()?;
        let tree = tree(&database)?;
        if self.json {
            let accounts = database.read_now(accounts::accounts)?;
            let people: Vec<Value> = tree
                .people_in_order()
                .into_iter()
                .map(|person| {
                    let account = accounts.binary_search_by(|row| row.login.cmp(&person.login)).ok();
                    describe(person, account.and_then(|index| accounts.get(index)), &tree)
                })
                .collect();
            return say_json(&Value::Array(people));
        }
        let mut text = String::new();
        for person in tree.people_in_order() {
            let places: Vec<String> = person.posts.iter().map(|post| tree.path(post.department)).collect();
            let tags = if person.tags.is_empty() {
                String::new()
            } else {
                format!("\ttags: {}", person.tags.join(", "))
            };
            let state = if person.disabled { "\tdisabled" } else { "" };
            text.push_str(&format!("{}\t{}\t{}{tags}{state}\n", person.login, person.name, places.join(";")));
        }
        say(text.trim_end())
    }
}

impl Show {
    fn run(self) -> Result<(), CommandError> {
        let login = fields::login(&self.one.id)?;
        let database = self.one.folder.database()?;
        let name = login.clone();
        let (person, account, departments) = database.read_now(move |connection| {
            Ok((
                table::person_by_login(connection, &name)?,
                accounts::account(connection, &name)?,
                table::departments(connection)?,
            ))
        })?;
        let value = match (person, account) {
            (Some(person), account) => {
                let tree = Tree::new(departments, Vec::new());
                describe(&person, account.as_ref(), &tree)
            }
            (None, Some(account)) => json!({
                "id": account.login, "role": account.role, "status": status(account.disabled),
                "has_password": account.has_password, "must_change_password": account.must_change,
            }),
            (None, None) => return Err(crate::organization::editor::EditError::NoSuchPerson(login).into()),
        };
        if self.json {
            return say_json(&value);
        }
        let fields = value.as_object().into_iter().flatten();
        let lines: Vec<String> = fields.map(|(key, value)| format!("{key}: {}", plain(value))).collect();
        say(&lines.join("\n"))
    }
}

fn status(disabled: bool) -> &'static str {
    if disabled { "disabled" } else { "active" }
}

fn describe(person: &PersonRow, account: Option<&AccountRow>, tree: &Tree) -> Value {
    let posts: Vec<Value> = person
        .posts
        .iter()
        .map(|post| {
            let department = tree.path(post.department);
            json!({ "department": department, "title": post.title, "priority": post.priority })
        })
        .collect();
    json!({
        "id": person.login,
        "entry": person_id(person.id),
        "name": person.name,
        "gender": person.gender.word().unwrap_or_default(),
        "birth_date": person.birth,
        "phones": person.phones,
        "mobile": person.mobile,
        "email": person.email,
        "employee_number": person.employee_number,
        "tags": person.tags,
        "status": status(person.disabled),
        "priority": person.priority,
        "posts": posts,
        "has_password": account.is_some_and(|account| account.has_password),
        "must_change_password": account.is_some_and(|account| account.must_change),
    })
}

/// A value without the quotes of JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => fields.values().map(plain).collect::<Vec<_>>().join(" "),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
