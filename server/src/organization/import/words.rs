//! A difference in words.

use posthouse_protocol::organization::Gender;

use super::difference::{Difference, PersonStep};
use crate::organization::editor::{PersonEdit, PostEdit, TagsEdit};
use crate::storage::organization::PersonRow;

/// One line about each kind of change.
pub(super) fn summary(difference: &Difference) -> String {
    let departments = difference.new_departments.len();
    let moved = difference.moved_departments.len();
    let mut parts = vec![
        format!("{departments} departments new, {moved} changed"),
        format!(
            "{} people new, {} changed, {} unchanged",
            difference.new_people.len(),
            difference.changed_people.len(),
            difference.unchanged_people
        ),
    ];
    let (people, below) = (difference.missing_people.len(), difference.missing_departments.len());
    if people > 0 || below > 0 {
        let what = if difference.removes_missing { "removed" } else { "not in the sheet and kept" };
        parts.push(format!("{people} people and {below} departments {what}"));
    }
    parts.join("; ")
}

/// Everything that changes.
pub(super) fn lines(difference: &Difference) -> Vec<String> {
    let mut lines = Vec::new();
    let new = difference.new_departments.iter();
    section(
        &mut lines,
        "New departments",
        new.map(|(path, priority)| format!("+ {} (priority {priority})", path.join("/"))),
    );
    let moved = difference.moved_departments.iter();
    section(
        &mut lines,
        "Changed departments",
        moved.map(|(path, old, new)| format!("~ {}: priority {old} → {new}", path.join("/"))),
    );
    section(&mut lines, "New people", difference.new_people.iter().map(|step| person("+", step)));
    section(&mut lines, "Changed people", difference.changed_people.iter().map(|step| person("~", step)));
    let people = difference.missing_people.iter().map(|(login, name)| format!("- {login} {name}"));
    let departments = difference.missing_departments.iter().map(|path| format!("- {}", path.join("/")));
    let (of_people, of_departments) = if difference.removes_missing {
        ("Removed people, not in the sheet", "Removed departments, not in the sheet")
    } else {
        (
            "People who are not in the sheet; they are kept (--remove-missing removes them)",
            "Departments that are not in the sheet; they are kept (--remove-missing removes them)",
        )
    };
    section(&mut lines, of_people, people);
    section(&mut lines, of_departments, departments);
    if difference.kept_passwords > 0 {
        lines.push(format!(
            "Passwords of {} people are in the sheet but not used, as these people have one \
             (--reset-passwords sets them again)",
            difference.kept_passwords
        ));
    }
    lines
}

fn section(lines: &mut Vec<String>, title: &str, entries: impl Iterator<Item = String>) {
    let entries: Vec<String> = entries.map(|entry| format!("  {entry}")).collect();
    if !entries.is_empty() {
        lines.push(format!("{title}: {}", entries.len()));
        lines.extend(entries);
    }
}

fn person(mark: &str, step: &PersonStep) -> String {
    format!("{mark} {}: {}", step.login, step.words.join("; "))
}

/// What a new person gets.
pub(super) fn new_person(edit: &PersonEdit) -> Vec<String> {
    let mut words: Vec<String> = edit.name.iter().cloned().collect();
    words.extend(edit.posts.iter().flatten().map(post));
    words
}

/// What changes about a person, field by field.
pub(super) fn changed_person(
    row: &PersonRow,
    before: &[PostEdit],
    edit: &PersonEdit,
    has_new_password: bool,
) -> Vec<String> {
    let mut words = vec![row.name.clone()];
    let texts = [
        ("name", &row.name, &edit.name),
        ("date of birth", &row.birth, &edit.birth),
        ("mobile", &row.mobile, &edit.mobile),
        ("e-mail", &row.email, &edit.email),
        ("employee number", &row.employee_number, &edit.employee_number),
    ];
    for (what, old, new) in texts {
        words.extend(new.iter().map(|new| change(what, old, new)));
    }
    words.extend(edit.gender.map(|new| change("gender", gender(row.gender), gender(new))));
    words.extend(edit.phones.iter().map(|new| change("phones", &row.phones.join(", "), &new.join(", "))));
    if let Some(TagsEdit::All(new)) = &edit.tags {
        words.push(change("tags", &row.tags.join(", "), &new.join(", ")));
    }
    words.extend(edit.disabled.map(|new| change("status", status(row.disabled), status(new))));
    words.extend(edit.posts.iter().map(|new| change("posts", &posts(before), &posts(new))));
    if has_new_password {
        words.push("password".to_owned());
    }
    words
}

fn change(what: &str, old: &str, new: &str) -> String {
    let shown = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    format!("{what} {} → {}", shown(old), shown(new))
}

fn gender(gender: Gender) -> &'static str {
    gender.word().unwrap_or_default()
}

fn status(is_disabled: bool) -> &'static str {
    if is_disabled { "disabled" } else { "active" }
}

fn posts(posts: &[PostEdit]) -> String {
    posts.iter().map(post).collect::<Vec<_>>().join(", ")
}

fn post(post: &PostEdit) -> String {
    let mut details: Vec<String> = Vec::new();
    if !post.title.is_empty() {
        details.push(post.title.clone());
    }
    details.push(format!("priority {}", post.priority));
    format!("{} ({})", post.department.join("/"), details.join(", "))
}
