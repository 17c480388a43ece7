"""The people of the sample workspace, and the `gonogo.toml` of the try-out that names them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tomlkit


@dataclass(frozen=True)
class Person:
    """A full member of the sample workspace; `does` is what the panel says of them.

    `zone` is an IANA time zone, `country` the ISO 3166 code of whose public holidays they have.
    """

    id: str
    handle: str
    name: str
    does: str
    zone: str = "Europe/Berlin"
    country: str = "DE"


@dataclass(frozen=True)
class Group:
    """A user group of the sample workspace; `members` are ids of people."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Channel:
    """A channel of the sample workspace; everyone and the bot are in it."""

    id: str
    name: str
    topic: str


@dataclass(frozen=True)
class Role:
    """A sign-off of the default checklist: the table of the settings, its item, its kind and who holds it."""

    key: str
    item: str
    kind: str
    members: tuple[str, ...]


ANN = Person("U0ANN", "ann", "Ann Keller", "engineer, deploys")
BO = Person("U0BO", "bo", "Bo Larsen", "backend engineer, reviews", "Europe/Copenhagen", "DK")
DANA = Person("U0DANA", "dana", "Dana Okafor", "database administrator")
DEVI = Person("U0DEVI", "devi", "Devi Patel", "DevOps and security engineer", "Asia/Kolkata", "IN")
MO = Person("U0MO", "mo", "Mo Haas", "management")
PIA = Person("U0PIA", "pia", "Pia Rossi", "product owner", "Europe/Rome", "IT")
OTTO = Person("U0OTTO", "otto", "Otto Berg", "operations and support", "Europe/Oslo", "NO")

PEOPLE = (ANN, BO, DANA, DEVI, MO, PIA, OTTO)

DBA_TEAM = Group("S0DBATEAM", "dba-team", "Database administrators", (DANA.id,))
ON_CALL = Group("S0ONCALL", "db-oncall", "Database on call", (DANA.id, OTTO.id))
GROUPS = (DBA_TEAM, ON_CALL)

DEPLOYS = Channel("C0DEPLOYS", "deploys", "Deployments of the shop, one message each")
RELEASES = Channel("C0RELEASES", "releases", "What changed, for everyone")
CHANNELS = (DEPLOYS, RELEASES)
TIMEZONE = "Europe/Berlin"

ROLES = (
    Role("dba", "Database administrator approval", "approve", ("@dba-team",)),
    Role("backend", "Backend engineer review", "review", (BO.id,)),
    Role("devops", "DevOps engineer review", "review", (DEVI.id,)),
    Role("security", "Security team review (if required)", "review", (DEVI.id,)),
    Role("management", "Management approval (for production)", "approve", (MO.id,)),
    Role("product-owner", "Product owner notified", "acknowledge", (PIA.id,)),
    Role("operations", "Operations team informed", "acknowledge", (OTTO.id,)),
    Role("support", "Support team briefed", "acknowledge", (OTTO.id,)),
)


Table = dict[str, object]


@dataclass(frozen=True)
class Places:
    """Where the demo keeps its things; `addresses_file` is that of SampleDatabases."""

    migrations: Path
    addresses_file: Path
    backups: Path
    state: str = "gonogo.db"


def write_settings(directory: Path, places: Places) -> Path:
    """Writes `gonogo.toml` into the folder; its path. Databases are named as `env:PRODUCTION_DATABASE_URL`."""
    settings: Table = {
        "workspace": {
            "channel": DEPLOYS.id,
            "timezone": TIMEZONE,
            "command": "/deploy",
            "admins": [ANN.id],
            "contacts": [f"@{ON_CALL.handle}"],
        },
        "database": {"path": places.state},
        "migrations": {"directory": os.path.relpath(places.migrations, directory), "tool": "sqlx"},
        "scratch": {"server": "embedded"},
        "environments": _environments(),
        "roles": {r.key: {"item": r.item, "kind": r.kind, "members": list(r.members)} for r in ROLES},
        "checks": _checks(),
        "probes": {**_probes(places), **_trials(places), **_watch(places)},
        "freshness": {"backup": "24h"},
    }
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "gonogo.toml"
    path.write_text("# Written by `gonogo demo` at each start.\n\n" + tomlkit.dumps(settings), encoding="utf-8")
    return path


def _environments() -> Table:
    return {
        "development": {"database": "env:DEVELOPMENT_DATABASE_URL"},
        "staging": {"database": "env:STAGING_DATABASE_URL", "after": "development"},
        "production": {
            "database": "env:PRODUCTION_DATABASE_URL",
            "after": "staging",
            "timezone": TIMEZONE,
            "stakeholders": [RELEASES.id],
            "rollback_reserve": "15m",
            "on_call": [f"@{ON_CALL.handle}"],
            "break_glass": [f"@{DBA_TEAM.handle}"],
        },
    }


def _probes(places: Places) -> Table:
    addresses = ["--addresses", str(places.addresses_file.resolve())]
    backups = ["--directory", str(places.backups.resolve())]
    return {
        "smoke-tests": _probe("Run smoke tests", "smoke", "{environment}", *addresses),
        "shop-login": _probe("Verify application connectivity", "upkeep", "connectivity", "{environment}", *addresses),
        # Only production is backed up: elsewhere a person says what stands behind these lines.
        "nightly-backup": _in_production("Database backup completed", "backup", "check", "{environment}", *backups),
        "restore-drill": _in_production("Backup verified and restorable", "backup", "drill", "{environment}", *backups),
        "last-backup": _in_production(
            "Final backup before deployment", "backup", "check", "{environment}", "--max-age", "2", *backups
        ),
        "month-partitions": _act(
            "Create initial partitions", "upkeep", "create-partitions", "{environment}", *addresses
        ),
        "fresh-views": _act("Refresh materialized views", "upkeep", "refresh-views", "{environment}", *addresses),
    }


def _trials(places: Places) -> Table:
    """What is tried on staging, and once more in production."""
    addresses = ["--addresses", str(places.addresses_file.resolve())]
    tried = ["{environment}", *addresses]
    return {
        "shop-rules": _probe("Run integration tests", "trials", "integration", *tried),
        "shop-queries": _in_production("critical-queries", "trials", "queries", *tried),
        "current-views": _in_production("Refresh materialized views", "trials", "views", *tried),
        "views-in-an-hour": _in_production("Check materialized view freshness", "trials", "views", *tried),
        "shop-services": _in_production("Verify all services operational", "upkeep", "services", *tried),
        "shop-workflows": _in_production("Test critical user workflows", "smoke", *tried),
        "success-metrics": _in_production("Success metrics tracked", *_asked("dashboard", places)),
    }


def _watch(places: Places) -> Table:
    """What the team's monitoring and its scheduler say."""
    crontab = ["--file", "ops/crontab"]
    backups = ["backup", "check", "{environment}", "--directory", str(places.backups.resolve()), "--max-age"]
    refreshed = ["monitoring", "schedule", "refresh-views", *crontab]
    return {
        "alerts-there": _in_production("Monitoring alerts configured", *_asked("alerts", places)),
        "failed-payments": _in_production(
            "Check application error rates", *_asked("alerts", places), "--only", "failed payments of the last day"
        ),
        "backup-job": _in_production("Verify backup jobs running", *backups, "24"),
        "backup-schedule": _in_production("Configure automated backups", "monitoring", "schedule", "take", *crontab),
        "refresh-watch": _in_production("Monitor materialized view refresh times", *refreshed),
        "refresh-job": _in_production("Schedule regular materialized view refreshes", *refreshed),
        "partition-maker": _in_production(
            "Set up partition creation cron job", "monitoring", "schedule", "create-partitions", *crontab
        ),
        "shop-dashboard": _in_production("Set up monitoring dashboards", *_asked("dashboard", places)),
    }


def _asked(command: str, places: Places) -> list[str]:
    """A command of the monitoring, with where it reads and whom it asks."""
    addresses = ["--addresses", str(places.addresses_file.resolve())]
    return ["monitoring", command, "{environment}", *addresses, "--file", "ops/monitoring.toml"]


DOCUMENTS = {
    "documented-changes": "docs/schema.md",
    "schema-document": "docs/schema.md",
    "api-document": "docs/api.md",
    "deployment-document": "docs/deployment.md",
    "operations-document": "docs/operations.md",
    "backup-document": "docs/backup.md",
    "runbooks": "docs/runbooks/*.md",
}
VERSION = "2.4.0"


def _checks() -> Table:
    """Where the documents are, what is in no migration, that there is no standby, and how large the disk is."""
    gigabytes = shutil.disk_usage(tempfile.gettempdir()).total / 1024**3
    documents: Table = {check: {"file": file} for check, file in DOCUMENTS.items()}
    released = {check: {"file": "CHANGELOG.md", "version": VERSION} for check in ("release-notes", "changelog")}
    return {
        **documents,
        **released,
        "schema-validation": {"ignore": ["monitoring"]},
        "replication": {"replicas": 0},
        "disk-use": {"gigabytes": round(gigabytes, 1)},
    }


def _probe(item: str, module: str, *arguments: str) -> Table:
    # -P keeps a folder named `bot` or `checks` beside the settings from being run instead of ours; who runs the demo of
    # a checkout by PYTHONPATH means that one.
    own = {"env": ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
    return {"item": item, "command": [sys.executable, "-P", "-m", f"bot.demo.sample.{module}", *arguments], **own}


def _act(item: str, module: str, *arguments: str) -> Table:
    return _in_production(item, module, *arguments) | {"confirm": True}


def _in_production(item: str, module: str, *arguments: str) -> Table:
    return _probe(item, module, *arguments) | {"environments": ["production"]}
