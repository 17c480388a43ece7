"""A phase in the thread: its one message, a line a section; and posts when it changes: who, when, the head."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from bot.core.checklist.items import Phase
from bot.core.deployment import ENDED
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    OPTION_VALUE,
    Block,
    Element,
    Rendered,
    actions,
    bold,
    code,
    context,
    day,
    fitting,
    option,
    rendered,
    sections,
    select,
    user,
)
from bot.slack.messages.buttons import Target, button, encode
from bot.slack.messages.templates import worded
from bot.slack.messages.thread.headline import watching
from bot.slack.messages.thread.section import tally
from bot.slack.messages.words import RUNNING, frozen, listed
from bot.usecases.facts import PhaseFacts, Progress, SectionFacts, Watch
from bot.usecases.verb import Verb
from checks.result import counted

EVENTS = frozenset(
    {
        *("go", "break-glass", "no-go", "trouble", "held", "retried", "continued", "completed", "closed", "aborted"),
        *(
            "watch-continued",
            "rolling-back",
            "parked",
            "unparked",
            "taken-over",
            "glass-reviewed",
            "corrected",
            "range-cut",
        ),
    }
)
SHOWN_MISSING, CODE = 20, 1500


@dataclass(frozen=True)
class Missing:
    """One thing that stood in the way of go. `who` are names and group handles; ids of people are not shown."""

    sentence: str
    who: Sequence[str] = ()


@dataclass(frozen=True)
class Change:
    """The facts of a `phase` row; each event has some of them."""

    event: str
    by: str = ""
    at: datetime | None = None
    head: str = ""
    reason: str = ""
    result: str = ""
    notes: str = ""
    choice: str = ""
    not_done: int = 0
    finding: str = ""
    statement: str = ""
    missing: Sequence[Missing] = ()
    applied: str = ""
    not_applied: str = ""
    runner: str = ""
    goes_to: str = ""
    label: str = ""
    permalink: str = ""


def render(facts: Mapping[str, object]) -> Rendered:
    """One post; an event that came later than this version is told by its own name."""
    phase = frozen(Change, facts)
    event = phase.event if phase.event in EVENTS else "other"
    missing = sections(listed([_missing(each) for each in phase.missing], SHOWN_MISSING, "See everything"))
    runner = [code(phase.runner, CODE)] if phase.runner else []
    head = [context(f"Record head {user(phase.head)}")] if phase.head else []
    facts_shown = {**asdict(phase), "count_missing": len(phase.missing)}
    return worded(f"phase/{event}", facts_shown, [*missing, *runner, *head])


def _missing(missing: Missing) -> str:
    who = [str(user(each, 60)) for each in missing.who if not _is_id(each)]
    return f"• {user(missing.sentence)}" + (f" · {', '.join(listed(who, 4))}" if who else "")


def _is_id(who: str) -> bool:
    return who[:1] in {"U", "W"} and who.isupper() and who.isalnum()


_FACTS: Mapping[str, object] = {"by": "Ann Keller", "at": "2026-11-24T14:03:00.000Z", "channel": "C0DEPLOYS"}
_HEAD = "7f3a91c0" * 8
EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "go": {**_FACTS, "event": "go", "head": _HEAD, "runner": "sqlx migrate run --source db/migrations"},
    "no-go": {
        **_FACTS,
        "event": "no-go",
        "missing": [
            {"sentence": "Database administrator: approve is missing", "who": ["@dba-team", "U0DANA"]},
            {"sentence": "Database backup completed is failed: 31 h old; go needs it", "who": []},
        ],
    },
    "held": {**_FACTS, "event": "held", "reason": "index build failed"},
    "held, seen": {**_FACTS, "event": "held", "reason": "it failed", "finding": "i is INVALID", "statement": "DROP"},
    "retried": {**_FACTS, "event": "retried"},
    "continued": {**_FACTS, "event": "continued", "head": _HEAD},
    "trouble": {
        **_FACTS,
        "event": "trouble",
        "finding": "00009 is marked dirty in schema_migrations",
        "statement": "migrate force 00009",
    },
    "taken over": {**_FACTS, "event": "taken-over", "reason": "Ann is on a train"},
    "unparked": {**_FACTS, "event": "unparked"},
    "corrected": {**_FACTS, "event": "corrected"},
    "range cut": {**_FACTS, "event": "range-cut", "applied": "00008", "not_applied": "00009–00010"},
    "glass reviewed": {**_FACTS, "event": "glass-reviewed", "reason": "was right"},
    "completed": {**_FACTS, "event": "completed", "result": "Success", "notes": "No downtime.", "head": _HEAD},
    "closed": {**_FACTS, "event": "closed", "head": _HEAD, "not_done": 3, "reason": "35 days after completion"},
    "closed by itself": {
        **_FACTS,
        "event": "closed",
        "by": "itself",
        "head": _HEAD,
        "not_done": 3,
        "reason": "everything that closing needs is settled, 3 left open as not done",
    },
    "continued in another": {**_FACTS, "event": "watch-continued", "label": "13"},
    "aborted": {**_FACTS, "event": "aborted", "reason": "a hotfix goes first"},
    "corrective aborted": {**_FACTS, "event": "aborted", "reason": "the fix is not merged", "goes_to": "12"},
    "rolling back": {**_FACTS, "event": "rolling-back", "choice": "down files", "reason": "checkout is slow"},
    "break-glass": {**_FACTS, "event": "break-glass", "reason": "payments are down for everyone", "head": _HEAD},
    "parked": {**_FACTS, "event": "parked"},
    "later event": {**_FACTS, "event": "window-moved"},
}


_TITLES: Mapping[Phase, str] = {
    Phase.PREPARE: "Getting ready",
    Phase.DEPLOY: "Deploying",
    Phase.VERIFY: "Watching it",
    Phase.CLOSE: "Wrapping up",
}
_MOST_LISTS = (60, 30, 15, 8)


def render_lists(facts: PhaseFacts) -> Rendered:
    """A line a section, failures first in each; from here every item can be found, ticked and its check run."""
    return rendered(_title(facts), fitting(_MOST_LISTS, lambda most: _lists(facts, most)))


def _title(facts: PhaseFacts) -> str:
    return _TITLES.get(facts.phase, facts.phase.capitalize())


def _lists(facts: PhaseFacts, most: int) -> Iterator[Block]:
    done = facts.progress
    running = f"   {RUNNING} checks run: {done.done} of {done.total} have answered" if done else ""
    lines = listed([_line(each) for each in facts.sections], most, "See everything")
    watched = list(filter(None, [watching(facts.watch)])) if facts.watch else []
    yield from sections([f"*{_title(facts)}*{running}", *lines, *watched])
    yield from actions(_ways_in(facts, facts.sections[:most]), _block_id(facts))


def _line(facts: SectionFacts) -> str:
    if facts.due is not None and facts.can_wait and not facts.running:
        return f"{bold(facts.title)}   {counted(len(facts.items), 'line')}, due from {day(facts.due)}"
    return f"{bold(facts.title)}   {tally(facts)}"


def _ways_in(facts: PhaseFacts, shown: Sequence[SectionFacts]) -> Iterator[Element]:
    target = Target(facts.deployment.id)
    if facts.is_open:
        yield button(Verb.RUN_CHECKS, target)
    if facts.deployment.state not in ENDED:
        yield button(Verb.TICK_MANY, replace(target, extra=str(facts.phase)))
    lists = [option(each.title, each.id) for each in shown if len(each.id) <= OPTION_VALUE]
    if lists:
        yield select(str(Verb.SEE_SECTION), "Open a list …", lists)
    yield button(Verb.SEE_EVERYTHING, target)


def _block_id(facts: PhaseFacts) -> str:
    """Changes with what it shows: a client keeps showing an old choice in a menu whose block_id stays."""
    shown = hashlib.sha256("".join(_line(each) for each in facts.sections).encode()).hexdigest()[:6]
    return encode(Target(facts.deployment.id, extra=f"{facts.phase}.{shown}"))


_TESTING = replace(samples.SECTION, id="testing", title="Testing", group="Pre-Deployment", items=(samples.BACKUP,))
LISTS_EXAMPLES: Mapping[str, PhaseFacts] = {
    "getting ready": PhaseFacts(
        samples.PREPARING, Phase.PREPARE, (_TESTING, samples.SECTION), Progress(7, 40), is_open=True
    ),
    "not due yet": PhaseFacts(
        samples.PREPARING,
        Phase.VERIFY,
        (replace(_TESTING, due=samples.NOON, can_wait=True),),
        watch=Watch(9, samples.NOON, samples.NOON),
    ),
}
