-- The bot's own state. TEXT and INTEGER only (BLOB for file bytes), times as UTC text of fixed width,
-- ids made by the bot, JSON as TEXT: so that a PostgreSQL store can stand beside this one later.

CREATE TABLE identity (
  team TEXT PRIMARY KEY, team_name TEXT NOT NULL, bot_user TEXT NOT NULL, bot_id TEXT NOT NULL,
  app_id TEXT NOT NULL, learned_at TEXT NOT NULL
) STRICT;

CREATE TABLE checklist_revision (
  sha TEXT PRIMARY KEY, file TEXT NOT NULL, text TEXT NOT NULL
) STRICT;

CREATE TABLE file_content (
  sha TEXT PRIMARY KEY, bytes BLOB NOT NULL
) STRICT;

CREATE TABLE private_text (
  digest TEXT PRIMARY KEY, salt TEXT NOT NULL, text TEXT, erased_at TEXT
) STRICT;

CREATE TABLE deployment (
  id TEXT PRIMARY KEY,
  team TEXT NOT NULL, project TEXT NOT NULL DEFAULT 'default', number INTEGER NOT NULL,
  environment TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('development', 'staging', 'production')),
  revision TEXT NOT NULL REFERENCES checklist_revision (sha),
  state TEXT NOT NULL CHECK (state IN ('preparing', 'deploying', 'verifying', 'closed', 'parked', 'held', 'rolling-back', 'aborted')),
  result TEXT CHECK (result IN ('success', 'partial', 'rolled-back')),
  holds_environment INTEGER NOT NULL CHECK (holds_environment IN (0, 1)),
  holds_database INTEGER NOT NULL CHECK (holds_database IN (0, 1)),
  database_key TEXT,
  first_version TEXT, last_version TEXT, fingerprint TEXT, moved_fingerprint TEXT, moved_files TEXT NOT NULL DEFAULT '[]', source_commit TEXT,
  history TEXT, history_read_at TEXT, obstacles TEXT NOT NULL DEFAULT '[]', facts TEXT NOT NULL DEFAULT '{}',
  window_start TEXT, window_end TEXT, estimate_minutes INTEGER,
  starter TEXT NOT NULL, owner TEXT NOT NULL,
  started_at TEXT NOT NULL, parked_at TEXT, asked_at TEXT, go_asked_at TEXT, go_asked_by TEXT, go_at TEXT,
  completed_at TEXT, closed_at TEXT, last_act_at TEXT NOT NULL,
  completion TEXT, lifted INTEGER NOT NULL DEFAULT 0 CHECK (lifted IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  UNIQUE (team, project, number)
) STRICT;
CREATE UNIQUE INDEX deployment_holds_environment ON deployment (team, project, environment) WHERE holds_environment = 1;
CREATE UNIQUE INDEX deployment_holds_database ON deployment (database_key) WHERE holds_database = 1 AND database_key IS NOT NULL;
CREATE INDEX deployment_by_state ON deployment (state);

CREATE TABLE deployer (
  deployment_id TEXT NOT NULL REFERENCES deployment (id), user_id TEXT NOT NULL,
  how TEXT NOT NULL CHECK (how IN ('started', 'joined', 'took-over', 'broke-glass')), at TEXT NOT NULL,
  PRIMARY KEY (deployment_id, user_id)
) STRICT;

CREATE TABLE deployment_file (
  deployment_id TEXT NOT NULL REFERENCES deployment (id), position INTEGER NOT NULL,
  version TEXT NOT NULL, name TEXT NOT NULL, sha TEXT NOT NULL REFERENCES file_content (sha),
  is_down INTEGER NOT NULL CHECK (is_down IN (0, 1)),
  PRIMARY KEY (deployment_id, position)
) STRICT;
CREATE INDEX deployment_file_by_sha ON deployment_file (sha);

CREATE TABLE decision (
  id TEXT PRIMARY KEY, deployment_id TEXT NOT NULL REFERENCES deployment (id), item TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('done', 'undone', 'n/a', 'override', 'note', 'assign')),
  who TEXT NOT NULL, for_whom TEXT, reason TEXT REFERENCES private_text (digest),
  seen TEXT NOT NULL DEFAULT '', carried_from TEXT, at TEXT NOT NULL, entered_at TEXT NOT NULL
) STRICT;
CREATE INDEX decision_by_item ON decision (deployment_id, item);

CREATE TABLE check_run (
  id TEXT PRIMARY KEY, deployment_id TEXT NOT NULL REFERENCES deployment (id), batch TEXT NOT NULL,
  check_id TEXT NOT NULL, purpose TEXT NOT NULL, asked_by TEXT,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'cancelled')),
  lease_until TEXT, asked_at TEXT NOT NULL, started_at TEXT, ended_at TEXT
) STRICT;
CREATE INDEX check_run_open ON check_run (state, asked_at);
CREATE INDEX check_run_by_deployment ON check_run (deployment_id, batch);
CREATE UNIQUE INDEX check_run_once ON check_run (deployment_id, check_id) WHERE state = 'queued';

CREATE TABLE check_result (
  id TEXT PRIMARY KEY, run_id TEXT NOT NULL UNIQUE REFERENCES check_run (id),
  deployment_id TEXT NOT NULL REFERENCES deployment (id), check_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('passed', 'failed', 'warning', 'evidence', 'not-applicable', 'could-not-run')),
  summary TEXT NOT NULL, hint TEXT NOT NULL, findings TEXT NOT NULL, took_ms INTEGER NOT NULL,
  inputs_hash TEXT NOT NULL, fingerprint TEXT, at TEXT NOT NULL
) STRICT;
CREATE INDEX check_result_by_check ON check_result (deployment_id, check_id, at);

CREATE TABLE sign_off (
  id TEXT PRIMARY KEY, deployment_id TEXT NOT NULL REFERENCES deployment (id), role TEXT NOT NULL,
  subject TEXT NOT NULL,
  decision TEXT NOT NULL CHECK (decision IN ('approve', 'review', 'acknowledge', 'reject', 'second', 'not-required')),
  who TEXT NOT NULL, on_behalf_of TEXT, reason TEXT REFERENCES private_text (digest),
  carried_from TEXT, at TEXT NOT NULL, entered_at TEXT NOT NULL,
  withdrawn_at TEXT, stale_at TEXT, cleared_at TEXT, cleared_by TEXT, ended_why TEXT
) STRICT;
CREATE INDEX sign_off_by_role ON sign_off (deployment_id, role);
CREATE UNIQUE INDEX sign_off_once ON sign_off (deployment_id, role, who, subject)
  WHERE withdrawn_at IS NULL AND stale_at IS NULL AND cleared_at IS NULL;

CREATE TABLE delegation (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, project TEXT NOT NULL DEFAULT 'default', role TEXT NOT NULL,
  from_user TEXT NOT NULL, to_user TEXT NOT NULL, until TEXT NOT NULL, at TEXT NOT NULL, ended_at TEXT
) STRICT;

CREATE TABLE person (
  team TEXT NOT NULL, user_id TEXT NOT NULL, name TEXT NOT NULL, zone TEXT NOT NULL,
  home_team TEXT NOT NULL, is_guest INTEGER NOT NULL CHECK (is_guest IN (0, 1)),
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)), fetched_at TEXT NOT NULL,
  PRIMARY KEY (team, user_id)
) STRICT;

CREATE TABLE user_group (
  team TEXT NOT NULL, handle TEXT NOT NULL, group_id TEXT NOT NULL, fetched_at TEXT NOT NULL,
  PRIMARY KEY (team, handle)
) STRICT;

CREATE TABLE group_member (
  team TEXT NOT NULL, handle TEXT NOT NULL, user_id TEXT NOT NULL,
  PRIMARY KEY (team, handle, user_id)
) STRICT;

CREATE TABLE channel_member (
  team TEXT NOT NULL, channel TEXT NOT NULL, user_id TEXT NOT NULL, fetched_at TEXT NOT NULL,
  PRIMARY KEY (team, channel, user_id)
) STRICT;

CREATE TABLE message (
  id TEXT PRIMARY KEY, deployment_id TEXT REFERENCES deployment (id),
  kind TEXT NOT NULL, subject TEXT NOT NULL, part INTEGER NOT NULL DEFAULT 0,
  channel TEXT NOT NULL, ts TEXT, thread_ts TEXT,
  wanted INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0, rendered_hash TEXT,
  urgency INTEGER NOT NULL DEFAULT 1, wanted_at TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'unsure', 'sent', 'dead')),
  attempts INTEGER NOT NULL DEFAULT 0, not_before TEXT
) STRICT;
CREATE UNIQUE INDEX message_once ON message (coalesce(deployment_id, ''), kind, subject, part);
CREATE INDEX message_by_place ON message (channel, ts);
CREATE INDEX message_behind ON message (wanted_at) WHERE wanted > sent;

CREATE TABLE outbox (
  id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE,
  sort TEXT NOT NULL CHECK (sort IN ('post', 'direct', 'ephemeral', 'file', 'pin', 'reaction')),
  lane TEXT NOT NULL, deployment_id TEXT REFERENCES deployment (id),
  template TEXT NOT NULL, facts TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'unsure', 'sent', 'dead')),
  attempts INTEGER NOT NULL DEFAULT 0, not_before TEXT, expires_at TEXT,
  progress TEXT, channel TEXT, ts TEXT, permalink TEXT, error TEXT, created_at TEXT NOT NULL, sent_at TEXT
) STRICT;
CREATE INDEX outbox_by_place ON outbox (channel, ts) WHERE ts IS NOT NULL;
CREATE INDEX outbox_open ON outbox (state, created_at);

CREATE TABLE reminder (
  id TEXT PRIMARY KEY, deployment_id TEXT NOT NULL REFERENCES deployment (id),
  kind TEXT NOT NULL, subject TEXT NOT NULL, due TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'cancelled')), settled_at TEXT,
  UNIQUE (deployment_id, kind, subject, due)
) STRICT;
CREATE INDEX reminder_due ON reminder (due) WHERE state = 'pending';

CREATE TABLE notice (
  id TEXT PRIMARY KEY, deployment_id TEXT NOT NULL REFERENCES deployment (id),
  state TEXT NOT NULL, audience TEXT NOT NULL, outbox_key TEXT NOT NULL, at TEXT NOT NULL,
  UNIQUE (deployment_id, state, audience)
) STRICT;

CREATE TABLE acknowledgement (
  notice_id TEXT NOT NULL REFERENCES notice (id), who TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (notice_id, who)
) STRICT;

CREATE TABLE standing (
  team TEXT NOT NULL, project TEXT NOT NULL, environment TEXT NOT NULL, item TEXT NOT NULL,
  deployment_id TEXT NOT NULL REFERENCES deployment (id), who TEXT NOT NULL, evidence TEXT NOT NULL,
  at TEXT NOT NULL, valid_until TEXT NOT NULL,
  PRIMARY KEY (team, project, environment, item)
) STRICT;

CREATE TABLE baseline (
  deployment_id TEXT PRIMARY KEY REFERENCES deployment (id), at TEXT NOT NULL, data TEXT NOT NULL
) STRICT;

CREATE TABLE hold (
  id TEXT PRIMARY KEY, deployment_id TEXT NOT NULL REFERENCES deployment (id), who TEXT NOT NULL,
  reason TEXT REFERENCES private_text (digest), finding TEXT NOT NULL, next_statement TEXT NOT NULL,
  at TEXT NOT NULL, exit TEXT, ended_by TEXT, ended_at TEXT
) STRICT;

CREATE TABLE break_glass (
  deployment_id TEXT PRIMARY KEY REFERENCES deployment (id), who TEXT NOT NULL,
  reason TEXT NOT NULL REFERENCES private_text (digest), skipped TEXT NOT NULL,
  at TEXT NOT NULL, review_due TEXT NOT NULL, reviewed_by TEXT, reviewed_at TEXT
) STRICT;

CREATE TABLE pending_click (
  id TEXT PRIMARY KEY, verb TEXT NOT NULL, payload TEXT NOT NULL, who TEXT NOT NULL,
  missing TEXT NOT NULL, at TEXT NOT NULL, settled_at TEXT, outcome TEXT
) STRICT;

CREATE TABLE seen_event (
  event_id TEXT PRIMARY KEY, at TEXT NOT NULL
) STRICT;

CREATE TABLE journal (
  chain TEXT NOT NULL, seq INTEGER NOT NULL, prev TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (chain, seq)
) STRICT;

CREATE TABLE heartbeat (
  name TEXT PRIMARY KEY, at TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;

CREATE TABLE applied_migration (
  name TEXT PRIMARY KEY, sha TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
