"""Direct messages: a sign-off asked for, reminders, a rejection, a rollback opened, obstacles found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.core.checklist.items import RoleKind
from bot.core.team import Role
from bot.slack.messages.blocks import Block, Element, Rendered, actions, sections, user
from bot.slack.messages.buttons import Target, button, thread_button
from bot.slack.messages.words import capital, frozen, listed, role_title, worded
from bot.usecases.verb import Verb

SHOWN = 20


@dataclass(frozen=True)
class Direct:
    """The facts of a DM; each template has some of them. `kind` is a reminder's.

    `permalink` leads to the deployment's thread.
    """

    deployment: str = ""
    label: str = ""
    environment: str = ""
    range: str = ""
    by: str = ""
    reason: str = ""
    choice: str = ""
    role: str = ""
    title: str = ""
    kind: str = ""
    role_kind: str = "approve"
    day: str = ""
    items: Sequence[str] = ()
    obstacles: Sequence[str] = ()
    versions: Sequence[str] = ()
    permalink: str = ""

    @property
    def asks(self) -> Role:
        """The role that is asked, as far as words need it."""
        kind = RoleKind(self.role_kind) if self.role_kind in set(RoleKind) else RoleKind.APPROVE
        return Role(self.role, self.title or self.role, "", kind)


def reminder(facts: Mapping[str, object]) -> Rendered:
    """One reminder: what is still open."""
    what = frozen(Direct, facts)
    name = f"reminder-{what.kind}" if what.kind in _REMINDERS else "reminder"
    return _message(name, what, _list(what.items), [])


_REMINDERS = frozenset({"immediate-soon", "immediate-due", "day", "week", "last-day"})


def glass_broken(facts: Mapping[str, object]) -> Rendered:
    """To everyone whose sign-off was skipped; any of them may be the one who reviews it."""
    broken = frozen(Direct, facts)
    review = [button(Verb.REVIEW_GLASS, Target(broken.deployment))] if broken.deployment else []
    return _message("glass-broken", broken, [], review)


def obstacles(facts: Mapping[str, object]) -> Rendered:
    """To the owner: what preflight found in the way."""
    what = frozen(Direct, facts)
    return _message("obstacles", what, _list([*what.obstacles, *what.items]), [])


def _message(name: str, facts: Direct, middle: list[Block], decision: list[Element]) -> Rendered:
    return worded(f"direct/{name}", _context(facts), [*middle, *actions([*decision, thread_button(facts.permalink)])])


def _only_words(name: str) -> Callable[[Mapping[str, object]], Rendered]:
    """A message that is its template, and the way to the thread."""
    return lambda facts: _message(name, frozen(Direct, facts), [], [])


# Asked by an earlier version and not sent yet: what decides is in the thread.
sign_off_asked = _only_words("sign-off-asked")
# To the owner: who rejected, as what, why; and who wants the deployment, and how to keep it.
rejected = _only_words("rejected")
take_over = _only_words("take-over")
# To the channel: something ran that nobody announced; to on-call too, at any hour, that it is rolled back.
history_moved = _only_words("history-moved")
rollback_opened = _only_words("rollback-opened")


def _context(facts: Direct) -> dict[str, Any]:
    """The facts with what templates would have to compute: where it is about, the role's full title."""
    where = [
        capital(facts.environment),
        f"migrations {facts.range}" if facts.range else "",
        f"deployment {facts.label}" if facts.label else "",
    ]
    return {
        **asdict(facts),
        "where": " · ".join(part for part in where if part) or "A deployment",
        "role_title": role_title(facts.asks),
        "number": len(facts.items) + len(facts.obstacles),
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
_ITEMS = ["Verify all services operational", "Check application error rates"]
EXAMPLES: Mapping[str, tuple[Callable[[Mapping[str, object]], Rendered], Mapping[str, object]]] = {
    "asked earlier": (sign_off_asked, {**_ASKED, "by": "Ann Keller"}),
    "soon": (reminder, {**_PLACE, "kind": "immediate-soon", "items": _ITEMS}),
    "due": (reminder, {**_PLACE, "kind": "immediate-due", "items": _ITEMS}),
    "day": (reminder, {**_PLACE, "kind": "day", "day": "3", "items": _ITEMS}),
    "week": (reminder, {**_PLACE, "kind": "week", "day": "2", "items": _ITEMS}),
    "last day": (reminder, {**_PLACE, "kind": "last-day", "items": _ITEMS}),
    "later kind": (reminder, {**_PLACE, "kind": "something-new", "items": _ITEMS}),
    "rejected": (rejected, _NO),
    "rollback": (rollback_opened, {**_PLACE, "by": "Ann Keller", "choice": "down files", "reason": "checkout is slow"}),
    "glass": (glass_broken, {**_PLACE, "by": "Dana Okafor", "reason": "payments are down for everyone"}),
    "take-over": (take_over, {**_PLACE, "by": "Bo Larsen", "reason": "Ann is on a train"}),
    "history": (history_moved, {**_PLACE, "versions": ["00011", "00012"]}),
    "obstacles": (obstacles, {**_PLACE, "obstacles": ["management has one member, and that is a deployer"]}),
}
