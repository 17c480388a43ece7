-- Whose work an item or a section is: a person's, or that of a role's holders. Whoever gives to themselves claims.
-- That the work is settled, or its deployment ended, is computed; `ended_why` is given-back, given-on or taken.

CREATE TABLE assignment (
  id TEXT PRIMARY KEY, deployment_id TEXT NOT NULL REFERENCES deployment (id),
  item TEXT NOT NULL, section TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL,
  who TEXT NOT NULL, at TEXT NOT NULL, entered_at TEXT NOT NULL,
  ended_at TEXT, ended_by TEXT, ended_why TEXT,
  CHECK ((item = '') <> (section = '')), CHECK ((person = '') <> (role = ''))
) STRICT;

CREATE INDEX assignment_of_deployment ON assignment (deployment_id, at);
