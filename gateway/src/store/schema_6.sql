-- Texts wait for the end of quiet hours; day and price of each are of when it was taken.
ALTER TABLE text ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE text ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE text ADD COLUMN price INTEGER NOT NULL DEFAULT 0;

-- What each sender texted, by the days of the site (Julian day numbers). Costs are millionths.
CREATE TABLE usage (
    origin TEXT NOT NULL,
    day INTEGER NOT NULL,
    texts INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    cost INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (origin, day)
) STRICT, WITHOUT ROWID;
