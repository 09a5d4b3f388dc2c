//! `/api/v1/departments`, `/api/v1/people` and `/api/v1/directory/import`: the organisation for personnel systems. The
//! rules are those of `organization/editor` and `organization/import`; here stands who may ask for what.

mod answer;
mod departments;
mod edits;
mod import;
mod pages;
mod people;
mod reach;
mod refusals;
mod request;
mod tags;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::parts::Parts;
use crate::organization::catalogue::Catalogue;
use crate::organization::editor::{Condition, Editor};
use crate::storage::applications::ApplicationRow;

/// What the handlers work with. Cheap to clone.
#[derive(Debug, Clone)]
struct Desk {
    parts: Parts,
    catalogue: Catalogue,
}

pub(super) fn routes(parts: &Parts) -> OpenApiRouter {
    let desk = Desk { parts: parts.clone(), catalogue: Catalogue::new(parts.database.clone()) };
    OpenApiRouter::new()
        .routes(routes!(departments::list, departments::create))
        .routes(routes!(departments::show, departments::replace, departments::change, departments::remove))
        .routes(routes!(people::list))
        .routes(routes!(people::show, edits::put, edits::change, edits::remove))
        .routes(routes!(import::import))
        .with_state(desk)
}

impl Desk {
    /// An editor in the name of the application.
    fn editor(&self, application: &ApplicationRow, condition: Option<Condition>) -> Editor {
        let actor = format!("application {}", application.name);
        let editor = Editor::new(self.parts.database.clone(), self.parts.clock.clone(), actor);
        match condition {
            Some(condition) => editor.provided(condition),
            None => editor,
        }
    }
}
