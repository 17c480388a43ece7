"""The one message of the channel: a headline that is always true, the shape of its state, and what can be pressed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.core.deployment import Outcome, State
from bot.core.item import ItemWord
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, Element, Rendered, actions, fitting, rendered, section, user
from bot.slack.messages.buttons import Target, button, menu
from bot.slack.messages.thread import rolling_back
from bot.slack.messages.thread.headline import headline, spoken_status
from bot.slack.messages.thread.shapes import SHAPES, Room
from bot.usecases.facts import Blocker, Progress, Watch
from bot.usecases.standing_facts import DashboardFacts
from bot.usecases.verb import Verb
from checks.result import Finding

_CARRYING = frozenset({Verb.GO, Verb.BREAK_GLASS})
_CHOOSING = frozenset({Verb.USE_NEW_FILES, Verb.STAY})
_ROOMS = (Room(6, 300), Room(4, 140), Room(2, 90), Room(2, 60))


def render(facts: DashboardFacts) -> Rendered:
    """The dashboard in any state, within 50 blocks and 9,000 characters; long lists give way first."""
    return rendered(spoken_status(facts), fitting(_ROOMS, lambda room: _blocks(facts, room)))


def _blocks(facts: DashboardFacts, room: Room) -> Iterator[Block]:
    yield section(headline(facts))
    if facts.broken_glass:
        yield section(f"🔴 *break-glass* · {user(facts.broken_glass, room.text)}")
    yield from SHAPES[facts.deployment.state](facts, room)
    yield from actions([*_buttons(facts), *menu(facts.menu, {verb: _target(facts, verb) for verb in facts.menu})])


def _buttons(facts: DashboardFacts) -> list[Element]:
    words = {Verb.RETRY: "Continue with changed files"} if facts.has_changed_files else {}
    return [
        button(verb, _target(facts, verb), words.get(verb, ""), "primary" if verb is facts.next_act else "")
        for verb in dict.fromkeys(facts.buttons)
    ]


def _target(facts: DashboardFacts, verb: Verb) -> Target:
    """Decisions carry what they decide: go its subject, a choice of files the fingerprint that was seen."""
    if verb in _CARRYING:
        return Target(facts.deployment.id, subject=facts.subject)
    if verb in _CHOOSING:
        return Target(facts.deployment.id, subject=facts.deployment.moved_fingerprint or "")
    return Target(facts.deployment.id)


_BACKUP = replace(samples.BACKUP, word=ItemWord.FAILED, act=Verb.RUN_CHECK)
_ITEMS = {each.id: each for each in (_BACKUP, samples.LOCKS, samples.PLAN)}
_BASE = DashboardFacts(
    deployment=replace(samples.PREPARING, title="loyalty tiers"),
    started_by=samples.ANN,
    owner=samples.ANN,
    deployers=(samples.ANN,),
    step="go",
    needed_done=10,
    needed_total=15,
    blockers=(
        Blocker("item", "rollback-plan", "Rollback plan prepared: open"),
        Blocker(
            "item",
            "performance-issues",
            "Check for potential performance issues: waiting for a person's yes, 1 statement to look at",
            told="1 statement to look at: 00009 builds an index without CONCURRENTLY",
            mend="CREATE INDEX CONCURRENTLY",
        ),
        Blocker(
            "item",
            "backup-completed",
            "Database backup completed: failed, 50 h old (at most 24 h)",
            told="50 h old (at most 24 h)",
            mend="take one: pg_dump …, then run the check",
        ),
        Blocker("sign-off", "dba", "Database administrator: approval is missing", ("@dba-team",)),
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
    items=_ITEMS,
    next_act=Verb.RUN_CHECKS,
    running=("Backup age", "Statement risk"),
)
_PEOPLE = replace(
    _BASE,
    blockers=_BASE.blockers[3:],
    items={},
    needed_done=13,
    progress=None,
    next_act=None,
    buttons=(Verb.ASK_NOW, Verb.RUN_CHECKS, Verb.GO, Verb.SEE_EVERYTHING),
)
_SMOKE = replace(samples.PLAN, id="smoke-tests", label="Run smoke tests", assigned=None)
_AFTER_GO = replace(
    _BASE,
    step="complete",
    needed_done=3,
    needed_total=6,
    obstacles=(),
    progress=None,
    blockers=(Blocker("item", "smoke-tests", "Run smoke tests: open"),),
    items={"smoke-tests": _SMOKE},
    warnings=(),
    next_act=None,
)
_DEPLOYING = replace(samples.DEPLOYING, title="loyalty tiers")
_VERIFYING = replace(
    _AFTER_GO,
    deployment=replace(
        _DEPLOYING, state=State.VERIFYING, result=Outcome.SUCCESS, completed_at=samples.NOON + timedelta(hours=3)
    ),
    step="close",
    needed_done=1,
    needed_total=12,
    blockers=(),
    items={},
    watch=Watch(9, samples.NOON + timedelta(hours=19), samples.NOON + timedelta(days=28)),
    buttons=(Verb.CLOSE, Verb.RUN_CHECKS, Verb.SEE_EVERYTHING),
    menu=(Verb.BLOCKERS, Verb.ROLL_BACK),
)
_CLOSED = replace(
    _VERIFYING,
    deployment=replace(_VERIFYING.deployment, state=State.CLOSED, closed_at=samples.NOON + timedelta(days=30)),
    step="",
    watch=None,
    last_by="Ann Keller",
    last_reason="the last week was quiet",
    head="4be1a02d" * 8,
    buttons=(Verb.SEE_EVERYTHING,),
    menu=(),
)

EXAMPLES: Mapping[str, DashboardFacts] = {
    "preparing": _BASE,
    "reading": replace(
        _BASE,
        deployment=samples.READING,
        blockers=(Blocker("reading", "", "The migrations are being read"),),
        items={},
        subject="",
        progress=None,
        next_act=None,
        buttons=(Verb.SEE_EVERYTHING,),
        warnings=(),
    ),
    "waiting for sign-offs": _PEOPLE,
    "rejected": replace(
        _PEOPLE,
        blockers=(
            Blocker(
                "rejection",
                "dba",
                "Database administrator rejected: orders is locked for minutes",
                ("@dba-team",),
                mend="change it, or have it cleared in the thread",
            ),
            Blocker("window", "", "Outside of the deployment windows; the next one starts Tue 24 Nov 09:00"),
        ),
    ),
    "ready": replace(
        _PEOPLE,
        blockers=(),
        needed_done=15,
        warnings=(),
        obstacles=(),
        buttons=(Verb.GO,),
        next_act=Verb.GO,
        amber=("DBA: seconded by Bo Larsen",),
    ),
    "go asked": replace(
        _BASE,
        deployment=replace(_BASE.deployment, go_asked_at=samples.NOON, go_asked_by="U0ANN"),
        progress=Progress(1, 3),
        buttons=(Verb.SEE_EVERYTHING,),
        next_act=None,
    ),
    "go just said": replace(
        _AFTER_GO,
        deployment=_DEPLOYING,
        runner_command="sqlx migrate run --source db/migrations",
        of_range=3,
        buttons=(Verb.COMPLETE, Verb.RUN_CHECKS, Verb.HOLD),
    ),
    "deploying": replace(
        _AFTER_GO,
        deployment=_DEPLOYING,
        runner_command="sqlx migrate run --source db/migrations",
        applied=2,
        of_range=3,
        live=(
            "pid 4711 (shop) waits 12 s for AccessShareLock on orders, blocked by pid 4700",
            "CREATE INDEX orders_open_idx 63 % (building index: scanning table)",
            "12 rows in the history table",
        ),
        buttons=(Verb.COMPLETE, Verb.HOLD),
        menu=(Verb.ROLL_BACK, Verb.TROUBLESHOOT),
    ),
    "applied": replace(
        _AFTER_GO,
        deployment=_DEPLOYING,
        applied=3,
        of_range=3,
        needed_done=6,
        blockers=(),
        items={},
        buttons=(Verb.COMPLETE, Verb.HOLD),
        next_act=Verb.COMPLETE,
    ),
    "held": replace(
        _AFTER_GO,
        deployment=replace(_DEPLOYING, state=State.HELD),
        applied=1,
        of_range=3,
        last_by="Dana Okafor",
        hold_reason="index build failed",
        hold_finding="orders_open_idx is INVALID since 16:12; 00009 has no row in the history table",
        next_statement="DROP INDEX CONCURRENTLY public.orders_open_idx;",
        buttons=(Verb.RETRY, Verb.ROLL_BACK),
        menu=(Verb.USE_NEW_FILES, Verb.COMPLETE),
        next_act=Verb.RETRY,
    ),
    "rolling back": replace(
        _AFTER_GO,
        deployment=replace(_DEPLOYING, state=State.ROLLING_BACK),
        blockers=(),
        way_back=rolling_back.EXAMPLES["down files"],
        buttons=(Verb.RUN_CHECKS, Verb.COMPLETE, Verb.SEE_EVERYTHING),
        menu=(Verb.TROUBLESHOOT,),
    ),
    "rolled back": replace(
        _VERIFYING,
        deployment=replace(_VERIFYING.deployment, result=Outcome.ROLLED_BACK),
        broken_glass="Dana Okafor 15:58: payments are down, review due 1 December",
        buttons=(Verb.START_CORRECTIVE, Verb.CLOSE, Verb.LIFT),
    ),
    "verifying": replace(
        _VERIFYING,
        blockers=(Blocker("item", "smoke-tests", "Run smoke tests: open"),),
        items={"smoke-tests": _SMOKE},
    ),
    "verifying, nothing due": _VERIFYING,
    "continued in another": replace(_VERIFYING, watch=Watch(9, None, None, "13")),
    "parked": replace(
        _PEOPLE,
        deployment=replace(_BASE.deployment, state=State.PARKED, parked_at=samples.NOON),
        last_by="Ann Keller",
        last_reason="a hotfix goes first",
        held_by="deployment 13 of Bo Larsen",
        buttons=(Verb.UNPARK, Verb.SEE_EVERYTHING),
    ),
    "closed": _CLOSED,
    "aborted": replace(
        _CLOSED,
        deployment=replace(_BASE.deployment, state=State.ABORTED, closed_at=samples.NOON),
        last_reason="a hotfix goes first",
    ),
}
