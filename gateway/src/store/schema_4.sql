-- Texts that those behind them wait for.
CREATE INDEX text_waiting ON text (number, origin, id) WHERE state IN ('queued', 'sending');
