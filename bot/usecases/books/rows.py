"""Rows of the books as use cases see them: plain frozen facts that a store keeps and gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.attention import Span
from bot.core.team import NOTICE_EVENTS, hears
from checks.result import Status


@dataclass(frozen=True)
class Identity:
    """The bot in its workspace, learned at first contact."""

    team: str
    team_name: str
    bot_user: str
    bot_id: str
    app_id: str


@dataclass(frozen=True)
class PersonHours:
    """What is kept of when one person is left alone: their own quiet hours, Slack's do-not-disturb as last fetched."""

    quiet: Span | None = None
    silent: tuple[datetime, datetime] | None = None


@dataclass(frozen=True)
class Reminder:
    id: str
    deployment_id: str
    kind: str
    subject: str
    due: datetime


@dataclass(frozen=True)
class DigestLine:
    """What a digest told in one line: `cause` makes it the same thing tomorrow, `words` are as they were told."""

    cause: str
    deployment: str
    words: str


@dataclass(frozen=True)
class Digest:
    """What one person was told in one morning: `slot` is the day on their wall, with the time after a snooze.

    Without lines there was nothing to say that day.
    """

    user_id: str
    slot: str
    at: datetime
    lines: tuple[DigestLine, ...] = ()


@dataclass(frozen=True)
class Nudge:
    """How often a person was told of one cause, when last, and until when they put it off."""

    cause: str
    times: int = 0
    last_at: datetime | None = None
    snoozed_until: datetime | None = None


@dataclass(frozen=True)
class Notice:
    """A completion (start, go, abort …) notice to one audience; `delivered_at` once Slack took it.

    `acknowledged` are user ids, the first first; `acknowledged_at` the times of the same. `subject` is the live message
    that tells it, `about` the digests of what people were told.
    """

    id: str
    deployment_id: str
    state: str
    audience: str
    at: datetime
    delivered_at: datetime | None = None
    permalink: str | None = None
    acknowledged: tuple[str, ...] = ()
    acknowledged_at: tuple[datetime, ...] = ()
    subject: str = ""
    about: str = ""


@dataclass(frozen=True)
class Standing:
    """An item settled once for an environment, for any change, until it expires."""

    item: str
    deployment_id: str
    who: str
    evidence: str
    at: datetime
    valid_until: datetime
    verdict: Status | None = None


@dataclass(frozen=True)
class Lock:
    """Nothing is started or goes in an environment until then; after it the row says nothing any more."""

    team: str
    project: str
    environment: str
    who: str
    reason: str
    until: datetime
    at: datetime

    def holds_at(self, now: datetime) -> bool:
        return now < self.until


@dataclass(frozen=True)
class Hold:
    id: str
    deployment_id: str
    who: str
    reason: str
    finding: str
    next_statement: str
    at: datetime
    exit: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class BreakGlass:
    deployment_id: str
    who: str
    reason: str
    skipped: tuple[str, ...]
    at: datetime
    review_due: datetime
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True)
class PendingClick:
    """A click that waits for a membership: judged after the refresh: its own subject, the state of that moment."""

    id: str
    verb: str
    payload: Mapping[str, str]
    who: str
    missing: Mapping[str, Sequence[str]]
    at: datetime


@dataclass(frozen=True)
class AnchorRow:
    """A head that is given to the team's anchor; `error` is how the last of `attempts` went."""

    chain: str
    seq: int
    head: str
    attempts: int = 0
    error: str | None = None


ASKED, GIVEN, HOURS, DIGEST, SUBSCRIBED = "asked", "given", "hour", "digest", "subscribed"
"""Live messages in the DM of one person: what they are asked as a role; what they were given to do, with the subject
`ASSIGNMENT:USER`; what the hour after completion has for them; what a morning has, of all deployments, `USER:SLOT`;
what they wished to hear of."""
IN_DIRECT = frozenset({ASKED, GIVEN, HOURS, DIGEST, SUBSCRIBED})
NOTICE = "notice"
"""An audience's."""


@dataclass(frozen=True)
class Subscription:
    """One person's wish to hear of an event of an environment's deployments; `ALL` stands for each of either."""

    project: str
    who: str
    environment: str
    event: str

    @property
    def words(self) -> str:
        """`completion of production`, with its project where that has a name."""
        place = "each environment" if self.environment == ALL else self.environment
        of_project = "" if self.project == "default" else f" ({self.project})"
        return f"{'everything' if self.event == ALL else self.event} of {place}{of_project}"

    def hears(self, environment: str, event: str) -> bool:
        events = frozenset(NOTICE_EVENTS) if self.event == ALL else frozenset({self.event})
        return self.environment in {ALL, environment} and hears(events, event)


ALL = "all"


@dataclass(frozen=True)
class Live:
    """A message that shows state and is repainted: wanted at version `wanted`, sent at version `sent`."""

    id: str
    deployment_id: str | None
    kind: str
    subject: str
    part: int
    channel: str
    ts: str | None
    wanted: int
    sent: int
    rendered_hash: str | None = None
    urgency: int = 1
    state: str = "pending"
    attempts: int = 0
    thread_ts: str | None = None
    wanted_at: datetime | None = None
    at_any_hour: bool = False

    @property
    def may_be_read(self) -> bool:
        """Whether it was posted, or perhaps was: nobody knows of an `unsure` one."""
        return self.ts is not None or self.state == "unsure"


@dataclass(frozen=True)
class Said:
    """Something said once: its facts are frozen. `key` makes it once, `lane` keeps order.

    `sort`: post (in `facts["channel"]`, in the thread when `in_thread`), direct (to `facts["user"]`),
    ephemeral (to `facts["user"]` in `facts["channel"]`), file, pin (template `pin` or `unpin`), reaction (read, then
    taken into the record).
    """

    key: str
    sort: str
    lane: str
    template: str
    facts: Mapping[str, object]
    deployment_id: str | None = None
    expires_at: datetime | None = None
    not_before: datetime | None = None
