-- When a person is left alone: the quiet hours that they set themselves, and Slack's do-not-disturb as last fetched.
-- A message that was asked for at any hour, such as by *Ask anyway*, does not wait for the end of that again.

CREATE TABLE person_hours (
  user_id TEXT PRIMARY KEY, quiet_from TEXT, quiet_until TEXT, silent_from TEXT, silent_until TEXT
) STRICT;

ALTER TABLE message ADD COLUMN at_any_hour INTEGER NOT NULL DEFAULT 0 CHECK (at_any_hour IN (0, 1));
