//! Makes the words out of a template and a JSON answer.

use serde_json::Value;

use super::path::{Found, Path};
use super::{Case, Piece, Template};

/// Most elements of a list that are written.
const MOST_ELEMENTS: usize = 20;

/// Most signs of one field.
const LONGEST_FIELD: usize = 200;

/// Why an answer does not fit its template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::query_codes) enum RenderError {
    /// It is not there.
    #[error("the answer has no field \"{0}\"")]
    Missing(String),
    /// It is an object, or a list of such.
    #[error("the field \"{0}\" is neither text nor a number")]
    NotText(String),
    /// A plural needs one.
    #[error("the field \"{0}\" is no number")]
    NotNumber(String),
    /// It is no list.
    #[error("the field \"{0}\" is no list")]
    NotList(String),
}

/// Where a template is: the answer, the elements it stands in, and the number that `#` is.
#[derive(Clone, Copy)]
struct Place<'a> {
    answer: &'a Value,
    element: Option<&'a Value>,
    number: Option<f64>,
}

impl Template {
    /// The words. `comma` stands between the elements of a list of words.
    pub(in crate::query_codes) fn render(&self, answer: &Value, comma: &str) -> Result<String, RenderError> {
        let mut text = String::new();
        self.write(Place { answer, element: None, number: None }, comma, &mut text)?;
        Ok(text)
    }

    fn write(&self, place: Place<'_>, comma: &str, text: &mut String) -> Result<(), RenderError> {
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Number => text.push_str(&place.number.map(shown).unwrap_or_default()),
                Piece::Field(path) => text.push_str(&field(path, place.find(path)?, comma)?),
                Piece::Plural { path, cases, other } => {
                    let number = number(path, place.find(path)?)?;
                    let fits = |case: &Case| match case {
                        Case::Exactly(exactly) => is_same(number, *exactly),
                        Case::One => is_same(number, 1),
                    };
                    // An exact number goes before a kind of number, wherever it stands.
                    let exact = cases.iter().filter(|(case, _)| matches!(case, Case::Exactly(_)));
                    let kinds = cases.iter().filter(|(case, _)| matches!(case, Case::One));
                    let words =
                        exact.chain(kinds).find(|(case, _)| fits(case)).map_or(other, |(_, words)| words);
                    words.write(Place { number: Some(number), ..place }, comma, text)?;
                }
                Piece::Each { path, words } => {
                    let Found::Value(Value::Array(elements)) = place.find(path)? else {
                        return Err(RenderError::NotList(path.to_string()));
                    };
                    for (element, number) in elements.iter().take(MOST_ELEMENTS).zip(1_u32..) {
                        let inside = Place { element: Some(element), number: Some(number.into()), ..place };
                        words.write(inside, comma, text)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl<'a> Place<'a> {
    /// In the element, else in the whole answer.
    fn find(self, path: &Path) -> Result<Found<'a>, RenderError> {
        let inside = self.element.and_then(|element| path.find(element));
        inside.or_else(|| path.find(self.answer)).ok_or_else(|| RenderError::Missing(path.to_string()))
    }
}

fn field(path: &Path, found: Found<'_>, comma: &str) -> Result<String, RenderError> {
    match found {
        Found::Length(length) => Ok(length.to_string()),
        Found::Value(Value::Array(elements)) => {
            let words = elements.iter().take(MOST_ELEMENTS).map(|element| scalar(path, element));
            Ok(words.collect::<Result<Vec<_>, _>>()?.join(comma))
        }
        Found::Value(value) => scalar(path, value),
    }
}

fn scalar(path: &Path, value: &Value) -> Result<String, RenderError> {
    match value {
        Value::String(text) => Ok(harmless(text)),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(RenderError::NotText(path.to_string())),
    }
}

/// What phones and clients can show.
fn harmless(text: &str) -> String {
    let shown = |sign: char| if sign.is_control() && sign != '\n' { ' ' } else { sign };
    text.trim().chars().take(LONGEST_FIELD).map(shown).collect()
}

fn number(path: &Path, found: Found<'_>) -> Result<f64, RenderError> {
    let none = || RenderError::NotNumber(path.to_string());
    let counted = |length: usize| u32::try_from(length).map(f64::from).map_err(|_| none());
    match found {
        Found::Length(length) => counted(length),
        Found::Value(Value::Number(number)) => number.as_f64().ok_or_else(none),
        Found::Value(Value::String(text)) => text.trim().parse().map_err(|_| none()),
        Found::Value(Value::Array(elements)) => counted(elements.len()),
        Found::Value(Value::Null | Value::Bool(_) | Value::Object(_)) => Err(none()),
    }
}

fn shown(number: f64) -> String {
    // Rust writes whole numbers without a point.
    number.to_string()
}

fn is_same(number: f64, exactly: i64) -> bool {
    number.to_string() == exactly.to_string()
}
