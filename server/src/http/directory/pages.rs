//! Long lists in parts, in the order of ids.

use crate::http::error::ApiError;

/// Most entries of a part.
const MOST: u32 = 500;

/// Which part is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) after: i64,
    pub(super) limit: usize,
}

impl Part {
    pub(super) fn asked(after: Option<i64>, limit: Option<u32>) -> Result<Self, ApiError> {
        let limit = limit.unwrap_or(MOST);
        if !(1..=MOST).contains(&limit) {
            return Err(ApiError::of_field("limit", format!("Between 1 and {MOST}.")));
        }
        Ok(Self { after: after.unwrap_or_default(), limit: usize::try_from(limit).unwrap_or_default() })
    }

    /// The part of sorted ids, and the `after` of the next one.
    pub(super) fn of(self, ids: Vec<i64>) -> (Vec<i64>, Option<i64>) {
        self.cut(ids.into_iter().filter(|id| *id > self.after).collect(), |id| *id)
    }

    /// The part of entries that begin behind `after`, and the `after` of the next one.
    pub(super) fn cut<T>(self, mut entries: Vec<T>, id: impl Fn(&T) -> i64) -> (Vec<T>, Option<i64>) {
        let has_more = entries.len() > self.limit;
        entries.truncate(self.limit);
        let next = entries.last().map(id).filter(|_| has_more);
        (entries, next)
    }
}

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn the_parts_of_a_list_make_the_whole_list() {
        let (mut part, mut seen) = (Part { after: 0, limit: 2 }, Vec::new());
        for _ in 0..3 {
            let (ids, next) = part.of(vec![1, 4, 5, 7, 9]);
            seen.extend(ids);
            part.after = next.unwrap_or(part.after);
        }
        assert_eq!(seen, [1, 4, 5, 7, 9]);
        assert_eq!(Part { after: 7, limit: 1 }.of(vec![7, 9]), (vec![9], None));
    }
}
