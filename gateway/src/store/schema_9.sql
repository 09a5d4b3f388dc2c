-- Finished texts by age: old ones are deleted.
CREATE INDEX text_finished ON text (created) WHERE state IN ('sent', 'delivered', 'failed');
