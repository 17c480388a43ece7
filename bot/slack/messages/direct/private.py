"""What one person is told: an answer or a refusal, a choice of deployments, help, and what a plan came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from bot.core.deployment import Deployment
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    Block,
    Rendered,
    Safe,
    actions,
    bold,
    context,
    fitting,
    option,
    rendered,
    section,
    sections,
    select,
    user,
)
from bot.slack.messages.buttons import MENU, Target, button, encode, thread_button
from bot.slack.messages.direct.status import unlock_button
from bot.slack.messages.templates import worded
from bot.slack.messages.words import capital, frozen, listed, locked, named_short, plain_titled, state_word
from bot.usecases.standing_facts import LockFacts
from bot.usecases.verb import Verb
from checks.result import counted

LINES = 30
CHOICES = 40


@dataclass(frozen=True)
class Offer:
    """A button that may be pressed again: a verb's word and its target."""

    verb: str
    deployment: str = ""
    item: str = ""
    section: str = ""
    role: str = ""
    subject: str = ""
    extra: str = ""
    environment: str = ""
    words: str = ""


@dataclass(frozen=True)
class Private:
    """The facts of a `private` row. `text` is a plain sentence, or several on lines of their own."""

    text: str = ""
    offers: Sequence[Offer] = field(default_factory=tuple)
    permalink: str = ""
    reference: str = ""


def render(facts: Mapping[str, object]) -> Rendered:
    """Everything in `text` is escaped: it may quote people, and mentions nobody."""
    told = frozen(Private, facts)
    lines = [user(line, 1000) for line in told.text.splitlines() if line.strip()]
    return worded("private", {**asdict(told), "lines": lines[:LINES]}, _buttons(told))


def say(text: str, offers: Sequence[Mapping[str, str]] = (), *, permalink: str = "", reference: str = "") -> Rendered:
    """The same for an answer that is drawn at once."""
    return render({"text": text, "offers": offers, "permalink": permalink, "reference": reference})


def _buttons(told: Private) -> list[Block]:
    """Each verb once: Slack refuses an action_id twice in one block."""
    offers = {each.verb: each for each in told.offers[:5] if each.verb in set(Verb)}
    offered = []
    for each in offers.values():
        target = Target(**{name: getattr(each, name) for name in _AIMED})
        offered.append(button(Verb(each.verb), target, _words(each)))
    return actions([*offered, thread_button(told.permalink)])


_AIMED = ("deployment", "item", "section", "role", "subject", "extra", "environment")


def not_started(facts: LockFacts) -> Rendered:
    """The answer to a start in a locked environment: who locked it, why, until when, and what to do."""
    lines = [Safe(f"Nothing was started: {locked(facts)}."), Safe(f"Ask {user(facts.by)}, or wait until then.")]
    return worded("private", {**asdict(Private()), "lines": lines}, actions([unlock_button(facts)]))


def _words(offer: Offer) -> str:
    """The role that a decision is for stands on its button, also here."""
    role = named_short(offer.role)
    own = {Verb.SIGN: f"Sign as {role}", Verb.SECOND: f"Second for {role}"} if role else {}
    return offer.words or own.get(Verb(offer.verb), "")


EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "refused": {"text": "You are a deployer of this deployment: somebody else has to approve.", "user": "U0ANN"},
    "changed": {
        "text": "Nothing was recorded: 00009 changed since you looked.\n00009_index_open_orders.up.sql: 2 lines more",
        "offers": [{"verb": "sign", "deployment": "d0", "role": "dba", "subject": "5" * 64, "words": "Approve as DBA"}],
    },
    "asleep": {
        "text": "Asked. In quiet hours, so asked in the morning: Devi Patel.",
        "offers": [{"verb": "ask_now", "deployment": "d0", "extra": "anyway", "words": "Ask anyway"}],
    },
    "fault": {"text": "gonogo has a fault of its own; your click was not recorded.", "reference": "8f2c"},
    "elsewhere": {
        "text": "production is held by deployment 11 of Bo Larsen since today 13:10.",
        "permalink": "https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100",
        "offers": [{"verb": "join", "deployment": "d0"}, {"verb": "take_over", "deployment": "d0"}],
    },
}


def picker_render(verb: Verb, deployments: Sequence[Deployment]) -> Rendered:
    """What is to be done, and to which deployment (the first 40 are offered).

    A choice is a click on *More …*: its value has the deployment and the verb.
    """
    if not deployments:
        return rendered("No deployment is open.", [section("No deployment is open.")])
    words = f"*{verb.words}* Which deployment?"
    choices = [
        option(f"{each.label} · {plain_titled(each)} · {state_word(each)}", encode(Target(each.id, extra=str(verb))))
        for each in deployments[:CHOICES]
    ]
    hidden = len(deployments) - CHOICES
    more = [context(f"and {hidden} more · give the number: status 12")] if hidden > 0 else []
    return rendered(words, [section(words), *actions([select(MENU, "Choose a deployment …", choices)]), *more])


PICKER_EXAMPLES: Mapping[str, tuple[Verb, Sequence[Deployment]]] = {
    "two": (Verb.COMPLETE, (samples.PREPARING, replace(samples.DEPLOYING, id="d1", number=13))),
    "none": (Verb.STATUS, ()),
    "many": (Verb.STATUS, tuple(replace(samples.PREPARING, id=f"d{n}", number=n) for n in range(140))),
}


def help_render(
    command: str, lines: Sequence[tuple[str, str]], also: Sequence[str], wrong: str = "", nearest: str = ""
) -> Rendered:
    """`command` is its configured name, `lines` are (how to type it, what it does), `also` the names of the rest.

    `wrong` is what was typed and not understood, `nearest` what was meant. The lines are words of ours: their backticks
    stay, and {command} in them is the configured name.
    """
    told = [(typed, Safe(about.format(command=user(command)))) for typed, about in lines]
    return worded("help", {"command": command, "lines": told, "also": also, "wrong": wrong, "nearest": nearest})


@dataclass(frozen=True)
class Plan:
    """`fault` says why nothing could be worked out; `held_by` who holds the environment now."""

    environment: str = ""
    range: str = ""
    fault: str = ""
    held_by: str = ""
    files: int = 0
    passed: int = 0
    checks: int = 0
    blockers: Sequence[str] = ()
    by_hand: Sequence[str] = ()
    obstacles: Sequence[str] = ()
    warnings: Sequence[str] = ()
    findings: Sequence[str] = ()
    asked: Sequence[str] = ()


def plan_render(facts: Mapping[str, object]) -> Rendered:
    """The answer of `/deploy plan`; long lists end in "and N more", earlier where all of them are long."""
    plan = frozen(Plan, facts)
    blocks = fitting((20, 8, 4, 2), lambda most: _plan_blocks(plan, most))
    return rendered(f"Plan for {user(plan.environment)}: {_verdict(plan)}", blocks)


def _verdict(plan: Plan) -> str:
    if plan.fault:
        return "it could not be worked out"
    stands = len(plan.blockers) + bool(plan.held_by)
    return f"{counted(stands, 'thing')} would block go" if stands else "nothing that a machine sees would block go"


def _plan_blocks(plan: Plan, most: int) -> Iterator[Block]:
    title = f"Plan · {capital(plan.environment)} · migrations {plan.range}" if plan.range else "Plan"
    yield section(f"{bold(title)}\n{capital(_verdict(plan))}")
    if plan.fault:
        yield section(user(plan.fault, 1000))
        return
    held = [f"{plan.environment} is held by {plan.held_by}"] if plan.held_by else []
    yield from _plan_list("Would block go", [*held, *plan.blockers], "✗", most)
    yield from _plan_list("Found by checks", plan.findings, "⚠", most)
    yield from _plan_list("In the way", plan.obstacles, "⚠", most)
    yield from _plan_list("To know before go", plan.warnings, "⚠", most)
    yield from _plan_list("To be ticked by hand", plan.by_hand, "○", most)
    yield from _plan_list("Would be asked", plan.asked, "◐", most)
    passed = f"{plan.passed} of {counted(plan.checks, 'check')} passed" if plan.checks else "no check is configured"
    yield context(f"{counted(plan.files, 'file')} in range · {passed} · nothing was changed, nobody else was told.")


def _plan_list(title: str, lines: Sequence[str], symbol: str, most: int) -> Iterator[Block]:
    if lines:
        shown = listed([f"{symbol} {user(line, 300)}" for line in lines], most, "start it to see all")
        yield from sections([f"*{title}*", *shown])


_PLAN: Mapping[str, object] = {"user": "U0ANN", "environment": "production", "range": "00008–00010"}
PLAN_EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "blocked": {
        **_PLAN,
        "files": 3,
        "passed": 11,
        "checks": 14,
        "held_by": "deployment 12, Bo Larsen's, preparing",
        "blockers": ["Outside of the deployment windows; the next one starts Tue 24 Nov 09:00 (Europe/Berlin)"],
        "by_hand": ["Rollback plan prepared"],
        "obstacles": ["staging has not completed 00010 as they are now: deploy them to staging first"],
        "warnings": ["00009 holds ACCESS EXCLUSIVE on orders (41 GB) and rewrites it"],
        "findings": ["Statement risk: 1 statement to look at"],
        "asked": ["Database administrator", "Backend engineer"],
    },
    "clear": {**_PLAN, "files": 3, "passed": 14, "checks": 14},
    "fault": {**_PLAN, "range": "", "fault": "There is no environment “prod”. Known: staging, production."},
}
