//! `POST /api/v1/directory/import`: many departments and people at once, all of them or none.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Desk;
use super::edits::keys;
use super::reach::{Reach, forbidden, version};
use super::refusals::{of_edit, of_rows};
use super::request::{GenderWord, StatusWord};
use crate::accounts::password;
use crate::clock::Timestamp;
use crate::http::error::{ApiError, Code, Refusals};
use crate::http::gate::Caller;
use crate::http::json::JsonBody;
use crate::organization::editor::Condition;
use crate::organization::import::{Choices, Difference, ListedRow, Present, Problem, Report, read_listed};
use crate::storage::applications::Right;
use crate::storage::organization::PersonRow;

/// Most rows of one import.
const ROWS: usize = 10_000;
/// Most passwords that one import sets: making their keys takes time.
const PASSWORDS: usize = 500;

/// Rows as in a sheet, and what to do with them.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Import {
    #[schema(max_items = 10_000)]
    rows: Vec<ImportRow>,
    /// Only says what would change.
    #[serde(default)]
    dry_run: bool,
    /// Whoever is not in the rows goes, and so do departments.
    #[serde(default)]
    remove_missing: bool,
    /// Passwords of the rows replace those that people have; their sessions end.
    #[serde(default)]
    reset_passwords: bool,
    /// Whoever gets a password must choose another one after signing in; `true` unless said otherwise.
    #[serde(default = "yes")]
    must_change: bool,
    /// The directory must still be at this version, or nothing changes.
    version: Option<String>,
}

fn yes() -> bool {
    true
}

/// A post of a person, or a department. What a row does not name stays as it is; `""` empties it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ImportRow {
    /// Without it, a row without `id` and `name` is a department's.
    kind: Option<Kind>,
    /// ID to sign in with.
    id: Option<String>,
    name: Option<String>,
    /// Path such as `总部/财务部`; departments are made where they are missing.
    department: Option<String>,
    title: Option<String>,
    /// Smaller comes first.
    priority: Option<i32>,
    gender: Option<GenderWord>,
    birth_date: Option<String>,
    /// In years, when there is no date of birth.
    #[schema(minimum = 0, maximum = 120)]
    age: Option<u8>,
    phones: Option<Vec<String>>,
    mobile: Option<String>,
    email: Option<String>,
    employee_number: Option<String>,
    /// All tags of the person.
    #[schema(max_items = 50)]
    tags: Option<Vec<String>>,
    status: Option<StatusWord>,
    /// Never told again.
    password: Option<String>,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Department,
    Person,
}

/// What has changed, or would.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Imported {
    /// Whether anything was changed.
    applied: bool,
    /// Of the directory, for the next import or a later `since`.
    version: String,
    difference: Report,
}

/// Brings many departments and people in, all or none
#[utoipa::path(post, path = "/directory/import", operation_id = "importDirectory", request_body(content = Import,
    example = json!({"dryRun": true, "rows": [{"id": "zhou.tao", "name": "周涛", "department": "总部/法务部"}]})), responses(
    (status = 200, body = Imported, description = "Done; with `dryRun`, what would be"),
    (status = 400, body = ApiError, description = "Nothing has changed; `problems` names the rows"),
    (status = 404, body = ApiError), (status = 409, body = ApiError), (status = 413, body = ApiError),
    (status = 412, body = ApiError, description = "The directory is at another version"), Refusals
))]
pub(super) async fn import(
    State(desk): State<Desk>,
    Caller(application): Caller,
    JsonBody { content: asked, .. }: JsonBody<Import>,
) -> Result<Json<Imported>, ApiError> {
    let reach = Reach::of(&desk, &application, Right::Edit).await?;
    let choices = choices(&asked, &reach, desk.parts.clock.now())?;
    let wanted = read_listed(asked.rows.into_iter().map(ImportRow::listed).collect()).map_err(of_rows)?;
    let unusable: Vec<Problem> = wanted
        .people
        .iter()
        .filter_map(|person| person.password.as_ref())
        .filter_map(|(text, place)| {
            let text = password::check(text).err()?.to_string();
            Some(Problem { place: place.clone(), text })
        })
        .collect();
    if !unusable.is_empty() {
        return Err(of_rows(unusable));
    }
    let (state, present) = desk.catalogue.present().await.map_err(ApiError::internal)?;
    if asked.version.as_ref().is_some_and(|wanted| *wanted != version(&state)) {
        return Err(ApiError::new(Code::PreconditionFailed, "The directory has been changed since then."));
    }
    let difference = Difference::new(wanted, &present, choices).map_err(of_rows)?;
    if !reach.is_everywhere() {
        stays_inside(&difference, &present, &reach)?;
    }
    let report = difference.report();
    let report = if reach.is_everywhere() { report } else { report.without_missing() };
    if asked.dry_run || difference.is_empty() {
        return Ok(Json(Imported { applied: false, version: version(&state), difference: report }));
    }
    let passwords: Vec<String> = difference.passwords().into_iter().map(|(text, _)| text.clone()).collect();
    if passwords.len() > PASSWORDS {
        let sentence = format!("More than {PASSWORDS} passwords at once; import the rows in parts.");
        return Err(ApiError::of_field("rows", sentence));
    }
    let keys = keys(desk.parts.iterations, passwords, asked.must_change).await?;
    // What was looked at has to be what is changed: when somebody says so, and where rights end somewhere.
    let is_bound = asked.version.is_some() || !reach.is_everywhere();
    let condition = is_bound.then(|| Condition::Version(state.epoch.clone(), state.version));
    let (editor, summary) = (desk.editor(&application, condition), difference.summary());
    editor.import("rows over HTTP", summary, difference.steps(keys)).await.map_err(of_edit)?;
    let (state, _) = desk.catalogue.outline().await.map_err(ApiError::internal)?;
    Ok(Json(Imported { applied: true, version: version(&state), difference: report }))
}

fn choices(asked: &Import, reach: &Reach, now: Timestamp) -> Result<Choices, ApiError> {
    if asked.rows.is_empty() || asked.rows.len() > ROWS {
        return Err(ApiError::of_field("rows", format!("Between 1 and {ROWS}.")));
    }
    if asked.remove_missing && !reach.is_everywhere() {
        return Err(forbidden("Only an application that may change everything may remove what is missing."));
    }
    let today = time::OffsetDateTime::from_unix_timestamp(now.seconds());
    Ok(Choices {
        remove_missing: asked.remove_missing,
        reset_passwords: asked.reset_passwords,
        today: today.map_err(ApiError::internal)?.date(),
    })
}

/// Whether all of it lies where the application may change something.
fn stays_inside(difference: &Difference, present: &Present, reach: &Reach) -> Result<(), ApiError> {
    let inside = reach.paths();
    let has = |path: &[String]| inside.iter().any(|root| path.starts_with(root));
    let mut departments = difference.touched_departments().filter_map(<[String]>::split_last);
    if let Some((name, above)) = departments.find(|(_, above)| !has(above)) {
        let path: Vec<&str> = above.iter().chain([name]).map(String::as_str).collect();
        return Err(forbidden(format!("The application may not change the department {}.", path.join("/"))));
    }
    let known: HashMap<&str, &PersonRow> =
        present.tree.people().map(|person| (person.login.as_str(), person)).collect();
    for (login, posts) in difference.touched_people() {
        let row = known.get(login);
        let goes_outside = posts.iter().any(|post| !has(&post.department));
        if goes_outside || row.map_or(posts.is_empty(), |row| !reach.holds(row)) {
            return Err(forbidden(format!("The application may not do this to {login}.")));
        }
    }
    Ok(())
}

impl ImportRow {
    /// Only what it names.
    fn listed(self) -> ListedRow {
        let kind = self.kind.map(|kind| match kind {
            Kind::Department => "department",
            Kind::Person => "person",
        });
        let gender = self.gender.map(|word| match word {
            GenderWord::Female => "female",
            GenderWord::Male => "male",
            GenderWord::Unspecified => "",
        });
        let status = self.status.map(|word| match word {
            StatusWord::Active => "active",
            StatusWord::Disabled => "disabled",
        });
        let cells = [
            ("kind", kind.map(str::to_owned)),
            ("id", self.id),
            ("name", self.name),
            ("department", self.department),
            ("title", self.title),
            ("priority", self.priority.map(|number| number.to_string())),
            ("gender", gender.map(str::to_owned)),
            ("birthDate", self.birth_date),
            ("age", self.age.map(|years| years.to_string())),
            ("phones", self.phones.map(|list| list.join(";"))),
            ("mobile", self.mobile),
            ("email", self.email),
            ("employeeNumber", self.employee_number),
            ("tags", self.tags.map(|list| list.join(";"))),
            ("status", status.map(str::to_owned)),
            ("password", self.password),
        ];
        cells.into_iter().filter_map(|(name, cell)| Some((name, cell?))).collect()
    }
}
