//! Tries a code out for `ask`: what would be asked, what the system says, and what the phone would read. Nothing is
//! sent to a phone and nothing is counted.

use super::Asker;
use super::connector::{self, Method, Request};
use super::desk::{Problem, shortened};
use super::registry::{Meaning, Registry};

/// Signs of an answer that are shown.
const SHOWN: usize = 2_000;

/// What came of it, ready to be shown: no secret is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trial {
    /// Who may use the code, and whether this person is among them.
    pub(crate) rights: Option<(String, bool)>,
    /// The request, line by line.
    pub(crate) request: Vec<String>,
    /// What the system said.
    pub(crate) answer: Option<String>,
    /// What the phone would read.
    pub(crate) text: Option<String>,
    /// What went wrong: the word for it, and a sentence.
    pub(crate) failure: Option<(String, String)>,
}

/// Asks as this person. `None`: there is no such code.
pub(crate) async fn try_out(registry: &Registry, said: &str, asker: &Asker) -> Option<Trial> {
    let Meaning::Code(code) = registry.meaning(said) else { return None };
    let mut trial =
        Trial { rights: Some((code.rights.sentence(), code.rights.allow(asker))), ..Trial::default() };
    let connector = &code.connector;
    let made: Result<String, Problem> = async {
        let request = connector.request(asker, &code.name)?;
        trial.request = lines(&request);
        let bytes = connector.send(&request).await?;
        let shown: String = String::from_utf8_lossy(&bytes).chars().take(SHOWN).collect();
        trial.answer = Some(connector.mask(&shown));
        let answer = connector::json(&bytes)?;
        Ok(shortened(code.reply.render(&answer, registry.language.comma())?))
    }
    .await;
    match made {
        Ok(text) => trial.text = Some(text),
        Err(problem) => {
            let failure = problem.failure();
            trial.failure = Some((failure.word().to_owned(), connector.mask(&problem.to_string())));
            trial.text = Some(code.failed(failure, registry.language));
        }
    }
    Some(trial)
}

fn lines(request: &Request) -> Vec<String> {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let mut lines = vec![format!("{method} {}", request.url)];
    lines.extend(request.headers.iter().map(|header| format!("{}: {}", header.name, header.shown)));
    lines.extend(request.body.clone());
    lines
}
