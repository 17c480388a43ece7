"""Notices to stakeholders: what happens to them, in their words, who answers, and who has read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import cycle

from bot.core.deployment import Outcome, State
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, Rendered, actions, context, day_and_time, room, section, user
from bot.slack.messages.buttons import Target, button
from bot.slack.messages.templates import worded
from bot.slack.messages.words import NAME_LENGTH, OUTCOMES, and_more, listed
from bot.usecases.standing_facts import NoticeFacts
from bot.usecases.verb import Verb

SHOWN_CHANGES = 6
SHOWN_NAMES = 8


def render(facts: NoticeFacts) -> Rendered:
    """One message of a notice, in any state of its deployment."""
    deployment = facts.deployment
    # Of what is partly done the notes say what; a list of all of it would be untrue.
    is_known = not (facts.now or facts.told_below or deployment.result is Outcome.PARTIAL)
    changes = [f"• {user(line, 150)}" for line in deployment.changes if is_known]
    told = {
        "what": deployment.title_words or "A database change",
        "owner": facts.owner,
        "room": room(facts.channel),
        "label": deployment.label,
        "interruption": facts.interruption,
        "environment": deployment.environment,
        "at": facts.at,
        "parked": facts.event == "parked",
        "now": facts.now,
        "now_at": facts.now_at,
        "announced_at": facts.announced_at,
        "reason": "" if facts.told_below else facts.reason,
        "told_below": facts.told_below,
        "result": str(deployment.result or ""),
        "starts": deployment.window_start,
        "ends": deployment.window_end,
        "minutes": deployment.estimate_minutes,
        "changes": listed(changes, SHOWN_CHANGES),
    }
    return worded(f"notice/{_TEMPLATES.get(facts.event, facts.event)}", told, _below(facts), facts.words)


_TEMPLATES = {"parked": "start", "rolled-back": "completion"}


def _below(facts: NoticeFacts) -> Iterator[Block]:
    deployment = facts.deployment
    press = [button(Verb.ACKNOWLEDGE, Target(notice=facts.notice_id))] if facts.notice_id else []
    if facts.acknowledged:
        # The names take the button's place; it stays, small, for whoever comes later.
        yield section(_names(facts), next(iter(press), None))
    else:
        yield from actions(press)
    if facts.told_below:
        return
    result = [f"result: {OUTCOMES[deployment.result]}"] if deployment.result and not facts.now else []
    read = [f"migrations {user(deployment.range_words, 60)}"] if deployment.first_version else []
    about = " · ".join([f"deployment {user(deployment.label, 60)}", *read, *result])
    yield context(f"Questions: {user(facts.owner, NAME_LENGTH)}, or {room(facts.channel)}  ·  {about}")
    if facts.ended_by:
        yield context(f"You wished to hear of this. To end it, type `{facts.ended_by}`.")


def _names(facts: NoticeFacts) -> str:
    said = [f"{user(name, NAME_LENGTH)} {day_and_time(at)}" for name, at in facts.acknowledged]
    hidden = len(said) - SHOWN_NAMES
    return "✓ acknowledged by " + ", ".join([*said[:SHOWN_NAMES], *([and_more(hidden)] if hidden > 0 else [])])


_LATER = samples.NOON + timedelta(hours=3)
_CHANGES = "add loyalty tier to customers\nindex open orders\ndaily revenue for the dashboard"
_KNOWN = replace(samples.PREPARING.facts, changes=_CHANGES)
_TITLED = replace(samples.PREPARING, title="Loyalty tiers", facts=_KNOWN, estimate_minutes=30)
_UNDER_WAY = replace(_TITLED, state=State.DEPLOYING, go_at=samples.NOON)
_DONE = replace(_UNDER_WAY, state=State.VERIFYING, result=Outcome.SUCCESS, completed_at=_LATER)
_TAKEN_BACK = replace(_DONE, result=Outcome.ROLLED_BACK)
_PLANNED = NoticeFacts(_TITLED, "start", samples.NOON, samples.ANN.name, "C0DEPLOYS", notice_id="n" * 26)
_READ = (("Pia Rossi", samples.NOON), ("Otto Braun", samples.NOON))
EXAMPLES: Mapping[str, NoticeFacts] = {
    "planned": _PLANNED,
    "planned, nothing known": replace(_PLANNED, deployment=samples.READING),
    "acknowledged": replace(_PLANNED, acknowledged=_READ),
    "corrected": replace(_PLANNED, announced_at=samples.NOON),
    "put off": replace(_PLANNED, deployment=replace(_TITLED, state=State.PARKED), event="parked"),
    "under way": replace(_PLANNED, deployment=_UNDER_WAY, event="go"),
    "held": replace(_PLANNED, deployment=replace(_UNDER_WAY, state=State.HELD), event="held"),
    "done": replace(_PLANNED, deployment=_DONE, event="completion", at=_LATER, reason="No downtime."),
    "done, told below": replace(
        _PLANNED, deployment=_DONE, event="completion", told_below=True, notice_id="", acknowledged=_READ
    ),
    "partly": replace(
        _PLANNED,
        deployment=replace(_DONE, result=Outcome.PARTIAL),
        event="completion",
        reason="The revenue view follows on Thursday.",
    ),
    "being taken back": replace(_PLANNED, deployment=_UNDER_WAY, event="rollback", reason="Checkout is slow."),
    "taken back": replace(_PLANNED, deployment=_TAKEN_BACK, event="rolled-back", reason="The index build failed."),
    "done, and then taken back": replace(
        _PLANNED, deployment=_TAKEN_BACK, event="completion", now="rolled-back", now_at=_LATER, notice_id=""
    ),
    "back is over": replace(
        _PLANNED, deployment=_TAKEN_BACK, event="rollback", now="rolled-back", now_at=_LATER, notice_id=""
    ),
    "aborted": replace(
        _PLANNED, deployment=replace(_TITLED, state=State.ABORTED), event="abort", reason="A hotfix goes first."
    ),
    "wished for": replace(_PLANNED, notice_id="", ended_by="/deploy subscriptions"),
}
SETS = ("management", "support")
"""The sets of words that ship beside the general one."""


def examples_in(words: str) -> Mapping[str, NoticeFacts]:
    """The same for an audience that reads another set of words, and with what checks say of the risk."""
    with_risk = zip(EXAMPLES.items(), cycle(("none", "likely", "")), strict=False)
    return {f"{words}, {state}": replace(facts, words=words, interruption=risk) for (state, facts), risk in with_risk}
