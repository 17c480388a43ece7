-- A bot account is told from a person; a settled answer keeps what its checks said when it was settled.

ALTER TABLE person ADD COLUMN is_bot INTEGER NOT NULL DEFAULT 0 CHECK (is_bot IN (0, 1));

ALTER TABLE standing ADD COLUMN verdict TEXT;
ALTER TABLE decision ADD COLUMN verdict TEXT;
