"""Which checks an item has here, and those that the bot answers itself from its own books (`own-…`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.core.checklist.items import Item, Kind, Phase
from bot.core.decision import CheckResult, Decision, DecisionKind
from bot.core.deployment import Outcome
from bot.core.journal import from_text
from bot.core.team import Environment, Project, ShortAct
from checks.result import Status, counted

if TYPE_CHECKING:
    from bot.usecases.situation.snapshot import Situation


@dataclass(frozen=True)
class Answered:
    """What the bot knows, and since when."""

    at: datetime
    summary: str
    status: Status = Status.PASSED


Answer = Answered | None
Ask = Callable[["Situation", Item], Answer]


def is_own(check_id: str) -> bool:
    """Whether the bot answers this check itself, without a run."""
    return check_id.startswith("own-")


def own_result(check_id: str, raw: Situation, item: Item) -> CheckResult | None:
    """The answer of one own check, or None while there is nothing to say (the item stays open)."""
    answer = OWN_CHECKS[check_id](raw, item) if check_id in OWN_CHECKS else None
    if answer is None:
        return None
    deployment, said = raw.deployment.id, answer.summary
    return CheckResult(
        f"{deployment}:{check_id}", "", deployment, check_id, answer.status, said, answer.at, inputs_hash=said
    )


def _window(raw: Situation, _item: Item) -> Answer:
    start, end = raw.deployment.window_start, raw.deployment.window_end
    if start is None or end is None:
        return None
    return Answered(raw.deployment.started_at, f"window {start:%a %d %b %H:%M}–{end:%H:%M} UTC")


def _contacts(raw: Situation, _item: Item) -> Answer:
    contacts = raw.project.contacts or raw.environment.on_call
    if not contacts:
        return None
    shown = f"{counted(len(contacts), 'contact')} in the settings: {', '.join(map(raw.name, contacts))}"
    return Answered(raw.deployment.started_at, shown)


def _notice(state: str, *others: str) -> Ask:
    def delivered(raw: Situation, _item: Item) -> Answer:
        mine = [notice for notice in raw.notices if notice.state in {state, *others}]
        arrived = [notice.delivered_at for notice in mine if notice.delivered_at]
        if not mine or len(arrived) < len(mine):
            return None
        return Answered(max(arrived), f"{state} notice delivered to {len(arrived)} of {len(mine)} audiences")

    return delivered


def _lessons(raw: Situation, item: Item) -> Answer:
    notes = _notes(raw, item)
    if notes:
        return Answered(notes[-1].at, f"{counted(len(notes), 'lesson')} noted")
    text = (raw.deployment.completion or {}).get("lessons", "")
    done = raw.deployment.completed_at
    return Answered(done, "lessons noted in the completion form") if text and done else None


def _noted(raw: Situation, item: Item) -> Answer:
    notes = _notes(raw, item)
    return Answered(notes[-1].at, f"{counted(len(notes), 'note')} on this line") if notes else None


def _rollback_reason(raw: Situation, item: Item) -> Answer:
    """A note on the line, the reason that was given when the rollback was opened, or the notes that ended it."""
    given, done = raw.deployment.facts.rollback_reason_given, raw.deployment.completed_at
    if notes := _notes(raw, item):
        return Answered(notes[-1].at, f"reason in {counted(len(notes), 'note')} on this line")
    if given:
        return Answered(from_text(given), "reason given when the rollback was opened")
    ended = raw.deployment.result is Outcome.ROLLED_BACK
    return Answered(done, "reason in the notes of the completion form") if ended and done else None


def _documentation(raw: Situation, _item: Item) -> Answer:
    """How many lines of the checklist's sections on documentation are settled; passed when all of them are."""
    items = [item for item in raw.checklist.items if _is_documentation(raw, item)]
    settled = sum(raw.states[item.id].settled for item in items)
    if not settled:
        return None
    at = raw.deployment.completed_at or raw.deployment.started_at
    status = Status.PASSED if settled == len(items) else Status.EVIDENCE
    return Answered(at, f"{settled} of {counted(len(items), 'line')} on documentation settled", status)


def _all_items(raw: Situation, _item: Item) -> Answer:
    """Once completed, how many lines are settled of all; who completed or closed it accepted what is left open."""
    deployment = raw.deployment
    if deployment.completed_at is None:
        return None
    settled, total = raw.settled_of_all
    if settled == total:
        return Answered(deployment.completed_at, f"{settled} of {total}")
    ended = deployment.completion or {}
    who = ended.get("closed_by", ended.get("by", ""))
    accepted = f"accepted by {raw.name(who)}" if who else "closed by itself"
    words = f"{settled} of {total}; {total - settled} left open, {accepted}"
    return Answered(deployment.completed_at, words, Status.EVIDENCE)


def _is_documentation(raw: Situation, item: Item) -> bool:
    """A line that asks this very check does not count, or it would wait for itself."""
    section = raw.checklist.section_of(item).path
    counts = DOCUMENTATION not in item.checks and item.applies(raw.deployment.kind)
    return counts and section.lower().startswith("documentation")


def _notes(raw: Situation, item: Item) -> list[Decision]:
    return [decision for decision in raw.decisions.get(item.id, ()) if decision.kind is DecisionKind.NOTE]


DOCUMENTATION = "own-documentation"
ALL_ITEMS = "own-all-items"


OWN_CHECKS: Mapping[str, Ask] = {
    "own-window": _window,
    "own-contacts": _contacts,
    "own-notice-start": _notice("start"),
    "own-notice-completion": _notice("completion", "rolled-back"),
    "own-notice-rollback": _notice("rollback"),
    "own-rollback-reason": _rollback_reason,
    "own-noted": _noted,
    DOCUMENTATION: _documentation,
    "own-lessons": _lessons,
    ALL_ITEMS: _all_items,
}
OWN_TITLES: Mapping[str, str] = {
    "own-window": "A window is set",
    "own-contacts": "Emergency contacts are given",
    "own-notice-start": "The start notice was delivered",
    "own-notice-completion": "The completion notice was delivered",
    "own-notice-rollback": "The rollback notice was delivered",
    "own-rollback-reason": "The reason of the rollback is recorded",
    "own-noted": "There is a note on the line",
    DOCUMENTATION: "The lines on documentation are settled",
    "own-lessons": "Lessons are noted",
    ALL_ITEMS: "Every line is settled",
}


def available_own_checks(project: Project, environment: Environment) -> frozenset[str]:
    """Own checks that can answer with these settings; where the settings are silent, the item is a plain *Done*."""
    found = {"own-lessons", "own-window", "own-rollback-reason", "own-noted", DOCUMENTATION, ALL_ITEMS}
    if project.contacts or environment.on_call:
        found.add("own-contacts")
    told = frozenset().union(*(audience.events for audience in environment.audiences))
    found |= {f"own-notice-{event}" for event in ("start", "completion", "rollback") if event in told}
    return frozenset(found)


def counts_all(item: Item) -> bool:
    """Whether the line speaks of all others: by its check, or by its words where completing would settle it."""
    by_words = item.by_completion and not item.checks and _ALL_ITEMS.search(item.label) is not None
    return by_words or ALL_ITEMS in item.checks


_ALL_ITEMS = re.compile(r"\ball\b.*\b(?:items|lines|points)\b", re.IGNORECASE)


def checks_of(project: Project, environment: Environment, item: Item) -> tuple[str, ...]:
    """The ids of the item's checks in this environment; `ID@NAME` asks the environment before instead.

    None where it cannot apply: what asks the environment before is never asked of this one.
    """
    if inapplicable(environment, item):
        return ()
    before = environment_before(project, environment, item)
    asked = before or environment
    suffix = f"@{before.name}" if before else ""
    runnable = asked.checks | available_own_checks(project, environment)
    named = [ALL_ITEMS] if counts_all(item) else [check for check in item.checks if check in runnable]
    probes = [probe for probe in project.probes.get(item.id, ()) if probe in asked.checks]
    return tuple(check if is_own(check) else check + suffix for check in dict.fromkeys((*named, *probes)))


def acts_of(project: Project, environment: Environment, item: Item) -> tuple[ShortAct, ...]:
    """The short acts of the item that may run in this environment."""
    return tuple(act for act in project.acts.get(item.id, ()) if act.id in environment.acts)


def environment_before(project: Project, environment: Environment, item: Item) -> Environment | None:
    """`after`, for an item that staging deploys and this environment only prepares; None for every other item."""
    if environment.after and asks_before(environment.kind, item):
        return project.environments.get(environment.after)
    return None


def asks_before(kind: Kind, item: Item) -> bool:
    """Whether the item is the deployment of the kind before, seen from here (Staging Environment in production)."""
    return kind is Kind.PRODUCTION and item.phase(kind) is Phase.PREPARE and item.phase(Kind.STAGING) is Phase.DEPLOY


def inapplicable(environment: Environment, item: Item) -> str:
    """Why the item cannot apply with these settings; empty where it can."""
    if environment.after is None and asks_before(environment.kind, item):
        return f"no staging environment is configured: `after` of [environments.{environment.name}]"
    return ""
