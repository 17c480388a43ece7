"""The answer of `/deploy plan`: what would block, told privately when it is worked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.slack.messages.blocks import Block, Rendered, bold, context, fitting, rendered, section, sections, user
from bot.slack.messages.wording import frozen
from bot.slack.messages.words import capital, listed
from checks.result import counted

WHERE = "start it to see all"


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


def render(facts: Mapping[str, object]) -> Rendered:
    """One private message; long lists end in "and N more", earlier where all of them are long."""
    plan = frozen(Plan, facts)
    blocks = fitting((20, 8, 4, 2), lambda most: _blocks(plan, most))
    return rendered(f"Plan for {user(plan.environment)}: {_verdict(plan)}", blocks)


def _verdict(plan: Plan) -> str:
    if plan.fault:
        return "it could not be worked out"
    stands = len(plan.blockers) + bool(plan.held_by)
    return f"{counted(stands, 'thing')} would block go" if stands else "nothing that a machine sees would block go"


def _blocks(plan: Plan, most: int) -> Iterator[Block]:
    title = f"Plan · {capital(plan.environment)} · migrations {plan.range}" if plan.range else "Plan"
    yield section(f"{bold(title)}\n{capital(_verdict(plan))}")
    if plan.fault:
        yield section(user(plan.fault, 1000))
        return
    held = [f"{plan.environment} is held by {plan.held_by}"] if plan.held_by else []
    yield from _list("Would block go", [*held, *plan.blockers], "✗", most)
    yield from _list("Found by checks", plan.findings, "⚠", most)
    yield from _list("In the way", plan.obstacles, "⚠", most)
    yield from _list("To know before go", plan.warnings, "⚠", most)
    yield from _list("To be ticked by hand", plan.by_hand, "○", most)
    yield from _list("Would be asked", plan.asked, "◐", most)
    passed = f"{plan.passed} of {counted(plan.checks, 'check')} passed" if plan.checks else "no check is configured"
    yield context(f"{counted(plan.files, 'file')} in range · {passed} · nothing was changed, nobody else was told.")


def _list(title: str, lines: Sequence[str], symbol: str, most: int) -> Iterator[Block]:
    if lines:
        shown = listed([f"{symbol} {user(line, 300)}" for line in lines], most, WHERE)
        yield from sections([f"*{title}*", *shown])


_BASE: Mapping[str, object] = {"user": "U0ANN", "environment": "production", "range": "00008–00010"}
EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "blocked": {
        **_BASE,
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
    "clear": {**_BASE, "files": 3, "passed": 14, "checks": 14},
    "fault": {**_BASE, "range": "", "fault": "There is no environment “prod”. Known: staging, production."},
}
