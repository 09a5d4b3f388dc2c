//! People, to read.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::Desk;
use super::answer::{PeoplePage, ShownPerson};
use super::pages::Part;
use super::reach::{Reach, number};
use super::request::AskedPeople;
use crate::http::asked::{AskedPath, AskedQuery};
use crate::http::error::{ApiError, Code, Refusals};
use crate::http::gate::Caller;
use crate::organization::changes::person_id;
use crate::storage::applications::Right;
use crate::storage::organization::PersonRow;

/// All people, those of a department, or those who have changed
#[utoipa::path(get, path = "/people", operation_id = "listPeople", params(AskedPeople), responses(
    (status = 200, body = PeoplePage), (status = 400, body = ApiError), Refusals
))]
pub(super) async fn list(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedQuery(asked): AskedQuery<AskedPeople>,
) -> Result<Json<PeoplePage>, ApiError> {
    let part = Part::asked(asked.after, asked.limit)?;
    let reach = Reach::of(&desk, &application, Right::Read).await?;
    let departments = match &asked.department {
        None => reach.limit(),
        Some(named) => {
            let found = reach.department(named);
            let row =
                found.ok_or_else(|| ApiError::of_field("department", "There is no such department."))?;
            let is_whole = asked.with_sub_departments.unwrap_or(true);
            Some(if is_whole { reach.below(row.id) } else { vec![row.id] })
        }
    };
    let since = asked.since.as_deref().and_then(|told| reach.since(told));
    let (people, gone, next) = match since {
        Some(version) => changed(&desk, version, part, departments).await?,
        None => {
            let limit = i64::try_from(part.limit).unwrap_or_default().saturating_add(1);
            let found = desk.catalogue.people(part.after, limit, departments).await;
            let (people, next) = part.cut(found.map_err(ApiError::internal)?, |row| row.id);
            (people, Vec::new(), next)
        }
    };
    Ok(Json(PeoplePage {
        version: reach.version(),
        complete: since.is_none(),
        people: people.into_iter().map(|row| ShownPerson::of(row, &reach)).collect(),
        gone,
        next,
    }))
}

/// One person
#[utoipa::path(get, path = "/people/{person}", operation_id = "showPerson",
    params(("person" = String, Path, description = "ID to sign in with, or id such as `p12`", example = "wang.lei")),
    responses(
    (status = 200, body = ShownPerson, headers(("ETag" = String))), (status = 404, body = ApiError), Refusals
))]
pub(super) async fn show(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(named): AskedPath,
) -> Result<Response, ApiError> {
    let reach = Reach::of(&desk, &application, Right::Read).await?;
    let row = find(&desk, &named).await?.filter(|row| reach.shows(row)).ok_or_else(no_such)?;
    Ok(ShownPerson::of(row, &reach).answer(StatusCode::OK))
}

/// Somebody by the ID to sign in with, or by the id.
pub(super) async fn find(desk: &Desk, named: &str) -> Result<Option<PersonRow>, ApiError> {
    let by_login = desk.catalogue.person_by_login(named.to_owned()).await.map_err(ApiError::internal)?;
    match (by_login, number('p', named)) {
        (None, Some(id)) => desk.catalogue.person(id).await.map_err(ApiError::internal),
        (found, _) => Ok(found),
    }
}

pub(super) fn no_such() -> ApiError {
    ApiError::new(Code::NotFound, "There is no such person, or not for this application.")
}

/// People who have changed, ids of those who are gone, and where the next part begins.
type Changes = (Vec<PersonRow>, Vec<String>, Option<i64>);

async fn changed(
    desk: &Desk,
    version: i64,
    part: Part,
    departments: Option<Vec<i64>>,
) -> Result<Changes, ApiError> {
    let changed = desk.catalogue.changed_since(version).await.map_err(ApiError::internal)?;
    let (ids, next) = part.of(changed.people);
    let rows = desk.catalogue.people_of(ids).await.map_err(ApiError::internal)?;
    let is_meant = |row: &PersonRow| {
        departments.as_ref().is_none_or(|list| row.posts.iter().any(|post| list.contains(&post.department)))
    };
    let (mut people, mut gone) = (Vec::new(), Vec::new());
    for (id, row) in rows {
        match row.filter(is_meant) {
            Some(row) => people.push(row),
            None => gone.push(person_id(id)),
        }
    }
    Ok((people, gone, next))
}
