//! `relying-party`: business systems that let people in on the server's word.

use std::sync::Arc;

use clap::{Args, Subcommand};
use posthouse_sign_on::relying_party::{Audience, RelyingParty};
use posthouse_sign_on::secret::Secret;
use serde_json::Value;

use super::folder::{CA_CERTIFICATE, actor, block_on};
use super::{CommandError, DataFolder, remark, say, say_json};
use crate::clock::Clock;
use crate::sign_on::registration::{
    Draft, Edit, Preset, Registered, Registrar, RegistrationError, configuration, described,
};
use crate::storage::{Database, sign_on};

mod refusals;
mod shape;
mod trial;

use refusals::Refusals;
use shape::WaysSaid;
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
    /// Show the whole configuration for a system again, without its secret
    Configuration(Configuration),
    /// Try what can be tried without signing in, explain what was refused lately, and say what ends with a session
    Test(Trial),
    /// Show why people or the system were refused, newest first
    Refusals(Refusals),
    /// Remove a system
    Remove(One),
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
    ways: WaysSaid,
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
    /// Everybody who has this tag, such as 司机; may be repeated
    #[arg(long, value_name = "WORD")]
    tag: Vec<String>,
    /// Everybody again
    #[arg(long, conflicts_with_all = ["department", "person", "tag"])]
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
pub(crate) struct Configuration {
    /// Short name
    id: String,
    /// What kind of system it is
    #[arg(long, value_enum)]
    preset: Preset,
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
            Self::Configuration(configuration) => configuration.run(),
            Self::Test(trial) => trial.run(),
            Self::Refusals(refusals) => refusals.run(),
            Self::Remove(one) => one.remove(),
        }
    }
}

impl Add {
    fn run(self) -> Result<(), CommandError> {
        let issuer = issuer(&self.folder)?;
        let registrar = registrar(&self.folder)?;
        let draft = Draft {
            id: self.id,
            name: self.name,
            launch: self.launch,
            preset: self.preset,
            enabled: true,
            confirm: self.confirm,
            audience: self.audience.meant().unwrap_or_default(),
            ways: self.ways.meant(self.preset),
        };
        let Registered { party, secret, warnings } = block_on(registrar.add(draft))?.map_err(refused)?;
        take_care(&warnings);
        let secret = secret.as_ref().map(Secret::as_str);
        match (self.preset, secret) {
            (Some(preset), _) => {
                remark(configuration::AUTHORITY);
                let authority = self.folder.file(CA_CERTIFICATE);
                let place = (issuer.as_str(), authority.as_path());
                say(&configuration::configuration(preset, &party, place, secret)?)
            }
            (None, Some(secret)) => say(secret),
            (None, None) => Ok(()),
        }?;
        if secret.is_some() {
            remark("The secret is shown this once only; the server keeps its hash.");
        }
        Ok(())
    }
}

impl Set {
    fn run(self) -> Result<(), CommandError> {
        let audience = self.audience.meant();
        if self.name.is_none() && self.enabled.is_none() && self.confirm.is_none() && audience.is_none() {
            return Err(CommandError::Refused(
                "nothing to change was given; see `relying-party set --help`".to_owned(),
            ));
        }
        let edit = Edit {
            name: self.name,
            enabled: self.enabled,
            confirm: self.confirm,
            audience,
            ..Edit::default()
        };
        let changing = registrar(&self.folder)?.change(&self.id, "relying-party set", edit);
        take_care(&block_on(changing)?.map_err(refused)?.warnings);
        Ok(())
    }
}

impl Configuration {
    fn run(&self) -> Result<(), CommandError> {
        let party = block_on(registrar(&self.folder)?.find(&self.id))?.map_err(refused)?;
        configuration::fits(self.preset, &party).map_err(CommandError::Refused)?;
        let (issuer, authority) = (issuer(&self.folder)?, self.folder.file(CA_CERTIFICATE));
        remark(configuration::AUTHORITY);
        let place = (issuer.as_str(), authority.as_path());
        say(&configuration::configuration(self.preset, &party, place, None)?)?;
        if party.secret().is_some() {
            remark(&format!(
                "{} stands for the secret, which was shown once; `relying-party rotate-secret` makes another one",
                configuration::UNKNOWN_SECRET
            ));
        }
        Ok(())
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
        say_json(&described(&block_on(registrar(&self.folder)?.find(&self.id))?.map_err(refused)?))
    }

    fn rotate_secret(&self) -> Result<(), CommandError> {
        let made = block_on(registrar(&self.folder)?.new_secret(&self.id))?.map_err(refused)?;
        say(made.secret.as_ref().map_or("", Secret::as_str))?;
        remark("The secret is shown this once only; the server keeps its hash.");
        Ok(())
    }

    fn remove(&self) -> Result<(), CommandError> {
        block_on(registrar(&self.folder)?.remove(&self.id))?.map_err(refused)
    }
}

impl Who {
    /// What was said, when it was.
    fn meant(self) -> Option<Audience> {
        if self.everyone {
            return Some(Audience::default());
        }
        let audience = Audience { people: self.person, departments: self.department, tags: self.tag };
        Some(audience).filter(|audience| *audience != Audience::default())
    }
}

/// In the name of the person at the keyboard.
fn registrar(folder: &DataFolder) -> Result<Registrar, CommandError> {
    Ok(Registrar::new(folder.database()?, Arc::new(Clock::System), actor()))
}

/// The address of the provider, when there is one.
fn issuer(folder: &DataFolder) -> Result<String, CommandError> {
    let issuer = folder.settings()?.single_sign_on.issuer;
    if issuer.is_empty() {
        return Err(CommandError::Refused(
            "single sign-on is switched off: write the server's address for browsers as `issuer` into \
             [single_sign_on] of server.toml, start the server anew, and come back"
                .to_owned(),
        ));
    }
    Ok(issuer)
}

/// What to do about it, on the command line.
fn refused(error: RegistrationError) -> CommandError {
    let next = match &error {
        RegistrationError::Unknown(_) => "; `relying-party list` shows all",
        RegistrationError::Taken(_) => "; `relying-party set`, `rotate-secret` and `remove` change it",
        RegistrationError::Changed | RegistrationError::NoSecret(_) | RegistrationError::Wrong(_) => "",
        RegistrationError::Storage(_) => "; `posthouse-server doctor` looks for the cause",
    };
    CommandError::Refused(format!("{error}{next}"))
}

fn take_care(warnings: &[String]) {
    for warning in warnings {
        remark(&format!("take care: {warning}"));
    }
}

fn all(database: &Database) -> Result<Vec<RelyingParty>, CommandError> {
    Ok(database.read_now(sign_on::parties)?)
}
