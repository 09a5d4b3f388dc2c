//! `ask`: tries a code out. It shows the request, the answer and the text, and sends nothing to a phone.

use clap::Args;

use super::{CommandError, DataFolder, block_on, say};
use crate::query_codes::{Asker, try_out};

/// Arguments of `ask`.
#[derive(Debug, Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    folder: DataFolder,
    /// The code, as a phone would write it
    #[arg(long)]
    code: String,
    /// ID of the person who asks
    #[arg(long, value_name = "ID")]
    person: String,
    /// The person's phone, for {number}
    #[arg(long)]
    number: Option<String>,
    /// The person's id in the directory, for {id}
    #[arg(long, value_name = "ID")]
    directory_id: Option<String>,
    /// The person's number in the personnel files, for {employee_number}
    #[arg(long, value_name = "NUMBER")]
    employee_number: Option<String>,
    /// A department of the person, such as 总部/财务部, for codes that are not for everyone
    #[arg(long, value_name = "PATH")]
    department: Vec<String>,
}

impl Ask {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        block_on(self.ask())
    }

    async fn ask(self) -> Result<(), CommandError> {
        let config = self.folder.config()?;
        let registry = config.registry()?;
        let (person, _) = self.person.split_once('@').unwrap_or((&self.person, ""));
        let asker = Asker {
            person: person.to_owned(),
            address: format!("{person}@{}", config.server.domain),
            id: self.directory_id.clone().unwrap_or_default(),
            employee_number: self.employee_number.clone(),
            number: self.number.as_deref().map(|number| config.numbering().normal(number)),
            is_disabled: false,
            departments: self.department.clone(),
        };
        let Some(trial) = try_out(&registry, &self.code, &asker).await else {
            let known = registry.lines().join("\n");
            return Err(CommandError::Refused(if known.is_empty() {
                "There are no codes: add a [[query_codes]] block to gateway.toml.".to_owned()
            } else {
                format!("There is no code \"{}\". There are:\n{known}", self.code)
            }));
        };
        if let Some((rights, is_allowed)) = &trial.rights {
            let answer = if *is_allowed { "yes" } else { "no" };
            say(&format!("May {person} use it? {answer} (it is for: {rights})"))?;
            if !is_allowed {
                say("  The server knows the person's departments; here name them with --department.")?;
            }
        }
        say("Request:")?;
        if trial.request.is_empty() {
            say("  none could be made")?;
        }
        indented(&trial.request.join("\n"))?;
        if let Some(answer) = &trial.answer {
            say("Answer:")?;
            indented(answer)?;
        }
        if let Some(text) = &trial.text {
            say("Text (not sent):")?;
            indented(text)?;
        }
        match trial.failure {
            None => Ok(()),
            Some((word, sentence)) => Err(CommandError::Refused(format!("It failed ({word}): {sentence}."))),
        }
    }
}

fn indented(text: &str) -> Result<(), CommandError> {
    text.lines().try_for_each(|line| say(&format!("  {line}")))
}
