-- What the status counts.
CREATE INDEX text_day ON text (day, state);
CREATE INDEX usage_day ON usage (day);
CREATE INDEX incoming_received ON incoming (received);
