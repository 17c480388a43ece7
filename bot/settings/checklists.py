"""The checklist a project uses, and the lines of it that roles, probes and freshness speak of."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.checklist.items import Checklist, Item, ItemNotFound, RoleKind
from bot.core.checklist.reader import parse
from bot.core.checklist.text import ChecklistError
from bot.core.item import DEFAULT_SECONDS
from bot.core.team import Role, role_of
from bot.resources import templates_folder
from bot.settings.faults import did_you_mean, looks_secret, quoted, show
from checks.result import Finding

if TYPE_CHECKING:
    from bot.settings.document import RoleTable
    from bot.settings.reading import ProjectFile

_MAX_BYTES = 2_000_000


@dataclass(frozen=True)
class ChecklistFile:
    """A checklist; `shown` is how faults call its file."""

    shown: str
    checklist: Checklist


def default_checklist_path() -> Path:
    """The checklist that ships with gonogo."""
    return templates_folder() / "checklists" / "migration-deployment.md"


def read_checklist(project: ProjectFile, known_checks: Collection[str]) -> tuple[ChecklistFile | None, list[Finding]]:
    """The project's checklist, or a fault for each thing wrong with it, in its own file and lines."""
    table = project.document.checklist
    if table is None:
        return open_checklist(default_checklist_path()), []
    try:
        return open_checklist(project.source.folder / table.file, known_checks), []
    except OSError:
        sentence = f"{quoted(table.file)} cannot be read: no such file, or no permission"
        mend = "leave [checklist] out for the one of gonogo"
        return None, [project.source.fault(("checklist", "file"), sentence, mend)]
    except ChecklistError as error:
        return None, list(error.problems)


def open_checklist(path: Path, known_checks: Collection[str] | None = None) -> ChecklistFile:
    """Raises OSError and ChecklistError."""
    with path.open("rb") as file:
        content = file.read(_MAX_BYTES)
    return ChecklistFile(show(path), parse(content, show(path), known_checks))


def roles_of(project: ProjectFile, checklist: Checklist) -> tuple[dict[str, Role], list[Finding]]:
    """The configured roles, each tied to its item, with every fault in that."""
    roles: dict[str, Role] = {}
    faults: list[Finding] = []
    for name, table in project.document.roles.items():
        try:
            item = _item_of_role(name, table, checklist)
        except ItemNotFound as error:
            faults.append(project.source.fault(("roles", name, "item"), error.sentence, error.hint))
            continue
        told = _disagreements(name, table, item)
        faults += [project.source.fault(("roles", name, key), *words) for key, *words in told]
        roles[name] = _role(name, table, item)
    return roles, [*faults, *_shared_items(project, roles)]


def _found(checklist: Checklist, reference: str) -> Item:
    """The item of a reference. Raises ItemNotFound, whose message repeats the reference only where that is safe."""
    if looks_secret(reference):
        raise ItemNotFound("is no line of the checklist")
    return checklist.find(reference)


def _item_of_role(name: str, table: RoleTable, checklist: Checklist) -> Item:
    if table.item:
        return _found(checklist, table.item)
    annotated = [item for item in checklist.items if item.role and item.role.name == name]
    if len(annotated) == 1:
        return annotated[0]
    known = sorted({item.role.name for item in checklist.items if item.role})
    near = did_you_mean(name, known)
    raise ItemNotFound(f"is missing, and the checklist knows no role '{name}'", near or "write item = …")


def _disagreements(name: str, table: RoleTable, item: Item) -> Iterator[tuple[str, str, str]]:
    """A role or kind that a file's annotation and a setting give differently is an error."""
    where = f"line {item.line} of the checklist"
    if item.role and item.role.name != name:
        sentence = f"'{item.label}' belongs to the role '{item.role.name}' ({where})"
        yield "item", sentence, f"write [roles.{item.role.name}]"
    elif item.role and table.kind and item.role.kind != table.kind:
        yield "kind", f"is {table.kind} here and {item.role.kind} in {where}", "make them agree"
    elif not item.role and not table.kind:
        yield "kind", "is missing, since the checklist does not say it", "write approve, review or acknowledge"


def _role(name: str, table: RoleTable, item: Item) -> Role:
    role = role_of(item, name, table.kind or (item.role.kind if item.role else RoleKind.APPROVE))
    members = tuple(dict.fromkeys(table.members))
    title = table.title or role.title
    return replace(
        role,
        title=title,
        members=members,
        quorum=table.quorum,
        enabled=table.enabled,
        duty=table.duty or "",
        confirm_typed=table.confirm_typed,
        backup=tuple(dict.fromkeys(table.backup)),
    )


def _shared_items(project: ProjectFile, roles: dict[str, Role]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for name, role in roles.items():
        other = first.setdefault(role.item, name)
        if other != name:
            sentence = f"is the item of the role '{other}' as well"
            yield project.source.fault(("roles", name, "item"), sentence, "a line is signed by one role")


def quorum_faults(project: ProjectFile) -> Iterator[Finding]:
    """A quorum that the named people alone can never reach; a group may have any number."""
    for name, table in project.document.roles.items():
        written = project.source.raw(("roles", name, "members"))
        people = len(set(table.members))
        is_sound = isinstance(written, list) and len(written) == len(table.members)
        has_group = any(member.startswith("@") for member in table.members)
        if is_sound and 0 < people < table.quorum and not has_group:
            sentence = f"is {table.quorum}, and members names {people}"
            yield project.source.fault(("roles", name, "quorum"), sentence, "name more people or lower the quorum")
        if table.backup and not table.members:
            sentence = "stands behind nobody: the role has no members, so it is open to everybody"
            yield project.source.fault(("roles", name, "backup"), sentence, "name members, or leave backup out")


def probes_by_item(project: ProjectFile, checklist: Checklist) -> tuple[dict[str, tuple[str, ...]], list[Finding]]:
    """Item ids with the probes that answer them; a probe without an item must be named by the checklist."""
    found: dict[str, tuple[str, ...]] = {}
    faults: list[Finding] = []
    named = {check for item in checklist.items for check in item.checks}
    for name, probe in project.document.probes.items():
        try:
            if probe.item:
                item = _found(checklist, probe.item).id
                found[item] = (*found.get(item, ()), name)
            elif name not in named:
                faults.append(project.source.fault(("probes", name, "item"), _NO_ITEM, _WRITE_LABEL))
        except ItemNotFound as error:
            faults.append(project.source.fault(("probes", name, "item"), error.sentence, error.hint))
    return found, faults


_NO_ITEM = "is missing, and no line of the checklist names this probe"
_WRITE_LABEL = 'write the line\'s label, such as "Run smoke tests"'


def freshness_of(
    project: ProjectFile, checklist: Checklist, known_checks: Collection[str]
) -> tuple[dict[str, int], list[Finding]]:
    """Seconds by class (backup, restore, staging, approval, check), by check id, or by item id."""
    found: dict[str, int] = {}
    faults: list[Finding] = []
    for key, duration in project.document.freshness.items():
        try:
            is_word = key in DEFAULT_SECONDS or key in known_checks
            found[key if is_word else checklist.find(key).id] = duration
        except ItemNotFound:
            near = did_you_mean(key, [*DEFAULT_SECONDS, *known_checks, *(item.id for item in checklist.items)])
            sentence = f"is neither {', '.join(DEFAULT_SECONDS)} nor a check nor a line of the checklist"
            faults.append(project.source.fault(("freshness", key), sentence, near))
    return found, faults
