-- Every time a part is given to a modem: reports are about these. Times are milliseconds since 1970.
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text INTEGER NOT NULL,
    part INTEGER NOT NULL,
    modem TEXT NOT NULL,
    -- The modem's number for it; -1 while nobody knows.
    reference INTEGER NOT NULL DEFAULT -1,
    -- under way, doubtful (no result came), sent, reported.
    state TEXT NOT NULL DEFAULT 'under way',
    given INTEGER NOT NULL,
    -- The last report before it: reports up to there are about others.
    after_report INTEGER NOT NULL,
    FOREIGN KEY (text, part) REFERENCES part (text, number) ON DELETE CASCADE
) STRICT;
CREATE INDEX attempt_part ON attempt (text, part);
CREATE INDEX attempt_given ON attempt (modem, given);
CREATE INDEX attempt_unreported ON attempt (modem, reference) WHERE state <> 'reported';

INSERT INTO attempt (text, part, modem, reference, state, given, after_report)
SELECT text, number, modem, reference,
    CASE state WHEN 'unconfirmed' THEN 'doubtful' WHEN 'sending' THEN 'under way' ELSE 'sent' END, sent, 0
FROM part WHERE state IN ('sending', 'sent', 'unconfirmed');

-- What the network reported; open as long as nobody knows for certain about which attempt it is.
CREATE TABLE report (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    modem TEXT NOT NULL,
    reference INTEGER NOT NULL,
    -- What the number ends with.
    phone TEXT NOT NULL,
    -- When the network took the text, by its own clock.
    stamp INTEGER NOT NULL,
    state TEXT NOT NULL,
    received INTEGER NOT NULL,
    is_open INTEGER NOT NULL DEFAULT 1,
    UNIQUE (modem, reference, phone, stamp)
) STRICT;
CREATE INDEX report_open ON report (modem, phone) WHERE is_open = 1;
CREATE INDEX report_received ON report (received);

DROP TABLE early_report;
DROP INDEX part_reported;
DROP INDEX part_sent;
ALTER TABLE part DROP COLUMN reference;
CREATE INDEX part_unconfirmed ON part (sent) WHERE state = 'unconfirmed';
