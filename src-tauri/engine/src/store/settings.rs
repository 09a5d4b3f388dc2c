//! The person's choices on this computer.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::Settings;

/// One row with everything: settings are read and written together.
pub(crate) const TABLES: &str = "
CREATE TABLE settings (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    chosen TEXT NOT NULL DEFAULT '{}'
) STRICT;
";

/// The settings; those never chosen, or written by a newer program in a way this one cannot read, are at their
/// defaults.
pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Settings> {
    let chosen: Option<String> = connection
        .prepare_cached("SELECT chosen FROM settings WHERE only = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(chosen.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Keeps the settings.
pub(crate) fn write(connection: &Connection, settings: &Settings) -> rusqlite::Result<()> {
    let chosen = serde_json::to_string(settings)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO settings (only, chosen) VALUES (1, ?1)")?
        .execute(params![chosen])
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::{TABLES, read, write};
    use crate::model::Settings;

    #[test]
    fn settings_are_kept_and_new_ones_start_at_their_defaults() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        assert_eq!(read(&connection).unwrap(), Settings::default());
        let chosen = Settings { theme: "dark".to_owned(), send_typing: false, ..Settings::default() };
        write(&connection, &chosen).unwrap();
        assert_eq!(read(&connection).unwrap(), chosen);

        connection.execute("UPDATE settings SET chosen = '{\"language\":\"en\"}'", []).unwrap();
        let expected = Settings { language: "en".to_owned(), ..Settings::default() };
        assert_eq!(read(&connection).unwrap(), expected);
    }
}
