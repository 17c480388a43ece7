"""Everything about one item: evidence in full, what people decided, and what this person may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.core.decision import CheckResult, Decision, DecisionKind
from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, Element, actions, context, modal, section, sections
from bot.slack.messages.buttons import button
from bot.slack.messages.check_words import verdict_head
from bot.slack.messages.item_line import evidence_line, item_head
from bot.slack.messages.mrkdwn import day_and_time, user
from bot.slack.messages.words import listed, name
from bot.usecases.facts import Named
from bot.usecases.form_facts import ItemDetail
from bot.usecases.verb import Verb
from checks.result import Finding, Status

SHOWN_FINDINGS = 20
SHOWN_RESULTS = 12
SHOWN_DECISIONS = 30
_SAID: Mapping[DecisionKind, str] = {
    DecisionKind.DONE: "✓ done",
    DecisionKind.UNDONE: "○ undone",
    DecisionKind.NOT_APPLICABLE: "– not applicable",
    DecisionKind.OVERRIDE: "🟠 overridden",
    DecisionKind.NOTE: "note",
    DecisionKind.ASSIGN: "assigned",
}
_SEEING = frozenset({Verb.TICK, Verb.OVERRIDE, Verb.NOT_APPLICABLE})


def view(facts: ItemDetail) -> dict[str, Any]:
    """A modal without a submit: every act is a button, those that need a reason open a form above it."""
    return modal("Item", _blocks(facts), callback_id=Verb.MORE_ABOUT, metadata=encode(_target(facts)))


def _target(facts: ItemDetail, seen: str = "") -> Target:
    return Target(facts.deployment.id, item=facts.item.id, subject=seen)


def _blocks(facts: ItemDetail) -> Iterator[Block]:
    yield section(f"{item_head(facts.item)}\n{user(facts.section)}")
    if line := evidence_line(facts.item, 1000):
        yield section(line)
    yield from actions(_buttons(facts), encode(_target(facts)))
    yield from (context(f"⚠ {user(line)}") for line in facts.refusals[:5])
    yield from _evidence(facts)
    yield from _history(facts)


def _buttons(facts: ItemDetail) -> Iterator[Element]:
    """Acts that overrule a check carry which answers the person has seen."""
    for act in dict.fromkeys(facts.acts):
        if act is Verb.RUN_ACT:
            target = _target(facts)
            for act_id, title in facts.item.run_acts[:1]:
                yield button(act, replace(target, extra=act_id), f"Run {title} …")
        elif act is Verb.ASSIGN:
            yield {"type": "users_select", "action_id": str(act), "placeholder": _placeholder()}
        else:
            yield button(act, _target(facts, facts.seen if act in _SEEING else ""), _words(facts, act))


def _words(facts: ItemDetail, act: Verb) -> str:
    """*Done* over a check that failed or could not run asks for a reason."""
    overrules = any(result.status in {Status.FAILED, Status.COULD_NOT_RUN} for result in facts.results)
    return "Done …" if act is Verb.TICK and overrules else ""


def _placeholder() -> Element:
    return {"type": "plain_text", "text": "Assign to …"}


def _evidence(facts: ItemDetail) -> Iterator[Block]:
    if facts.results:
        yield section("*What the checks say*")
    for result in facts.results[:SHOWN_RESULTS]:
        yield from sections(_result(result, facts.titles))
    if len(facts.results) > SHOWN_RESULTS:
        yield context(f"and {len(facts.results) - SHOWN_RESULTS} more checks · gonogo checks on the command line")


def _result(result: CheckResult, titles: Mapping[str, str]) -> Iterator[str]:
    yield verdict_head(result, titles)
    if result.hint:
        yield f"To do: {user(result.hint, 600)}"
    lines = [_finding(finding) for finding in result.findings]
    yield from listed(lines, SHOWN_FINDINGS, f"gonogo check … --only {user(result.check_id)} shows all")


def _finding(finding: Finding) -> str:
    place = " ".join(part for part in (finding.file, f"line {finding.line}" if finding.line else "") if part)
    where = ", ".join(part for part in (place, finding.object) if part)
    hint = f" · {user(finding.hint, 200)}" if finding.hint else ""
    return f"• {user(where, 200)}: {user(finding.message)}{hint}" if where else f"• {user(finding.message)}{hint}"


def _history(facts: ItemDetail) -> Iterator[Block]:
    if not facts.decisions:
        return
    yield section("*What people decided*")
    lines = [_decision(decision, who) for decision, who in reversed(facts.decisions)]
    yield from sections(listed(lines, SHOWN_DECISIONS, "the record has all"))


def _decision(decision: Decision, who: Named) -> str:
    reason = f" · {user(decision.reason, 600)}" if decision.reason else ""
    return f"{_SAID[decision.kind]} · {name(who)} {day_and_time(decision.at)}{reason}"


def _example_decision(kind: DecisionKind, reason: str) -> tuple[Decision, Named]:
    made = Decision("d1", samples.PREPARING.id, "backup-restorable", kind, "U0BO", samples.NOON, samples.NOON, reason)
    return made, samples.BO


EXAMPLES: Mapping[str, ItemDetail] = {
    "failed": ItemDetail(
        samples.PREPARING,
        samples.RESTORE,
        "Pre-Deployment Checks",
        samples.RESULTS,
        samples.TITLES,
        (_example_decision(DecisionKind.NOTE, "asked the platform team"),),
        (Verb.RUN_CHECK, Verb.TICK, Verb.NOT_APPLICABLE, Verb.NOTE, Verb.ASSIGN, Verb.OVERRIDE),
        ("Only an approver who is no deployer may override a required item.",),
        seen=",".join(result.digest for result in samples.RESULTS),
    ),
    "plain": ItemDetail(samples.PREPARING, samples.PLAN, "Pre-Deployment Checks", (), {}, (), (Verb.TICK, Verb.NOTE)),
    "closed": ItemDetail(samples.PREPARING, samples.BACKUP, "Pre-Deployment Checks", (), {}, (), ()),
}
