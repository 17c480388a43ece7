"""What `gonogo init` writes: the settings with comments, their schema, the manifest, the SQL of a role that reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import tomlkit
from tomlkit.items import Table

from bot.cli.init_answers import Answers, Place
from bot.resources import manifest_file, templates_folder
from checks.history.tools import tables_of

SETTINGS_FILE, MANIFEST_FILE, ROLE_FILE = "gonogo.toml", "manifest.json", "gonogo-role.sql"
SCHEMA_FILE = "gonogo.schema.json"


def settings_text(answers: Answers, known_roles: Iterable[str]) -> str:
    """gonogo.toml. Paths in it are relative to it."""
    page = tomlkit.document()
    page.add(tomlkit.comment("Settings of gonogo. `gonogo doctor` says what is wrong here, and the mend."))
    page.add(tomlkit.nl())
    page["workspace"] = _workspace(answers)
    page["database"] = _table({"path": "gonogo.db"}, {"path": "the bot's own state; copy it with `gonogo backup`"})
    if answers.migrations:
        values = {"directory": answers.migrations, "tool": answers.tool}
        page["migrations"] = _table(values, {"directory": 'for a git repository add repository = "…" and ref = "main"'})
        page["migrations"].add(tomlkit.comment("[scratch]                          # where files are tried"))
        page["migrations"].add(
            tomlkit.comment('baseline = "db/schema.sql"         # a schema dump, where old files no longer apply')
        )
    page["environments"] = _environments(answers.places)
    if answers.roles:
        page["roles"] = _roles(answers)
    missing = [name for name in known_roles if name not in answers.roles]
    # Editors complete what the file beside it describes: https://taplo.tamasfe.dev/configuration/directives.html.
    return f"#:schema ./{SCHEMA_FILE}\n" + tomlkit.dumps(page) + _open_roles(missing)


def _workspace(answers: Answers) -> Table:
    values = {"channel": answers.channel, "command": answers.command, "timezone": "UTC"}
    notes = {
        "channel": "where deployments are announced; type /invite @gonogo in it",
        "command": "the same as in manifest.json",
        "timezone": "IANA name, such as Europe/Berlin: for windows and quiet hours",
    }
    table = _table(values, notes)
    table.add(
        tomlkit.comment('quiet_hours = "20:00-08:00"          # as without it; "none": people are asked at any hour')
    )
    table.add(tomlkit.comment('working_days = "Mon-Fri"             # as without it'))
    table.add(tomlkit.comment('holidays = ["DE-BY"]                 # left out: those of the country of each zone'))
    table.add(tomlkit.comment('admins = ["U0ADMIN"]                 # may take a deployment over at once'))
    return table


def _environments(places: tuple[Place, ...]) -> Table:
    tables = tomlkit.table(is_super_table=True)
    for before, place in zip((None, *places), places, strict=False):
        tables[place.name] = _environment(place, before)
    return tables


def _environment(place: Place, before: Place | None) -> Table:
    table = tomlkit.table()
    if place.kind != place.name:
        table["kind"] = place.kind
    if place.database:
        table["database"] = place.database
        table["database"].comment(f"a login that can only read: {ROLE_FILE}")
    if before is not None and before.kind != place.kind:
        table["after"] = before.name
    if place.kind == "production":
        table.add(tomlkit.comment('windows = ["Tue-Thu 09:00-16:00"]    # left out: always'))
        table.add(tomlkit.comment('stakeholders = ["C0RELEASES"]        # channels that get the notices'))
        table.add(tomlkit.comment('on_call = ["@db-oncall"]             # may hold and roll back'))
        table.add(tomlkit.comment('break_glass = ["@dba-team"]          # may go without sign-offs, with a reason'))
    return table


def _roles(answers: Answers) -> Table:
    tables = tomlkit.table(is_super_table=True)
    for name, members in answers.roles.items():
        tables[name] = _table({"members": list(members)}, {})
    return tables


def _open_roles(names: list[str]) -> str:
    """Roles without members are open to any full member but the deployer."""
    if not names:
        return ""
    heading = "\n# Open to any full member who is no deployer, until you name people (user ids) or groups:\n"
    return heading + "".join(f'# [roles.{name}]\n# members = ["U0…", "@group"]\n' for name in names)


def _table(values: Mapping[str, object], notes: Mapping[str, str]) -> Table:
    table = tomlkit.table()
    for key, value in values.items():
        table[key] = value
        if key in notes:
            table[key].comment(notes[key])
    return table


def schema_text() -> str:
    """What gonogo.toml may hold, as editors read it; it ships with gonogo."""
    return (templates_folder() / SCHEMA_FILE).read_text(encoding="utf-8")


def manifest_text(command: str) -> str:
    """The manifest that ships with gonogo, for this slash command."""
    manifest = json.loads(manifest_file().read_text(encoding="utf-8"))
    manifest["features"]["slash_commands"][0]["command"] = command
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def role_text(tool: str, role: str = "gonogo") -> str:
    """SQL to run once in each database, as a superuser or the owner of the schema; twice does no harm."""
    tables = ", ".join(f"'{name}'" for name in tables_of(tool))
    return _ROLE.format(role=role, tables=tables)


_ROLE = """\
-- The login that gonogo reads with: it sees statistics, sessions, locks and the migration history, and changes nothing.
-- Run it in each database: psql "$PRODUCTION_DATABASE_URL" -f gonogo-role.sql, as a superuser. Twice does no harm.
-- Then give it a password, which stands in no file:  \\password {role}

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
    CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 5;
  END IF;
END
$$;

ALTER ROLE {role} SET default_transaction_read_only = on;
ALTER ROLE {role} SET statement_timeout = '15s';
ALTER ROLE {role} SET lock_timeout = '200ms';
ALTER ROLE {role} SET idle_in_transaction_session_timeout = '10s';
GRANT pg_monitor TO {role};

DO $$
DECLARE
  place record;
BEGIN
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO {role}', current_database());
  -- The history of migrations. Where there is none yet, run this file again after the first migration.
  FOR place IN
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relname IN ({tables}) AND n.nspname !~ '^pg_'
  LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', place.nspname);
    EXECUTE format('GRANT SELECT ON TABLE %I.%I TO {role}', place.nspname, place.relname);
  END LOOP;
  -- Sequences, so that one that runs out is seen in time.
  FOR place IN
    SELECT DISTINCT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND n.nspname !~ '^pg_'
  LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', place.nspname);
    EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO {role}', place.nspname);
  END LOOP;
END
$$;
"""
