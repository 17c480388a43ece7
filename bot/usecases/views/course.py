"""What happened to a deployment, as its journal tells: an act a line, for the record."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.checklist.items import Phase
from bot.core.deployment import Outcome
from bot.core.journal import from_text
from bot.core.verify import REMOVED
from bot.usecases.books.units import Reader
from bot.usecases.lifecycle.complete import words_of
from bot.usecases.lifecycle.roll_back import CHOICES
from bot.usecases.lifecycle.watching import BY_ITSELF
from bot.usecases.situation.snapshot import Situation

TOLD: Mapping[str, str] = {
    "started": "started by {by}",
    "range-given": "range {first} to {last} given by {by}",
    "range-cut": "out of the range, since another deployment applied it: {applied}",
    "titled": "{by} said what it is about: {title}",
    "window-set": "window {start} to {end} set by {by}",
    "asked": "sign-offs asked for by {by}",
    "line-added": "{by} added a line: {label}",
    "line-taken-out": "{by} took an added line out: {label}",
    "joined": "{by} joined the deployers",
    "take-over-asked": "{by} asked to take it over",
    "take-over-refused": "taking over was refused",
    "offered": "{by} asked {to} to take it over",
    "taken-over": "{by} took it over from {from}",
    "parked": "parked by {by}",
    "unparked": "back from parking",
    "files-moved": "files in range changed in the source",
    "new-files-used": "{by} took the new files",
    "stayed": "{by} stayed with the pinned files",
    "rejection-cleared": "{by} cleared the rejection as {role}",
    "go-asked": "{by} asked for go",
    "go-refused": "go was refused: {missing}",
    "go": "go by {by}",
    "glass-broken": "🔴 the glass was broken by {by}",
    "glass-reviewed": "{by} reviewed the broken glass",
    "act-confirmed": "{by} had this run: {command}",
    "trouble-seen": "gonogo saw: {finding}",
    "held": "held by {by}",
    "retried": "{by} left the hold: retried unchanged",
    "continued": "{by} left the hold: went on with changed files",
    "work-given": "{by} gave {to} to do: {work}",
    "work-claimed": "{by} is on it: {work}",
    "work-given-back": "{by} gave it back: {work}",
    "troubleshooting": "{by} opened the list {list}",
    "rollback-opened": "{by} opened the rollback: {choice}",
    "completed": "completed by {by} as {result}",
    "looked": "{list}: {found}",
    "watch-continued": "continued in {in}: that one is watched from now on",
    "lifted": "{by} freed the environment",
    "held-again": "it holds the environment again",
    "closed": "closed by {by}",
    "aborted": "aborted by {by}",
}
"""Acts and how the record tells them; who and why follow. What is said of lines and roles stands at those."""
TOLD_ELSEWHERE = frozenset(
    {
        *("files-read", "rows-kept", "record-written", "anchored", "texts-removed"),
        *("checked", "history-moved", "acknowledged", "noted", "signed", "sign-off-withdrawn"),
        *("item-done", "item-undone", "item-n/a", "item-override", "item-note", "item-assign"),
    }
)
_CHOSEN: Mapping[str, Mapping[str, str]] = {
    "choice": CHOICES,
    "result": {str(one): words_of(one) for one in Outcome},
}


def course(reader: Reader, situation: Situation) -> tuple[str, ...]:
    """`2026-11-23 10:05 UTC: held by Ann: index build failed`, the first act first."""
    chain = situation.deployment.chain
    texts = {digest: text for digest, (_, text) in reader.journal.texts(chain).items()}
    bodies = (json.loads(entry.body) for entry in reader.journal.entries(chain))
    return tuple(line for body in bodies for line in _line(situation, body, texts))


def last_told(reader: Reader, chain: str, event: str) -> tuple[Mapping[str, Any], str]:
    """The newest entry of an event, and why it was; nothing of both where there is none, or the text was erased."""
    bodies = (json.loads(entry.body) for entry in reversed(reader.journal.entries(chain)))
    body: Mapping[str, Any] = next((body for body in bodies if body["event"] == event), {})
    _, reason = reader.journal.texts(chain).get(body.get("reason", ""), ("", ""))
    return body, reason or ""


def named(situation: Situation, body: Mapping[str, Any]) -> str:
    """Who did what an entry tells; what nobody did it did itself."""
    who = str(body.get("who", ""))
    return "itself" if who == BY_ITSELF and body["event"] == "closed" else situation.name(who)


def _line(situation: Situation, body: Mapping[str, Any], texts: Mapping[str, str | None]) -> Iterator[str]:
    if body["event"] not in TOLD:
        return
    said = defaultdict(str, {key: _word(key, value, texts) for key, value in body.items()})
    said |= {"by": said["name"] or named(situation, body), "from": situation.name(said["from"])}
    if body["event"] == "offered":
        said["to"] = situation.name(said["to"])
    if body["event"].startswith("work-"):
        said |= _work(situation, body)
    why = [said["reason"], f"for deployment {said['for']}" if said["for"] and body["event"] == "parked" else ""]
    found = [f"found: {said['finding']}" if body["event"] == "held" and said["finding"] else ""]
    words = [TOLD[body["event"]].format_map(said), *why, *found]
    yield f"{from_text(body['at']):%Y-%m-%d %H:%M} UTC: " + ": ".join(filter(None, words))


def _work(situation: Situation, body: Mapping[str, Any]) -> Mapping[str, str]:
    """What was given, and to whom; an item or a section by what people call it."""
    sections = {section.id: section.title for section, _ in situation.sections(*Phase)}
    label = situation.checklist.item(body["item"]).label if body["item"] else sections.get(body["section"], "a list")
    roles = {state.role.name: state.role.title for state in situation.roles}
    role = body["role"]
    return {"work": label, "to": roles.get(role, role) if role else situation.name(body["to"])}


def _word(key: str, value: object, texts: Mapping[str, str | None]) -> str:
    """A text of people by its digest; a choice by the word of its form."""
    if isinstance(value, str) and value in texts:
        return REMOVED if texts[value] is None else str(texts[value]).replace("\n", "; ")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return _CHOSEN.get(key, {}).get(str(value), str(value))
