-- Questions in a chat that have no answer yet.
CREATE TABLE chat_question (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    asker TEXT NOT NULL,
    stanza TEXT NOT NULL DEFAULT '',
    said TEXT NOT NULL,
    asked INTEGER NOT NULL
) STRICT;
