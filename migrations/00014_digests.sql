-- One digest a person and morning: what it told, so that a restart tells nothing twice; how often each cause was told,
-- so that it is told three times and then weekly; and what the person put off.

CREATE TABLE digest (
  team TEXT NOT NULL, user_id TEXT NOT NULL, slot TEXT NOT NULL, at TEXT NOT NULL, lines TEXT NOT NULL DEFAULT '[]',
  PRIMARY KEY (team, user_id, slot)
) STRICT;

CREATE TABLE nudge (
  team TEXT NOT NULL, user_id TEXT NOT NULL, cause TEXT NOT NULL,
  times INTEGER NOT NULL DEFAULT 0, last_at TEXT, snoozed_until TEXT,
  PRIMARY KEY (team, user_id, cause)
) STRICT;
CREATE INDEX nudge_snoozed ON nudge (snoozed_until) WHERE snoozed_until IS NOT NULL;

-- Sign-offs are reminded of in the digest.
UPDATE reminder SET state = 'cancelled', settled_at = due WHERE kind = 'sign-off' AND state = 'pending';
