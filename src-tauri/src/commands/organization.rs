//! The tree, people and who is there.

use posthouse_engine::error::EngineError;
use posthouse_engine::model::{Availability, AvatarPicture, PersonCard, PersonHit, TreeBatch};
use tauri::State;
use tauri::ipc::Channel;

use crate::session::Session;

/// The tree in batches over the channel.
#[tauri::command]
pub(crate) async fn organization(
    session: State<'_, Session>,
    channel: Channel<TreeBatch>,
) -> Result<(), EngineError> {
    let tell = |batch| {
        // A page that has gone does not want to know.
        let _ = channel.send(batch);
    };
    session.engine().organization(tell).await
}

/// People who match, best first.
#[tauri::command]
pub(crate) async fn search_people(
    session: State<'_, Session>,
    text: String,
    limit: u32,
) -> Result<Vec<PersonHit>, EngineError> {
    session.engine().search_people(&text, limit).await
}

/// The card of a person.
#[tauri::command]
pub(crate) async fn person_card(
    session: State<'_, Session>,
    person: String,
) -> Result<PersonCard, EngineError> {
    session.engine().person_card(&person).await
}

/// The picture of a person.
#[tauri::command]
pub(crate) async fn avatar(
    session: State<'_, Session>,
    person: String,
) -> Result<Option<AvatarPicture>, EngineError> {
    session.engine().avatar(&person).await
}

/// The picture of a business system.
#[tauri::command]
pub(crate) async fn system_picture(
    session: State<'_, Session>,
    system: String,
    hash: String,
) -> Result<Option<AvatarPicture>, EngineError> {
    session.engine().system_picture(&system, &hash).await
}

/// The departments and people on the screen.
#[tauri::command]
pub(crate) async fn watch_presence(
    session: State<'_, Session>,
    departments: Vec<String>,
    people: Vec<String>,
) -> Result<(), EngineError> {
    session.engine().watch_presence(departments, people).await
}

/// The person's own presence.
#[tauri::command]
pub(crate) async fn set_own_presence(
    session: State<'_, Session>,
    availability: Availability,
    status: Option<String>,
) -> Result<(), EngineError> {
    session.engine().set_own_presence(availability, status).await
}
