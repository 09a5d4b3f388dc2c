//! Where a field stands in a JSON answer: `data.count`, `items.0.title`, `items.length`; `.` is the answer itself.

use serde_json::Value;

/// A path that was read without mistakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    steps: Vec<String>,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found<'a> {
    /// A value of the answer.
    Value(&'a Value),
    /// How many elements a list has.
    Length(usize),
}

impl Path {
    /// `None` when it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "." {
            return Some(Self { steps: Vec::new() });
        }
        let is_step = |step: &str| {
            !step.is_empty() && !step.contains(|sign: char| sign.is_whitespace() || "{}',#".contains(sign))
        };
        let steps: Vec<String> = text.split('.').map(str::to_owned).collect();
        steps.iter().all(|step| is_step(step)).then_some(Self { steps })
    }

    /// What stands there; JSON's `null` is nothing.
    pub(super) fn find<'a>(&self, value: &'a Value) -> Option<Found<'a>> {
        let mut at = value;
        for (place, step) in self.steps.iter().enumerate() {
            let is_last = place.saturating_add(1) == self.steps.len();
            at = match at {
                Value::Object(fields) => fields.get(step)?,
                Value::Array(elements) if is_last && step == "length" => {
                    return Some(Found::Length(elements.len()));
                }
                Value::Array(elements) => elements.get(step.parse::<usize>().ok()?)?,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
            };
        }
        if at.is_null() { None } else { Some(Found::Value(at)) }
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.steps.is_empty() {
            formatter.write_str(".")
        } else {
            formatter.write_str(&self.steps.join("."))
        }
    }
}
