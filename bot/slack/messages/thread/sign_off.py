"""The message of one role in the thread: what is decided, by whom it may be, what was said, and the buttons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot.core.decision import SAID, SignOffDecision, short
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    Block,
    Element,
    Rendered,
    Safe,
    actions,
    bold,
    day_and_time,
    fitting,
    link,
    rendered,
    sections,
    user,
)
from bot.slack.messages.buttons import Target, button
from bot.slack.messages.thread.item_line import SYMBOLS
from bot.slack.messages.words import (
    SIGN_OFF_SYMBOLS,
    YES,
    and_more,
    capital,
    listed,
    name,
    named,
    named_short,
    role_title,
    titled,
)
from bot.usecases.facts import Card, GivenSignOff, NotPassed, SignOffFacts, SignOffWord
from bot.usecases.verb import Verb
from bot.usecases.views.forms import in_words
from checks.result import Status, counted

SHOWN_DECISIONS = 8
REASON = 120
_SYMBOLS: Mapping[SignOffDecision, str] = {
    SignOffDecision.REJECT: "✗ ",
    SignOffDecision.SECOND: "",
    SignOffDecision.NOT_REQUIRED: "– ",
}
_DECIDING = frozenset({Verb.SIGN, Verb.SECOND, Verb.REJECT, Verb.NOT_REQUIRED})
_WANTS_AN_ANSWER = frozenset({SignOffWord.WAITING, SignOffWord.STALE, SignOffWord.REJECTED})


@dataclass(frozen=True)
class Room:
    """How many files and checks a card names, and how long a line may be."""

    files: int
    checks: int
    text: int


ROOMS = (Room(12, 8, 240), Room(8, 5, 160), Room(4, 3, 90))


def render(facts: SignOffFacts) -> Rendered:
    """One role in any of its states; the card while somebody is to decide."""
    words = f"{user(role_title(facts.role))}: {facts.word}. {about(facts)}"
    return rendered(words, fitting(ROOMS, lambda room: _blocks(facts, room)))


def _blocks(facts: SignOffFacts, room: Room) -> Iterator[Block]:
    yield from sections(_lines(facts, room))
    yield from actions(decision_buttons(facts))


def _lines(facts: SignOffFacts, room: Room) -> Iterator[str]:
    count = f", {facts.have} of {facts.role.quorum}" if facts.role.quorum > 1 else ""
    yield f"{bold(role_title(facts.role))}   {SIGN_OFF_SYMBOLS[facts.word]} {facts.word}{count}{_who(facts)}"
    yield from card_lines(facts, room)
    if facts.notified_at:
        yield f"notice delivered {day_and_time(facts.notified_at)}" + ("" if facts.have else ", not acknowledged")
    if facts.reason:
        yield str(user(facts.reason, room.text))
    yield from listed([_given(each, facts) for each in facts.given], SHOWN_DECISIONS, "See everything")


def about(facts: SignOffFacts) -> Safe:
    """`*Production · loyalty tiers* · migrations 00008–00010 · 9c1f4e6b`."""
    deployment = facts.deployment
    if not facts.subject:
        return Safe("the migrations are being read; there is nothing to decide yet")
    words = deployment.title_words
    named = bold(f"{capital(deployment.environment)} · {words}", 200) if words else titled(deployment)
    files = f" · migrations {user(deployment.range_words, 80)}" if words else ""
    return Safe(f"{named}{files} · {short(facts.subject)}")


def card_lines(facts: SignOffFacts, room: Room) -> Iterator[str]:
    """What is decided, at one look: files with what was observed, what came before, what did not pass or is open."""
    yield str(about(facts))
    card = facts.card
    if card is None or not facts.subject:
        return
    yield from _files(card, room)
    if parts := [part for part in (_rehearsal(card), _commit(card), _checks(card)) if part]:
        yield " · ".join(parts)
    wrong = [each for each in card.not_passed if each.status is not Status.EVIDENCE]
    yield from listed([_not_passed(each, room) for each in wrong], room.checks, "See everything")
    if told := [user(each.title, 80) for each in card.not_passed if each.status is Status.EVIDENCE]:
        named = ", ".join(listed(told, room.checks, "See everything"))
        yield f"{SYMBOLS[Status.EVIDENCE]} evidence, to be read: {named}"
    if card.open_items:
        names = [str(user(label, room.text)) for label in card.open_items]
        yield f"○ {len(names)} open that go needs: {', '.join(listed(names, room.checks))}"
    yield from listed([f"{user(line, room.text)}" for line in card.warnings], room.checks, "See everything")
    yield f"*To look at:* {user(facts.role.looks_at, 200)}"


def _files(card: Card, room: Room) -> Iterator[str]:
    """In the order in which they run; where not all fit, the heaviest are those that are shown."""
    heaviest = sorted(card.files, key=lambda file: (file.weight is None, file.weight))[: room.files]
    for file in card.files:
        if file in heaviest:
            seen = f" · {user(file.observed, room.text)}" if file.observed else ""
            mark = "▸ *riskiest:* " if file.weight == 0 else ""
            yield f"{mark}{bold(file.version, 60)} {user(file.words, 80)}{seen}"
    if len(card.files) > room.files:
        yield and_more(len(card.files) - room.files, "See the SQL")
    if card.not_tried:
        yield f"What they lock was not tried: {user(card.not_tried, room.text)}"


def _rehearsal(card: Card) -> str:
    before = card.rehearsal
    if before is None:
        return ""
    place = user(before.environment, 60)
    took = " and ".join(in_words(span) for span in before.took[:3])
    ran = f"{place} took {took} from go to completion" if took else ""
    never = f"{place} has not run {user(', '.join(before.missing), 80)}" if before.missing else ""
    return ", ".join(part for part in (ran, never) if part)


def _commit(card: Card) -> str:
    words = f"commit {short(card.commit)}"
    if card.commit_link:
        return link(card.commit_link, words)
    return words if card.commit else ""


def _checks(card: Card) -> str:
    return f"{card.checks_passed} of {counted(card.checks_total, 'check')} passed" if card.checks_total else ""


def _not_passed(check: NotPassed, room: Room) -> str:
    over = f" · 🟠 overridden by {user(check.overridden_by, 60)}" if check.overridden_by else ""
    word = check.status.replace("-", " ")
    return f"{SYMBOLS[check.status]} {word}  {user(check.title, 80)}: {user(check.summary, room.text)}{over}"


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
    "nobody tried": replace(samples.WAITING_DBA, card=samples.UNTRIED),
    "approved": samples.APPROVED_DBA,
    "after go": replace(samples.APPROVED_DBA, acts=(Verb.HOLD, Verb.SEE_SUBJECT)),
    "rejected": replace(
        samples.WAITING_DBA,
        word=SignOffWord.REJECTED,
        given=(_REJECTED,),
        acts=(Verb.CLEAR_REJECTION, Verb.SEE_SQL, Verb.SEE_SUBJECT),
    ),
    "seconded": replace(samples.APPROVED_DBA, word=SignOffWord.SECONDED, given=(_SECONDED,)),
    "second wanted": replace(samples.WAITING_DBA, may_sign=("U0ANN",), acts=(Verb.SECOND, Verb.SEE_SUBJECT)),
    "stale": replace(samples.WAITING_DBA, word=SignOffWord.STALE, given=(_STALE,)),
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
