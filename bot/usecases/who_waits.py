"""Who waits is told when it matters: direct messages to the owner, each once, none to whom acted.

They keep out of quiet hours, but for what cannot wait; one that waited is sent only while it is still true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.assignment import in_force
from bot.core.attention import quiet_until
from bot.core.calendar import ReminderKind, slot_now
from bot.core.checklist.items import Requirement
from bot.core.decision import CheckResult
from bot.core.deployment import Deployment, State
from bot.core.item import ItemWord
from bot.core.journal import to_text
from bot.core.refusal import Refused
from bot.core.signoff import GATING_YES, RoleWord
from bot.core.team import Project, is_person
from bot.usecases.act import Act, direct, hours_of, morning_for
from bot.usecases.books.rows import Live, Said
from bot.usecases.books.units import Reader, Unit
from bot.usecases.facts import Blocker
from bot.usecases.permit import expand
from bot.usecases.situation.gate import before_continuing, blockers
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import PREPARATION, Situation
from bot.usecases.situation.warning import recommends_rollback
from checks.result import Status

AT_ONCE = frozenset({"held", "trouble", "rollback-advised", "glass-broken-here", "take-over"})
"""What is told at any hour: a hold, a failed row, what is worse than before go, a broken glass, a take-over."""


def later_for(reader: Reader, situation: Situation, user: str, template: str, at: datetime) -> datetime | None:
    """When a person may be told this; None: now, in their own time or since it is told at any hour.

    Beside what is `AT_ONCE`: a rollback to who is on call, and everything to the owner
    while a window is open.
    """
    is_theirs = user == situation.deployment.owner and _is_in_window(situation)
    is_on_call = template == "rollback-opened" and user in expand(reader, situation.environment.on_call)
    if template in AT_ONCE or is_theirs or is_on_call:
        return None
    return morning_for(reader, situation, user, at)


def waits_again(reader: Reader, project: Project, said: Said, now: datetime) -> datetime | None:
    """When a direct message that is sent late may be sent; None: now. An answer to a click waits for nothing."""
    if said.sort != "direct" or "deployment" not in said.facts:
        return None
    situation = load(reader, project, str(said.facts["deployment"]), now)
    return later_for(reader, situation, str(said.facts["user"]), said.template, now)


def asks_again(reader: Reader, project: Project, live: Live, now: datetime) -> datetime | None:
    """The same of what is asked of or given to a person, unless somebody wanted them woken."""
    if live.at_any_hour or live.ts is not None or not is_person(live.channel):
        return None
    return quiet_until(hours_of(reader, project, live.channel), now)


def tell_owner(unit: Unit, situation: Situation, act: Act, template: str, cause: str, **facts: object) -> None:
    """Write to the owner, unless the owner did it. `cause` is what makes it once."""
    deployment = situation.deployment
    owner = deployment.owner
    if owner == act.who:
        return
    later = later_for(unit, situation, owner, template, act.at)
    direct(unit, deployment, owner, template, f"{deployment.id}:{template}:{cause}", act.at, later, **facts)


def _is_in_window(situation: Situation) -> bool:
    """Whether a window is open: who planned for it is awake."""
    start, end = situation.deployment.window_start, situation.deployment.window_end
    is_planned = start is not None and end is not None and start <= situation.now < end
    return is_planned or slot_now(situation.environment, situation.now) is not None


BEFORE_WINDOW = timedelta(hours=1)


def plan_window(unit: Unit, deployment: Deployment, at: datetime) -> None:
    """The owner hears an hour before the window opens, unless it was planned within that hour."""
    start = deployment.window_start
    if start is not None and start - BEFORE_WINDOW > at:
        unit.reminders.plan(deployment.id, ReminderKind.WINDOW, to_text(start), start - BEFORE_WINDOW)


def tell_window(unit: Unit, situation: Situation, act: Act, window: str) -> None:
    """What is missing an hour before this window; in the owner's quiet time not before it opens."""
    deployment, start = situation.deployment, situation.deployment.window_start
    is_due = deployment.state is State.PREPARING and start is not None and to_text(start) == window
    if not is_due or start is None or (deployment.window_end or start) <= act.at:
        return
    later = morning_for(unit, situation, deployment.owner, act.at)
    if later is not None and act.at < start:
        unit.reminders.plan(deployment.id, ReminderKind.WINDOW, window, min(later, start))
        return
    missing = [one.sentence for one in blockers(situation) if one.kind != "window"]
    told = {"missing": missing, "subject": situation.subject, "state": str(deployment.state), "opens": window}
    direct(unit, deployment, deployment.owner, "window", f"{deployment.id}:window:{window}", act.at, None, **told)


def tell_if_all_signed(unit: Unit, before: Situation, act: Act, cause: str) -> None:
    """With the last sign-off: that everything is there, or what is still missing."""
    held = before.deployment.state is State.HELD
    if not held and sum(state.blocks for state in before.roles) > 1:
        return
    after = load(unit, before.project, before.deployment.id, act.at)
    if not _unsigned(before) or _unsigned(after):
        return
    left = [] if held else blockers(after)
    if left and _window_tells(after, left):
        return
    missing, state = [one.sentence for one in left], str(after.deployment.state)
    tell_owner(unit, after, act, "signed", cause, subject=after.subject, missing=missing, state=state)


def _window_tells(situation: Situation, left: Sequence[Blocker]) -> bool:
    """Whether only the window is missing: an hour before it opens the owner hears that everything is there."""
    start = situation.deployment.window_start
    only_window = {one.kind for one in left} == {"window"}
    return only_window and start is not None and start - BEFORE_WINDOW > situation.now


def _unsigned(situation: Situation) -> list[Blocker]:
    """What only people's decisions are missing for: go, or going on with changed files."""
    if situation.deployment.state is State.HELD:
        return list(before_continuing(situation))
    return [one for one in blockers(situation) if one.kind in {"sign-off", "rejection"}]


def tell_if_it_fails(
    unit: Unit, situation: Situation, act: Act, before: CheckResult | None, result: CheckResult
) -> None:
    """Approvers were asked, and now a check fails that go needs; whoever ran it sees that."""
    deployment = situation.deployment
    is_news = result.status is Status.FAILED and (before is None or before.status is not Status.FAILED)
    if not (is_news and deployment.asked_at and deployment.state in PREPARATION):
        return
    for item in situation.items_answered_by(result.check_id):
        needed = item.required(situation.kind) is Requirement.GO
        if needed and situation.states[item.id].word is ItemWord.FAILED:
            said = {"item": item.id, "line": item.label, "summary": result.summary, "hint": result.hint}
            tell_owner(unit, situation, act, "check-failed", f"{item.id}:{result.id}", **said)


def tell_if_worse(unit: Unit, situation: Situation, act: Act, result: CheckResult) -> None:
    """What was fine before go is not now: once a check, with all that speaks for a rollback. The owner decides."""
    found = recommends_rollback(situation)
    if found and result.check_id in situation.turned_bad:
        tell_owner(unit, situation, act, "rollback-advised", result.check_id, items=list(found))


def tell_what_lapsed(unit: Unit, situation: Situation, act: Act) -> None:
    """An approval of these very files grew too old before go."""
    for state in situation.roles:
        for one in situation.sign_offs:
            mine = one.role == state.role.name and one.stands and one.subject == situation.subject
            given = mine and one.decision in GATING_YES and not one.people & situation.barred_ids
            if given and state.blocks and state.word is not RoleWord.REJECTED and one not in state.counting:
                said = {"role": one.role, "title": state.role.title, "role_kind": str(state.role.kind)}
                tell_owner(unit, situation, act, "lapsed", one.id, by=situation.name(one.who), **said)


def is_still_true(reader: Reader, project: Project, template: str, facts: Mapping[str, object], now: datetime) -> bool:
    """Whether a direct message still has its reason; one that tells what happened always has."""
    rule = _WHILE.get(template)
    if rule is None:
        return True
    try:
        return rule(load(reader, project, str(facts["deployment"]), now), facts)
    except Refused:
        return False


def _all_signed(situation: Situation, facts: Mapping[str, object]) -> bool:
    as_then = str(situation.deployment.state) == facts["state"] and situation.subject == facts["subject"]
    return as_then and not _unsigned(situation)


def _waits_for_role(situation: Situation, facts: Mapping[str, object]) -> bool:
    state = situation.role(str(facts["role"]))
    return situation.deployment.state in PREPARATION | {State.HELD} and state.blocks


def _is_rejected(situation: Situation, facts: Mapping[str, object]) -> bool:
    return _waits_for_role(situation, facts) and situation.role(str(facts["role"])).word is RoleWord.REJECTED


def _fails(situation: Situation, facts: Mapping[str, object]) -> bool:
    is_failed = situation.states[situation.item(str(facts["item"])).id].word is ItemWord.FAILED
    return situation.deployment.state in PREPARATION and is_failed


def _window_is_planned(situation: Situation, facts: Mapping[str, object]) -> bool:
    start = situation.deployment.window_start
    return situation.deployment.state is State.PREPARING and start is not None and to_text(start) == facts["opens"]


def _is_nobodys(situation: Situation, facts: Mapping[str, object]) -> bool:
    """Whether what was given back is still open and nobody has it."""
    item, section = str(facts["item"]), str(facts["section"])
    lines = (situation.item(item),) if item else situation.lines_of(section)
    is_open = any(not situation.states[one.id].settled for one in lines)
    return is_open and in_force(situation.assignments, item, section) is None


_WHILE: Mapping[str, Callable[[Situation, Mapping[str, object]], bool]] = {
    "signed": _all_signed,
    "rejected": _is_rejected,
    "check-failed": _fails,
    "lapsed": _waits_for_role,
    "window": _window_is_planned,
    "offered": lambda situation, facts: situation.deployment.facts.offered_to == facts["user"],
    # What an older gonogo had to say in the morning: the lists tell by themselves now.
    "reminder": lambda *_: False,
    "rollback-advised": lambda situation, _: bool(recommends_rollback(situation)),
    "given-back": _is_nobodys,
    "unparked": lambda situation, _: situation.deployment.state is State.PREPARING,
    "rollback-opened": lambda situation, _: situation.deployment.state is State.ROLLING_BACK,
}
