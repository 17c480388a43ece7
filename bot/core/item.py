"""An item's state: computed, never stored. How old an answer may be at go, and what carries over by file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.checklist.items import Item, Kind, Requirement
from bot.core.decision import SETTLING, CheckResult, Decision, DecisionKind, people_behind
from checks.result import Status


class ItemWord(StrEnum):
    """The word that stands beside the symbol."""

    DONE = "done"
    FAILED = "failed"
    WAITING = "waiting"
    OPEN = "open"
    NOT_APPLICABLE = "n/a"


SETTLED = frozenset({ItemWord.DONE, ItemWord.NOT_APPLICABLE})


@dataclass(frozen=True)
class Carried:
    """An item settled elsewhere: by earlier deployments of the same files, or standing for the environment."""

    who: str
    at: datetime
    words: str
    deployment_id: str
    valid_until: datetime | None = None
    verdict: Status | None = None
    """The worst that its checks said when it was settled; None where none had answered."""
    on_behalf_of: str | None = None

    @property
    def people(self) -> frozenset[str]:
        """The people behind it: who settled it, and on whose behalf."""
        return people_behind(self.who, self.on_behalf_of)


@dataclass(frozen=True)
class ItemState:
    """The computed state with what made it so: a decision, the deciding results, or what was carried."""

    word: ItemWord
    decision: Decision | None = None
    results: tuple[CheckResult, ...] = ()
    carried: Carried | None = None
    why: str = ""

    @property
    def settled(self) -> bool:
        """In any state but open, failed or waiting."""
        return self.word in SETTLED


def state_of(
    decisions: Sequence[Decision],
    results: Sequence[CheckResult],
    checks_wanted: int,
    carried: Carried | None = None,
    inapplicable: str = "",
    made: datetime | None = None,
) -> ItemState:
    """The state of one item from its decisions (oldest first) and the newest result of each of its checks.

    `checks_wanted` is how many checks the item has here; `inapplicable` a reason known from facts; `made` when that
    was made which the item speaks of: what was said before speaks of something older, and settles nothing.
    The first rule that holds wins, in the order of DESIGN.md ("An item's state is computed").
    """
    if made is not None and _is_older(made, decisions, results, carried):
        newer = tuple(one for one in results if one.status is Status.FAILED or (one.made or one.at) >= made)
        since = carried if carried and carried.at >= made else None
        state = state_of(_since(made, decisions), newer, checks_wanted, since, inapplicable)
        return replace(state, why=state.why or f"a newer one was made {made:%Y-%m-%d %H:%M} UTC")
    last = _last_settling(decisions)
    found = tuple(results)
    if last and last.kind is DecisionKind.NOT_APPLICABLE:
        return ItemState(ItemWord.NOT_APPLICABLE, last, found)
    failed = _standing_failures(decisions, found)
    if failed:
        return ItemState(ItemWord.FAILED, last, failed)
    if last and _outlives(last, found):
        return ItemState(ItemWord.OPEN if last.kind is DecisionKind.UNDONE else ItemWord.DONE, last, found)
    if inapplicable and not found:
        return ItemState(ItemWord.NOT_APPLICABLE, why=inapplicable)
    return _from_machines(found, checks_wanted, carried)


def _is_older(
    made: datetime, decisions: Sequence[Decision], results: Sequence[CheckResult], carried: Carried | None
) -> bool:
    """Whether any answer that would settle the item was given before."""
    settling = any((one.made or one.at) < made for one in results if one.status is not Status.FAILED)
    return settling or len(_since(made, decisions)) < len(decisions) or (carried is not None and carried.at < made)


def _since(made: datetime, decisions: Sequence[Decision]) -> Sequence[Decision]:
    """Without what people said of something older; what does not apply, applies to no other either."""
    last = _last_settling(decisions)
    said = last is not None and last.kind is not DecisionKind.NOT_APPLICABLE and last.at < made
    return [one for one in decisions if one.kind not in SETTLING] if said else decisions


def speaks_of_newest_backup(item: Item, kind: Kind) -> bool:
    """Whether what it answers for is the backup that one would go back to, as go needs it."""
    return "restor" in item.id and item.required(kind) is Requirement.GO


def _last_settling(decisions: Sequence[Decision]) -> Decision | None:
    return next((decision for decision in reversed(decisions) if decision.kind in SETTLING), None)


def _standing_failures(decisions: Sequence[Decision], results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    """Failed results that no override saw; an *undone* takes earlier overrides back."""
    seen: set[str] = set()
    for decision in decisions:
        if decision.kind is DecisionKind.OVERRIDE:
            seen |= decision.seen
        elif decision.kind is DecisionKind.UNDONE:
            seen.clear()
    return tuple(result for result in results if result.status is Status.FAILED and result.digest not in seen)


def _outlives(decision: Decision, results: tuple[CheckResult, ...]) -> bool:
    """Whether a person's word is newer than the results or has seen them."""
    return all(decision.entered_at >= result.at or result.digest in decision.seen for result in results)


def _from_machines(results: tuple[CheckResult, ...], checks_wanted: int, carried: Carried | None) -> ItemState:
    statuses = {result.status for result in results}
    complete = bool(results) and len(results) >= checks_wanted
    if complete and statuses == {Status.NOT_APPLICABLE}:
        return ItemState(ItemWord.NOT_APPLICABLE, results=results)
    if complete and statuses <= {Status.PASSED, Status.NOT_APPLICABLE, Status.FAILED} and Status.PASSED in statuses:
        return ItemState(ItemWord.DONE, results=results)
    if carried and not _is_worse(worst(results), carried.verdict):
        return ItemState(ItemWord.DONE, results=results, carried=carried)
    if statuses - {Status.PASSED, Status.NOT_APPLICABLE}:
        return ItemState(ItemWord.WAITING, results=results, carried=carried)
    return ItemState(ItemWord.OPEN, results=results)


def worst(results: Sequence[CheckResult]) -> Status | None:
    """The worst of these answers, from passed over evidence and warning to could-not-run; None without any."""
    answered = [result.status for result in results if result.status in _WORSENING]
    return max(answered, key=_WORSENING.index, default=None)


_WORSENING = (Status.PASSED, Status.EVIDENCE, Status.WARNING, Status.COULD_NOT_RUN, Status.FAILED)


def _is_worse(now: Status | None, then: Status | None) -> bool:
    """A person's word without any check counts like *passed*."""
    return now is not None and _WORSENING.index(now) > _WORSENING.index(then or Status.PASSED)


DEFAULT_SECONDS: Mapping[str, int] = {
    "backup": 24 * 3600,
    "restore": 30 * 24 * 3600,
    "staging": 14 * 24 * 3600,
    "approval": 7 * 24 * 3600,
    "check": 24 * 3600,
}


def is_stale(
    item: Item, result: CheckResult, fingerprint: str | None, freshness: Mapping[str, int], now: datetime
) -> bool:
    """Whether the answer has to be asked for again before go.

    An answer about the files holds while the fingerprint holds; any other one by its age.
    """
    if result.fingerprint is not None:
        return result.fingerprint != fingerprint
    return now - result.at > max_age(item, result.check_id, freshness)


def max_age(item: Item, check_id: str, freshness: Mapping[str, int]) -> timedelta:
    """The age allowed: the setting for this check, this item or its class, or the item's own `valid`; settings win."""
    seconds = freshness.get(check_id, freshness.get(item.id))
    if seconds is None:
        name = _class_of(item, check_id)
        seconds = freshness.get(name)
        if seconds is None and item.valid_days is not None:
            seconds = item.valid_days * 24 * 3600
        if seconds is None:
            seconds = DEFAULT_SECONDS[name]
    return timedelta(seconds=seconds)


def _class_of(item: Item, check_id: str) -> str:
    if "@" in check_id:
        return "staging"
    words = f"{check_id} {item.id}"
    if "restor" in words:
        return "restore"
    return "backup" if "backup" in words else "check"


@dataclass(frozen=True)
class Settled:
    """Who settled an item, when, the worst that its checks said then, and on whose behalf a review was."""

    who: str
    at: datetime
    verdict: Status | None = None
    on_behalf_of: str | None = None


@dataclass(frozen=True)
class Earlier:
    """One completed deployment of the environment before: the file hashes that count, and what it settled.

    `settled` holds items that were *done* (never n/a or overridden).
    """

    deployment_id: str
    label: str
    environment: str
    shas: frozenset[str]
    settled: Mapping[str, Settled]


def carried_items(items: Sequence[str], files: frozenset[str], earlier: Sequence[Earlier]) -> Mapping[str, Carried]:
    """Items that carry: together the earlier deployments cover every file of this range and settled the item."""
    if not files:
        return {}
    found = ((item, _cover(item, files, earlier)) for item in items)
    return {item: carried for item, carried in found if carried is not None}


def _cover(item: str, files: frozenset[str], earlier: Sequence[Earlier]) -> Carried | None:
    missing, used = set(files), []
    for deployment in earlier:
        if item in deployment.settled and missing & deployment.shas:
            missing -= deployment.shas
            used.append(deployment)
    if missing or not used:
        return None
    newest = max(used, key=lambda deployment: deployment.settled[item].at)
    settled = newest.settled[item]
    words = " and ".join(f"{one.environment} {one.label}" for one in used)
    return Carried(
        settled.who,
        settled.at,
        f"settled in {words}",
        newest.deployment_id,
        None,
        settled.verdict,
        settled.on_behalf_of,
    )
