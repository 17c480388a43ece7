"""Delegate a role for a while: both names stay in the record, and nobody passes it on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.slack.ids import Target, encode
from bot.slack.messages.blocks import Block, modal, section
from bot.slack.messages.buttons import button
from bot.slack.messages.inputs import date as date_input
from bot.slack.messages.inputs import person, pick
from bot.slack.messages.mrkdwn import user
from bot.usecases.verb import Verb

ROLE, TO, UNTIL = "role", "to", "until"


@dataclass(frozen=True)
class Given:
    """A delegation in force: the role, to whom by name, and the last day."""

    role: str
    title: str
    to: str
    until: date


@dataclass(frozen=True)
class DelegateForm:
    """`roles` are (name, title) of the roles this person holds; `until` is the proposed last day."""

    roles: tuple[tuple[str, str], ...]
    until: date
    project: str = ""
    given: tuple[Given, ...] = ()


def view(facts: DelegateForm) -> dict[str, Any]:
    """The fields are role, to (a user id) and until (2026-11-24)."""
    return modal(
        "Delegate",
        _blocks(facts),
        callback_id=Verb.DELEGATE,
        metadata=encode(Target(extra=facts.project)),
        submit="Delegate" if facts.roles else "",
    )


def _blocks(facts: DelegateForm) -> Iterator[Block]:
    for one in facts.given:
        words = f"{user(one.to)} signs as {user(one.title)} for you until {one.until:%d %b %Y}."
        taking_back = button(Verb.TAKE_BACK, Target(role=one.role, extra=facts.project))
        yield section(words, accessory=taking_back)
    if not facts.roles:
        yield section("You hold no role, so there is nothing to delegate.")
        return
    yield section("Somebody else decides for you until the day you name. The record keeps both names.")
    yield pick(ROLE, "Role", facts.roles, facts.roles[0][0])
    yield person(TO, "To", "A full member who is no deployer of what is to be decided.")
    yield date_input(UNTIL, "Until", facts.until.isoformat(), "At most 30 days from now.")


EXAMPLES: Mapping[str, DelegateForm] = {
    "two roles": DelegateForm((("dba", "Database administrator"), ("devops", "DevOps engineer")), date(2026, 12, 1)),
    "one given": DelegateForm(
        (("dba", "Database administrator"),),
        date(2026, 12, 1),
        given=(Given("dba", "Database administrator", "Devi Nair", date(2026, 11, 27)),),
    ),
    "none": DelegateForm((), date(2026, 12, 1)),
}
