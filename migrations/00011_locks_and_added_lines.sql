-- An environment that nothing may be started in for a while, and lines that were added to one deployment. What a person
-- typed stands in `private_text`.

CREATE TABLE environment_lock (
  team TEXT NOT NULL, project TEXT NOT NULL, environment TEXT NOT NULL,
  who TEXT NOT NULL, reason TEXT NOT NULL REFERENCES private_text (digest), until TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (team, project, environment)
) STRICT;

CREATE TABLE added_line (
  id TEXT PRIMARY KEY, deployment_id TEXT NOT NULL REFERENCES deployment (id),
  section TEXT NOT NULL, label TEXT NOT NULL REFERENCES private_text (digest),
  required TEXT NOT NULL CHECK (required IN ('go', 'complete', 'no')),
  who TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE INDEX added_line_by_deployment ON added_line (deployment_id);
