-- Which text a phone got last.
CREATE INDEX text_number ON text (number, id);
