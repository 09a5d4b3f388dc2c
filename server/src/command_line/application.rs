//! `application`: business systems and their keys.

mod component;
mod fields;
mod icon;
mod webhook;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::folder::{block_on, entry};
use super::user::tree;
use super::{CommandError, DataFolder, remark, say, say_json};
use crate::accounts::application_key::ApplicationSecret;
use crate::clock::{Clock, Timestamp};
use crate::storage::applications::{ApplicationRow, ApplicationStore, Right, Scope, Webhook};
use crate::storage::notices::DeliveryMode;
use crate::storage::{Database, StorageError, icons};
use fields::{Changes, Fields};

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
    component: component::ComponentFields,
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
            component: String::new(),
        };
        let changes = self.fields.checked(&tree(&database)?)?;
        keep_icon(&database, &changes)?;
        changes.apply(&mut row);
        let scope = &row.scope;
        let may_write = scope.everyone || !scope.departments.is_empty() || !scope.people.is_empty();
        let may_more = scope.directory > Right::None || scope.relying_parties > Right::None;
        if !may_write && !may_more {
            return Err(CommandError::Refused(
                "what may it do? give --everyone, --department PATH or --person ID to whom it may write, or \
                 --directory read|edit, or --relying-parties read|edit"
                    .to_owned(),
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
        let component = self.component.checked(&self.folder)?;
        if changes.is_empty() && webhook.is_nothing() && component.is_none() {
            return Err(CommandError::Refused(
                "nothing to change was given; see `application set --help`".to_owned(),
            ));
        }
        keep_icon(&database, &changes)?;
        let mut detail = changes.describe();
        if let (Some(detail), false) = (detail.as_object_mut(), webhook.is_nothing()) {
            detail.insert("webhook".to_owned(), webhook.describe());
        }
        if let (Some(detail), Some(domain)) = (detail.as_object_mut(), &component) {
            detail.insert("component".to_owned(), json!(domain));
        }
        component::fits(&self.folder, &name, &webhook, component.as_deref())?;
        let secret = webhook.shown();
        change(&self.folder, &name, "application set", &detail.to_string(), move |row| {
            changes.apply(row);
            webhook.apply(row);
            if let Some(domain) = component {
                row.component = domain;
            }
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
                let mark = component::mark(row) + &webhook::mark(row);
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

/// A picture is there before anybody names it.
fn keep_icon(database: &Database, changes: &Changes) -> Result<(), CommandError> {
    let Some(icon) = changes.icon() else { return Ok(()) };
    Ok(block_on(icons::keep(database, icon.hash, icon.picture))??)
}

fn nobody(name: &str) -> CommandError {
    CommandError::Refused(format!(
        "no business system is called {name:?}; `posthouse-server application list` shows all"
    ))
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
        "directory": row.scope.directory,
        "directory_departments": row.scope.directory_departments,
        "relying_parties": row.scope.relying_parties,
        "created": row.created.to_xmpp(),
        "webhook": webhook::describe(row),
        "component": component::describe(row),
    })
}
