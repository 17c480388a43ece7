"""The way there and the way back, with the command to copy: the team's own, else the tool's; gonogo never runs it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from bot.usecases.situation.snapshot import Situation
from bot.usecases.standing_facts import WayBack

_RUN: Mapping[str, str] = {
    "sqlx": "sqlx migrate run --source {folder} --target-version {last}",
    "golang-migrate": 'migrate -path {folder} -database "$DATABASE_URL" goto {last}',
    "flyway": "flyway -locations=filesystem:{folder} -target={last} migrate",
    "goose": 'goose -dir {folder} postgres "$DATABASE_URL" up-to {last}',
    "dbmate": "dbmate --migrations-dir {folder} up",
    "diesel": "diesel migration run --migration-dir {folder}",
    "prisma": "prisma migrate deploy",
    "liquibase": "liquibase update",
    "alembic": "alembic upgrade {last}",
    "django": "python manage.py migrate",
    "rails": "bin/rails db:migrate VERSION={last}",
}
# Not for Prisma, which has no way back, nor for Liquibase, which counts changesets and not files.
_UNDO: Mapping[str, str] = {
    "sqlx": "sqlx migrate revert --source {folder} --target-version {before}",
    "golang-migrate": 'migrate -path {folder} -database "$DATABASE_URL" down {left}',
    "flyway": "flyway -locations=filesystem:{folder} -target={first} undo",
    "goose": 'goose -dir {folder} postgres "$DATABASE_URL" down-to {before}',
    "dbmate": "for n in $(seq {left}); do dbmate --migrations-dir {folder} rollback || break; done",
    "diesel": "diesel migration revert --migration-dir {folder} --number {left}",
    "alembic": "alembic downgrade -{left}",
    "rails": "bin/rails db:rollback STEP={left}",
}
_PSQL = 'psql "$DATABASE_URL" -v ON_ERROR_STOP=1'


def run_command(situation: Situation) -> str:
    """Applies the range; empty where the files are as typed, or nobody knows the tool."""
    ups = [file.name for file in situation.files if not file.is_down]
    return _filled(situation, situation.environment.runner, _RUN, ups)


def way_back(situation: Situation) -> WayBack:
    """What a rollback still has to undo, as history says, and how."""
    deployment, left, of = situation.deployment, situation.deployment.left_to_undo, situation.deployment.undoing
    downs = tuple(file.name for file in reversed(situation.files) if file.is_down and file.version in left)
    return WayBack(
        choice=deployment.facts.rollback_choice or "",
        undone=len(of) - len(left),
        of=len(of),
        known=deployment.history is not None and bool(of),
        files=downs,
        command=_filled(situation, situation.environment.runner_down, _UNDO, downs) if downs else "",
        cancel=deployment.facts.cancel or "",
    )


def _filled(situation: Situation, own: str, known: Mapping[str, str], names: Sequence[str]) -> str:
    """The first that there is: what the settings say, the tool's own, a line of psql a file."""
    deployment, project = situation.deployment, situation.project
    tool = (deployment.history.tool if deployment.history else "") or project.tool
    folder = shlex.quote(project.migrations_folder or ".")
    words = own or (known.get(tool, "") if project.has_migrations else "")
    if not words and tool == "psql":
        words = " ".join([_PSQL, *(f"-f {shlex.quote(f'{project.migrations_folder}/{name}')}" for name in names)])
    values = {
        "folder": folder,
        "environment": deployment.environment,
        "range": deployment.range_words.replace("–", "-"),
        "first": deployment.first_version or "",
        "last": deployment.last_version or "",
        "before": _before(situation),
        "left": str(len(deployment.left_to_undo)),
    }
    for name, value in values.items():
        words = words.replace("{" + name + "}", value)
    return words


def _before(situation: Situation) -> str:
    """The version that stands when all of the range is undone; 0 where nothing came before it."""
    mine, history = {file.version for file in situation.files}, situation.deployment.history
    before = [version for version in (history.applied if history else ()) if version not in mine]
    return before[-1] if before else "0"
