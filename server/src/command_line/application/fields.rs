//! What may be said about a business system on the command line, and what that changes.

use std::path::Path;

use clap::Args;
use serde_json::{Value, json};

use super::super::CommandError;
use super::icon::{self, Icon};
use crate::organization::changes::{department_id, person_id};
use crate::organization::fields;
use crate::organization::tree::Tree;
use crate::storage::applications::{ApplicationRow, Network, Right};
use crate::storage::notices::DeliveryMode;

/// What may be said about a business system. A list that is given takes the place of the one before.
#[derive(Debug, Args)]
pub(super) struct Fields {
    /// What people call it, such as 办公自动化
    #[arg(long)]
    title: Option<String>,
    /// Its picture: a PNG file of 16 to 512 pixels a side; "" is none
    #[arg(long, value_name = "FILE")]
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
    /// What it may do with the directory of departments and people [default: none]
    #[arg(long, value_name = "none|read|edit")]
    directory: Option<String>,
    /// Only in this department and below, such as 总部/财务部; may be repeated; / is everywhere again
    #[arg(long, value_name = "PATH")]
    directory_department: Vec<String>,
    /// What it may do with registrations of single sign-on [default: none]
    #[arg(long, value_name = "none|read|edit")]
    relying_parties: Option<String>,
}

/// What is to change, with the names of the directory.
#[derive(Debug)]
pub(super) struct Changes {
    fields: Fields,
    departments: Vec<String>,
    people: Vec<String>,
    deliveries: Vec<DeliveryMode>,
    icon: Option<Option<Icon>>,
    directory: Option<Right>,
    directory_departments: Option<Vec<String>>,
    relying_parties: Option<Right>,
}

impl Fields {
    /// What it says, with departments and people that are there.
    pub(super) fn checked(mut self, tree: &Tree) -> Result<Changes, CommandError> {
        self.title = self.title.as_deref().map(fields::name).transpose()?;
        let icon = match self.icon.as_deref() {
            None => None,
            Some("") => Some(None),
            Some(file) => Some(Some(icon::read(Path::new(file))?)),
        };
        for text in &self.network {
            if Network::parse(text).is_none() {
                return Err(CommandError::Refused(format!(
                    "{text:?} is no network; write it as 10.1.0.0/16"
                )));
            }
        }
        Ok(Changes {
            icon,
            departments: self
                .department
                .iter()
                .map(|path| department(tree, path))
                .collect::<Result<_, _>>()?,
            people: self.person.iter().map(|login| person(tree, login)).collect::<Result<_, _>>()?,
            deliveries: self.delivery.iter().map(|word| delivery(word)).collect::<Result<_, _>>()?,
            directory: self.directory.as_deref().map(right).transpose()?,
            directory_departments: places(tree, &self.directory_department)?,
            relying_parties: self.relying_parties.as_deref().map(right).transpose()?,
            fields: self,
        })
    }
}

fn department(tree: &Tree, text: &str) -> Result<String, CommandError> {
    let found = tree.department_at(&fields::path(text)?).ok_or_else(|| {
        CommandError::Refused(format!(
            "there is no department {text:?}; `posthouse-server department list` shows all"
        ))
    })?;
    Ok(department_id(found.id))
}

fn person(tree: &Tree, login: &str) -> Result<String, CommandError> {
    let found = tree.people().find(|person| person.login == login).ok_or_else(|| {
        CommandError::Refused(format!("nobody has the ID {login:?}; `posthouse-server user list` shows all"))
    })?;
    Ok(person_id(found.id))
}

fn delivery(word: &str) -> Result<DeliveryMode, CommandError> {
    DeliveryMode::of_word(word).ok_or_else(|| {
        CommandError::Refused(format!("{word:?} is no way; write auto, client, phone or both"))
    })
}

fn right(word: &str) -> Result<Right, CommandError> {
    Right::of_word(word)
        .ok_or_else(|| CommandError::Refused(format!("{word:?} is no right; write none, read or edit")))
}

/// `None` when nothing was said; `/` is the top, which is everywhere.
fn places(tree: &Tree, paths: &[String]) -> Result<Option<Vec<String>>, CommandError> {
    if paths.is_empty() {
        return Ok(None);
    }
    let below = paths.iter().filter(|path| path.trim() != "/");
    below.map(|path| department(tree, path)).collect::<Result<_, _>>().map(Some)
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        let it = &self.fields;
        let has_lists = !it.department.is_empty() || !it.person.is_empty() || !it.network.is_empty();
        let has_words = it.title.is_some() || it.icon.is_some();
        let has_rest = it.everyone.is_some() || it.texts_a_day.is_some() || !it.delivery.is_empty();
        let has_directory = self.directory.is_some() || self.directory_departments.is_some();
        !has_lists && !has_words && !has_rest && !has_directory && self.relying_parties.is_none()
    }

    /// A new picture, to be kept before it is named.
    pub(super) fn icon(&self) -> Option<Icon> {
        self.icon.clone().flatten()
    }

    pub(super) fn apply(self, row: &mut ApplicationRow) {
        let it = self.fields;
        set(&mut row.title, it.title);
        let hash = |icon: Option<Icon>| icon.map(|icon| icon.hash).unwrap_or_default();
        set(&mut row.icon, self.icon.map(hash));
        set(&mut row.scope.everyone, it.everyone);
        set(&mut row.scope.texts_a_day, it.texts_a_day);
        set(&mut row.scope.departments, Some(self.departments).filter(|list| !list.is_empty()));
        set(&mut row.scope.people, Some(self.people).filter(|list| !list.is_empty()));
        set(&mut row.scope.deliveries, Some(self.deliveries).filter(|list| !list.is_empty()));
        set(&mut row.scope.directory, self.directory);
        set(&mut row.scope.directory_departments, self.directory_departments);
        set(&mut row.scope.relying_parties, self.relying_parties);
        set(&mut row.scope.networks, Some(it.network).filter(|list| !list.is_empty()));
    }

    /// For the audit log.
    pub(super) fn describe(&self) -> Value {
        let it = &self.fields;
        json!({
            "title": it.title, "icon": self.icon.as_ref().map(|icon| icon.as_ref().map(|icon| &icon.hash)), "everyone": it.everyone, "departments": self.departments,
            "people": self.people, "deliveries": self.deliveries, "texts_a_day": it.texts_a_day,
            "networks": it.network, "directory": self.directory, "directory_departments": self.directory_departments,
            "relying_parties": self.relying_parties,
        })
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
