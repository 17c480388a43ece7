-- A head (go, completed, closed) has the signature of the team's key, where there is one; and waits to be anchored,
-- where the team has a command for that.

ALTER TABLE journal ADD COLUMN signature TEXT;

CREATE TABLE anchor (
  chain TEXT NOT NULL, seq INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'dead')),
  attempts INTEGER NOT NULL DEFAULT 0, not_before TEXT, error TEXT,
  PRIMARY KEY (chain, seq), FOREIGN KEY (chain, seq) REFERENCES journal (chain, seq)
) STRICT;
