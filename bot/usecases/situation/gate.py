"""What has to be true before the next step, also with changed files after a hold: what is missing, who mends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.calendar import HOUR, freeze_on, next_fitting, slot_now
from bot.core.checklist.items import Item, Requirement, RoleKind
from bot.core.deployment import State
from bot.core.item import ItemWord
from bot.core.signoff import RoleState, RoleWord
from bot.usecases.books.rows import Lock
from bot.usecases.facts import Blocker
from bot.usecases.situation import watch
from bot.usecases.situation.snapshot import Situation
from bot.usecases.situation.warning import estimate
from checks.result import Status

DBA = "dba"


def decides_again(situation: Situation, state: RoleState) -> bool:
    """The DBA; where no role is called so, whoever approves."""
    if not (situation.has_changed_files and state.gating and state.role.enabled and state.role.gates):
        return False
    named = any(one.role.name == DBA and one.gating and one.role.enabled for one in situation.roles)
    return state.role.name == DBA if named else state.role.kind is RoleKind.APPROVE


def before_continuing(situation: Situation) -> Iterator[Blocker]:
    """What stands before going on with changed files: the DBA and the two-person rule again."""
    again = [state for state in situation.roles if decides_again(situation, state)]
    for state in again:
        if not state.met:
            words = f"{state.role.title}: approval of the changed files is missing"
            yield Blocker("sign-off", state.role.name, words, state.role.members)
    met = all(state.met for state in again)
    if situation.has_changed_files and met and not situation.has_two_persons(situation.deployment.owner):
        yield Blocker("sign-off", "", "Going on with changed files in production needs a second person's approval")


def blockers(situation: Situation) -> tuple[Blocker, ...]:
    """Everything that stands before the next step, in the order a person would mend it."""
    if situation.deployment.state is State.ROLLING_BACK:
        return tuple(_not_undone(situation))
    steps = {"go": before_go, "complete": before_success, "close": before_close}
    step = steps.get(situation.step)
    return (*before_continuing(situation), *step(situation)) if step else ()


def before_go(situation: Situation) -> Iterator[Blocker]:
    """Blocks go: files not read or moved, history, required items, sign-offs, two persons, windows, freezes, locks."""
    yield from _files(situation)
    yield from _history(situation)
    rejected = [state for state in situation.roles if state.blocks and state.word is RoleWord.REJECTED]
    yield from (_role(state) for state in rejected)
    yield from (item_blocker(situation, item) for item in situation.missing(Requirement.GO))
    yield from (_role(state) for state in situation.roles if state.blocks and state not in rejected)
    yield from _two_persons(situation)
    yield from _calendar(situation)
    kept = locked(situation.lock, situation.environment.timezone, situation.names, situation.now)
    yield from [kept] if kept else []


def _not_undone(situation: Situation) -> Iterator[Blocker]:
    """What history still has of what is undone. It keeps nobody from completing: a rollback ends as people say."""
    deployment = situation.deployment
    left = deployment.left_to_undo
    if left and deployment.facts.rollback_choice != "forward":
        verb = "is" if len(left) == 1 else "are"
        yield Blocker("undo", left[0], f"{', '.join(left[:5])} {verb} still in the history")


def before_success(situation: Situation) -> Iterator[Blocker]:
    """What *Success* needs; a Partial completion needs only its notes."""
    yield from (item_blocker(situation, item) for item in situation.missing(Requirement.COMPLETE))


def before_close(situation: Situation) -> Iterator[Blocker]:
    """What closing by itself waits for: a review, a held environment, failures nobody answered, the last list's look.

    Optional lines are not waited for, and 35 days after completion only the review is.
    """
    yield from _review(situation)
    if watch.is_past_last_day(situation):
        return
    deployment, ends_at = situation.deployment, watch.ends_at(situation)
    if deployment.is_held_after_rollback:
        words = f"{deployment.environment} stays held until a corrective deployment starts, or its owner lifts that"
        yield Blocker("environment", "", words)
    if situation.corrected_by:
        yield Blocker("environment", "", f"Deployment {situation.corrected_by} corrects it and is not completed yet")
    yield from (item_blocker(situation, item) for item in watch.unanswered(situation))
    looked = watch.looks_over(situation) == len(watch.planned(situation)) and not deployment.facts.looking
    if ends_at and not (looked and situation.now >= ends_at):
        yield Blocker("watch", "", f"It is watched until {ends_at:%a %d %b %H:%M %Z}, then it closes by itself")


def _review(situation: Situation) -> Iterator[Blocker]:
    """Whose glass waits for a review, and who may give it."""
    glass = situation.glass
    if glass is None or glass.reviewed_at is not None:
        return
    approvers = (who for state in situation.roles if state.role.gates for who in state.role.members)
    words = f"The glass that {situation.name(glass.who)} broke is not reviewed yet, due {glass.review_due:%d %b %Y}"
    yield Blocker("review", "", words, tuple(dict.fromkeys(approvers)), mend="an approver who does not deploy it does")


def wants_people(situation: Situation) -> tuple[Item, ...]:
    """Lines of verify and close that are due and want a person now; none of those whose checks run just now.

    Failed, a deviation, or what only a person can say while its list is due. Nothing before completion or at the end.
    """
    if situation.step != "close":
        return ()
    running = situation.running_checks
    quiet = (item for item in watch.closing(situation) if not running.intersection(situation.checks_of(item)))
    return tuple(item for item in quiet if _wants_a_person(situation, item))


def of_the_hour(situation: Situation) -> tuple[Item, ...]:
    """Of them, what the hour after completion tells: its own list, and what deviates anywhere."""
    own = {item.id for item in watch.lines_of(situation, HOUR)}
    return tuple(one for one in wants_people(situation) if one.id in own or watch.deviates(situation.states[one.id]))


def _wants_a_person(situation: Situation, item: Item) -> bool:
    state = situation.states[item.id]
    if state.word is ItemWord.FAILED:
        return watch.is_unanswered(situation, item)
    if state.settled or situation.deployment.facts.continued_in:
        return False
    return watch.deviates(state) or (watch.is_on_its_day(situation, item) and watch.machines_have_said(situation, item))


PEERS_TURN = "somebody who does not deploy presses Done"
_RIGHT = frozenset({Status.PASSED, Status.NOT_APPLICABLE})


def item_blocker(situation: Situation, item: Item) -> Blocker:
    """`Database backup completed: failed, 50 h old (at most 24 h)`, and the mend of its check."""
    state = situation.states[item.id]
    wrong = [one for one in state.results if one.status not in _RIGHT] if state.word is not ItemWord.OPEN else []
    told = "; ".join(dict.fromkeys(one.summary for one in wrong)) or state.why
    word = "waiting for a person's yes" if state.word is ItemWord.WAITING else str(state.word)
    sentence = ", ".join(filter(None, (f"{_called(situation, item)}: {word}", told)))
    peers = PEERS_TURN if situation.wants_peer(item) and state.word is not ItemWord.FAILED else ""
    mend = next((one.hint for one in wrong if one.hint), peers)
    return Blocker("item", item.id, sentence, told=told, mend=mend)


def _called(situation: Situation, item: Item) -> str:
    """Its label; with its section where another line reads the same."""
    alike = sum(one.label == item.label and one.id in situation.states for one in situation.checklist.items)
    return f"{item.label} ({situation.checklist.section_of(item).title})" if alike > 1 else item.label


def _role(state: RoleState) -> Blocker:
    title, members = state.role.title, state.role.members
    if state.word is RoleWord.REJECTED:
        words = f"{title} rejected: {state.reason or 'no reason kept'}"
        return Blocker("rejection", state.role.name, words, members, mend="change it, or have it cleared in the thread")
    if state.word is RoleWord.STALE:
        return Blocker("sign-off", state.role.name, f"{title}: the sign-off is out of date, ask again", members)
    missing = state.role.quorum - state.seats
    noun = "approval" if state.role.kind is RoleKind.APPROVE else "review"
    words = f"{missing} of {state.role.quorum} {noun}s are missing" if state.role.quorum > 1 else f"{noun} is missing"
    return Blocker("sign-off", state.role.name, f"{title}: {words}", members)


def _two_persons(situation: Situation) -> Iterator[Blocker]:
    """Asked whatever the roles say, and said once no role says more."""
    goer = situation.deployment.go_asked_by or situation.deployment.owner
    if not any(state.blocks for state in situation.roles) and not situation.has_two_persons(goer):
        sentence = (
            "A production go needs a second person: one yes (approve, review, second) of somebody who is no deployer"
        )
        yield Blocker("sign-off", "", sentence)


def _files(situation: Situation) -> Iterator[Blocker]:
    deployment = situation.deployment
    if deployment.fingerprint is None:
        words = "The migration files are not read yet" if situation.project.has_migrations else "The range is not given"
        yield Blocker("reading", "", words)
    if deployment.moved_fingerprint is not None:
        yield Blocker("files", "", "Files in range changed since they were approved: use the new files, or stay")


def _history(situation: Situation) -> Iterator[Blocker]:
    history = situation.deployment.history
    if history is None:
        return
    faults = (
        (history.dirty, "is marked dirty in the history table"),
        (history.failed, "failed before and is still in the history table"),
        (history.changed, "was changed after it was applied"),
    )
    for versions, words in faults:
        if versions:
            sentence = f"{', '.join(versions[:5])} {words}"
            yield Blocker("history", versions[0], sentence, mend="mend the history, then run the checks")


def locked(lock: Lock | None, zone: str, names: Mapping[str, str], now: datetime) -> Blocker | None:
    """What keeps a start and go back while an environment is locked, and what to do; None once the lock is over."""
    if lock is None or not lock.holds_at(now):
        return None
    name, ends = names.get(lock.who, lock.who), f"{lock.until.astimezone(ZoneInfo(zone)):%a %d %b %H:%M} ({zone})"
    told = f"{lock.environment} is locked by {name}: {lock.reason}"
    mend = f"Ask {name}, or wait until then"
    return Blocker("lock", "", f"{told}; until {ends}", (lock.who,), told, mend, lock.until)


def _calendar(situation: Situation) -> Iterator[Blocker]:
    environment, now = situation.environment, situation.now
    freeze = freeze_on(environment, now)
    if freeze is not None:
        yield Blocker("freeze", "", f"Frozen until {freeze.last:%d %b %Y}: {freeze.reason}")
    if environment.windows and slot_now(environment, now) is None:
        upcoming = next_fitting(environment, now, estimate(situation) or timedelta())
        when = f"; the next one starts {upcoming.start:%a %d %b %H:%M} ({environment.timezone})" if upcoming else ""
        yield Blocker("window", "", f"Outside of the deployment windows{when}")
