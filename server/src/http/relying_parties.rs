//! `/api/v1/relying-parties`: systems that sign people in on the server's word. The rules are those of
//! `sign_on/registration`, as the command line has them; here stands who may ask for what.

mod answer;
mod edits;
mod reading;
mod request;
mod trial;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::{ApiError, Code};
use super::parts::Parts;
use crate::sign_on::Provider;
use crate::sign_on::registration::{Registrar, RegistrationError};
use crate::storage::applications::{ApplicationRow, Right};

/// What the handlers work with. Cheap to clone.
#[derive(Debug, Clone)]
struct Desk {
    parts: Parts,
}

pub(super) fn routes(parts: &Parts) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(reading::list, edits::create))
        .routes(routes!(reading::show, edits::change, edits::remove))
        .routes(routes!(edits::new_secret))
        .routes(routes!(reading::configuration))
        .routes(routes!(trial::test))
        .with_state(Desk { parts: parts.clone() })
}

impl Desk {
    /// Registrations in the name of an application that must have this right.
    fn registrar(&self, application: &ApplicationRow, wanted: Right) -> Result<Registrar, ApiError> {
        if application.scope.relying_parties < wanted {
            let verb = if wanted == Right::Edit { "change" } else { "read" };
            let sentence = format!("The application may not {verb} registrations of single sign-on.");
            return Err(ApiError::new(Code::Forbidden, sentence));
        }
        let actor = format!("application {}", application.name);
        Ok(Registrar::new(self.parts.database.clone(), self.parts.clock.clone(), actor))
    }

    fn provider(&self) -> Result<&Provider, ApiError> {
        let sentence =
            "Single sign-on is switched off: `issuer` in [single_sign_on] of server.toml switches it on.";
        self.parts.sign_on.as_ref().ok_or_else(|| ApiError::new(Code::Conflict, sentence))
    }
}

fn refused(error: RegistrationError) -> ApiError {
    match error {
        RegistrationError::Unknown(id) => ApiError::new(Code::NotFound, format!("No system is called {id}.")),
        RegistrationError::Taken(id) => ApiError {
            field: Some("id".to_owned()),
            ..ApiError::new(Code::Conflict, format!("{id} is registered already."))
        },
        RegistrationError::Changed => {
            ApiError::new(Code::PreconditionFailed, "It has been changed since it was read.")
        }
        RegistrationError::NoSecret(id) => ApiError::new(Code::Conflict, format!("{id} has no secret.")),
        RegistrationError::Wrong(all) => {
            let sentences: Vec<String> = all.iter().map(|wrong| format!("{}.", wrong.sentence)).collect();
            let field = all.into_iter().map(|wrong| wrong.field).find(|field| !field.is_empty());
            ApiError { field, ..ApiError::new(Code::BadRequest, sentences.join(" ")) }
        }
        RegistrationError::Storage(error) => ApiError::internal(error),
    }
}
