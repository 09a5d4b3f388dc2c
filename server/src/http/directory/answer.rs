//! What personnel systems are told.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use posthouse_protocol::organization::Gender;
use serde::Serialize;
use utoipa::ToSchema;

use super::reach::Reach;
use super::request::{GenderWord, StatusWord};
use super::tags::{tag_of_department, tag_of_person};
use crate::organization::changes::{department_id, person_id};
use crate::storage::organization::{DepartmentRow, PersonRow};

/// A department.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Department)]
pub(super) struct ShownDepartment {
    /// Never changes, and never means another department.
    id: String,
    name: String,
    /// Id of the one above; absent at the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// Such as `总部/财务部`.
    path: String,
    /// Smaller comes first.
    priority: i32,
    /// For `If-Match`.
    etag: String,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Person)]
pub(super) struct ShownPerson {
    /// Never changes, and never means another person.
    id: String,
    /// ID to sign in with.
    login: String,
    name: String,
    gender: GenderWord,
    /// Such as `1990-01-31`, or empty.
    birth_date: String,
    phones: Vec<String>,
    mobile: String,
    email: String,
    employee_number: String,
    /// In their order. A change of tags alone is no new `version`.
    tags: Vec<String>,
    status: StatusWord,
    /// The main one first; only those that the application may see.
    posts: Vec<ShownPost>,
    /// For `If-Match`.
    etag: String,
}

/// A place in the tree.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Post)]
struct ShownPost {
    /// Id of the department.
    department: String,
    path: String,
    title: String,
    priority: i32,
}

/// A part of the list of departments.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DepartmentPage {
    /// For `since`, later. That of the first part counts.
    pub(super) version: String,
    /// Whether the list has everything; otherwise only what has changed.
    pub(super) complete: bool,
    pub(super) departments: Vec<ShownDepartment>,
    /// Ids of departments that are not there any more, or not for this application.
    pub(super) gone: Vec<String>,
    /// `after` of the next part; absent when this is the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<i64>,
}

/// A part of the list of people.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PeoplePage {
    /// For `since`, later. That of the first part counts.
    pub(super) version: String,
    /// Whether the list has everybody; otherwise only those who have changed.
    pub(super) complete: bool,
    pub(super) people: Vec<ShownPerson>,
    /// Ids of people who are not there any more, or not among those who were asked for.
    pub(super) gone: Vec<String>,
    /// `after` of the next part; absent when this is the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<i64>,
}

impl ShownDepartment {
    pub(super) fn of(row: &DepartmentRow, reach: &Reach) -> Self {
        Self {
            id: department_id(row.id),
            name: row.name.clone(),
            parent: (row.parent != 0).then(|| department_id(row.parent)),
            path: reach.outline.path(row.id),
            priority: row.priority,
            etag: tag_of_department(row),
        }
    }

    /// An answer about this department alone.
    pub(super) fn answer(self, status: StatusCode) -> Response {
        let place = format!("/api/v1/departments/{}", self.id);
        whole(status, &self.etag.clone(), place, self)
    }
}

impl ShownPerson {
    pub(super) fn of(row: PersonRow, reach: &Reach) -> Self {
        let etag = tag_of_person(&row);
        let posts = row.posts.into_iter().filter(|post| reach.has(post.department)).map(|post| ShownPost {
            department: department_id(post.department),
            path: reach.outline.path(post.department),
            title: post.title,
            priority: post.priority,
        });
        Self {
            id: person_id(row.id),
            posts: posts.collect(),
            login: row.login,
            name: row.name,
            gender: match row.gender {
                Gender::Female => GenderWord::Female,
                Gender::Male => GenderWord::Male,
                Gender::Unspecified => GenderWord::Unspecified,
            },
            birth_date: row.birth,
            phones: row.phones,
            mobile: row.mobile,
            email: row.email,
            employee_number: row.employee_number,
            tags: row.tags,
            status: if row.disabled { StatusWord::Disabled } else { StatusWord::Active },
            etag,
        }
    }

    /// An answer about this person alone.
    pub(super) fn answer(self, status: StatusCode) -> Response {
        let place = format!("/api/v1/people/{}", self.id);
        whole(status, &self.etag.clone(), place, self)
    }
}

fn whole(status: StatusCode, etag: &str, place: String, content: impl Serialize) -> Response {
    let etag = [(header::ETAG, format!("\"{etag}\""))];
    if status == StatusCode::CREATED {
        return (status, etag, [(header::LOCATION, place)], Json(content)).into_response();
    }
    (status, etag, Json(content)).into_response()
}
