//! Tags of departments and people, for `If-Match`.

use serde_json::{Value, json};

use crate::http::preconditions::tag;
use crate::storage::organization::{DepartmentRow, PersonRow};

/// Differs whenever the department differs.
pub(super) fn tag_of_department(row: &DepartmentRow) -> String {
    tag(&json!([row.id, row.parent, row.name, row.priority]))
}

/// Differs whenever what applications can see of the person differs.
pub(super) fn tag_of_person(row: &PersonRow) -> String {
    let posts: Vec<Value> =
        row.posts.iter().map(|post| json!([post.department, post.title, post.priority])).collect();
    tag(&json!([
        row.id,
        row.login,
        row.name,
        row.gender.word(),
        row.birth,
        row.phones,
        row.mobile,
        row.email,
        row.disabled,
        row.employee_number,
        row.tags,
        posts
    ]))
}
