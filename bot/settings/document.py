"""The tables of gonogo.toml as pydantic models: shape and small words only; what needs other files comes later."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator

from bot.core.checklist.items import Kind, RoleKind
from bot.core.team import Window
from bot.resources import STATE_FILE
from bot.settings import words
from checks.layouts.names import TOOLS as LAYOUTS
from checks.probes.backups.listings import READERS
from checks.result import Unusable

TOOLS = ("auto", *LAYOUTS)
KINDS = tuple(kind.value for kind in Kind)
ROLE_KINDS = tuple(kind.value for kind in RoleKind)


def _kind(value: object) -> Kind:
    return Kind(words.one_of(value, KINDS))


def _role_kind(value: object) -> RoleKind:
    return RoleKind(words.one_of(value, ROLE_KINDS))


def _tool(value: object) -> str:
    return words.one_of(value, TOOLS)


def _line_of_text(value: object) -> str:
    line = words.text(value)
    if not line.strip() or len(line.splitlines()) > 1:
        raise Unusable("must be one line of text")
    return line.strip()


def _state_path(value: object) -> str:
    path = _line_of_text(value)
    if "://" in path:
        raise Unusable("is an address, and the bot's state is a file", f'write "{STATE_FILE}"')
    return path


Line = Annotated[str, PlainValidator(_line_of_text)]
Duration = Annotated[int, PlainValidator(words.seconds)]
Size = Annotated[int, PlainValidator(words.size)]
Zone = Annotated[str, PlainValidator(words.zone)]
Channel = Annotated[str, PlainValidator(words.channel)]
Member = Annotated[str, PlainValidator(words.member)]
Hearer = Annotated[str, PlainValidator(words.hearer)]
Event = Annotated[str, PlainValidator(words.notice_event)]
DatabaseReference = Annotated[str, PlainValidator(words.database_reference)]


class Table(BaseModel):
    """What all tables share: no unknown keys, no silent conversions."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class WorkspaceTable(Table):
    """`[workspace]` of a project's file: what differs from the main file."""

    channel: Channel | None = None
    timezone: Zone | None = None
    quiet_hours: Annotated[tuple[time, ...], PlainValidator(words.quiet_hours)] | None = None
    working_days: Annotated[frozenset[int], PlainValidator(words.working_days)] | None = None
    holidays: Annotated[tuple[str, ...], PlainValidator(words.holiday_codes)] | None = None
    deployers: list[Member] | None = None
    contacts: list[Member] | None = None


class MainWorkspaceTable(WorkspaceTable):
    channel: Channel
    command: Annotated[str, PlainValidator(words.command)] = "/deploy"
    admins: list[Member] = []
    templates: Line | None = None


class DatabaseTable(Table):
    path: Annotated[str, PlainValidator(_state_path)] = STATE_FILE


class ChecklistTable(Table):
    file: Line


class MigrationsTable(Table):
    """`directory` is relative to the repository, or to the file where there is none."""

    directory: Line
    repository: Line | None = Field(default=None, repr=False)
    ref: Line | None = None
    tool: Annotated[str, PlainValidator(_tool)] = "auto"
    history_table: Line | None = None
    url: Annotated[str, PlainValidator(words.commit_address)] | None = None


class ScratchTable(Table):
    server: Annotated[str, PlainValidator(words.scratch_server)] | None = None
    allow_clone: bool = False
    time: Duration | None = None
    disk: Size | None = None
    memory: Size | None = None
    baseline: Annotated[str, PlainValidator(words.scratch_baseline)] | None = None
    baseline_version: Line | None = None


class FreezeTable(Table):
    first: Annotated[date, Field(alias="from", strict=False)]
    last: Annotated[date, Field(alias="to", strict=False)]
    reason: Line = "freeze"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise Unusable(f"ends on {self.last}, before it begins on {self.first}", "exchange from and to")
        return self


CommandToCopy = Annotated[str, PlainValidator(words.command_to_copy)]


class EnvironmentTable(Table):
    kind: Annotated[Kind, PlainValidator(_kind)] | None = None
    database: DatabaseReference | None = None
    database_key: Line | None = None
    after: Line | None = None
    timezone: Zone | None = None
    stakeholders: list[Channel] = []
    windows: list[Annotated[Window, PlainValidator(words.window)]] = []
    freezes: list[FreezeTable] = []
    rollback_reserve: Duration = 0
    on_call: list[Member] = []
    break_glass: list[Member] = []
    two_person: bool = True
    runner: CommandToCopy = ""
    runner_down: CommandToCopy = ""


class AudienceTable(Table):
    """`[audiences.NAME]`: beside `stakeholders`, and in words of their own."""

    channels: Annotated[list[Hearer], Field(min_length=1)]
    environments: list[Line] | None = None
    words: Line | None = None
    events: Annotated[list[Event], Field(min_length=1)] | None = None


class RoleTable(Table):
    item: Line | None = None
    kind: Annotated[RoleKind, PlainValidator(_role_kind)] | None = None
    title: Line | None = None
    members: list[Member] = []
    backup: list[Member] = []
    quorum: Annotated[int, Field(ge=1, le=20)] = 1
    duty: Annotated[Line, Field(max_length=200)] | None = None
    confirm_typed: bool = False
    enabled: bool = True


WorkingMornings = Annotated[int, Field(ge=0, le=20)]


class EscalationTable(Table):
    """`[escalation]`: after how many working mornings without an answer who else is told; 0 is never."""

    backup: WorkingMornings = 1
    owner: WorkingMornings = 2
    management: WorkingMornings = 3
    to: list[Member] | None = None


class PaceTable(Table):
    """`[slack]`: only for stand-ins that take more than Slack does."""

    posts_per_second: Annotated[float, Field(gt=0)] = 1
    updates_per_minute: Annotated[int, Field(gt=0)] = 50


def _anchor(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value) or not value:
        raise Unusable("is no list of arguments", 'write ["./anchor.sh", "{head}"]')
    if "{head}" not in "".join(value[1:]):
        raise Unusable("is never given the head", 'add an argument "{head}"')
    return tuple(value)


class RecordTable(Table):
    """`[record]`: what makes a record provable to people who do not trust this machine."""

    key: Line | None = None
    anchor: Annotated[tuple[str, ...], PlainValidator(_anchor)] | None = None


class ProjectTable(Table):
    file: Line


def _threshold(value: object) -> str | float:
    """`0.5` or `"> 0.5"`; the relation says what is bad."""
    is_written = isinstance(value, str) and re.fullmatch(
        r"\s*(>=|<=|==|!=|>|<)?\s*[-+]?[\d.]+(e[-+]?\d+)?\s*", value, re.I
    )
    if is_written or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value  # type: ignore[return-value]
    raise Unusable("is no threshold", 'write a number, or a relation that is bad, such as "> 0.5"')


def _addresses(value: object) -> list[str]:
    return [words.web_address(address) for address in (value if isinstance(value, list) else [value])]


def _reader(value: object) -> str:
    return words.one_of(value, tuple(READERS))


def _variables(value: object) -> dict[str, str]:
    """`["NAME"]` passes variables on as they are, `{ NAME = "env:OTHER", REGION = "eu" }` names them anew."""
    table = {str(name): f"env:{name}" for name in value} if isinstance(value, list) else value
    is_table = isinstance(table, dict) and all(isinstance(text, str) for text in table.values())
    if isinstance(table, dict) and is_table and all(re.fullmatch(r"[A-Za-z_]\w*", name) for name in table):
        return table
    raise Unusable('must name variables: ["REGION"], or { REGION = "eu", TOKEN = "env:SHOP_TOKEN" }')


Threshold = Annotated[str | float, PlainValidator(_threshold)]


class ProbeTable(Table):
    """`[probes.NAME]`: one of command, http, prometheus, path and junit (which may join a command) is asked."""

    item: Line | None = None
    title: Line | None = None
    environments: list[Line] | None = None
    timeout: Duration | None = None
    command: Annotated[list[str], Field(min_length=1)] | None = None
    confirm: bool = False
    env: Annotated[dict[str, str], PlainValidator(_variables)] | None = None
    reader: Annotated[str, PlainValidator(_reader)] | None = None
    junit: Line | None = None
    path: Line | None = None
    max_age: Duration | None = None
    min_ratio: Annotated[float, Field(gt=0, le=1)] | None = None
    every: Duration | None = None
    encrypted: bool = False
    restore: bool = False
    pg_restore: Line | None = None
    http: Annotated[list[str], PlainValidator(_addresses)] | None = None
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    contains: Line | None = None
    fields: dict[str, object] = {}
    times: Annotated[int, Field(ge=1, le=3)] = 1
    headers: dict[str, str] = {}
    prometheus: Line | None = None
    server: Annotated[str, PlainValidator(words.web_address)] | None = None
    baseline: Duration | None = None
    warning: Threshold | None = None
    critical: Threshold | None = None


class ProjectDocument(Table):
    """A project's file; `[checks.ID]` holds options of a check, which are its own affair."""

    workspace: WorkspaceTable = WorkspaceTable()
    checklist: ChecklistTable | None = None
    migrations: MigrationsTable | None = None
    scratch: ScratchTable = ScratchTable()
    environments: dict[str, EnvironmentTable] = {}
    audiences: dict[str, AudienceTable] = {}
    roles: dict[str, RoleTable] = {}
    escalation: EscalationTable | None = None
    probes: dict[str, ProbeTable] = {}
    freshness: dict[str, Duration] = {}
    checks: dict[str, dict[str, object]] = {}


class MainDocument(ProjectDocument):
    """gonogo.toml itself."""

    workspace: MainWorkspaceTable
    database: DatabaseTable = DatabaseTable()
    record: RecordTable = RecordTable()
    slack: PaceTable = PaceTable()
    projects: dict[str, ProjectTable] = {}


class AcceptedTable(Table):
    """`[[accepted]]` of gonogo.accepted.toml; `message` is for whoever reads it, and part of the fingerprint."""

    check: Line
    file: Line = ""
    object: Line = ""
    message: Line = ""
    fingerprint: Line
    reason: Line
    by: Line = ""
    on: Annotated[date, Field(strict=False)] | None = None
    until: Annotated[date, Field(strict=False)] | None = None


class AcceptedDocument(Table):
    accepted: list[AcceptedTable] = []
