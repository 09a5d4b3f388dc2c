//! What the editor, the fields and the import refuse, as answers.

use crate::http::error::{ApiError, Code, RowProblem};
use crate::organization::editor::EditError;
use crate::organization::fields::{FieldProblem, MOST_TAGS};
use crate::organization::import::Problem;

/// An edit that was refused.
pub(super) fn of_edit(error: EditError) -> ApiError {
    match error {
        EditError::NoSuchPerson(_) => ApiError::new(Code::NotFound, "There is no such person any more."),
        EditError::NoSuchDepartment(path) => {
            ApiError::new(Code::NotFound, format!("There is no department {path} any more."))
        }
        EditError::PersonExists(login) => {
            ApiError::new(Code::Conflict, format!("There is an account {login} already."))
        }
        EditError::DepartmentExists(path) => {
            ApiError::new(Code::Conflict, format!("There is a department {path} already."))
        }
        EditError::DepartmentNotEmpty { path, departments, people } => ApiError::new(
            Code::Conflict,
            format!("{path} still has {departments} departments and {people} people in it."),
        ),
        EditError::IntoItself(path) => {
            ApiError::of_field("parent", format!("{path} cannot lie in itself or below itself."))
        }
        EditError::PostTwice { path, .. } => {
            ApiError::of_field("posts", format!("There are two posts in {path}."))
        }
        EditError::TooManyTags(_) => ApiError::of_field("tags", format!("There are more than {MOST_TAGS}.")),
        EditError::Changed => {
            ApiError::new(Code::PreconditionFailed, "It has been changed since it was read.")
        }
        EditError::Storage(error) => ApiError::internal(error),
    }
}

/// For `map_err`: names the field.
pub(super) fn of_field(field: &str) -> impl Fn(FieldProblem) -> ApiError + '_ {
    move |FieldProblem(text)| ApiError::of_field(field, sentence(&text))
}

/// Rows that cannot be meant.
pub(super) fn of_rows(problems: Vec<Problem>) -> ApiError {
    let count = problems.len();
    let problems = problems.into_iter().map(|problem| RowProblem {
        row: problem.place.row,
        field: Some(problem.place.column).filter(|field| !field.is_empty()),
        message: sentence(&problem.text),
    });
    ApiError {
        problems: problems.collect(),
        ..ApiError::of_field("rows", format!("Nothing has changed. Problems: {count}."))
    }
}

/// As the one of `text`, with a beginning and an end.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
