-- The chain of a deployment holds its rows; those of earlier versions are linked when this is applied
-- (bot/storage/migrate.py). A notice is found by the row that carries it.

CREATE INDEX notice_by_key ON notice (outbox_key);
