"""Settings files for tests: the least one that is valid, and one that uses everything."""

from __future__ import annotations

from pathlib import Path

from bot.settings import Settings, SettingsError, load
from checks.result import Finding

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1-2-abc", "SLACK_APP_TOKEN": "xapp-1-A1-2-def"}
DATABASES = {
    "PRODUCTION_DATABASE_URL": "postgresql://gonogo:pr0d@db.example:5432/shop",
    "STAGING_DATABASE_URL": "postgresql://gonogo:st4ge@db.example:5432/shop_staging",
    "SCRATCH_DATABASE_URL": "host=scratch.example user=scratch dbname=postgres",
}
MINIMAL = '[workspace]\nchannel = "C0DEPLOYS"\n'
FULL = """
[workspace]
channel = "C0DEPLOYS"
timezone = "Europe/Berlin"
quiet_hours = "20:00-08:00"
working_days = "Sun-Thu"
holidays = ["DE-BY", "US"]
command = "/ship"
admins = ["U0ADMIN"]
deployers = ["@backend"]
contacts = ["U0LU", "@db-oncall"]

[database]
path = "state/gonogo.db"

[migrations]
directory = "db/migrations"
tool = "sqlx"

[scratch]
server = "env:SCRATCH_DATABASE_URL"
time = "10m"
disk = "10GB"

[environments.staging]
database = "env:STAGING_DATABASE_URL"

[environments.production]
database = "env:PRODUCTION_DATABASE_URL"
after = "staging"
timezone = "America/New_York"
stakeholders = ["C0RELEASES"]
windows = ["Tue-Thu 09:00-16:00", "daily 22:00-04:00"]
freezes = [{ from = 2026-12-18, to = 2027-01-04, reason = "year end" }]
rollback_reserve = "30m"
on_call = ["@db-oncall"]
break_glass = ["@dba-team"]
two_person = false

[environments.preview]
kind = "development"

[roles.dba]
item = "Database administrator approval"
kind = "approve"
members = ["U0DBA1", "@dba-team"]
quorum = 2

[roles.security]
members = ["U0SEC"]
enabled = false

[probes.smoke-tests]
item = "Run smoke tests"
command = ["./smoke.sh", "{environment}"]
timeout = "2m"
environments = ["production", "staging"]

[probes.error-rate]
item = "Post-Deployment / Check application error rates"
prometheus = "sum(rate(errors[5m]))"
server = "http://prometheus:9090"
critical = 0.5

[freshness]
backup = "12h"
"""


def write(folder: Path, text: str, name: str = "gonogo.toml") -> Path:
    """Writes a settings file, a folder of migrations, and a project's file that says too much."""
    (folder / "projects").mkdir(exist_ok=True)
    (folder / "projects/billing.toml").write_text('\n[database]\npath = "x"\n')
    (folder / "db/migrations").mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str, environ: dict[str, str] | None = None) -> Settings:
    return load(write(folder, text), {**TOKENS, **DATABASES, **(environ or {})})


def faults(folder: Path, text: str, environ: dict[str, str] | None = None) -> tuple[Finding, ...]:
    """The faults of a settings file; none where it is sound."""
    try:
        loaded(folder, text, environ)
    except SettingsError as error:
        return error.faults
    return ()


def sentences(folder: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    """The faults as people read them, without the folder of the test."""
    return [str(fault).replace(f"{folder}/", "") for fault in faults(folder, text, environ)]
