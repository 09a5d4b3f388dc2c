//! What the receivers of notices may choose: by a number from their phones, or by its name.

use rusqlite::{Connection, Row, params};

use super::timeline::{COLUMNS, read_notice};
use super::{NoticeRow, NoticeStore};
use crate::clock::Timestamp;
use crate::storage::StorageError;

pub(in crate::storage) const TABLES: &str = "
CREATE TABLE notice_choice (
    receiver INTEGER NOT NULL,
    action TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (receiver, action)
) STRICT, WITHOUT ROWID;
";

/// The largest number that a text offers.
const LARGEST: u8 = 99;
/// Texts whose choices are remembered for one person.
const REMEMBERED: i64 = 50;

/// One receiver's notice, and what they have chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chance {
    /// Number of the receiver's line.
    pub line: i64,
    /// Short name of the application.
    pub application: String,
    /// What people call it.
    pub title: String,
    /// The notice.
    pub notice: NoticeRow,
    /// The action they have chosen, of the revision that stands now.
    pub chosen: Option<String>,
    /// The numbers that a text offered, each with its action.
    pub numbers: Vec<(u8, String)>,
}

impl Chance {
    /// It can be chosen now.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.chosen.is_none() && self.notice.state == "open" && !self.is_over(now)
    }

    /// Its time has passed.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.notice.expires.0 > 0 && self.notice.expires <= now
    }
}

impl NoticeStore {
    /// Numbers for these actions of a receiver's line, unlike those of all other notices that wait for an answer of
    /// this person; the same ones when asked again. On the disk when this returns.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn number_choices(
        &self,
        line: i64,
        address: String,
        actions: Vec<String>,
        now: Timestamp,
    ) -> Result<Vec<(u8, String)>, StorageError> {
        self.database
            .write(move |connection| {
                let known = numbers(connection, line)?;
                if !known.is_empty() {
                    return Ok(known);
                }
                let taken: Vec<u8> = chances(connection, &address)?
                    .into_iter()
                    .filter(|chance| chance.is_open(now))
                    .flat_map(|chance| chance.numbers)
                    .map(|(number, _)| number)
                    .collect();
                let free = free_block(&taken, actions.len());
                for (number, action) in free.iter().zip(&actions) {
                    connection
                        .prepare_cached(
                            "INSERT INTO notice_choice (receiver, action, number) VALUES (?1, ?2, ?3)",
                        )
                        .and_then(|mut statement| statement.execute(params![line, action, number]))
                        .map_err(StorageError::at("number a choice"))?;
                }
                numbers(connection, line)
            })
            .await
    }

    /// What this person was offered on the phone, the newest first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn chances(&self, address: String) -> Result<Vec<Chance>, StorageError> {
        self.database.read(move |connection| chances(connection, &address)).await
    }
}

const CHANCE_COLUMNS: &str = "r.id, a.name, a.title,
    (SELECT detail FROM notice_event e WHERE e.receiver = r.id AND e.kind = 'acted' AND r.decided >= n.revision
     ORDER BY e.id DESC LIMIT 1)";

/// Everything of a [`Chance`] but its numbers.
static CHANCE: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    format!(
        "SELECT {COLUMNS}, {CHANCE_COLUMNS} FROM notice_receiver r JOIN notice n ON n.id = r.notice
         JOIN application a ON a.id = n.application"
    )
});

fn chances(connection: &Connection, address: &str) -> Result<Vec<Chance>, StorageError> {
    let list = format!(
        "{} WHERE r.address = ?1 AND EXISTS (SELECT 1 FROM notice_choice c WHERE c.receiver = r.id)
         ORDER BY r.id DESC LIMIT ?2",
        *CHANCE
    );
    read(connection, &list, params![address, REMEMBERED])
}

fn read(
    connection: &Connection,
    list: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<Chance>, StorageError> {
    let mut found: Vec<Chance> = connection
        .prepare_cached(list)
        .and_then(|mut statement| statement.query_map(values, chance)?.collect())
        .map_err(StorageError::at("what a person may choose"))?;
    for chance in &mut found {
        chance.numbers = numbers(connection, chance.line)?;
    }
    Ok(found)
}

fn chance(row: &Row<'_>) -> rusqlite::Result<Chance> {
    let acted: Option<String> = row.get(12)?;
    Ok(Chance {
        notice: read_notice(row)?,
        line: row.get(9)?,
        application: row.get(10)?,
        title: row.get(11)?,
        chosen: acted.map(|detail| action_of(&detail)),
        numbers: Vec::new(),
    })
}

/// The action that an event tells of.
fn action_of(detail: &str) -> String {
    let whole: serde_json::Value = serde_json::from_str(detail).unwrap_or_default();
    whole.get("action").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

fn numbers(connection: &Connection, line: i64) -> Result<Vec<(u8, String)>, StorageError> {
    connection
        .prepare_cached("SELECT number, action FROM notice_choice WHERE receiver = ?1 ORDER BY number")
        .and_then(|mut statement| {
            statement.query_map([line], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .map_err(StorageError::at("numbers of choices"))
}

/// So many numbers in a row that are not taken, the smallest there are; fewer at the end of all numbers.
fn free_block(taken: &[u8], count: usize) -> Vec<u8> {
    let mut block = Vec::with_capacity(count);
    for number in 1..=LARGEST {
        if block.len() == count {
            break;
        }
        if taken.contains(&number) {
            block.clear();
        } else {
            block.push(number);
        }
    }
    block
}

#[cfg(test)]
mod tests {
    use super::free_block;

    #[test]
    fn choices_of_one_notice_stand_in_a_row_and_no_number_means_two_things() {
        assert_eq!(free_block(&[], 2), [1, 2]);
        assert_eq!(free_block(&[1, 2], 2), [3, 4]);
        assert_eq!(free_block(&[1, 3, 4], 2), [5, 6], "2 alone is not enough");
        assert_eq!(free_block(&(1..=98).collect::<Vec<u8>>(), 2), [99], "and nothing beyond");
    }
}
