"""The record: the checklist, filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from bot.core.assignment import in_force
from bot.core.checklist.items import Item, RoleKind
from bot.core.decision import SAID, Decision, DecisionKind, SignOff, SignOffDecision, short
from bot.core.item import Carried, ItemWord
from bot.core.record import ItemRecord, RecordFacts, SignOffRecord, render_record
from bot.core.signoff import RoleState, RoleWord
from bot.core.team import Project
from bot.core.verify import HEADS
from bot.usecases.books.rows import Notice
from bot.usecases.books.units import Reader
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.telling import WHOLE
from bot.usecases.views.course import course
from bot.usecases.views.forms import result_words
from bot.usecases.views.section import item_facts, opened_lists


def record_text(reader: Reader, project: Project, deployment_id: str, now: datetime) -> str:
    """The record of one deployment as Markdown."""
    return render_record(_facts(reader, load(reader, project, deployment_id, now)))


def _facts(reader: Reader, situation: Situation) -> RecordFacts:
    deployment = situation.deployment
    completion = deployment.completion or {}
    return RecordFacts(
        checklist=situation.checklist,
        kind=deployment.kind,
        items=_items(situation, opened_lists(reader, deployment.id)),
        sign_offs=tuple(
            _sign_off(situation, state, one) for state in situation.roles for one in _past(situation, state)
        ),
        deployment_date=_words(deployment.completed_at or deployment.started_at),
        deployed_by=", ".join(situation.name(one.user_id) for one in situation.deployers),
        environment=deployment.environment,
        migration_version=deployment.range_words,
        status=result_words(situation),
        notes=completion.get("notes", ""),
        course=course(reader, situation),
        details=_details(situation),
        remarks=_remarks(reader, situation),
        heads=_heads(reader, situation),
    )


def _items(situation: Situation, opened: frozenset[str]) -> dict[str, ItemRecord]:
    """Every line that counts, and those of the lists that were opened."""
    roles = {state.role.item: state for state in situation.roles}
    items = (situation.checklist.item(item_id) for item_id in situation.states)
    shown = [item for item in items if item.counts(situation.kind) or item.section_id in opened or item.id in roles]
    return {item.id: _role(situation, roles[item.id]) if item.id in roles else _item(situation, item) for item in shown}


def _item(situation: Situation, item: Item) -> ItemRecord:
    state, facts = situation.states[item.id], item_facts(situation, item)
    decision = state.decision if state.word is not ItemWord.FAILED else None
    behalf = f" for {situation.name(decision.for_whom)}" if decision and decision.for_whom else ""
    return ItemRecord(
        state=str(state.word),
        how=_HOW.get(decision.kind, "") if decision else "",
        who=facts.by.name + behalf if facts.by else "",
        when=_words(facts.at) if facts.at else "",
        evidence=tuple(f"{one.check_id} {one.status}: {one.summary}" for one in situation.results_of(item)),
        reason=decision.reason if decision else state.why,
        carried_from=_carried(state.carried) if state.carried else "",
        notes=_notes(situation, item.id),
        work="" if state.settled else _work(situation, item),
        added=f"added {_words(item.added.at)} by {situation.name(item.added.who)}" if item.added else "",
    )


def _work(situation: Situation, item: Item) -> str:
    """Whose a line is, or was when the deployment ended."""
    one = in_force(situation.assignments, item.id, item.section_id)
    if one is None:
        return ""
    if one.is_claim:
        return f"claimed by {situation.name(one.who)} {_words(one.at)}"
    to = situation.name(one.person) if one.person else situation.role(one.role).role.title
    return f"given to {to} by {situation.name(one.who)} {_words(one.at)}"


_HOW = {DecisionKind.OVERRIDE: "🟠 override", DecisionKind.UNDONE: "taken back"}


def _carried(carried: Carried) -> str:
    stands = f"stands until {_words(carried.valid_until)}" if carried.valid_until else ""
    return ": ".join(filter(None, (stands, carried.words)))


def _notes(situation: Situation, item_id: str) -> tuple[str, ...]:
    notes = (one for one in situation.decisions.get(item_id, ()) if one.kind is DecisionKind.NOTE)
    return tuple(f"{one.reason} ({situation.name(one.who)}, {_words(one.at)})" for one in notes)


def _role(situation: Situation, state: RoleState) -> ItemRecord:
    """A sign-off line says by whom, when and what was decided; a waived one by whom and why."""
    told = f"notice delivered {_words(state.notified_at)}" if state.notified_at else ""
    said = [_said(situation, one) for one in state.counting]
    count = f"{state.seats} of {state.role.quorum}" if state.role.quorum > 1 else ""
    missing = {RoleWord.TURNED_OFF: "switched off in the settings", RoleWord.NOTIFIED: "not acknowledged"}
    if state.role.kind is RoleKind.ACKNOWLEDGE and state.word is RoleWord.WAITING:
        missing[RoleWord.WAITING] = "not notified"
    words = str(state.word) if state.word in _BARE and not said else ""
    reason = state.reason if not any(one.reason == state.reason for one in state.counting) else ""
    line = "; ".join(filter(None, (told, words, missing.get(state.word, ""), *said, count, reason)))
    item = situation.states[state.role.item]
    return ItemRecord(state=str(item.word), notes=_notes(situation, state.role.item), on_line=line)


_BARE = frozenset({RoleWord.STALE, RoleWord.NOT_REQUIRED})


def _said(situation: Situation, one: SignOff) -> str:
    """`approved by Dana as DBA for Eve 2026-11-23 10:00 UTC, decided 9c1f4e6b, fine by me`."""
    behalf = f" for {situation.name(one.on_behalf_of)}" if one.on_behalf_of else ""
    who = f"{SAID[one.decision]} {situation.name(one.who)}{_as(situation, one)}{behalf} {_words(one.at)}"
    decided = "" if one.decision is SignOffDecision.ACKNOWLEDGE else f"decided {short(one.subject)}"
    return ", ".join(filter(None, (who, decided, one.reason)))


def _as(situation: Situation, one: SignOff) -> str:
    """Who seconds or waives does not hold the role; who acknowledges may not either."""
    holds = one.decision not in {SignOffDecision.SECOND, SignOffDecision.NOT_REQUIRED, SignOffDecision.ACKNOWLEDGE}
    return f" as {situation.role(one.role).role.title}" if holds else ""


def _past(situation: Situation, state: RoleState) -> list[SignOff]:
    """What was said and counts no longer."""
    return [one for one in situation.given(state.role.name) if one not in state.counting]


def _sign_off(situation: Situation, state: RoleState, one: SignOff) -> SignOffRecord:
    return SignOffRecord(
        item_id=state.role.item,
        decision=SAID[one.decision],
        who=situation.name(one.who),
        when=_words(one.at),
        role=state.role.title if _as(situation, one) else "",
        on_behalf_of=situation.name(one.on_behalf_of) if one.on_behalf_of else "",
        reason=one.reason,
        subject=short(one.subject),
        standing=_standing(situation, one),
    )


def _standing(situation: Situation, one: SignOff) -> str:
    if one.withdrawn_at:
        return f"withdrawn {_words(one.withdrawn_at)}"
    if one.stale_at:
        return f"stale {_words(one.stale_at)}: {one.ended_why}"
    if one.cleared_at:
        return f"cleared by {situation.name(one.cleared_by or '')} {_words(one.cleared_at)}: {one.ended_why}"
    return "about what is decided no more"


def _details(situation: Situation) -> tuple[tuple[str, str], ...]:
    deployment = situation.deployment
    settled, total = situation.settled_of_all
    rows = [
        ("Deployment", deployment.label),
        ("Settled", f"{settled} of {total}"),
        ("What is decided", short(situation.subject)),
        ("Fingerprint of the files", deployment.fingerprint or "not read"),
        ("Commit", deployment.source_commit or ""),
        ("Started", _words(deployment.started_at)),
        ("Go", _words(deployment.go_at) if deployment.go_at else ""),
        ("Completed", _words(deployment.completed_at) if deployment.completed_at else ""),
        ("Closed", _words(deployment.closed_at) if deployment.closed_at else ""),
        ("Applied", (deployment.completion or {}).get("applied", "")),
        ("Not applied", (deployment.completion or {}).get("not_applied", "")),
    ]
    rows += dict.fromkeys(("File", f"{file.name} {file.sha}") for file in situation.files)
    rows += [("Notice", _notice(situation, one)) for one in situation.notices]
    return tuple((name, value) for name, value in rows if value)


def _notice(situation: Situation, one: Notice) -> str:
    """Delivered and acknowledged are two words."""
    pressed = zip(one.acknowledged, one.acknowledged_at, strict=True)
    names = ", ".join(f"{situation.name(who)} {_words(at)}" for who, at in pressed)
    delivered = f"delivered {_words(one.delivered_at)}" if one.delivered_at else "not delivered"
    return f"{one.state} to {one.audience} {delivered}; " + (
        f"acknowledged by {names}" if names else "not acknowledged"
    )


def _remarks(reader: Reader, situation: Situation) -> tuple[str, ...]:
    remarks = []
    glass = reader.troubles.broken_glass(situation.deployment.id)
    if glass is not None:
        review = f"reviewed by {situation.name(glass.reviewed_by)}" if glass.reviewed_by else "not reviewed yet"
        remarks.append(f"🔴 The glass was broken by {situation.name(glass.who)}: {glass.reason}; {review}")
        remarks += [f"🔴 Skipped by the broken glass: {one}" for one in glass.skipped]
    if not situation.environment.two_person:
        remarks.append("The two-person rule was switched off.")
    remarks += [_note(situation, one) for one in situation.decisions.get(WHOLE, ())]
    return (*remarks, *_at_console(reader, situation))


def _note(situation: Situation, one: Decision) -> str:
    wrote = f", written by {situation.name(one.for_whom)}" if one.for_whom else ""
    return f"Note by {situation.name(one.who)} {_words(one.at)}{wrote}: {one.reason}"


def _at_console(reader: Reader, situation: Situation) -> Iterator[str]:
    """What came by the console, and by whose account: nobody there showed Slack who they are."""
    for entry in reader.journal.entries(situation.deployment.chain):
        body = json.loads(entry.body)
        if "os_user" in body:
            item = situation.checklist.item(body["item"]).label if body.get("item") else ""
            what = f"{body['event']} ({item})" if item else body["event"]
            yield f"{what} for {situation.name(body['who'])} was entered at the console by os-user {body['os_user']}"


def _heads(reader: Reader, situation: Situation) -> tuple[tuple[str, str], ...]:
    entries = reader.journal.entries(situation.deployment.chain)
    told = ((json.loads(entry.body)["event"], entry.hash) for entry in entries)
    return tuple((HEADS[event], printed) for event, printed in told if event in HEADS)


def _words(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
