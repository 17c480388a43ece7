"""Direct messages: what whoever waits has to hear, each with what comes next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.core.checklist.items import RoleKind
from bot.core.deployment import State
from bot.core.team import Role
from bot.slack.messages.blocks import Block, Element, Rendered, actions, code, mention, room, sections, user
from bot.slack.messages.buttons import Target, button, thread_button
from bot.slack.messages.templates import worded
from bot.slack.messages.words import capital, frozen, listed, role_title
from bot.usecases.verb import Verb

SHOWN = 20


@dataclass(frozen=True)
class Direct:
    """The facts of a DM; each template has some of them. `permalink` leads to the deployment's thread."""

    deployment: str = ""
    label: str = ""
    environment: str = ""
    range: str = ""
    by: str = ""
    reason: str = ""
    choice: str = ""
    role: str = ""
    title: str = ""
    role_kind: str = "approve"
    subject: str = ""
    versions: Sequence[str] = ()
    about: str = ""
    state: str = ""
    item: str = ""
    line: str = ""
    summary: str = ""
    hint: str = ""
    finding: str = ""
    statement: str = ""
    missing: Sequence[str] = ()
    items: Sequence[str] = ()
    permalink: str = ""
    channel: str = ""
    error: str = ""
    bot: str = ""
    opens: datetime | None = None

    @property
    def asks(self) -> Role:
        """The role that is asked, as far as words need it."""
        kind = RoleKind(self.role_kind) if self.role_kind in set(RoleKind) else RoleKind.APPROVE
        return Role(self.role, self.title or self.role, "", kind)


def rollback_advised(facts: Mapping[str, object]) -> Rendered:
    """To the owner, at any hour: what was fine before go is not any more. It is theirs to decide."""
    what = frozen(Direct, facts)
    return _message("rollback-advised", what, _list(what.items), [button(Verb.ROLL_BACK, Target(what.deployment))])


def glass_broken(facts: Mapping[str, object]) -> Rendered:
    """To everyone whose sign-off was skipped; any of them may be the one who reviews it."""
    broken = frozen(Direct, facts)
    review = [button(Verb.REVIEW_GLASS, Target(broken.deployment))] if broken.deployment else []
    return _message("glass-broken", broken, [], review)


def signed(facts: Mapping[str, object]) -> Rendered:
    """To the owner: the last sign-off came. *Go …* carries the subject, where nothing else is missing."""
    what = frozen(Direct, facts)
    target = Target(what.deployment, subject=what.subject)
    if what.state == State.HELD:
        yes = button(Verb.RETRY, target, "Continue with changed files", "primary")
    elif what.missing or what.state != State.PREPARING:
        yes = button(Verb.BLOCKERS, target)
    else:
        yes = button(Verb.GO, target, style="primary")
    return _message("signed", what, _list(what.missing), [yes])


def window(facts: Mapping[str, object]) -> Rendered:
    """To the owner, an hour before the window: what is missing, or *Go …*."""
    what = frozen(Direct, facts)
    target = Target(what.deployment, subject=what.subject)
    yes = button(Verb.BLOCKERS, target) if what.missing else button(Verb.GO, target, style="primary")
    return _message("window", what, _list(what.missing), [yes])


def _message(name: str, facts: Direct, middle: list[Block], decision: list[Element]) -> Rendered:
    return worded(f"direct/{name}", _context(facts), [*middle, *actions([*decision, thread_button(facts.permalink)])])


def _with_next(name: str, *verbs: Verb) -> Callable[[Mapping[str, object]], Rendered]:
    """A message that is its template, a statement to type, the act that comes next, and the way to the thread."""

    def draw(facts: Mapping[str, object]) -> Rendered:
        what = frozen(Direct, facts)
        target = Target(what.deployment, item=what.item, role=what.role)
        typed = [code(what.statement)] if what.statement else []
        return _message(name, what, typed, [button(verb, target) for verb in verbs])

    return draw


# To the owner, and each with what comes next.
rejected = _with_next("rejected", Verb.CLEAR_REJECTION)
check_failed = _with_next("check-failed", Verb.RUN_CHECK)
lapsed = _with_next("lapsed", Verb.ASK_NOW)
held = _with_next("held", Verb.TROUBLESHOOT)
trouble = _with_next("trouble", Verb.HOLD)
glass_broken_here = _with_next("glass-broken-here", Verb.HOLD)
unparked = _with_next("unparked", Verb.BLOCKERS)
take_over = _with_next("take-over")
taken_over = _with_next("taken-over")
offered = _with_next("offered", Verb.TAKE_OFFERED)
# To the channel: something ran that nobody announced; to on-call too, at any hour, that it is rolled back.
history_moved = _with_next("history-moved")
rollback_opened = _with_next("rollback-opened")


# To who started: why nothing can be posted in a channel, and what mends it.
closed_room = _with_next("closed-room")


def _context(facts: Direct) -> dict[str, Any]:
    """The facts with what templates would have to compute: where it is about, the role's full title."""
    where = [
        capital(facts.environment),
        facts.about or (f"migrations {facts.range}" if facts.range else ""),
        f"deployment {facts.label}" if facts.label else "",
    ]
    return {
        **asdict(facts),
        "where": " · ".join(part for part in where if part) or "A deployment",
        "role_title": role_title(facts.asks),
        "room": room(facts.channel),
        "me": mention(facts.bot) if facts.bot else "@gonogo",
    }


def _list(lines: Sequence[str]) -> list[Block]:
    return sections(listed([f"• {user(line, 200)}" for line in lines], SHOWN, "the thread has all"))


_PLACE: Mapping[str, object] = {
    "user": "U0DANA",
    "deployment": "d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f",
    "label": "12",
    "environment": "production",
    "range": "00008–00010",
    "permalink": "https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100",
}
_ASKED = {**_PLACE, "role": "dba", "title": "Database administrator"}
_NO = {**_ASKED, "role_kind": "review", "by": "Dana Okafor", "reason": "orders is locked for minutes"}
_OWNED = {**_PLACE, "about": "Loyalty tiers", "subject": "9c1f4e6b" * 8}
_FAILED = {
    "item": "backup-completed",
    "line": "Database backup completed",
    "summary": "newest dump 50 h old, limit 24 h",
    "hint": "take one: pg_dump …, then run this check",
}
_FINDING = {
    "finding": "index orders_open_idx is INVALID",
    "statement": "DROP INDEX CONCURRENTLY public.orders_open_idx;",
}
EXAMPLES: Mapping[str, tuple[Callable[[Mapping[str, object]], Rendered], Mapping[str, object]]] = {
    "rejected": (rejected, _NO),
    "rollback": (rollback_opened, {**_PLACE, "by": "Ann Keller", "choice": "down files", "reason": "checkout is slow"}),
    "glass": (glass_broken, {**_PLACE, "by": "Dana Okafor", "reason": "payments are down for everyone"}),
    "take-over": (take_over, {**_PLACE, "by": "Bo Larsen", "reason": "Ann is on a train"}),
    "history": (history_moved, {**_PLACE, "versions": ["00011", "00012"]}),
    "not in the channel": (
        closed_room,
        {
            "user": "U0ANN",
            "label": "12",
            "environment": "production",
            "channel": "C0DEPLOYS",
            "error": "not_in_channel",
        },
    ),
    "archived": (
        closed_room,
        {**_PLACE, "channel": "C0DEPLOYS", "error": "is_archived"},
    ),
    "signed": (signed, {**_OWNED, "state": "preparing"}),
    "signed, not all": (signed, {**_OWNED, "state": "preparing", "missing": ["Outside of the deployment windows"]}),
    "signed, parked": (signed, {**_OWNED, "state": "parked"}),
    "signed, held": (signed, {**_OWNED, "state": "held"}),
    "check failed": (check_failed, {**_OWNED, **_FAILED}),
    "lapsed": (lapsed, {**_ASKED, "by": "Dana Okafor"}),
    "held": (held, {**_PLACE, "by": "Dana Okafor", "reason": "checkout is slow", **_FINDING}),
    "held, nothing found": (held, {**_PLACE, "by": "Dana Okafor", "reason": "checkout is slow"}),
    "trouble": (trouble, {**_PLACE, **_FINDING}),
    "worse than before": (
        rollback_advised,
        {**_PLACE, "items": ["Run smoke tests: 9 passed, 3 failed (before: 12 passed, 0 failed)"]},
    ),
    "glass on hers": (glass_broken_here, {**_PLACE, "by": "Dana Okafor", "reason": "payments are down for everyone"}),
    "back": (unparked, _OWNED),
    "window comes": (window, {**_OWNED, "opens": "2026-11-23T16:00:00.000Z"}),
    "window comes, not all there": (
        window,
        {**_OWNED, "opens": "2026-11-23T16:00:00.000Z", "missing": ["Rollback plan prepared: open"]},
    ),
    "offered": (offered, {**_OWNED, "by": "Ann Keller", "reason": "I am away from Friday on"}),
    "taken": (taken_over, {**_PLACE, "by": "Bo Larsen", "reason": "Ann is on a train"}),
}
