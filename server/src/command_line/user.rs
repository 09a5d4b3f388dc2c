//! `user`: people and their accounts.

use std::io::Read;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::folder::block_on;
use super::{CommandError, DataFolder, remark, say, say_json};
use crate::accounts::password::PasswordKeys;
use crate::organization::changes::person_id;
use crate::organization::editor::{Editor, NewPassword, PersonEdit, PostEdit};
use crate::organization::fields;
use crate::organization::tree::Tree;
use crate::storage::accounts::AccountRow;
use crate::storage::organization::PersonRow;
use crate::storage::{Database, accounts, organization as table};

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

#[derive(Debug, Args)]
struct Fields {
    /// Display name
    #[arg(long)]
    name: Option<String>,
    /// Department such as 总部/财务部; may be repeated, the first is the main one; created when missing
    #[arg(long, value_name = "PATH")]
    department: Vec<String>,
    /// Title; one for every --department, or one for the main one
    #[arg(long)]
    title: Vec<String>,
    /// Order within the department, smaller first; one for every --department, or one for the main one
    #[arg(long, allow_hyphen_values = true)]
    priority: Vec<String>,
    /// female or male
    #[arg(long)]
    gender: Option<String>,
    /// Date of birth, such as 1990-01-31
    #[arg(long)]
    birth_date: Option<String>,
    /// Office phone; may be repeated
    #[arg(long, allow_hyphen_values = true)]
    phone: Vec<String>,
    /// Mobile number
    #[arg(long, allow_hyphen_values = true)]
    mobile: Option<String>,
    /// E-mail address
    #[arg(long)]
    email: Option<String>,
    /// Number in the personnel files
    #[arg(long)]
    employee_number: Option<String>,
}

impl Fields {
    fn edit(&self) -> Result<PersonEdit, CommandError> {
        let text = |field: &Option<String>, read: fn(&str) -> Result<String, fields::FieldProblem>| {
            field.as_deref().map(read).transpose()
        };
        let phones: Vec<String> =
            self.phone.iter().map(|phone| fields::phone(phone)).collect::<Result<_, _>>()?;
        let titles: Vec<String> =
            self.title.iter().map(|title| fields::line("title", title)).collect::<Result<_, _>>()?;
        let priorities: Vec<i32> =
            self.priority.iter().map(|priority| fields::priority(priority)).collect::<Result<_, _>>()?;
        let mut edit = PersonEdit {
            name: text(&self.name, fields::name)?,
            gender: self.gender.as_deref().map(fields::gender).transpose()?,
            birth: text(&self.birth_date, fields::birth)?,
            phones: (!self.phone.is_empty())
                .then(|| phones.into_iter().filter(|phone| !phone.is_empty()).collect()),
            mobile: text(&self.mobile, fields::mobile)?,
            email: text(&self.email, fields::email)?,
            employee_number: text(&self.employee_number, |text| fields::line("employee number", text))?,
            ..PersonEdit::default()
        };
        let places = self.department.len().max(1);
        for (what, count) in [("--title", titles.len()), ("--priority", priorities.len())] {
            if count > places {
                return Err(CommandError::Refused(format!("{what} is given more often than --department")));
            }
        }
        if self.department.is_empty() {
            (edit.title, edit.priority) = (titles.into_iter().next(), priorities.into_iter().next());
            return Ok(edit);
        }
        let (mut titles, mut priorities) = (titles.into_iter(), priorities.into_iter());
        let mut posts = Vec::with_capacity(places);
        for path in &self.department {
            posts.push(PostEdit {
                department: fields::path(path)?,
                title: titles.next().unwrap_or_default(),
                priority: priorities.next().unwrap_or_default(),
            });
        }
        edit.posts = Some(posts);
        Ok(edit)
    }
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
            let state = if person.disabled { "\tdisabled" } else { "" };
            text.push_str(&format!("{}\t{}\t{}{state}\n", person.login, person.name, places.join(";")));
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
