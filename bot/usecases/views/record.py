"""The record: the checklist, filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from bot.core.decision import Decision, DecisionKind, SignOff
from bot.core.record import ItemRecord, RecordFacts, SignOffRecord, render_record
from bot.core.team import Project
from bot.core.verify import HEADS
from bot.usecases.books.units import Reader
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.telling import WHOLE
from bot.usecases.views.forms import result_words
from bot.usecases.views.section import item_facts


def record_text(reader: Reader, project: Project, deployment_id: str, now: datetime) -> str:
    """The record of one deployment as Markdown."""
    return render_record(_facts(reader, load(reader, project, deployment_id, now)))


def _facts(reader: Reader, situation: Situation) -> RecordFacts:
    deployment = situation.deployment
    completion = deployment.completion or {}
    role_items = {state.role.item for state in situation.roles}
    return RecordFacts(
        checklist=situation.checklist,
        kind=deployment.kind,
        items={item_id: _item(situation, item_id) for item_id in situation.states if item_id not in role_items},
        sign_offs=tuple(_sign_off(situation, one) for one in situation.sign_offs),
        deployment_date=_words(deployment.completed_at or deployment.started_at),
        deployed_by=", ".join(situation.name(one.user_id) for one in situation.deployers),
        environment=deployment.environment,
        migration_version=deployment.range_words,
        status=result_words(situation),
        notes=completion.get("notes", ""),
        details=_details(situation),
        remarks=_remarks(reader, situation),
        heads=_heads(reader, situation),
    )


def _item(situation: Situation, item_id: str) -> ItemRecord:
    item = situation.checklist.item(item_id)
    state, facts = situation.states[item_id], item_facts(situation, item)
    results = situation.results_of(item)
    notes = [one.reason for one in situation.decisions.get(item_id, ()) if one.kind is DecisionKind.NOTE]
    return ItemRecord(
        state=str(state.word),
        who=facts.by.name if facts.by else "",
        when=_words(facts.at) if facts.at else "",
        evidence=tuple(f"{result.check_id} {result.status}: {result.summary}" for result in results),
        reason=state.decision.reason if state.decision else state.why,
        carried_from=state.carried.words if state.carried else "",
        notes=tuple(notes),
    )


def _sign_off(situation: Situation, one: SignOff) -> SignOffRecord:
    state = situation.role(one.role)
    return SignOffRecord(
        item_id=state.role.item,
        decision=str(one.decision),
        who=situation.name(one.who),
        when=_words(one.at),
        role=state.role.title,
        on_behalf_of=situation.name(one.on_behalf_of) if one.on_behalf_of else "",
        reason=one.reason,
        subject=one.subject[:12],
        standing=_standing(one),
    )


def _standing(one: SignOff) -> str:
    if one.withdrawn_at:
        return f"withdrawn {_words(one.withdrawn_at)}"
    if one.stale_at:
        return f"stale {_words(one.stale_at)}: {one.ended_why}"
    return f"cleared {_words(one.cleared_at)}: {one.ended_why}" if one.cleared_at else ""


def _details(situation: Situation) -> tuple[tuple[str, str], ...]:
    deployment = situation.deployment
    rows = [
        ("Deployment", deployment.label),
        ("Fingerprint of the files", deployment.fingerprint or "not read"),
        ("Commit", deployment.source_commit or ""),
        ("Started", _words(deployment.started_at)),
        ("Go", _words(deployment.go_at) if deployment.go_at else ""),
        ("Completed", _words(deployment.completed_at) if deployment.completed_at else ""),
        ("Closed", _words(deployment.closed_at) if deployment.closed_at else ""),
        ("Applied", (deployment.completion or {}).get("applied", "")),
        ("Not applied", (deployment.completion or {}).get("not_applied", "")),
    ]
    rows += [("File", f"{file.name} {file.sha}") for file in situation.files]
    return tuple((name, value) for name, value in rows if value)


def _remarks(reader: Reader, situation: Situation) -> tuple[str, ...]:
    remarks = []
    glass = reader.troubles.broken_glass(situation.deployment.id)
    if glass is not None:
        review = f"reviewed by {situation.name(glass.reviewed_by)}" if glass.reviewed_by else "not reviewed yet"
        remarks.append(f"The glass was broken by {situation.name(glass.who)}: {glass.reason}; {review}")
    if not situation.environment.two_person:
        remarks.append("The two-person rule was switched off.")
    remarks += [f"{state.role.title} is switched off." for state in situation.roles if not state.role.enabled]
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
