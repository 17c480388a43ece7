-- What a deployment is about, as whoever started it typed it: a person's words, so the row has their digest.

ALTER TABLE deployment ADD COLUMN title TEXT REFERENCES private_text (digest);
