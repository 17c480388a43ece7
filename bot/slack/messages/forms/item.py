"""Forms about items: one with its evidence, history and acts; whose it is; many to tick at once; a short act.

In the third boxes start empty, and what is ticked is done. Nothing is ever unticked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.core.checklist.items import Requirement
from bot.core.checklist.reader import MAX_LABEL
from bot.core.decision import CheckResult, Decision, DecisionKind
from bot.core.item import ItemWord
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    CHOICE_OPTIONS,
    Block,
    Element,
    actions,
    bold,
    code,
    context,
    day_and_time,
    option,
    plain_user,
    section,
    sections,
    user,
)
from bot.slack.messages.buttons import Target, button, encode, form
from bot.slack.messages.forms.inputs import boxes, choice, line, person, pick
from bot.slack.messages.thread.item_line import NEEDED, evidence_line, item_head, verdict_head
from bot.slack.messages.words import listed, name, titled, under, whose
from bot.usecases.facts import ItemFacts, Named, PhaseFacts, SectionFacts
from bot.usecases.form_facts import ActForm, AddForm, GiveForm, ItemDetail
from bot.usecases.verb import Verb
from checks.result import NOTE, Finding, Status, counted

SHOWN_FINDINGS = 20
SHOWN_RESULTS = 12
SHOWN_DECISIONS = 30
GROUPS = 30
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
    return form(Verb.MORE_ABOUT, _target(facts), "Item", _blocks(facts), close="Close")


def _target(facts: ItemDetail, seen: str = "") -> Target:
    return Target(facts.deployment.id, item=facts.item.id, subject=seen)


def _blocks(facts: ItemDetail) -> Iterator[Block]:
    yield section(f"{item_head(facts.item)}\n{user(facts.section)}")
    if line := evidence_line(facts.item, 1000):
        yield section(line)
    yield from actions(_buttons(facts), encode(_target(facts)))
    yield from (context(f"⚠ {user(line)}") for line in facts.refusals[:5])
    yield from _evidence(facts)
    lines = [_decision(decision, who) for decision, who in reversed(facts.decisions)]
    yield from under("*What people decided*", lines, SHOWN_DECISIONS, "the record has all")


def _buttons(facts: ItemDetail) -> Iterator[Element]:
    """Acts that overrule a check carry which answers the person has seen."""
    for act in dict.fromkeys(facts.acts):
        if act is Verb.RUN_ACT:
            target = _target(facts)
            for act_id, title in facts.item.run_acts[:1]:
                yield button(act, replace(target, extra=act_id), f"Run {title} …")
        else:
            yield button(act, _target(facts, facts.seen if act in _SEEING else ""), _words(facts, act))


def _words(facts: ItemDetail, act: Verb) -> str:
    """*Done* over a check that failed or could not run asks for a reason."""
    overrules = any(result.status in {Status.FAILED, Status.COULD_NOT_RUN} for result in facts.results)
    return "Done …" if act is Verb.TICK and overrules else ""


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
    complaints = [finding for finding in result.findings if finding.severity != NOTE]
    lines = [_finding(finding) for finding in complaints or result.findings]
    yield from listed(lines, SHOWN_FINDINGS, f"gonogo check … --only {user(result.check_id)} shows all")


def _finding(finding: Finding) -> str:
    place = " ".join(part for part in (finding.file, f"line {finding.line}" if finding.line else "") if part)
    where = ", ".join(part for part in (place, finding.object) if part)
    hint = f" · {user(finding.hint, 200)}" if finding.hint else ""
    return f"• {user(where, 200)}: {user(finding.message)}{hint}" if where else f"• {user(finding.message)}{hint}"


def _decision(decision: Decision, who: Named) -> str:
    reason = f" · {user(decision.reason, 600)}" if decision.reason else ""
    return f"{_SAID[decision.kind]} · {name(who)} {day_and_time(decision.at)}{reason}"


_PLACE = (samples.PREPARING.id, samples.RESTORE.id)
_ASKED = Decision("d1", *_PLACE, DecisionKind.NOTE, "U0BO", samples.NOON, samples.NOON, "asked the platform team")
EXAMPLES: Mapping[str, ItemDetail] = {
    "failed": ItemDetail(
        samples.PREPARING,
        samples.RESTORE,
        "Pre-Deployment Checks",
        samples.RESULTS,
        samples.TITLES,
        ((_ASKED, samples.BO),),
        (Verb.RUN_CHECK, Verb.TICK, Verb.NOT_APPLICABLE, Verb.NOTE, Verb.CLAIM, Verb.ASSIGN, Verb.OVERRIDE),
        ("Only an approver who is no deployer may override a required item.",),
        seen=",".join(result.digest for result in samples.RESULTS),
    ),
    "plain": ItemDetail(samples.PREPARING, samples.PLAN, "Pre-Deployment Checks", (), {}, (), (Verb.TICK, Verb.NOTE)),
    "closed": ItemDetail(samples.PREPARING, samples.BACKUP, "Pre-Deployment Checks", (), {}, (), ()),
}


def give_view(facts: GiveForm) -> dict[str, Any]:
    """The fields are person (a user id) and role; one of the two is chosen."""
    target = Target(facts.deployment.id, item=facts.item, section=facts.section)
    return form(Verb.ASSIGN, target, "Give to …", _give_blocks(facts), "Give")


def _give_blocks(facts: GiveForm) -> Iterator[Block]:
    today = f"\nToday: {whose(facts.assigned)}" if facts.assigned else ""
    yield section(f"{titled(facts.deployment)}\n{bold(facts.title, 200)}{today}")
    yield person(
        "person", "Person", "They are told once, out of their quiet hours. Anybody may still do it.", optional=True
    )
    if facts.roles:
        yield pick("role", "Or whoever holds a role", facts.roles, optional=True)


_ROLES = (("dba", "Database administrator"), ("devops", "DevOps engineer"))
GIVE_EXAMPLES: Mapping[str, GiveForm] = {
    "an item": GiveForm(samples.PREPARING, "rollback-plan", "", samples.PLAN.label, _ROLES, samples.PLAN.assigned),
    "a list, no role": GiveForm(samples.PREPARING, "", samples.SECTION.id, samples.SECTION.title, ()),
}


def many_view(facts: SectionFacts) -> dict[str, Any]:
    """A modal with groups of ten boxes; what is ticked are the ids of items."""
    return _many(Target(facts.deployment.id, section=facts.id), facts.title, (facts,))


def many_of_phase_view(facts: PhaseFacts) -> dict[str, Any]:
    """The same for every section of a phase."""
    return _many(Target(facts.deployment.id, extra=str(facts.phase)), "", facts.sections)


def _many(target: Target, title: str, lists: Sequence[SectionFacts]) -> dict[str, Any]:
    groups = [group for each in lists for group in _groups(each)]
    return form(Verb.TICK_MANY, target, "Tick many", _many_blocks(title, groups), "These are done" if groups else "")


def _groups(facts: SectionFacts) -> Iterator[tuple[str, Sequence[ItemFacts]]]:
    """What can be ticked of a section, ten at a time, each with what it is called."""
    items = [item for item in facts.items if _tickable(item)]
    for start in range(0, len(items), CHOICE_OPTIONS):
        group = items[start : start + CHOICE_OPTIONS]
        place = "" if len(items) <= CHOICE_OPTIONS else f" {start + 1}–{start + len(group)}"
        yield plain_user(facts.title, 60) + place, group


def _tickable(item: ItemFacts) -> bool:
    """Open ones; waiting ones where a plain yes is enough. A failed item needs a reason, so it has a form."""
    return item.word is ItemWord.OPEN or (item.word is ItemWord.WAITING and item.act is Verb.TICK)


def _many_blocks(title: str, groups: Sequence[tuple[str, Sequence[ItemFacts]]]) -> Iterator[Block]:
    head = f"{bold(title)}\n" if title else ""
    if not groups:
        yield section(f"{head}Nothing is left to tick here.")
        return
    yield section(f"{head}Tick what you know is done: your name and the time stand beside each.")
    for number, (label, items) in enumerate(groups[:GROUPS]):
        options = [option(each.label, each.id, NEEDED.get(each.required, "")) for each in items]
        yield boxes(f"items-{number}", label, options)
    left = sum(len(items) for _, items in groups[GROUPS:])
    if left:
        yield context(f"and {counted(left, 'item')} more, shown once these are done")


MANY_EXAMPLES: Mapping[str, SectionFacts] = {
    "some": samples.SECTION,
    "none": replace(samples.SECTION, items=(samples.BACKUP,)),
    "many": replace(samples.SECTION, items=tuple(replace(samples.PLAN, id=f"plan-{number}") for number in range(25))),
}


def add_view(facts: AddForm) -> dict[str, Any]:
    """The fields are section, line and required (go, complete or no)."""
    target = Target(facts.deployment.id, section=facts.section)
    required = [(str(one), _REQUIRED[one], "") for one in facts.required]
    blocks = [
        section(f"{titled(facts.deployment)}\nThe line is this deployment's alone; the record says who added it."),
        pick("section", "Section", facts.sections, facts.section),
        line("line", "Line", most=MAX_LABEL, hint="What has to be done or looked at, as on the checklist."),
        choice("required", "Who waits for it", required, str(Requirement.NO)),
    ]
    return form(Verb.ADD_LINE, target, "Add a line", blocks, "Add it")


_REQUIRED: Mapping[Requirement, str] = {
    Requirement.GO: "Needed for go",
    Requirement.COMPLETE: "Needed to complete",
    Requirement.NO: "Optional",
}
ADD_EXAMPLES: Mapping[str, AddForm] = {
    "before go": AddForm(
        samples.PREPARING, ((samples.SECTION.id, samples.SECTION.title),), samples.SECTION.id, tuple(Requirement)
    ),
    "verifying": AddForm(samples.DEPLOYING, (("day", "Day 1–7"),), "day", (Requirement.NO,)),
}


def act_view(facts: ActForm) -> dict[str, Any]:
    """Submitting runs it on the bot's machine, at most five minutes."""
    target = Target(facts.deployment.id, item=facts.item_id, extra=facts.act_id)
    blocks = [
        section(f"{titled(facts.deployment)}\n{bold(facts.title, 200)} · {user(facts.item, 200)}"),
        code(facts.command),
        context("gonogo runs this by itself, once, for at most 5 minutes; its answer settles the item."),
    ]
    return form(Verb.RUN_ACT, target, "Run it?", blocks, "Run it")


ACT_EXAMPLES: Mapping[str, ActForm] = {
    "refresh": ActForm(
        samples.DEPLOYING,
        "refresh-views",
        "Refresh materialized views",
        "fresh-views",
        "fresh views",
        "./refresh-views.sh production",
    )
}
