"""The message of one role in the thread: what is decided, by whom it may be, what was said, and the buttons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.core.decision import SAID, SignOffDecision, short
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    Element,
    Rendered,
    Safe,
    actions,
    bold,
    day_and_time,
    moment,
    rendered,
    sections,
    user,
)
from bot.slack.messages.buttons import Target, button
from bot.slack.messages.words import (
    SIGN_OFF_SYMBOLS,
    YES,
    listed,
    name,
    named,
    named_short,
    role_title,
)
from bot.usecases.facts import GivenSignOff, SignOffFacts, SignOffWord
from bot.usecases.verb import Verb
from checks.result import counted

SHOWN_DECISIONS = 8
REASON = 120
SHOWN_WARNINGS = 4
_SYMBOLS: Mapping[SignOffDecision, str] = {
    SignOffDecision.REJECT: "✗ ",
    SignOffDecision.SECOND: "",
    SignOffDecision.NOT_REQUIRED: "– ",
}
_DECIDING = frozenset({Verb.SIGN, Verb.SECOND, Verb.REJECT})
_WANTS_AN_ANSWER = frozenset({SignOffWord.WAITING, SignOffWord.STALE, SignOffWord.REJECTED})


def render(facts: SignOffFacts) -> Rendered:
    """One role in any of its states."""
    words = f"{user(role_title(facts.role))}: {facts.word}. {decides(facts)}"
    return rendered(words, [*sections(_lines(facts)), *actions(decision_buttons(facts))])


def _lines(facts: SignOffFacts) -> Iterator[str]:
    count = f", {facts.have} of {facts.role.quorum}" if facts.role.quorum > 1 else ""
    yield f"{bold(role_title(facts.role))}   {SIGN_OFF_SYMBOLS[facts.word]} {facts.word}{count}{_who(facts)}"
    yield decides(facts)
    if facts.notified_at:
        yield f"notice delivered {day_and_time(facts.notified_at)}" + ("" if facts.have else ", not acknowledged")
    if facts.reason:
        yield str(user(facts.reason))
    yield from listed([_given(each, facts) for each in facts.given], SHOWN_DECISIONS, "See everything")
    yield from listed([f"⚠ {user(line, 160)}" for line in facts.warnings], SHOWN_WARNINGS, "See everything")


def _who(facts: SignOffFacts) -> str:
    """`one of @dba-team, not Ann Keller`, while an answer is wanted; shown, not mentioned."""
    if facts.word not in _WANTS_AN_ANSWER:
        return ""
    if Verb.SECOND in facts.acts:
        return " · held by deployers only, so another approver may second"
    may = named(facts.may_sign, facts.names) or "any full member"
    one_of = "" if len(facts.may_sign) == 1 and not facts.may_sign[0].startswith("@") else "one of "
    # Deployers decide nothing here, and are told so before they click.
    deployers = ", ".join(listed([name(each) for each in facts.may_not], 3))
    but = f", not {deployers}" if deployers else ""
    not_asked = "" if facts.asked else ", not asked yet"
    return f" · {one_of if facts.may_sign else ''}{may}{but}{not_asked}"


def decides(facts: SignOffFacts) -> Safe:
    """`decides 00008–00010, 3 files, 7f3a91c0 · 12 of 14 checks passed 14:03 · 2 items open`."""
    if not facts.subject:
        return Safe("the migrations are being read; there is nothing to decide yet")
    deployment = facts.deployment
    files = f"{counted(facts.files, 'file')}, {short(facts.subject)}"
    parts = [f"decides {user(deployment.range_words, 80)} for {user(deployment.environment, 60)}, {files}"]
    if facts.checks_total:
        at = f" {moment(facts.checks_at)}" if facts.checks_at else ""
        parts.append(f"{facts.checks_passed} of {counted(facts.checks_total, 'check')} passed{at}")
    return Safe(" · ".join([*parts, f"{counted(facts.open_items, 'item')} open"]))


def _given(given: GivenSignOff, facts: SignOffFacts) -> str:
    sign_off = given.sign_off
    behalf = f" for {name(given.on_behalf_of)}" if given.on_behalf_of else ""
    reason = f" · {user(sign_off.reason, REASON)}" if sign_off.reason else ""
    symbol = _SYMBOLS.get(sign_off.decision, "✓ ")
    said = f"{symbol}{SAID[sign_off.decision]} {name(given.who)}{behalf} {day_and_time(sign_off.at)}"
    return f"{said}{reason}{_ended(given, facts)}"


def _ended(given: GivenSignOff, facts: SignOffFacts) -> str:
    sign_off = given.sign_off
    why = f": {user(sign_off.ended_why, REASON)}" if sign_off.ended_why else ""
    if sign_off.withdrawn_at:
        return f" · withdrawn{why}"
    if sign_off.cleared_at:
        return f" · cleared{why}"
    old = sign_off.stale_at or (facts.subject and sign_off.subject != facts.subject)
    return f" · ↻ for an older state{why}" if old else ""


def decision_buttons(facts: SignOffFacts) -> list[Element]:
    """The role's acts; those that decide carry the subject. The yes comes first and is green."""
    acts = [act for act in dict.fromkeys(facts.acts) if facts.subject or act not in _DECIDING]
    return [_button(facts, act) for act in acts]


def _button(facts: SignOffFacts, act: Verb) -> Element:
    target = Target(facts.deployment.id, role=facts.role.name, subject=facts.subject)
    style = "primary" if act is Verb.SIGN else ""
    own = {
        Verb.SIGN: f"{YES[facts.role.kind]} {named_short(facts.role.name)}",
        Verb.SECOND: f"Second for {named_short(facts.role.name)}",
        Verb.HOLD: "Call hold …",
    }
    return button(act, target, own.get(act, ""), style)


_REJECTED = replace(
    samples.APPROVED_BY_DANA,
    sign_off=replace(
        samples.APPROVED_BY_DANA.sign_off, decision=SignOffDecision.REJECT, reason="orders is locked for minutes"
    ),
)
_SECONDED = replace(
    samples.APPROVED_BY_DANA,
    sign_off=replace(samples.APPROVED_BY_DANA.sign_off, decision=SignOffDecision.SECOND),
    who=samples.BO,
)
_STALE = replace(
    samples.APPROVED_BY_DANA,
    sign_off=replace(samples.APPROVED_BY_DANA.sign_off, stale_at=samples.NOON, ended_why="00009 changed"),
)
EXAMPLES: Mapping[str, SignOffFacts] = {
    "waiting": samples.WAITING_DBA,
    "reading": replace(samples.WAITING_DBA, subject="", asked=False),
    "approved": samples.APPROVED_DBA,
    "after go": replace(samples.APPROVED_DBA, acts=(Verb.HOLD, Verb.SEE_SUBJECT)),
    "rejected": replace(
        samples.WAITING_DBA,
        word=SignOffWord.REJECTED,
        given=(_REJECTED,),
        acts=(Verb.CLEAR_REJECTION, Verb.SEE_SUBJECT),
    ),
    "seconded": replace(samples.APPROVED_DBA, word=SignOffWord.SECONDED, given=(_SECONDED,)),
    "second wanted": replace(samples.WAITING_DBA, may_sign=("U0ANN",), acts=(Verb.SECOND, Verb.SEE_SUBJECT)),
    "stale": replace(samples.WAITING_DBA, word=SignOffWord.STALE, given=(_STALE,), warnings=("00009 changed",)),
    "not required": replace(
        samples.WAITING_DBA,
        word=SignOffWord.NOT_REQUIRED,
        reason="no file touches roles, grants or row security",
        acts=(Verb.SEE_SUBJECT,),
    ),
    "turned off": replace(
        samples.WAITING_DBA, word=SignOffWord.TURNED_OFF, reason="enabled = false in the settings", acts=()
    ),
}
