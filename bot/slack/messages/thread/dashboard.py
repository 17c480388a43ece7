"""The one message of the channel: a headline that is always true, progress to the next step, who is waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot.core.deployment import Outcome, State
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    Block,
    Element,
    Rendered,
    actions,
    code,
    context,
    fitting,
    rendered,
    section,
    sections,
    user,
)
from bot.slack.messages.buttons import Target, button, menu
from bot.slack.messages.thread import rolling_back
from bot.slack.messages.thread.headline import blocker_lines, headline, needs, progress, spoken_status
from bot.slack.messages.words import bar, listed
from bot.usecases.facts import Blocker, DashboardFacts, Progress
from bot.usecases.verb import Verb
from checks.result import Finding, counted

CODE = 1500
_CARRYING = frozenset({Verb.GO, Verb.BREAK_GLASS})
_CHOOSING = frozenset({Verb.USE_NEW_FILES, Verb.STAY})


@dataclass(frozen=True)
class _Room:
    """How many lines of a sort, and how long one may be."""

    lines: int
    text: int


_ROOMS = (_Room(6, 300), _Room(4, 140), _Room(2, 90))


def render(facts: DashboardFacts) -> Rendered:
    """The dashboard in any state, within 50 blocks and 9,000 characters; long lists give way first."""
    return rendered(spoken_status(facts), fitting(_ROOMS, lambda room: _blocks(facts, room)))


def _blocks(facts: DashboardFacts, room: _Room) -> Iterator[Block]:
    yield from sections(_top(facts, room))
    yield from sections(_marks(facts, room))
    yield from _held(facts, room)
    yield from _running(facts, room)
    if facts.way_back is not None:
        yield from rolling_back.steps(facts.way_back, room.lines)
    yield from actions([*_buttons(facts), *menu(facts.menu, {verb: _target(facts, verb) for verb in facts.menu})])


def _top(facts: DashboardFacts, room: _Room) -> Iterator[str]:
    yield headline(facts)
    if facts.way_back is not None:
        yield from rolling_back.lines(facts.way_back)
        return
    if facts.step:
        yield f"*To {facts.step}:* {needs(facts)}"
    yield from blocker_lines(facts, room.lines, mentioning=True, text=room.text)
    if facts.step and facts.needed_total:
        yield progress(facts) + (f"  ·  {facts.others_open} others" if facts.others_open else "")
    if facts.progress:
        yield f"◐ checks run: {facts.progress.done} of {facts.progress.total} have answered"


def _marks(facts: DashboardFacts, room: _Room) -> Iterator[str]:
    """Break-glass in red, seconded sign-offs in amber, then warnings and what preflight found."""
    if facts.broken_glass:
        yield f"🔴 break-glass · {user(facts.broken_glass, room.text)}"
    yield from listed([f"🟠 {user(line, room.text)}" for line in facts.amber], room.lines)
    warnings = [f"⚠ {user(line, room.text)}" for line in facts.warnings]
    for each in facts.obstacles:
        mend = f" · {user(each.hint, room.text)}" if each.hint else ""
        warnings.append(f"⚠ {user(each.message, room.text)}{mend}")
    yield from listed(warnings, room.lines, "See everything")
    if facts.lesson:
        yield f"Lesson of {user(facts.lesson, room.text)}"
    if facts.notes:
        yield f"{counted(facts.notes, 'note')} in the record"


def _held(facts: DashboardFacts, room: _Room) -> Iterator[Block]:
    if facts.deployment.state is not State.HELD:
        return
    reason = user(facts.hold_reason, room.text) or "no reason given"
    finding = f"\n{user(facts.hold_finding, 2 * room.text)}" if facts.hold_finding else ""
    yield section(f"✋ *Held:* {reason}{finding}")
    if facts.next_statement:
        yield context("Type this next, on the database:")
        yield code(facts.next_statement, CODE)


def _running(facts: DashboardFacts, room: _Room) -> Iterator[Block]:
    if facts.deployment.state is not State.DEPLOYING:
        return
    if facts.of_range:
        applied = f"{bar(facts.applied, facts.of_range)} {facts.applied} of {facts.of_range} applied"
        yield from sections([applied, *listed([str(user(line, room.text)) for line in facts.live], room.lines)])
    if facts.runner_command:
        yield context("Start it yourself, gonogo only watches:")
        yield code(facts.runner_command, CODE)


def _buttons(facts: DashboardFacts) -> list[Element]:
    styles = {facts.buttons[0]: "primary"} if facts.buttons and not rolling_back.waits(facts.way_back) else {}
    words = {Verb.RETRY: "Continue with changed files"} if facts.has_changed_files else {}
    return [
        button(verb, _target(facts, verb), words.get(verb, ""), styles.get(verb, ""))
        for verb in dict.fromkeys(facts.buttons)
    ]


def _target(facts: DashboardFacts, verb: Verb) -> Target:
    """Decisions carry what they decide: go its subject, a choice of files the fingerprint that was seen."""
    if verb in _CARRYING:
        return Target(facts.deployment.id, subject=facts.subject)
    if verb in _CHOOSING:
        return Target(facts.deployment.id, subject=facts.deployment.moved_fingerprint or "")
    return Target(facts.deployment.id)


_BASE = DashboardFacts(
    deployment=samples.PREPARING,
    started_by=samples.ANN,
    owner=samples.ANN,
    deployers=(samples.ANN,),
    step="go",
    needed_done=10,
    needed_total=15,
    others_open=108,
    blockers=(
        Blocker("item", "backup-restorable", "Backup verified and restorable is failed; go needs it"),
        Blocker("item", "rollback-plan", "Rollback plan prepared is open; go needs it", ("U0BO",)),
        Blocker("sign-off", "dba", "Database administrator: approve is missing", ("@dba-team",)),
        Blocker("sign-off", "backend", "Backend engineer: review is missing", ("U0BO",)),
    ),
    warnings=("00009 holds ACCESS EXCLUSIVE on orders (41 GB) and rewrites it: maintenance mode needed",),
    obstacles=(
        Finding("management has one member, and that is a deployer", hint="add somebody to [roles.management]"),
    ),
    sign_offs=(samples.WAITING_DBA, samples.WAITING_BACKEND),
    buttons=(Verb.RUN_CHECKS, Verb.ASK_NOW, Verb.GO, Verb.SEE_EVERYTHING),
    menu=(Verb.BLOCKERS, Verb.TROUBLESHOOT, Verb.PARK, Verb.ABORT, Verb.BREAK_GLASS, Verb.TAKE_OVER),
    progress=Progress(7, 14),
    subject=samples.SUBJECT,
    names=samples.NAMES,
)
_AFTER_GO = replace(_BASE, step="complete", obstacles=(), progress=None, blockers=_BASE.blockers[1:2], warnings=())

EXAMPLES: Mapping[str, DashboardFacts] = {
    "preparing": _BASE,
    "reading": replace(
        _BASE,
        deployment=samples.READING,
        blockers=(Blocker("reading", "", "The migrations are being read"),),
        buttons=(Verb.SEE_EVERYTHING,),
        warnings=(),
    ),
    "ready": replace(
        _BASE, blockers=(), needed_done=15, warnings=(), buttons=(Verb.GO,), amber=("DBA: seconded by Bo Larsen",)
    ),
    "go asked": replace(
        _BASE,
        deployment=replace(samples.PREPARING, go_asked_at=samples.NOON, go_asked_by="U0ANN"),
        buttons=(Verb.SEE_EVERYTHING,),
    ),
    "deploying": replace(
        _AFTER_GO,
        deployment=samples.DEPLOYING,
        runner_command="sqlx migrate run --source db/migrations",
        applied=2,
        of_range=3,
        live=("00010 CREATE INDEX 63 %", "nobody is blocked"),
        buttons=(Verb.COMPLETE, Verb.HOLD),
        menu=(Verb.ROLL_BACK, Verb.TROUBLESHOOT),
    ),
    "held": replace(
        _AFTER_GO,
        deployment=samples.HELD,
        hold_reason="index build failed",
        hold_finding="orders_open_idx is INVALID since 16:12; 00009 has no row in the history table",
        next_statement="DROP INDEX CONCURRENTLY public.orders_open_idx;",
        buttons=(Verb.RETRY, Verb.ROLL_BACK),
        menu=(Verb.USE_NEW_FILES, Verb.COMPLETE),
    ),
    "rolling back": replace(
        _AFTER_GO,
        deployment=replace(samples.DEPLOYING, state=State.ROLLING_BACK),
        blockers=(),
        way_back=rolling_back.EXAMPLES["down files"],
        buttons=(Verb.RUN_CHECKS, Verb.COMPLETE, Verb.SEE_EVERYTHING),
        menu=(Verb.TROUBLESHOOT,),
    ),
    "rolled back": replace(
        _AFTER_GO,
        deployment=replace(samples.DEPLOYING, state=State.VERIFYING, result=Outcome.ROLLED_BACK),
        step="close",
        broken_glass="Dana Okafor 15:58: payments are down, review due 1 December",
        buttons=(Verb.START_CORRECTIVE, Verb.CLOSE, Verb.LIFT),
    ),
    "closed": replace(
        _AFTER_GO,
        deployment=replace(samples.DEPLOYING, state=State.CLOSED, result=Outcome.SUCCESS, closed_at=samples.NOON),
        step="",
        blockers=(),
        head="4be1a02d" * 8,
        buttons=(Verb.SEE_EVERYTHING,),
        menu=(),
    ),
}
