"""A team: its people, its roles, and what it configured: environments, windows, probes. No secret is in here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from bot.core.attention import WORKING_DAYS, Span
from bot.core.checklist.items import Checklist, Item, Kind, RoleKind


@dataclass(frozen=True)
class Person:
    """One Slack user as last fetched. `zone` is an IANA name; `home_team` differs for people of other workspaces."""

    team: str
    user_id: str
    name: str
    zone: str
    home_team: str
    is_guest: bool
    is_active: bool
    fetched_at: datetime
    is_bot: bool = False

    @property
    def is_full_member(self) -> bool:
        """An active non-guest, and no bot, of the bot's own workspace (DESIGN: *Full member*)."""
        return self.is_active and not self.is_guest and not self.is_bot and self.home_team == self.team


EVERYBODY = "*"
"""Stands among the members of a public channel: every full member of the workspace may act there."""


@dataclass(frozen=True)
class Members:
    """Who is in a group or a channel, as last fetched; `fetched_at` None means never."""

    user_ids: frozenset[str]
    fetched_at: datetime | None

    def has(self, user_id: str) -> bool:
        """Whether the person is among them, by name or as one of everybody."""
        return not self.user_ids.isdisjoint({user_id, EVERYBODY})


FRESH = timedelta(hours=1)
_SKEW = timedelta(seconds=10)
NEVER = datetime.min.replace(tzinfo=UTC)
"""When a row was fetched that Slack has told is no longer so."""


def is_fresh(fetched_at: datetime | None, now: datetime, lives: timedelta = FRESH) -> bool:
    """Whether a cached row of a person, group or channel still tells who somebody is; None was never fetched.

    One from after `now` was fetched before the clock was set back, so nobody knows how old it is; a few seconds are a
    click that stood in line while the row was fetched.
    """
    return fetched_at is not None and now - lives <= fetched_at <= now + _SKEW


_DUTIES = {
    "dba": "locks, rewrites, table sizes",
    "backend": "does the code run before and after it?",
    "devops": "backup, window, way back",
    "security": "grants, roles, row security",
    "management": "when, and what if it fails",
}
_DUTIES_BY_KIND = {
    RoleKind.APPROVE: "may it run, now and like this?",
    RoleKind.REVIEW: "is it right as it is written?",
    RoleKind.ACKNOWLEDGE: "to know of it; nothing waits for you",
}


@dataclass(frozen=True)
class Role:
    """Who may sign an item. `members` are user ids and `@group` handles; empty means any full member but a deployer.

    `backup` are holders too, who are asked when nobody else answers (`Escalation`).
    `when_facts` is true where facts decide whether the role is asked at all ("if required"). `duty` is what the team
    wants it to look at; `confirm_typed`: who says yes for it types the environment's name.
    """

    name: str
    title: str
    item: str
    kind: RoleKind
    members: tuple[str, ...] = ()
    quorum: int = 1
    enabled: bool = True
    when_facts: bool = False
    duty: str = ""
    confirm_typed: bool = False
    backup: tuple[str, ...] = ()

    @property
    def holders(self) -> tuple[str, ...]:
        """Everybody who may sign."""
        return (*self.members, *self.backup)

    @property
    def looks_at(self) -> str:
        """The duty as the team wrote it, else what a role of that name, or of that kind, is there for."""
        return self.duty or _DUTIES.get(self.name) or _DUTIES_BY_KIND[self.kind]

    @property
    def gates(self) -> bool:
        """Approve and review gate; acknowledge never does."""
        return self.kind is not RoleKind.ACKNOWLEDGE


@dataclass(frozen=True)
class Window:
    """A weekly window in the environment's zone; `end` before `start` crosses midnight, and belongs to its first day.

    `days` are 0 (Monday) to 6.
    """

    days: frozenset[int]
    start: time
    end: time
    words: str


@dataclass(frozen=True)
class Freeze:
    """Days (inclusive, in the environment's zone) on which nothing goes."""

    first: date
    last: date
    reason: str


@dataclass(frozen=True)
class Escalation:
    """After how many working mornings without an answer who else is told; 0 is never.

    `to` is management, as user ids and `@group` handles.
    """

    backup: int = 1
    owner: int = 2
    management: int = 3
    to: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShortAct:
    """A command that gonogo runs by name once a deployer confirms it (`confirm = true`), shown as configured."""

    id: str
    title: str
    command: str


NOTICE_EVENTS = ("start", "go", "completion", "rollback", "abort")
"""What of a deployment people may hear of who do not work on it."""
_HEARD_AS: Mapping[str, frozenset[str]] = {"rolled-back": frozenset({"completion", "rollback"})}


def hears(events: frozenset[str], event: str) -> bool:
    """Whether who is told of these events is told of that one: a rollback's end is an end too."""
    return bool(events & _HEARD_AS.get(event, frozenset({event})))


def is_person(member: str) -> bool:
    """Whether an id of Slack is a person's (`U…`, `W…`), and no channel's."""
    return member.startswith(("U", "W"))


@dataclass(frozen=True)
class Audience:
    """Who gets the notices of an environment's deployments: `members` are ids of channels and of people.

    `words` names a set of templates, "" the general one; `events` is what a notice begins with or is posted anew for.
    """

    name: str
    members: tuple[str, ...]
    words: str = ""
    events: frozenset[str] = frozenset(NOTICE_EVENTS)


@dataclass(frozen=True)
class Environment:
    """One environment of a project. `checks` and `acts` are ids of what can run here with what is configured.

    `runner` and `runner_down` are commands to copy, which gonogo never runs: the team's own, "" for the tool's.
    """

    name: str
    kind: Kind
    after: str | None = None
    timezone: str = "UTC"
    audiences: tuple[Audience, ...] = ()
    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    rollback_reserve_minutes: int = 0
    on_call: tuple[str, ...] = ()
    break_glass: tuple[str, ...] = ()
    two_person: bool = True
    has_database: bool = False
    checks: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()
    runner: str = ""
    runner_down: str = ""


@dataclass(frozen=True)
class Project:
    """One `gonogo.toml`: everything use cases may know of the settings.

    `probes` maps an item's id to the ids of the team's own checks, `acts` to its short acts;
    `freshness` is in seconds. `has_migrations` is false where no folder is configured, `is_anchored` where heads are
    given to no command; `commit_url` is where a commit can be read, with `{commit}` in it. `tool` is the migration tool
    as set, "" where history tells; `migrations_folder` as written. `holidays` are codes of countries and regions that
    refine a person's own country; None: public holidays count for nobody.
    """

    name: str
    channel: str
    command: str = "/deploy"
    timezone: str = "UTC"
    quiet_hours: Span | None = None
    working_days: frozenset[int] = WORKING_DAYS
    holidays: tuple[str, ...] | None = ()
    admins: tuple[str, ...] = ()
    deployers: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    environments: Mapping[str, Environment] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    probes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    acts: Mapping[str, tuple[ShortAct, ...]] = field(default_factory=dict)
    freshness: Mapping[str, int] = field(default_factory=dict)
    check_titles: Mapping[str, str] = field(default_factory=dict)
    checklist_file: str = ""
    checklist_text: str = field(default="", repr=False)
    has_migrations: bool = False
    commit_url: str = ""
    is_anchored: bool = False
    tool: str = ""
    migrations_folder: str = ""
    escalation: Escalation = Escalation()

    @property
    def environment_names(self) -> tuple[str, ...]:
        """Those that are configured; the bare kinds where none is."""
        return tuple(self.environments) or tuple(map(str, Kind))

    def environment(self, name: str) -> Environment | None:
        """The environment of that name, or one made from a bare kind name where none is configured."""
        if name in self.environments:
            return self.environments[name]
        if not self.environments and name in set(Kind):
            return Environment(name, Kind(name))
        return None


def main_of(projects: Mapping[str, Project]) -> Project:
    """The project meant where none is named."""
    return projects.get("default") or next(iter(projects.values()))


_IF_REQUIRED = re.compile(r"if (required|needed)", re.IGNORECASE)
_TITLE_TAIL = re.compile(r"\s*(\(.*\))?\s*(approval|review|notified|informed|briefed)?\s*(\(.*\))?$", re.IGNORECASE)


def roles_for(checklist: Checklist, project: Project, kind: Kind) -> tuple[Role, ...]:
    """Roles whose item applies in this kind, in the checklist's order; settings win over the annotation's bare role."""
    configured = {role.item: role for role in project.roles.values()}
    roles = (_role(item, configured.get(item.id)) for item in checklist.items if item.counts(kind))
    return tuple(role for role in roles if role is not None)


def _role(item: Item, configured: Role | None) -> Role | None:
    if configured is not None:
        return configured
    if item.role is None:
        return None
    return role_of(item, item.role.name, RoleKind(item.role.kind))


def role_of(item: Item, name: str, kind: RoleKind) -> Role:
    """The role that signs this item; its title and whether facts decide on it come from the label."""
    return Role(name, title_of(item.label), item.id, kind, when_facts=bool(_IF_REQUIRED.search(item.label)))


def title_of(label: str) -> str:
    """What the role is called: "Database administrator approval" gives "Database administrator"."""
    return _TITLE_TAIL.sub("", label).strip() or label
