-- Texts on their way to phones. Times are milliseconds since 1970.
CREATE TABLE text (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    origin TEXT NOT NULL,
    origin_id TEXT NOT NULL,
    reply_to TEXT NOT NULL,
    number TEXT NOT NULL,
    recipient TEXT NOT NULL,
    body TEXT NOT NULL,
    is_flash INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'queued',
    class TEXT NOT NULL DEFAULT '',
    wanted TEXT NOT NULL DEFAULT '',
    pinned TEXT NOT NULL DEFAULT '',
    avoided TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    due INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    told TEXT NOT NULL DEFAULT 'queued',
    UNIQUE (origin, origin_id, number)
) STRICT;
CREATE INDEX text_due ON text (due) WHERE state IN ('queued', 'sending');
CREATE INDEX text_untold ON text (id) WHERE told <> state;

CREATE TABLE part (
    text INTEGER NOT NULL REFERENCES text (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    modem TEXT NOT NULL DEFAULT '',
    reference INTEGER NOT NULL DEFAULT -1,
    sent INTEGER NOT NULL DEFAULT 0,
    resends INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (text, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX part_reported ON part (modem, reference) WHERE state IN ('sending', 'sent', 'unconfirmed');
CREATE INDEX part_sent ON part (modem, sent) WHERE sent > 0;

-- Reports about texts whose reference is not known yet.
CREATE TABLE early_report (
    modem TEXT NOT NULL,
    reference INTEGER NOT NULL,
    number TEXT NOT NULL,
    state TEXT NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (modem, reference, number)
) STRICT, WITHOUT ROWID;

-- Messages that came, to recognise them when they come again.
CREATE TABLE seen (
    mark INTEGER PRIMARY KEY,
    received INTEGER NOT NULL
) STRICT;

-- Parts of longer texts that wait for the others.
CREATE TABLE waiting (
    modem TEXT NOT NULL,
    sender TEXT NOT NULL,
    reference INTEGER NOT NULL,
    total INTEGER NOT NULL,
    number INTEGER NOT NULL,
    digits TEXT NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (modem, sender, reference, total, number)
) STRICT, WITHOUT ROWID;

-- Whole texts that came, until the server has them.
CREATE TABLE incoming (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    modem TEXT NOT NULL,
    sender TEXT NOT NULL,
    body TEXT NOT NULL,
    is_complete INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    received INTEGER NOT NULL,
    is_handed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX incoming_new ON incoming (id) WHERE is_handed = 0;

-- Messages nobody can read.
CREATE TABLE unreadable (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    modem TEXT NOT NULL,
    digits TEXT NOT NULL,
    received INTEGER NOT NULL
) STRICT;

-- Who writes to which phone through which modem: replies find their conversation.
CREATE TABLE correspondence (
    number TEXT NOT NULL,
    person TEXT NOT NULL,
    recipient TEXT NOT NULL,
    modem TEXT NOT NULL DEFAULT '',
    tag INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (number, person)
) STRICT, WITHOUT ROWID;

-- Phones that were told how to answer.
CREATE TABLE explained (
    number TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (number, person)
) STRICT, WITHOUT ROWID;

-- PINs that were tried in a modem and not accepted since.
CREATE TABLE tried_pin (
    modem TEXT NOT NULL,
    pin TEXT NOT NULL,
    PRIMARY KEY (modem, pin)
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
