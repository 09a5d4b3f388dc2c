//! `application`: business systems and their keys.

mod webhook;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::folder::{actor, block_on};
use super::user::tree;
use super::{CommandError, DataFolder, remark, say, say_json};
use crate::accounts::application_key::ApplicationSecret;
use crate::accounts::network::Network;
use crate::clock::{Clock, Timestamp};
use crate::organization::changes::{department_id, person_id};
use crate::organization::fields;
use crate::organization::tree::Tree;
use crate::storage::StorageError;
use crate::storage::applications::{ApplicationRow, ApplicationStore, Scope, Webhook};
use crate::storage::audit::AuditEntry;
use crate::storage::notices::DeliveryMode;

/// Texts to phones a day when nothing else is said.
const TEXTS: i64 = 1_000;

#[derive(Debug, Subcommand)]
pub(crate) enum Application {
    /// Add a business system and show its key, once
    Create(Create),
    /// Change what a business system is called and what it may do
    Set(Set),
    /// List all business systems
    List(List),
    /// Make a new key and show it, once
    Rotate(Rotate),
    /// Let a business system do nothing for the time being
    Disable(One),
    /// Let it do again what it may do
    Enable(One),
    /// Remove a business system; what it has not sent yet is never sent
    Remove(One),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Short name: small letters, digits, hyphens; it writes from NAME@notices.DOMAIN
    name: String,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    folder: DataFolder,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// Short name
    name: String,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    webhook: webhook::WebhookFields,
    #[command(flatten)]
    folder: DataFolder,
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
pub(crate) struct Rotate {
    /// Short name
    name: String,
    /// The old key stays good for so many minutes
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=10_080))]
    keep_old_minutes: i64,
    #[command(flatten)]
    folder: DataFolder,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    /// Short name
    name: String,
    #[command(flatten)]
    folder: DataFolder,
}

/// What may be said about a business system. A list that is given takes the place of the one before.
#[derive(Debug, Args)]
struct Fields {
    /// What people call it, such as 办公自动化
    #[arg(long)]
    title: Option<String>,
    /// Name of its picture, such as oa.png
    #[arg(long)]
    icon: Option<String>,
    /// It may write to everybody
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "true|false")]
    everyone: Option<bool>,
    /// It may write to this department and all below it, such as 总部/财务部; may be repeated
    #[arg(long, value_name = "PATH")]
    department: Vec<String>,
    /// It may write to the person with this ID; may be repeated
    #[arg(long, value_name = "ID")]
    person: Vec<String>,
    /// A way it may ask for: auto, client, phone, both; may be repeated [default: all]
    #[arg(long)]
    delivery: Vec<String>,
    /// Texts to phones a day [default: 1000]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(0..))]
    texts_a_day: Option<i64>,
    /// Network it comes from, such as 10.1.0.0/16; may be repeated [default: everywhere]
    #[arg(long, value_name = "CIDR")]
    network: Vec<String>,
}

impl Application {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Create(create) => create.run(),
            Self::Set(set) => set.run(),
            Self::List(list) => list.run(),
            Self::Rotate(rotate) => rotate.run(),
            Self::Disable(one) => one.change("application disable", |row| row.disabled = true),
            Self::Enable(one) => one.change("application enable", |row| row.disabled = false),
            Self::Remove(one) => one.remove(),
        }
    }
}

impl Create {
    fn run(self) -> Result<(), CommandError> {
        let name = short_name(&self.name)?;
        let database = self.folder.database()?;
        let mut row = ApplicationRow {
            id: 0,
            title: name.clone(),
            name: name.clone(),
            icon: String::new(),
            key_hash: Vec::new(),
            old_key_hash: Vec::new(),
            old_key_until: Timestamp::default(),
            disabled: false,
            scope: Scope { deliveries: DeliveryMode::ALL.to_vec(), texts_a_day: TEXTS, ..Scope::default() },
            created: Clock::System.now(),
            webhook: Webhook::default(),
        };
        self.fields.checked(&tree(&database)?)?.apply(&mut row);
        let scope = &row.scope;
        if !scope.everyone && scope.departments.is_empty() && scope.people.is_empty() {
            return Err(CommandError::Refused(
                "to whom may it write? give --everyone, --department PATH or --person ID".to_owned(),
            ));
        }
        let secret = new_secret()?;
        row.key_hash = secret.hash();
        let audit = entry("application create", &name, &describe(&row).to_string());
        let added = block_on(ApplicationStore::new(database).add(row, audit))??;
        let id = added.ok_or_else(|| {
            CommandError::Refused(format!(
                "the name {name:?} is taken; `posthouse-server application set` changes the one that has it"
            ))
        })?;
        show_key(&secret, id)
    }
}

impl Set {
    fn run(self) -> Result<(), CommandError> {
        let name = short_name(&self.name)?;
        let database = self.folder.database()?;
        let changes = self.fields.checked(&tree(&database)?)?;
        let webhook = self.webhook.checked()?;
        if changes.is_empty() && webhook.is_nothing() {
            return Err(CommandError::Refused(
                "nothing to change was given; see `application set --help`".to_owned(),
            ));
        }
        let mut detail = changes.describe();
        if let (Some(detail), false) = (detail.as_object_mut(), webhook.is_nothing()) {
            detail.insert("webhook".to_owned(), webhook.describe());
        }
        let secret = webhook.shown();
        change(&self.folder, &name, "application set", &detail.to_string(), move |row| {
            changes.apply(row);
            webhook.apply(row);
        })?;
        secret.map_or(Ok(()), |secret| webhook::show(&secret))
    }
}

impl List {
    fn run(self) -> Result<(), CommandError> {
        let all = block_on(ApplicationStore::new(self.folder.database()?).all())??;
        if self.json {
            return say_json(&Value::Array(all.iter().map(describe).collect()));
        }
        let lines: Vec<String> = all
            .iter()
            .map(|row| {
                let state = if row.disabled { "\tdisabled" } else { "" };
                let mark = webhook::mark(row);
                format!("{}\t{}\tph_{}_…{state}{mark}", row.name, row.title, row.id)
            })
            .collect();
        say(&lines.join("\n"))
    }
}

impl Rotate {
    fn run(self) -> Result<(), CommandError> {
        let name = short_name(&self.name)?;
        let secret = new_secret()?;
        let hash = secret.hash();
        let minutes = self.keep_old_minutes;
        let until = Timestamp(Clock::System.now().0.saturating_add(minutes.saturating_mul(60_000_000)));
        let detail = format!("the old key is good for {minutes} minutes");
        let id = block_on(ApplicationStore::new(self.folder.database()?).named(name.clone()))??;
        let id = id.ok_or_else(|| nobody(&name))?.id;
        change(&self.folder, &name, "application rotate", &detail, move |row| {
            let old = std::mem::replace(&mut row.key_hash, hash);
            row.old_key_hash = if minutes > 0 { old } else { Vec::new() };
            row.old_key_until = until;
        })?;
        show_key(&secret, id)
    }
}

impl One {
    fn change(
        self,
        action: &str,
        edit: impl FnOnce(&mut ApplicationRow) + Send + 'static,
    ) -> Result<(), CommandError> {
        change(&self.folder, &short_name(&self.name)?, action, "", edit)
    }

    fn remove(self) -> Result<(), CommandError> {
        let name = short_name(&self.name)?;
        let store = ApplicationStore::new(self.folder.database()?);
        let removed = block_on(store.remove(name.clone(), entry("application remove", &name, "")))??;
        if removed { Ok(()) } else { Err(nobody(&name)) }
    }
}

/// What is to change, with the names of the directory.
#[derive(Debug)]
struct Changes {
    fields: Fields,
    departments: Vec<String>,
    people: Vec<String>,
    deliveries: Vec<DeliveryMode>,
}

impl Fields {
    fn checked(mut self, tree: &Tree) -> Result<Changes, CommandError> {
        self.title = self.title.as_deref().map(fields::name).transpose()?;
        self.icon = self.icon.as_deref().map(|icon| fields::line("icon", icon)).transpose()?;
        let mut changes =
            Changes { departments: Vec::new(), people: Vec::new(), deliveries: Vec::new(), fields: self };
        for text in &changes.fields.department {
            let path = fields::path(text)?;
            let found = tree.department_at(&path).ok_or_else(|| {
                CommandError::Refused(format!(
                    "there is no department {text:?}; `posthouse-server department list` shows all"
                ))
            })?;
            changes.departments.push(department_id(found.id));
        }
        for login in &changes.fields.person {
            let found = tree.people().find(|person| person.login == *login).ok_or_else(|| {
                CommandError::Refused(format!(
                    "nobody has the ID {login:?}; `posthouse-server user list` shows all"
                ))
            })?;
            changes.people.push(person_id(found.id));
        }
        for word in &changes.fields.delivery {
            let mode = DeliveryMode::of_word(word).ok_or_else(|| {
                CommandError::Refused(format!("{word:?} is no way; write auto, client, phone or both"))
            })?;
            changes.deliveries.push(mode);
        }
        for text in &changes.fields.network {
            if Network::parse(text).is_none() {
                return Err(CommandError::Refused(format!(
                    "{text:?} is no network; write it as 10.1.0.0/16"
                )));
            }
        }
        Ok(changes)
    }
}

impl Changes {
    fn is_empty(&self) -> bool {
        let it = &self.fields;
        let has_lists = !it.department.is_empty() || !it.person.is_empty() || !it.network.is_empty();
        let has_words = it.title.is_some() || it.icon.is_some();
        let has_rest = it.everyone.is_some() || it.texts_a_day.is_some() || !it.delivery.is_empty();
        !has_lists && !has_words && !has_rest
    }

    fn apply(self, row: &mut ApplicationRow) {
        let it = self.fields;
        set(&mut row.title, it.title);
        set(&mut row.icon, it.icon);
        set(&mut row.scope.everyone, it.everyone);
        set(&mut row.scope.texts_a_day, it.texts_a_day);
        set(&mut row.scope.departments, Some(self.departments).filter(|list| !list.is_empty()));
        set(&mut row.scope.people, Some(self.people).filter(|list| !list.is_empty()));
        set(&mut row.scope.deliveries, Some(self.deliveries).filter(|list| !list.is_empty()));
        set(&mut row.scope.networks, Some(it.network).filter(|list| !list.is_empty()));
    }

    /// For the audit log.
    fn describe(&self) -> Value {
        let it = &self.fields;
        json!({
            "title": it.title, "icon": it.icon, "everyone": it.everyone, "departments": self.departments,
            "people": self.people, "deliveries": self.deliveries, "texts_a_day": it.texts_a_day,
            "networks": it.network,
        })
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn short_name(text: &str) -> Result<String, CommandError> {
    let is_good = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let is_name = (1..=32).contains(&text.len()) && text.chars().all(is_good);
    if is_name && !text.starts_with('-') {
        return Ok(text.to_owned());
    }
    Err(CommandError::Refused(format!(
        "{text:?} is no short name; write up to 32 small letters, digits and hyphens, such as oa"
    )))
}

fn change(
    folder: &DataFolder,
    name: &str,
    action: &str,
    detail: &str,
    edit: impl FnOnce(&mut ApplicationRow) + Send + 'static,
) -> Result<(), CommandError> {
    let store = ApplicationStore::new(folder.database()?);
    let changed = block_on(store.change(name.to_owned(), edit, entry(action, name, detail)))??;
    if changed { Ok(()) } else { Err(nobody(name)) }
}

fn nobody(name: &str) -> CommandError {
    CommandError::Refused(format!(
        "no business system is called {name:?}; `posthouse-server application list` shows all"
    ))
}

fn entry(action: &str, subject: &str, detail: &str) -> AuditEntry {
    AuditEntry {
        time: Clock::System.now(),
        actor: actor(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_owned(),
    }
}

fn new_secret() -> Result<ApplicationSecret, CommandError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| CommandError::Storage(StorageError::NoRandomness))?;
    Ok(ApplicationSecret::new(bytes))
}

fn show_key(secret: &ApplicationSecret, id: i64) -> Result<(), CommandError> {
    remark("The key is shown this once only:");
    say(&secret.key_of(id))
}

fn describe(row: &ApplicationRow) -> Value {
    json!({
        "id": row.id,
        "name": row.name,
        "title": row.title,
        "icon": row.icon,
        "status": if row.disabled { "disabled" } else { "active" },
        "everyone": row.scope.everyone,
        "departments": row.scope.departments,
        "people": row.scope.people,
        "deliveries": row.scope.deliveries,
        "texts_a_day": row.scope.texts_a_day,
        "networks": row.scope.networks,
        "created": row.created.to_xmpp(),
        "webhook": webhook::describe(row),
    })
}
