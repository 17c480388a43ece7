-- What a person wished to hear of, by direct message: an event of an environment's deployments, "all" for each of
-- either. Theirs alone: no chain holds it, and no export shows it.

CREATE TABLE subscription (
  team TEXT NOT NULL, project TEXT NOT NULL, who TEXT NOT NULL, environment TEXT NOT NULL, event TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (team, project, who, environment, event)
) STRICT;
