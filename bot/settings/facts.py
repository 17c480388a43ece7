"""The settings as core sees them: `Project` and `Environment`, without any secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bot.core.attention import NIGHT, WORKING_DAYS
from bot.core.team import Environment, Escalation, Freeze, Project, Role
from bot.settings.audiences import audience_faults, audiences_of
from bot.settings.checklists import ChecklistFile, freshness_of, probes_by_item, quorum_faults, read_checklist, roles_of
from bot.settings.document import EnvironmentTable, EscalationTable, MainDocument, WorkspaceTable
from bot.settings.environments import environment_faults, environment_tables, kind_of, migration_faults, scratch_faults
from bot.settings.probes import (
    act_ids,
    acts_by_item,
    acts_in,
    checks_only,
    option_faults,
    probe_faults,
    reserved_ids,
    runnable,
    titles,
)
from bot.settings.reading import ProjectFile
from bot.settings.words import NONE
from checks.result import Finding

Setting = TypeVar("Setting")


def project_facts(file: ProjectFile, main: MainDocument, sets: frozenset[str]) -> tuple[Project | None, list[Finding]]:
    """Everything about one project that needs no secret, and what is wrong with its file; it counts only without.

    `sets` are the names of the sets of words for notices.
    """
    faults = [
        *environment_faults(file),
        *audience_faults(file, sets),
        *migration_faults(file),
        *scratch_faults(file),
        *probe_faults(file, reserved_ids()),
        *quorum_faults(file),
        *option_faults(file),
    ]
    checklist, checklist_faults = read_checklist(file, set(titles(file)))
    faults += checklist_faults
    if checklist is None:
        return None, faults
    project, more = _project(file, main, checklist, sets)
    return project, [*faults, *more]


def _project(
    file: ProjectFile, main: MainDocument, checklist: ChecklistFile, sets: frozenset[str]
) -> tuple[Project, list[Finding]]:
    known = titles(file)
    roles, role_faults = roles_of(file, checklist.checklist)
    probes, probe_item_faults = probes_by_item(file, checklist.checklist)
    freshness, freshness_faults = freshness_of(file, checklist.checklist, set(known))
    own, shared = file.document.workspace, main.workspace
    zone = _first(own.timezone, shared.timezone, "UTC")
    quiet, free = _first(own.quiet_hours, shared.quiet_hours, NIGHT), _first(own.holidays, shared.holidays, ())
    tables, migrations = environment_tables(file), file.document.migrations
    project = Project(
        name=file.name,
        channel=own.channel or shared.channel,
        command=shared.command,
        timezone=zone,
        quiet_hours=(quiet[0], quiet[1]) if quiet else None,
        working_days=_first(own.working_days, shared.working_days, WORKING_DAYS),
        holidays=None if free == (NONE,) else free,
        admins=tuple(shared.admins),
        deployers=_people(own, shared, "deployers"),
        contacts=_people(own, shared, "contacts"),
        environments={name: _environment(file, name, table, zone, sets) for name, table in tables.items()},
        roles=roles,
        probes=checks_only(probes, act_ids(file)),
        acts=acts_by_item(file, checklist.checklist, probes),
        freshness=freshness,
        check_titles=known,
        checklist_file=checklist.shown,
        checklist_text=checklist.checklist.text,
        has_migrations=migrations is not None,
        commit_url=(migrations.url or "") if migrations else "",
        is_anchored=main.record.anchor is not None,
        tool="" if migrations is None or migrations.tool == "auto" else migrations.tool,
        migrations_folder=migrations.directory if migrations else "",
        escalation=_escalation(file.document.escalation or main.escalation or EscalationTable(), roles),
    )
    return project, [*role_faults, *probe_item_faults, *freshness_faults]


def _escalation(table: EscalationTable, roles: Mapping[str, Role]) -> Escalation:
    """Management is who holds the role of that name, unless it is said."""
    held = roles["management"].members if "management" in roles else ()
    to = held if table.to is None else tuple(table.to)
    return Escalation(table.backup, table.owner, table.management, to)


def _first(own: Setting | None, shared: Setting | None, default: Setting) -> Setting:
    if own is not None:
        return own
    return default if shared is None else shared


def _people(own: WorkspaceTable, shared: WorkspaceTable, key: str) -> tuple[str, ...]:
    people: list[str] = _first(getattr(own, key), getattr(shared, key), [])
    return tuple(dict.fromkeys(people))


def _environment(file: ProjectFile, name: str, table: EnvironmentTable, zone: str, sets: frozenset[str]) -> Environment:
    return Environment(
        name=name,
        kind=kind_of(name, table),
        after=table.after,
        timezone=table.timezone or zone,
        audiences=audiences_of(file, name, sets),
        windows=tuple(table.windows),
        freezes=tuple(Freeze(freeze.first, freeze.last, freeze.reason) for freeze in table.freezes),
        rollback_reserve_minutes=-(-table.rollback_reserve // 60),
        on_call=tuple(table.on_call),
        break_glass=tuple(table.break_glass),
        two_person=table.two_person,
        has_database=table.database is not None,
        checks=runnable(file, name),
        acts=acts_in(file, name),
        runner=table.runner,
        runner_down=table.runner_down,
    )
