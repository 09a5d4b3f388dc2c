//! `relying-party`: business systems that let people in on the server's word.

use clap::{Args, Subcommand, ValueEnum};
use posthouse_sign_on::relying_party::{Audience, Problem, RelyingParty, problems};
use posthouse_sign_on::secret::{Random, Secret};
use serde_json::{Value, json};

use super::folder::{block_on, entry};
use super::user::tree;
use super::{CommandError, DataFolder, remark, say, say_json};
use crate::organization::fields;
use crate::organization::tree::Tree;
use crate::storage::audit;
use crate::storage::{Connection, Database, StorageError, sign_on};

mod endings;
mod presets;
mod refusals;
mod shape;
mod trial;

use refusals::Refusals;
use shape::Ways;
use trial::Trial;

#[derive(Debug, Subcommand)]
pub(crate) enum RelyingPartyCommand {
    /// Register a system; shows its secret, once, and the whole configuration for it
    Add(Box<Add>),
    /// Change who may use a system, what it is called, and whether it is switched on
    Set(Set),
    /// List all systems
    List(List),
    /// Show all about a system as JSON
    Show(One),
    /// Make a new secret and show it, once; the old one is worth nothing any more
    RotateSecret(One),
    /// Try what can be tried without signing in, explain what was refused lately, and say what ends with a session
    Test(Trial),
    /// Show why people or the system were refused, newest first
    Refusals(Refusals),
    /// Remove a system
    Remove(One),
}

/// Systems whose configuration is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Preset {
    /// Apache with mod_auth_openidc
    ModAuthOpenidc,
    /// Apache with mod_auth_cas
    ModAuthCas,
    /// nginx with auth_request, for sites that know no single sign-on at all
    Nginx,
    /// Grafana
    Grafana,
    /// GitLab
    Gitlab,
    /// A system of your own that redeems launch tickets
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Short name: letters, digits, - _ . (the client id)
    id: String,
    /// Name for people [default: the short name]
    #[arg(long)]
    name: Option<String>,
    /// Where a tab begins, such as https://oa.example.org/
    #[arg(long, value_name = "URL")]
    launch: String,
    /// A system whose way of signing in is known; the other options are then made from --launch
    #[arg(long, value_enum)]
    preset: Option<Preset>,
    /// Sensitive: people prove again who they are, in the app, before they get in
    #[arg(long)]
    confirm: bool,
    #[command(flatten)]
    ways: Ways,
    #[command(flatten)]
    audience: Who,
    #[command(flatten)]
    folder: DataFolder,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// Short name
    id: String,
    /// Name for people
    #[arg(long)]
    name: Option<String>,
    /// Switched on or off
    #[arg(long, value_name = "true|false")]
    enabled: Option<bool>,
    /// Sensitive: people prove again who they are, in the app, before they get in
    #[arg(long, value_name = "true|false")]
    confirm: Option<bool>,
    #[command(flatten)]
    audience: Who,
    #[command(flatten)]
    folder: DataFolder,
}

/// Who may use a system: everybody, unless somebody is named.
#[derive(Debug, Args)]
struct Who {
    /// The people of this department and all below it, such as 总部/财务部; may be repeated
    #[arg(long, value_name = "PATH")]
    department: Vec<String>,
    /// The person with this ID; may be repeated
    #[arg(long, value_name = "ID")]
    person: Vec<String>,
    /// Everybody again
    #[arg(long, conflicts_with_all = ["department", "person"])]
    everyone: bool,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Write JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folder: DataFolder,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    /// Short name
    id: String,
    #[command(flatten)]
    folder: DataFolder,
}

impl RelyingPartyCommand {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Add(add) => add.run(),
            Self::Set(set) => set.run(),
            Self::List(list) => list.run(),
            Self::Show(one) => one.show(),
            Self::RotateSecret(one) => one.rotate_secret(),
            Self::Test(trial) => trial.run(),
            Self::Refusals(refusals) => refusals.run(),
            Self::Remove(one) => one.remove(),
        }
    }
}

impl Add {
    fn run(self) -> Result<(), CommandError> {
        let issuer = self.folder.settings()?.single_sign_on.issuer;
        if issuer.is_empty() {
            return Err(CommandError::Refused(
                "single sign-on is switched off: write the server's address for browsers as `issuer` into \
                 [single_sign_on] of server.toml, start the server anew, and come back"
                    .to_owned(),
            ));
        }
        let database = self.folder.database()?;
        let secret = new_secret()?;
        let ways = self.ways.completed(self.preset, &self.launch);
        let mut party = ways.party(&self.id, self.name.as_deref().unwrap_or(&self.id), &self.launch, &secret);
        party.audience = self.audience.checked(&tree(&database)?)?.unwrap_or_default();
        party.confirm = self.confirm;
        let others = all(&database)?;
        if others.iter().any(|other| other.id == party.id) {
            return Err(CommandError::Refused(format!(
                "{} is registered already; `relying-party set`, `rotate-secret` and `remove` change it",
                party.id
            )));
        }
        check(&party, &others)?;
        store(&database, &party, "relying-party add")?;
        let has_secret = party.secret().is_some();
        match self.preset {
            Some(preset) => {
                remark(presets::AUTHORITY);
                let own = new_secret()?;
                let secrets = (secret.as_str(), own.as_str());
                say(&presets::configuration(preset, &party, &issuer, secrets, &self.folder))
            }
            None if has_secret => say(secret.as_str()),
            None => Ok(()),
        }?;
        if has_secret {
            remark("The secret is shown this once only; the server keeps its hash.");
        }
        Ok(())
    }
}

impl Set {
    fn run(self) -> Result<(), CommandError> {
        let database = self.folder.database()?;
        let audience = self.audience.checked(&tree(&database)?)?;
        if self.name.is_none() && self.enabled.is_none() && self.confirm.is_none() && audience.is_none() {
            return Err(CommandError::Refused(
                "nothing to change was given; see `relying-party set --help`".to_owned(),
            ));
        }
        change(&database, &self.id, "relying-party set", |party| {
            party.name = self.name.clone().unwrap_or_else(|| party.name.clone());
            party.enabled = self.enabled.unwrap_or(party.enabled);
            party.confirm = self.confirm.unwrap_or(party.confirm);
            if let Some(audience) = audience {
                party.audience = audience;
            }
        })
    }
}

impl List {
    fn run(self) -> Result<(), CommandError> {
        let parties = all(&self.folder.database()?)?;
        if self.json {
            return say_json(&Value::Array(parties.iter().map(described).collect()));
        }
        if parties.is_empty() {
            remark("no system is registered; `relying-party add` registers one");
        }
        for party in &parties {
            let state = if party.enabled { "" } else { "\tdisabled" };
            say(&format!("{}\t{}\t{}{state}", party.id, party.name, party.launch))?;
        }
        Ok(())
    }
}

impl One {
    fn show(&self) -> Result<(), CommandError> {
        say_json(&described(&find(&self.folder.database()?, &self.id)?))
    }

    fn rotate_secret(&self) -> Result<(), CommandError> {
        let secret = new_secret()?;
        let mut has_secret = false;
        change(&self.folder.database()?, &self.id, "relying-party rotate-secret", |party| {
            has_secret = party.secret().is_some();
            if let Some(known) = party.open_id.as_mut().and_then(|open_id| open_id.secret.as_mut()) {
                *known = secret.digest();
            }
            if let Some(launch) = party.launch_ticket.as_mut() {
                launch.secret = secret.digest();
            }
        })?;
        if !has_secret {
            return Err(CommandError::Refused(format!("{} has no secret", self.id)));
        }
        say(secret.as_str())?;
        remark("The secret is shown this once only; the server keeps its hash.");
        Ok(())
    }

    fn remove(&self) -> Result<(), CommandError> {
        let database = self.folder.database()?;
        let party = find(&database, &self.id)?;
        let entry = entry("relying-party remove", &party.id, "");
        write(&database, move |connection| {
            sign_on::remove_party(connection, &party.id)?;
            audit::append(connection, &entry)
        })
    }
}

impl Who {
    /// What was said, when it was; departments and people are there.
    fn checked(&self, tree: &Tree) -> Result<Option<Audience>, CommandError> {
        if self.everyone {
            return Ok(Some(Audience::default()));
        }
        if self.department.is_empty() && self.person.is_empty() {
            return Ok(None);
        }
        let mut audience = Audience::default();
        for path in &self.department {
            let names = fields::path(path)?;
            if tree.department_at(&names).is_none() {
                return Err(CommandError::Refused(format!("there is no department {path}")));
            }
            audience.departments.push(names.join("/"));
        }
        for login in &self.person {
            if !tree.people().any(|person| person.login == *login) {
                return Err(CommandError::Refused(format!("there is nobody with the ID {login}")));
            }
            audience.people.push(login.clone());
        }
        Ok(Some(audience))
    }
}

/// Refuses what cannot be; says what the administrator should know.
fn check(party: &RelyingParty, others: &[RelyingParty]) -> Result<(), CommandError> {
    let mut wrong = Vec::new();
    for problem in problems(party, others) {
        match problem {
            Problem::Wrong(sentence) => wrong.push(sentence),
            Problem::Warning(sentence) => remark(&format!("take care: {sentence}")),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(CommandError::Refused(wrong.join("\n"))) }
}

fn all(database: &Database) -> Result<Vec<RelyingParty>, CommandError> {
    Ok(database.read_now(sign_on::parties)?)
}

fn find(database: &Database, id: &str) -> Result<RelyingParty, CommandError> {
    let nobody =
        || CommandError::Refused(format!("no system is called {id}; `relying-party list` shows all"));
    all(database)?.into_iter().find(|party| party.id == id).ok_or_else(nobody)
}

fn change(
    database: &Database,
    id: &str,
    action: &str,
    edit: impl FnOnce(&mut RelyingParty),
) -> Result<(), CommandError> {
    let mut party = find(database, id)?;
    edit(&mut party);
    let others = all(database)?;
    check(&party, &others)?;
    store(database, &party, action)
}

fn store(database: &Database, party: &RelyingParty, action: &str) -> Result<(), CommandError> {
    let body = serde_json::to_string(party)
        .map_err(|error| CommandError::Refused(format!("{}: {error}", party.id)))?;
    let entry = entry(action, &party.id, &described(party).to_string());
    let id = party.id.clone();
    write(database, move |connection| {
        sign_on::put_party(connection, &id, &body)?;
        audit::append(connection, &entry)
    })
}

fn write(
    database: &Database,
    change: impl FnOnce(&Connection) -> Result<(), StorageError> + Send + 'static,
) -> Result<(), CommandError> {
    Ok(block_on(database.write(change))??)
}

/// All about a system but its secret's hash.
fn described(party: &RelyingParty) -> Value {
    let mut value = serde_json::to_value(party).unwrap_or_else(|_| json!({ "id": party.id }));
    for way in ["open_id", "launch_ticket"] {
        if let Some(fields) = value.get_mut(way).and_then(Value::as_object_mut) {
            fields.remove("secret");
        }
    }
    value
}

fn new_secret() -> Result<Secret, CommandError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| CommandError::Refused(format!("the system gives no random bytes: {error}")))?;
    Ok(Random::new(seed).secret())
}
