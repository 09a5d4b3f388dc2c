//! People, to add, change and remove.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use posthouse_protocol::organization::Gender;

use super::Desk;
use super::answer::ShownPerson;
use super::people::{find, no_such};
use super::reach::{Reach, forbidden, number};
use super::refusals::{of_edit, of_field};
use super::request::{GenderWord, NewPost, PartOfPerson, StatusWord, WholePerson};
use super::tags::tag_of_person;
use crate::accounts::derivation::derive_all;
use crate::accounts::password;
use crate::http::asked::AskedPath;
use crate::http::error::{ApiError, Code, Refusals};
use crate::http::gate::Caller;
use crate::http::json::JsonBody;
use crate::http::preconditions::Preconditions;
use crate::organization::editor::{Condition, NewPassword, PersonEdit, PostEdit, TagsEdit};
use crate::organization::fields;
use crate::storage::applications::{ApplicationRow, Right};
use crate::storage::organization::PersonRow;

/// Adds a person, or puts all fields in the place of those before
#[utoipa::path(put, path = "/people/{person}", operation_id = "putPerson",
    params(
        ("person" = String, Path, description = "ID to sign in with, or id such as `p12`", example = "wang.lei"),
        ("If-Match" = Option<String>, Header,
            description = "ETag of what was read, or `*`; without it: 428 when the person is there"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: the person must be new")
    ),
    request_body(content = WholePerson, example = json!({"name": "王磊", "mobile": "+8613800000001", "posts": [{"department": "总部/财务部", "title": "会计"}]})), responses(
    (status = 200, body = ShownPerson, headers(("ETag" = String)), description = "Replaced"),
    (status = 201, body = ShownPerson, headers(("ETag" = String), ("Location" = String)), description = "Added"),
    (status = 400, body = ApiError), (status = 404, body = ApiError, description = "No such id"),
    (status = 409, body = ApiError, description = "An account that is nobody's has this ID"),
    (status = 412, body = ApiError, description = "Changed since it was read, or not as it must be"),
    (status = 413, body = ApiError), (status = 428, body = ApiError, description = "If-Match is missing"), Refusals
))]
pub(super) async fn put(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(named): AskedPath,
    preconditions: Preconditions,
    JsonBody { content: wanted, .. }: JsonBody<WholePerson>,
) -> Result<Response, ApiError> {
    let reach = Reach::of(&desk, &application, Right::Edit).await?;
    let (whole, password) = wanted.parts();
    let edit = edit_of(whole, &reach)?;
    let Some(row) = find(&desk, &named).await? else {
        preconditions.allow_creation()?;
        if number('p', &named).is_some() {
            return Err(no_such());
        }
        return add(&desk, &application, &reach, &named, (edit, password)).await;
    };
    if password.is_some() {
        let sentence = "Only a new person gets one; an import with resetPasswords sets it anew.";
        return Err(ApiError::of_field("password", sentence));
    }
    set(&desk, &application, &reach, (row, &preconditions), edit).await
}

/// Changes a person
#[utoipa::path(patch, path = "/people/{person}", operation_id = "changePerson",
    params(
        ("person" = String, Path, description = "ID to sign in with, or id such as `p12`", example = "wang.lei"),
        ("If-Match" = Option<String>, Header, description = "ETag of what was read, or `*`; without it: 428")
    ),
    request_body(content = PartOfPerson, example = json!({"email": "wang.lei@example.org"})), responses(
    (status = 200, body = ShownPerson, headers(("ETag" = String))), (status = 400, body = ApiError),
    (status = 404, body = ApiError), (status = 412, body = ApiError, description = "Changed since it was read"),
    (status = 413, body = ApiError), (status = 428, body = ApiError, description = "If-Match is missing"), Refusals
))]
pub(super) async fn change(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(named): AskedPath,
    preconditions: Preconditions,
    JsonBody { content: wanted, .. }: JsonBody<PartOfPerson>,
) -> Result<Response, ApiError> {
    let reach = Reach::of(&desk, &application, Right::Edit).await?;
    let row = find(&desk, &named).await?.ok_or_else(no_such)?;
    let edit = edit_of(wanted, &reach)?;
    set(&desk, &application, &reach, (row, &preconditions), edit).await
}

/// Removes a person and the account
#[utoipa::path(delete, path = "/people/{person}", operation_id = "removePerson",
    params(
        ("person" = String, Path, description = "ID to sign in with, or id such as `p12`", example = "wang.lei"),
        ("If-Match" = Option<String>, Header, description = "ETag of what was read, or `*`; without it: 428")
    ),
    responses(
    (status = 204, description = "Gone, and signed out everywhere"), (status = 404, body = ApiError),
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
    let row = find(&desk, &named).await?.ok_or_else(no_such)?;
    may_change(&reach, &row)?;
    preconditions.allow_change(&tag_of_person(&row))?;
    let login = row.login.clone();
    let editor = desk.editor(&application, Some(Condition::Person(Box::new(row))));
    editor.remove_person(&login).await.map_err(of_edit)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add(
    desk: &Desk,
    application: &ApplicationRow,
    reach: &Reach,
    named: &str,
    (edit, password): (PersonEdit, Option<String>),
) -> Result<Response, ApiError> {
    let login = fields::login(named).map_err(of_field("person"))?;
    if !reach.is_everywhere() && edit.posts.as_ref().is_none_or(Vec::is_empty) {
        return Err(forbidden("The application may add people to its departments only."));
    }
    let password = match password {
        Some(text) => keys(desk.parts.iterations, vec![text], true).await?.pop(),
        None => None,
    };
    desk.editor(application, None).add_person(&login, edit, password).await.map_err(of_edit)?;
    let row = find(desk, &login).await?.ok_or_else(no_such)?;
    Ok(ShownPerson::of(row, reach).answer(StatusCode::CREATED))
}

async fn set(
    desk: &Desk,
    application: &ApplicationRow,
    reach: &Reach,
    (row, preconditions): (PersonRow, &Preconditions),
    edit: PersonEdit,
) -> Result<Response, ApiError> {
    may_change(reach, &row)?;
    preconditions.allow_change(&tag_of_person(&row))?;
    if !reach.is_everywhere() && edit.posts.as_ref().is_some_and(Vec::is_empty) {
        return Err(forbidden("The application may not take the last post away."));
    }
    let (id, login) = (row.id, row.login.clone());
    let editor = desk.editor(application, Some(Condition::Person(Box::new(row))));
    editor.set_person(&login, edit).await.map_err(of_edit)?;
    let row = desk.catalogue.person(id).await.map_err(ApiError::internal)?.ok_or_else(no_such)?;
    Ok(ShownPerson::of(row, reach).answer(StatusCode::OK))
}

fn may_change(reach: &Reach, row: &PersonRow) -> Result<(), ApiError> {
    if reach.holds(row) {
        Ok(())
    } else if reach.shows(row) {
        Err(forbidden("This person has a post where the application may not change anything."))
    } else {
        Err(no_such())
    }
}

/// Keys of passwords that can be used, in their order.
pub(super) async fn keys(
    iterations: u32,
    passwords: Vec<String>,
    must_change: bool,
) -> Result<Vec<NewPassword>, ApiError> {
    if let Some(error) = passwords.iter().find_map(|text| password::check(text).err()) {
        return Err(ApiError::of_field("password", format!("{error}.")));
    }
    let deriving = tokio::task::spawn_blocking(move || {
        let texts: Vec<&str> = passwords.iter().map(String::as_str).collect();
        derive_all(&texts, iterations, &|_| ())
    });
    let derived = deriving
        .await
        .map_err(|_| ApiError::new(Code::Internal, "The server cannot make keys now."))?
        .map_err(ApiError::internal)?;
    Ok(derived.iter().map(|keys| NewPassword { keys: keys.rows(), must_change }).collect())
}

impl WholePerson {
    fn parts(self) -> (PartOfPerson, Option<String>) {
        let fields = PartOfPerson {
            name: Some(self.name),
            gender: Some(self.gender),
            birth_date: Some(self.birth_date),
            phones: Some(self.phones),
            mobile: Some(self.mobile),
            email: Some(self.email),
            employee_number: Some(self.employee_number),
            // Whoever knows nothing of tags takes none away.
            tags: self.tags,
            status: Some(self.status),
            posts: Some(self.posts),
        };
        (fields, self.password)
    }
}

/// As the editor wants it; every field is as the fields of the organisation may be.
fn edit_of(wanted: PartOfPerson, reach: &Reach) -> Result<PersonEdit, ApiError> {
    let phones = |list: Vec<String>| {
        let filled = list.iter().filter(|text| !text.trim().is_empty());
        filled.map(|text| fields::phone(text)).collect::<Result<Vec<_>, _>>()
    };
    let number = |text: &str| fields::line("employee number", text);
    let tags = |list: Vec<String>| fields::tags(list.iter().map(String::as_str)).map(TagsEdit::All);
    Ok(PersonEdit {
        name: wanted.name.as_deref().map(fields::name).transpose().map_err(of_field("name"))?,
        gender: wanted.gender.map(|word| match word {
            GenderWord::Female => Gender::Female,
            GenderWord::Male => Gender::Male,
            GenderWord::Unspecified => Gender::Unspecified,
        }),
        birth: wanted.birth_date.as_deref().map(fields::birth).transpose().map_err(of_field("birthDate"))?,
        phones: wanted.phones.map(phones).transpose().map_err(of_field("phones"))?,
        mobile: wanted.mobile.as_deref().map(fields::mobile).transpose().map_err(of_field("mobile"))?,
        email: wanted.email.as_deref().map(fields::email).transpose().map_err(of_field("email"))?,
        disabled: wanted.status.map(|word| word == StatusWord::Disabled),
        employee_number: wanted
            .employee_number
            .as_deref()
            .map(number)
            .transpose()
            .map_err(of_field("employeeNumber"))?,
        tags: wanted.tags.map(tags).transpose().map_err(of_field("tags"))?,
        posts: wanted.posts.map(|posts| posts_of(&posts, reach)).transpose()?,
        title: None,
        priority: None,
    })
}

fn posts_of(wanted: &[NewPost], reach: &Reach) -> Result<Vec<PostEdit>, ApiError> {
    let mut posts = Vec::with_capacity(wanted.len());
    for (index, post) in wanted.iter().enumerate() {
        // A department that is misspelt is not made here as it is by an import, which shows it first.
        let department = reach.department(&post.department).ok_or_else(|| {
            ApiError::of_field(format!("posts[{index}].department"), "There is no such department.")
        })?;
        let title = fields::line("title", &post.title).map_err(of_field(&format!("posts[{index}].title")))?;
        posts.push(PostEdit { department: reach.path(department.id), title, priority: post.priority });
    }
    Ok(posts)
}
