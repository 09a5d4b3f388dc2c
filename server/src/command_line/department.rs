//! `department`: the tree itself.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::folder::block_on;
use super::user::{tell_created, tree};
use super::{CommandError, DataFolder, say, say_json};
use crate::organization::changes::department_id;
use crate::organization::editor::DepartmentEdit;
use crate::organization::fields;
use crate::organization::tree::Tree;
use crate::storage::organization::DepartmentRow;

#[derive(Debug, Subcommand)]
pub(crate) enum DepartmentCommand {
    /// Add a department; those above it are created when missing
    Add(Add),
    /// Change a department's name or priority
    Set(Set),
    /// Put a department with all below it under another one
    Move(Move),
    /// Remove an empty department
    Remove(Remove),
    /// List all departments in their order
    List(List),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Path such as 总部/财务部
    path: String,
    /// Smaller comes first
    #[arg(long, default_value = "0", allow_hyphen_values = true)]
    priority: String,
    #[command(flatten)]
    folder: DataFolder,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// Path such as 总部/财务部
    path: String,
    /// New name
    #[arg(long)]
    name: Option<String>,
    /// Smaller comes first
    #[arg(long, allow_hyphen_values = true)]
    priority: Option<String>,
    #[command(flatten)]
    folder: DataFolder,
}

#[derive(Debug, Args)]
pub(crate) struct Move {
    /// Path such as 总部/财务部
    path: String,
    /// Path of the department it goes under; / is the top
    #[arg(long, value_name = "PATH")]
    to: String,
    #[command(flatten)]
    folder: DataFolder,
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Path such as 总部/财务部
    path: String,
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

impl DepartmentCommand {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Add(add) => add.run(),
            Self::Set(set) => set.run(),
            Self::Move(one) => one.run(),
            Self::Remove(remove) => {
                Ok(block_on(remove.folder.editor()?.remove_department(fields::path(&remove.path)?))??)
            }
            Self::List(list) => list.run(),
        }
    }
}

impl Add {
    fn run(self) -> Result<(), CommandError> {
        let (path, priority) = (fields::path(&self.path)?, fields::priority(&self.priority)?);
        let whole = path.join("/");
        let created = block_on(self.folder.editor()?.add_department(path, priority))??;
        let above: Vec<String> = created.into_iter().filter(|path| *path != whole).collect();
        tell_created(&above);
        Ok(())
    }
}

impl Set {
    fn run(self) -> Result<(), CommandError> {
        let path = fields::path(&self.path)?;
        let priority = self.priority.as_deref().map(fields::priority).transpose()?;
        let name = self.name.as_deref().map(fields::path).transpose()?;
        let name = match name.as_deref() {
            None => None,
            Some([name]) => Some(name.clone()),
            Some(_) => {
                let hint = "a name has no slash; `department move` puts it under another one";
                return Err(CommandError::Refused(hint.to_owned()));
            }
        };
        if name.is_none() && priority.is_none() {
            return Err(CommandError::Refused("give --name or --priority".to_owned()));
        }
        let edit = DepartmentEdit { name, priority, below: None };
        Ok(block_on(self.folder.editor()?.set_department(path, edit))??)
    }
}

impl Move {
    fn run(self) -> Result<(), CommandError> {
        let path = fields::path(&self.path)?;
        let is_top = self.to.trim().chars().all(|letter| letter == '/');
        let below = if is_top { Vec::new() } else { fields::path(&self.to)? };
        Ok(block_on(self.folder.editor()?.move_department(path, below))??)
    }
}

impl List {
    fn run(self) -> Result<(), CommandError> {
        let tree = tree(&self.folder.database()?)?;
        let departments = tree.departments();
        if self.json {
            let all = departments.into_iter().map(|department| describe(department, &tree)).collect();
            return say_json(&Value::Array(all));
        }
        let lines: Vec<String> = departments
            .into_iter()
            .map(|row| format!("{}\t{}\t{}", tree.path(row.id), row.priority, tree.members(row.id).count()))
            .collect();
        say(&lines.join("\n"))
    }
}

fn describe(row: &DepartmentRow, tree: &Tree) -> Value {
    json!({
        "entry": department_id(row.id),
        "path": tree.path(row.id),
        "name": row.name,
        "priority": row.priority,
        "people": tree.members(row.id).count(),
    })
}
