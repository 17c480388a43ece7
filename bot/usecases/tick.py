"""Settle items by hand: done, undone, not applicable, override, notes; and those that stand for longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.core.checklist.items import Item, Requirement
from bot.core.decision import CheckResult, Decision, DecisionKind
from bot.core.item import ItemWord, worst
from bot.core.refusal import Refused
from bot.core.signoff import Deciding
from bot.core.team import Project
from bot.usecases.act import Act, Answer, chronicle, want_cards, want_dashboard, want_items
from bot.usecases.books.rows import Standing
from bot.usecases.books.units import Unit
from bot.usecases.lifecycle.watching import go_on
from bot.usecases.permit import require_full_member, require_may, require_worker
from bot.usecases.signoffs.asking import ask_when_ready
from bot.usecases.situation.judging import load
from bot.usecases.situation.own_checks import counts_all
from bot.usecases.situation.snapshot import Situation
from checks.result import Status


def settle_standing(unit: Unit, situation: Situation, item: Item, who: str, evidence: str, act: Act) -> None:
    """Keep the item settled for the whole environment."""
    deployment, until = situation.deployment, act.at + timedelta(days=item.valid_days or 0)
    verdict = worst(situation.results_of(item))
    standing = Standing(item.id, deployment.id, who, evidence, act.at, until, verdict)
    unit.standings.settle(deployment.team, deployment.project, deployment.environment, standing)


def forget_standing(unit: Unit, situation: Situation, item: Item) -> None:
    """Take back what this very deployment settled; what another one settled stands."""
    deployment = situation.deployment
    place = (deployment.team, deployment.project, deployment.environment)
    standing = unit.standings.of(*place).get(item.id)
    if standing is not None and standing.deployment_id == deployment.id:
        unit.standings.forget(*place, item.id)


NEEDS_REASON = frozenset({Status.FAILED, Status.COULD_NOT_RUN})


def tick(unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str, reason: str = "") -> Answer:
    """Say *done*. Over a failed or could-not-run answer it needs a reason; on a required item that is an override."""
    situation, item = open_item(unit, project, act, deployment_id, item_id)
    state = situation.states[item_id]
    if state.word is ItemWord.DONE and state.decision is not None:
        by = situation.name(state.decision.who)
        return Answer(f"“{item.label}” was done already by {by}.", deployment_id)
    against = [result for result in situation.results_of(item) if result.status in NEEDS_REASON]
    if against and not reason.strip():
        raise Refused(_needs_reason(item, against), wants_reason=True)
    required = item.required(situation.kind) is not Requirement.NO
    if (against and required) or any(one.status is Status.FAILED for one in against):
        return override(unit, project, act, deployment_id, item_id, reason, _seen(situation, item))
    require_peer(situation, act, item)
    _decide(unit, situation, act, item, DecisionKind.DONE, reason)
    if item.valid_days is not None:
        settle_standing(unit, situation, item, act.who, reason, act)
    _ask_when_last(unit, situation, act, item)
    return Answer(deployment_id=deployment_id)


def _needs_reason(item: Item, against: Sequence[CheckResult]) -> str:
    first = against[0]
    words = "failed" if first.status is Status.FAILED else "could not run"
    return (
        f"“{item.label}”: its check {words} ({first.summary}). Mend it and run the check again, "
        "or open *More about an item …* and give a reason."
    )


def _ask_when_last(unit: Unit, situation: Situation, act: Act, item: Item) -> None:
    """Only what go needs can make the approvers be asked: other ticks are spared the second look."""
    if item.required(situation.kind) is Requirement.GO and situation.deployment.asked_at is None:
        ask_when_ready(unit, situation.project, act, situation.deployment.id)


def tick_many(unit: Unit, project: Project, act: Act, deployment_id: str, item_ids: Sequence[str]) -> Answer:
    """Say *done* for several items at once; those that need a reason are left and named."""
    left: list[str] = []
    for item_id in item_ids:
        try:
            tick(unit, project, act, deployment_id, item_id)
        except Refused as refusal:
            left.append(refusal.sentence)
    return Answer("\n".join(left), deployment_id)


def undo(unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str) -> Answer:
    """Take *done*, *n/a* or an override back. The item is open, or what its checks say."""
    situation, item = open_item(unit, project, act, deployment_id, item_id)
    state = situation.states[item_id]
    if state.word in {ItemWord.OPEN, ItemWord.WAITING}:
        return Answer(f"“{item.label}” is {state.word} already.", deployment_id)
    _decide(unit, situation, act, item, DecisionKind.UNDONE, "")
    forget_standing(unit, situation, item)
    return Answer(deployment_id=deployment_id)


def not_applicable(unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str, reason: str) -> Answer:
    """Say that the item does not apply, with a reason; a required one takes an approver who is no deployer."""
    situation, item = open_item(unit, project, act, deployment_id, item_id)
    _require_reason(reason)
    behalf = _waives(unit, situation, act, item)
    _decide(unit, situation, act, item, DecisionKind.NOT_APPLICABLE, reason, behalf)
    _ask_when_last(unit, situation, act, item)
    return Answer(deployment_id=deployment_id)


def override(
    unit: Unit,
    project: Project,
    act: Act,
    deployment_id: str,
    item_id: str,
    reason: str,
    seen: frozenset[str],
) -> Answer:
    """Settle an item over the very results that were seen; a newer or different failure opens it again.

    Raises Refused when the results have moved since they were shown.
    """
    situation, item = open_item(unit, project, act, deployment_id, item_id)
    _require_reason(reason)
    behalf = _waives(unit, situation, act, item)
    if seen != _seen(situation, item):
        raise Refused("The check answered anew since you opened this. Look again and decide.", offer_again=True)
    _decide(unit, situation, act, item, DecisionKind.OVERRIDE, reason, behalf)
    _ask_when_last(unit, situation, act, item)
    return Answer(deployment_id=deployment_id)


def note(unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str, text: str) -> Answer:
    """Keep a note with the item, on the record."""
    situation, item = open_item(unit, project, act, deployment_id, item_id, roles_too=True)
    _require_reason(text)
    _decide(unit, situation, act, item, DecisionKind.NOTE, text)
    return Answer(deployment_id=deployment_id)


def open_item(
    unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str, *, roles_too: bool = False
) -> tuple[Situation, Item]:
    """The item that somebody works on, where they may. Raises Refused, NotYetKnown."""
    require_worker(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    situation.require_open(": its record is final")
    item = situation.item(item_id)
    if not roles_too and situation.role_of_item(item_id) is not None:
        raise Refused(f"“{item.label}” is a sign-off: it is settled by its own buttons, by the people of that role.")
    if not roles_too and counts_all(item):
        raise Refused(f"“{item.label}” is counted, not ticked: it is done once every other line is settled.")
    return situation, item


def _waives(unit: Unit, situation: Situation, act: Act, item: Item) -> str | None:
    """On whose behalf it is waived; what is required takes an approver who is no deployer, the rest anybody."""
    if item.required(situation.kind) is Requirement.NO:
        return None
    require_full_member(unit, situation.project, act)
    return require_may(unit, situation, act, Deciding.WAIVE_ITEM).on_behalf_of


def require_peer(situation: Situation, act: Act, item: Item) -> None:
    """Raises Refused where the line wants somebody who does not deploy."""
    if situation.wants_peer(item) and act.who in situation.deployer_ids:
        raise Refused(f"“{item.label}” is for somebody who does not deploy this: nobody reviews their own. Ask a peer.")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("Give a reason: it stands in the record.")


def _seen(situation: Situation, item: Item) -> frozenset[str]:
    return frozenset(result.digest for result in situation.results_of(item))


def _decide(
    unit: Unit,
    situation: Situation,
    act: Act,
    item: Item,
    kind: DecisionKind,
    reason: str,
    for_whom: str | None = None,
) -> None:
    decision = Decision(
        id=unit.new_id(),
        deployment_id=situation.deployment.id,
        item=item.id,
        kind=kind,
        who=act.who,
        at=act.at,
        entered_at=act.entered,
        reason=reason.strip(),
        for_whom=for_whom,
        seen=_seen(situation, item),
    )
    unit.decisions.add(decision)
    facts = {"item": item.id, "seen": sorted(decision.seen), "for_whom": for_whom or ""}
    chronicle(unit, situation.deployment, act, f"item-{kind}", facts, reason=reason.strip())
    want_items(unit, situation, (item,), act.at, urgent=True)
    want_dashboard(unit, situation.project, situation.deployment, act.at)
    if item.required(situation.kind) is Requirement.GO and situation.deployment.asked_at is not None:
        want_cards(unit, situation.deployment, act.at)
    go_on(unit, situation.project, act, situation.deployment)
