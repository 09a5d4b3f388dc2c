-- Texts of carriers whose answer may not have reached the carrier: it may hand them over again.
CREATE TABLE owed_answer (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    line TEXT NOT NULL,
    -- What the text is known by: sender and content.
    mark INTEGER NOT NULL,
    received INTEGER NOT NULL
) STRICT;
CREATE INDEX owed_answer_line ON owed_answer (line, received);
CREATE INDEX attempt_reference ON attempt (modem, reference, id);
