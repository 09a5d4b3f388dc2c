//! Departments: all, one, a new one, another one in its place, gone.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::Desk;
use super::answer::{DepartmentPage, ShownDepartment};
use super::pages::Part;
use super::reach::{Reach, out_of_reach};
use super::refusals::{of_edit, of_field};
use super::request::{AskedDepartments, PartOfDepartment, WholeDepartment};
use super::tags::tag_of_department;
use crate::http::asked::{AskedPath, AskedQuery};
use crate::http::error::{ApiError, Code, Refusals};
use crate::http::gate::Caller;
use crate::http::json::JsonBody;
use crate::http::preconditions::Preconditions;
use crate::organization::changes::department_id;
use crate::organization::editor::{Condition, DepartmentEdit};
use crate::organization::fields;
use crate::organization::tree::SEPARATOR;
use crate::storage::applications::{ApplicationRow, Right};
use crate::storage::organization::DepartmentRow;

/// All departments, or those that have changed
#[utoipa::path(get, path = "/departments", operation_id = "listDepartments", params(AskedDepartments), responses(
    (status = 200, body = DepartmentPage), (status = 400, body = ApiError), Refusals
))]
pub(super) async fn list(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedQuery(asked): AskedQuery<AskedDepartments>,
) -> Result<Json<DepartmentPage>, ApiError> {
    let part = Part::asked(asked.after, asked.limit)?;
    let reach = Reach::of(&desk, &application, Right::Read).await?;
    let since = asked.since.as_deref().and_then(|told| reach.since(told));
    let ids = match since {
        Some(version) => desk.catalogue.changed_since(version).await.map_err(ApiError::internal)?.departments,
        None => {
            let all = reach.outline.departments().into_iter();
            let mut ids: Vec<i64> = all.map(|row| row.id).filter(|id| reach.has(*id)).collect();
            ids.sort_unstable();
            ids
        }
    };
    let (ids, next) = part.of(ids);
    let (mut departments, mut gone) = (Vec::new(), Vec::new());
    for id in ids {
        match reach.outline.department(id).filter(|_| reach.has(id)) {
            Some(row) => departments.push(ShownDepartment::of(row, &reach)),
            None => gone.push(department_id(id)),
        }
    }
    Ok(Json(DepartmentPage { version: reach.version(), complete: since.is_none(), departments, gone, next }))
}

/// One department
#[utoipa::path(get, path = "/departments/{department}", operation_id = "showDepartment",
    params(("department" = String, Path, description = "Id, or path with `%2F` between the names", example = "d3")),
    responses(
    (status = 200, body = ShownDepartment, headers(("ETag" = String))), (status = 404, body = ApiError), Refusals
))]
pub(super) async fn show(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(named): AskedPath,
) -> Result<Response, ApiError> {
    let reach = Reach::of(&desk, &application, Right::Read).await?;
    let row = reach.department(&named).ok_or_else(no_such)?;
    Ok(ShownDepartment::of(row, &reach).answer(StatusCode::OK))
}

/// Adds a department
#[utoipa::path(post, path = "/departments", operation_id = "addDepartment", request_body(content = WholeDepartment, example = json!({"name": "法务部", "parent": "总部", "priority": 7})), responses(
    (status = 201, body = ShownDepartment, headers(("ETag" = String), ("Location" = String))),
    (status = 400, body = ApiError), (status = 409, body = ApiError, description = "It is there already"),
    (status = 413, body = ApiError), Refusals
))]
pub(super) async fn create(
    State(desk): State<Desk>,
    Caller(application): Caller,
    JsonBody { content: wanted, .. }: JsonBody<WholeDepartment>,
) -> Result<Response, ApiError> {
    let reach = Reach::of(&desk, &application, Right::Edit).await?;
    let parent = wanted.parent.as_deref().map_or(Ok(0), |named| above(&reach, named))?;
    may_change_in(&reach, parent)?;
    let path = path_of(&reach, parent, &wanted.name)?;
    let editor = desk.editor(&application, None);
    editor.add_department(path.clone(), wanted.priority).await.map_err(of_edit)?;
    let reach = Reach::of(&desk, &application, Right::Read).await?;
    let row = reach.outline.department_at(&path).ok_or_else(no_such)?;
    Ok(ShownDepartment::of(row, &reach).answer(StatusCode::CREATED))
}

/// Puts name, place and priority of a department in the place of those before
#[utoipa::path(put, path = "/departments/{department}", operation_id = "replaceDepartment",
    params(
        ("department" = String, Path, description = "Id, or path with `%2F` between the names", example = "d3"),
        ("If-Match" = Option<String>, Header, description = "ETag of what was read, or `*`; without it: 428")
    ),
    request_body(content = WholeDepartment, example = json!({"name": "法务部", "parent": "总部", "priority": 7})), responses(
    (status = 200, body = ShownDepartment, headers(("ETag" = String))), (status = 400, body = ApiError),
    (status = 404, body = ApiError), (status = 409, body = ApiError, description = "There is one of this name"),
    (status = 412, body = ApiError, description = "Changed since it was read"), (status = 413, body = ApiError),
    (status = 428, body = ApiError, description = "If-Match is missing"), Refusals
))]
pub(super) async fn replace(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(named): AskedPath,
    preconditions: Preconditions,
    JsonBody { content: wanted, .. }: JsonBody<WholeDepartment>,
) -> Result<Response, ApiError> {
    let whole = PartOfDepartment {
        name: Some(wanted.name),
        parent: Some(wanted.parent.unwrap_or_default()),
        priority: Some(wanted.priority),
    };
    apply(&desk, &application, &named, &preconditions, whole).await
}

/// Changes a department
#[utoipa::path(patch, path = "/departments/{department}", operation_id = "changeDepartment",
    params(
        ("department" = String, Path, description = "Id, or path with `%2F` between the names", example = "d3"),
        ("If-Match" = Option<String>, Header, description = "ETag of what was read, or `*`; without it: 428")
    ),
    request_body(content = PartOfDepartment, example = json!({"name": "法务中心"})), responses(
    (status = 200, body = ShownDepartment, headers(("ETag" = String))), (status = 400, body = ApiError),
    (status = 404, body = ApiError), (status = 409, body = ApiError, description = "There is one of this name"),
    (status = 412, body = ApiError, description = "Changed since it was read"), (status = 413, body = ApiError),
    (status = 428, body = ApiError, description = "If-Match is missing"), Refusals
))]
pub(super) async fn change(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(named): AskedPath,
    preconditions: Preconditions,
    JsonBody { content: wanted, .. }: JsonBody<PartOfDepartment>,
) -> Result<Response, ApiError> {
    apply(&desk, &application, &named, &preconditions, wanted).await
}

/// Removes an empty department
#[utoipa::path(delete, path = "/departments/{department}", operation_id = "removeDepartment",
    params(
        ("department" = String, Path, description = "Id, or path with `%2F` between the names", example = "d3"),
        ("If-Match" = Option<String>, Header, description = "ETag of what was read, or `*`; without it: 428")
    ),
    responses(
    (status = 204, description = "It is gone"), (status = 404, body = ApiError),
    (status = 409, body = ApiError, description = "Something is still in it"),
    (status = 412, body = ApiError, description = "Changed since it was read"),
    (status = 428, body = ApiError, description = "If-Match is missing"), Refusals
))]
pub(super) async fn remove(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(named): AskedPath,
    preconditions: Preconditions,
) -> Result<StatusCode, ApiError> {
    let reach = Reach::of(&desk, &application, Right::Edit).await?;
    let row = to_change(&reach, &named)?;
    preconditions.allow_change(&tag_of_department(row))?;
    let editor = desk.editor(&application, Some(Condition::Department(row.clone())));
    editor.remove_department(reach.path(row.id)).await.map_err(of_edit)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn apply(
    desk: &Desk,
    application: &ApplicationRow,
    named: &str,
    preconditions: &Preconditions,
    wanted: PartOfDepartment,
) -> Result<Response, ApiError> {
    let reach = Reach::of(desk, application, Right::Edit).await?;
    let row = to_change(&reach, named)?;
    let parent = match wanted.parent.as_deref() {
        None => row.parent,
        Some("") => 0,
        Some(named) => above(&reach, named)?,
    };
    may_change_in(&reach, parent)?;
    let path = path_of(&reach, parent, wanted.name.as_deref().unwrap_or(&row.name))?;
    // What could never be done is refused first.
    preconditions.allow_change(&tag_of_department(row))?;
    let edit = DepartmentEdit {
        name: path.last().cloned(),
        priority: wanted.priority,
        below: Some(reach.path(parent)).filter(|_| parent != row.parent),
    };
    let editor = desk.editor(application, Some(Condition::Department(row.clone())));
    editor.set_department(reach.path(row.id), edit).await.map_err(of_edit)?;
    let after = Reach::of(desk, application, Right::Read).await?;
    let row = after.outline.department(row.id).ok_or_else(no_such)?;
    Ok(ShownDepartment::of(row, &after).answer(StatusCode::OK))
}

/// The department, when the application may change it.
fn to_change<'a>(reach: &'a Reach, named: &str) -> Result<&'a DepartmentRow, ApiError> {
    let row = reach.department(named).ok_or_else(no_such)?;
    may_change_in(reach, row.parent)?;
    Ok(row)
}

fn may_change_in(reach: &Reach, department: i64) -> Result<(), ApiError> {
    if reach.has(department) { Ok(()) } else { Err(out_of_reach(&reach.outline, department)) }
}

fn above(reach: &Reach, named: &str) -> Result<i64, ApiError> {
    let found = reach.department(named).map(|row| row.id);
    found.ok_or_else(|| ApiError::of_field("parent", "There is no such department."))
}

/// A path that the fields of the organisation allow.
fn path_of(reach: &Reach, parent: i64, name: &str) -> Result<Vec<String>, ApiError> {
    if name.contains(SEPARATOR) {
        return Err(ApiError::of_field("name", "A name has no slash; `parent` says where it lies."));
    }
    let name = fields::name(name).map_err(of_field("name"))?;
    let whole: Vec<String> = reach.path(parent).into_iter().chain([name]).collect();
    fields::path(&whole.join("/")).map_err(of_field("parent"))
}

fn no_such() -> ApiError {
    ApiError::new(Code::NotFound, "There is no such department, or not for this application.")
}
