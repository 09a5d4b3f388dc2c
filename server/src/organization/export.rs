//! The organisation as a sheet that an import reads back: one row for each department, one for each post.

use super::tree::Tree;
use crate::storage::organization::{DepartmentRow, PersonRow};

const HEAD: [&str; 14] = [
    "kind",
    "id",
    "name",
    "department",
    "title",
    "priority",
    "gender",
    "birth date",
    "phone",
    "mobile",
    "email",
    "employee number",
    "tags",
    "status",
];

/// CSV in UTF-8 with a byte order mark, as spreadsheets want it; without passwords.
///
/// # Errors
/// What the CSV writer says.
pub fn csv(tree: &Tree) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(vec![0xef, 0xbb, 0xbf]);
    writer.write_record(HEAD)?;
    for department in tree.departments() {
        writer.write_record(department_row(department, tree))?;
    }
    for person in tree.people_in_order() {
        for row in person_rows(person, tree) {
            writer.write_record(row)?;
        }
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn department_row(department: &DepartmentRow, tree: &Tree) -> [String; 14] {
    let mut row = [const { String::new() }; 14];
    let [kind, _, _, path, _, priority, ..] = &mut row;
    *kind = "department".to_owned();
    *path = tree.path(department.id);
    *priority = department.priority.to_string();
    row
}

/// One for each post; who has none gets one without a department.
fn person_rows(person: &PersonRow, tree: &Tree) -> Vec<[String; 14]> {
    let row = |department: String, title: String, priority: String| {
        [
            "person".to_owned(),
            person.login.clone(),
            person.name.clone(),
            department,
            title,
            priority,
            person.gender.word().unwrap_or_default().to_owned(),
            person.birth.clone(),
            person.phones.join("; "),
            person.mobile.clone(),
            person.email.clone(),
            person.employee_number.clone(),
            person.tags.join("; "),
            if person.disabled { "disabled" } else { "active" }.to_owned(),
        ]
    };
    if person.posts.is_empty() {
        return vec![row(String::new(), String::new(), String::new())];
    }
    let posts = person.posts.iter();
    posts.map(|post| row(tree.path(post.department), post.title.clone(), post.priority.to_string())).collect()
}
