//! Pictures of people, by their hash: the same picture is never fetched twice.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::AvatarPicture;

/// Numbered in the order in which they came, so that the oldest can go.
pub(crate) const TABLES: &str = "
CREATE TABLE avatar (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    hash TEXT NOT NULL UNIQUE,
    media_type TEXT NOT NULL DEFAULT '',
    picture BLOB NOT NULL DEFAULT x''
) STRICT;
";

/// The picture with this hash.
pub(crate) fn of(connection: &Connection, hash: &str) -> rusqlite::Result<Option<AvatarPicture>> {
    connection
        .prepare_cached("SELECT media_type, picture FROM avatar WHERE hash = ?1")?
        .query_row(params![hash], |row| Ok(AvatarPicture { media_type: row.get(0)?, bytes: row.get(1)? }))
        .optional()
}

/// Keeps a picture, and of all only the newest `most`.
pub(crate) fn keep(
    connection: &Connection,
    hash: &str,
    picture: &AvatarPicture,
    most: u32,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO avatar (hash, media_type, picture) VALUES (?1, ?2, ?3)")?
        .execute(params![hash, picture.media_type, picture.bytes])?;
    connection
        .prepare_cached("DELETE FROM avatar WHERE number <= (SELECT max(number) FROM avatar) - ?1")?
        .execute(params![most])
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::{TABLES, keep, of};
    use crate::model::AvatarPicture;

    #[test]
    fn the_newest_pictures_are_kept_and_the_oldest_goes() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        let picture = |byte| AvatarPicture { media_type: "image/png".to_owned(), bytes: vec![byte] };
        keep(&connection, "a", &picture(1), 2).unwrap();
        keep(&connection, "b", &picture(2), 2).unwrap();
        // The same picture again is new again.
        keep(&connection, "a", &picture(1), 2).unwrap();
        keep(&connection, "c", &picture(3), 2).unwrap();
        assert_eq!(of(&connection, "a").unwrap(), Some(picture(1)));
        assert_eq!(of(&connection, "b").unwrap(), None);
        assert_eq!(of(&connection, "c").unwrap(), Some(picture(3)));
    }
}
