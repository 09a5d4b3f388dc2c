-- Texts wait in lanes: those that one modem has to take, and, without a name, those for any.
ALTER TABLE text ADD COLUMN lane TEXT GENERATED ALWAYS AS
    (CASE WHEN pinned <> '' THEN pinned WHEN wanted <> avoided THEN wanted ELSE '' END) VIRTUAL;
-- It waits for its time, and nobody waits for it.
ALTER TABLE text ADD COLUMN is_held INTEGER NOT NULL DEFAULT 0;
UPDATE text SET is_held = 1 WHERE state IN ('queued', 'sending') AND held > created;
CREATE INDEX text_held ON text (held) WHERE is_held = 1;
-- No other text waits from the same colleague to the same phone that was taken before.
ALTER TABLE text ADD COLUMN is_first INTEGER NOT NULL DEFAULT 0;
UPDATE text SET is_first = 1 WHERE state IN ('queued', 'sending') AND is_held = 0 AND NOT EXISTS
    (SELECT 1 FROM text AS older WHERE older.number = text.number AND older.origin = text.origin
        AND older.id < text.id AND older.state IN ('queued', 'sending') AND older.is_held = 0);
CREATE INDEX text_lane ON text (lane, due, id) WHERE is_first = 1 AND state IN ('queued', 'sending');

-- How many texts that wait or are being sent want each modem.
CREATE TABLE queue (
    modem TEXT PRIMARY KEY,
    texts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO queue SELECT wanted, count(*) FROM text WHERE state IN ('queued', 'sending') GROUP BY wanted;

CREATE TRIGGER text_taken AFTER INSERT ON text BEGIN
    UPDATE text SET is_held = new.held > new.created,
        is_first = new.held <= new.created AND NOT EXISTS
            (SELECT 1 FROM text AS older WHERE older.number = new.number AND older.origin = new.origin
                AND older.id < new.id AND older.state IN ('queued', 'sending') AND older.is_held = 0)
        WHERE id = new.id;
    INSERT OR IGNORE INTO queue (modem, texts) VALUES (new.wanted, 0);
    UPDATE queue SET texts = texts + 1 WHERE modem = new.wanted;
END;

CREATE TRIGGER text_counted AFTER UPDATE OF state ON text
WHEN (old.state IN ('queued', 'sending')) <> (new.state IN ('queued', 'sending')) BEGIN
    UPDATE queue SET texts = texts + CASE WHEN new.state IN ('queued', 'sending') THEN 1 ELSE -1 END
        WHERE modem = new.wanted;
END;

-- A text that leaves the queue makes way for the next one; one that comes back is before those behind it.
CREATE TRIGGER text_moved AFTER UPDATE OF state, is_held ON text
WHEN (old.state IN ('queued', 'sending') AND old.is_held = 0)
    <> (new.state IN ('queued', 'sending') AND new.is_held = 0) BEGIN
    UPDATE text SET is_first = coalesce(id = (SELECT min(other.id) FROM text AS other
            WHERE other.number = new.number AND other.origin = new.origin
            AND other.state IN ('queued', 'sending') AND other.is_held = 0), 0)
        WHERE id = new.id OR id IN (SELECT other.id FROM text AS other
            WHERE other.number = new.number AND other.origin = new.origin
            AND other.state IN ('queued', 'sending') AND other.is_held = 0 ORDER BY other.id LIMIT 2);
END;
