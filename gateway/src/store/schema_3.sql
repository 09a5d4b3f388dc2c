-- What texts of this colleague are signed with.
ALTER TABLE correspondence ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- Texts of phones nobody knows: for the administrator. What they say is not kept.
CREATE TABLE ignored (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    modem TEXT NOT NULL,
    number TEXT NOT NULL,
    received INTEGER NOT NULL
) STRICT;
