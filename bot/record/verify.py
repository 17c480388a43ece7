"""Verifies a JSON export alone: no state file, no settings, nothing but Python's own library.

The rules are written out here a second time on purpose (ARCHITECTURE: *Bytes that never change*): an auditor can read
this one file, and it would find a fault in the code that writes the journal.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = "gonogo-export/1"
FIRST_PREV = "0" * 64
REMOVED = "[removed]"
SHORTEST_HEAD = 8

Export = Mapping[str, Any]


class NotAnExport(Exception):
    """The bytes are no JSON export of gonogo; `str()` is a sentence."""


@dataclass(frozen=True)
class Verdict:
    """What was found. `broken` is empty where everything follows; its first sentence is the first broken row.

    `complete_to` is the row of the head that was given, None without one. `removed` counts erased private texts.
    """

    label: str
    entries: int
    files: int
    head: str
    broken: tuple[str, ...] = ()
    complete_to: int | None = None
    removed: int = 0


def read_export(text: str | bytes) -> Export:
    """The export as data. Raises NotAnExport: not JSON, a name given twice, not ours, another format."""
    try:
        found = json.loads(text, object_pairs_hook=_no_name_twice)
    except (ValueError, RecursionError) as fault:
        raise NotAnExport(f"this is no JSON export of gonogo: {fault}") from None
    if not isinstance(found, dict) or not str(found.get("format", "")).startswith("gonogo-export/"):
        raise NotAnExport("this is no export of gonogo; `gonogo export N --format json` writes one")
    if found["format"] != FORMAT:
        raise NotAnExport(f"this export is {found['format']}, and this gonogo verifies {FORMAT}: use its own version")
    return found


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A reader that takes the first of two and one that takes the last would see different records."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return found


def verify(export: Export, head: str = "") -> Verdict:
    """Everything that can be recomputed, and with `head` (as printed at go, completion or closing) up to where."""
    broken = [sentence for question in _QUESTIONS for sentence in _asked(question, export)]
    entries = _list(export.get("journal"), "entries")
    complete_to = _row_of(entries, head) if head and not broken else None
    if head and not broken and complete_to is None:
        broken.append(_unknown_head(head, len(entries)))
    return Verdict(
        label=str(_dict(export.get("deployment")).get("label", "?")),
        entries=len(entries),
        files=len(_list(export, "files")),
        head=str(entries[-1].get("hash", "")) if entries and isinstance(entries[-1], dict) else "",
        broken=tuple(broken),
        complete_to=complete_to,
        removed=sum(isinstance(one, dict) and one.get("text") is None for one in _list(export, "private_texts")),
    )


def _asked(question: Callable[[Export], Iterator[str]], export: Export) -> Iterator[str]:
    try:
        yield from question(export)
    except (KeyError, TypeError, ValueError, AttributeError, LookupError) as fault:
        what = question.__name__.strip("_").replace("_", " ")
        yield f"{what}: a part is missing or of another shape ({type(fault).__name__}: {str(fault)[:80]})"


def _journal(export: Export) -> Iterator[str]:
    """Each row follows from the one before."""
    deployment, journal = export["deployment"], export["journal"]
    chain = f"{deployment['team']}/{deployment['project']}/{deployment['number']}"
    if journal["chain"] != chain:
        yield f"the journal is that of {journal['chain']}, and the deployment is {chain}"
    if not journal["entries"]:
        yield "the journal has no row at all"
    prev = FIRST_PREV
    for expected, entry in enumerate(journal["entries"], 1):
        why = _why_broken(entry, journal["chain"], expected, prev)
        if why:
            yield f"journal row {expected}: {why}"
            return
        prev = entry["hash"]


def _why_broken(entry: Mapping[str, Any], chain: str, expected: int, prev: str) -> str:
    if entry["seq"] != expected:
        return f"row {entry['seq']} stands here, a row was taken out or put in"
    if entry["prev"] != prev:
        return "it does not follow from the row before"
    text = f"gonogo/1\n{chain}\n{entry['seq']}\n{prev}\n{entry['body']}"
    return "" if _sha(text.encode()) == entry["hash"] else "its text is not the one that was hashed"


def _private_texts(export: Export) -> Iterator[str]:
    """Each text is the one whose digest the journal holds; a removed one leaves its digest."""
    named = {value for body in _bodies(export) for value in body.values() if isinstance(value, str)}
    kept = set()
    for one in export["private_texts"]:
        kept.add(one["digest"])
        if one["digest"] not in named:
            yield f"private text {one['digest'][:12]}: no journal row speaks of it"
        if one["text"] is not None and _sha(f"{one['salt']}\n{one['text']}".encode()) != one["digest"]:
            yield f"private text {one['digest'][:12]}: it is not the text that was written ({_rows(export, one)})"
    for row, body in enumerate(_bodies(export), 1):
        for key in ("name", "reason"):
            if key in body and body[key] not in kept:
                yield f"journal row {row}: its {key} is missing from the private texts"


def _rows(export: Export, text: Mapping[str, Any]) -> str:
    rows = [str(row) for row, body in enumerate(_bodies(export), 1) if text["digest"] in body.values()]
    return f"journal row {', '.join(rows)}"


def _files(export: Export) -> Iterator[str]:
    """The bytes of each file have its hash, and all of them the fingerprint that was decided about."""
    for file in export["files"]:
        if file["base64"] is not None and _sha(base64.b64decode(file["base64"], validate=True)) != file["sha"]:
            yield f"file {file['name']}: its bytes are not those that were approved"
    lines = "".join(f"{file['version']}\t{file['name']}\t{file['sha']}\n" for file in export["files"])
    fingerprint = export["deployment"]["fingerprint"]
    if export["files"] and _sha(lines.encode()) != fingerprint:
        yield "the fingerprint is not that of the files"
    read = [body for body in _bodies(export) if body["event"] in ("files-read", "new-files-used")]
    if read and read[-1]["fingerprint"] != fingerprint:
        yield "the fingerprint is not the one in the journal"


def _checklist(export: Export) -> Iterator[str]:
    checklist = export["checklist"]
    content = checklist["text"].encode()
    if export["deployment"]["revision"] not in (_sha(content), _sha(b"\xef\xbb\xbf" + content)):
        yield "the checklist is not the revision that the deployment pinned"


def _subjects(export: Export) -> Iterator[str]:
    """What standing sign-offs decided is this change, in this environment, by this checklist."""
    deployment = export["deployment"]
    if deployment["fingerprint"] is None:
        return
    place = f"{deployment['team']}/{deployment['project']}/{deployment['environment']}"
    text = f"gonogo-subject/1\n{deployment['fingerprint']}\n{place}\n{deployment['revision']}"
    subject = _sha(text.encode())
    for one in export["sign_offs"]:
        ended = one["withdrawn_at"] or one["stale_at"] or one["cleared_at"]
        if not ended and one["subject"] != subject:
            yield f"sign-off {one['role']} by {one['who']}: it stands, and decided something else than these files"


def _decisions(export: Export) -> Iterator[str]:
    rows = _claims(export, lambda body: body["event"].startswith("item-"), _decision_of_row)
    made = [_decision(one) for one in export["decisions"] if not one["carried_from"]]
    yield from _compared("decision", rows, made)


def _sign_offs(export: Export) -> Iterator[str]:
    rows = _claims(export, lambda body: body["event"] == "signed", _sign_off_of_row)
    given = [_sign_off(one) for one in export["sign_offs"] if not one["carried_from"]]
    yield from _compared("sign-off", rows, given)


def _checks(export: Export) -> Iterator[str]:
    """The newest answer of each check is the last that the journal holds of it."""
    last = {body["check"]: body for body in _bodies(export) if body["event"] == "checked"}
    for one in export["checks"]:
        row = last.pop(one["check"], None)
        if row is None or (row["status"], row["inputs"]) != (one["status"], one["inputs_hash"]):
            yield f"check {one['check']}: its answer is not the one in the journal"
    for name in last:
        yield f"check {name}: its answer is in the journal and not in the export"


def _result(export: Export) -> Iterator[str]:
    ended = [body for body in _bodies(export) if body["event"] in ("completed", "rollback-opened")]
    said = ended[-1].get("result") if ended else None
    if export["deployment"]["result"] != said:
        yield f"the result is {export['deployment']['result']}, and the journal says {said}"


_QUESTIONS = (
    *(_journal, _private_texts, _files, _checklist, _subjects),
    *(_decisions, _sign_offs, _checks, _result),
)


def _claims(
    export: Export, is_one: Callable[[Mapping[str, Any]], bool], claim: Callable[..., tuple[str, ...]]
) -> list[tuple[int, tuple[str, ...]]]:
    texts = {one["digest"]: one["text"] for one in export["private_texts"]}
    rows = enumerate(_bodies(export), 1)
    return [(row, claim(body, _reason(body, texts))) for row, body in rows if is_one(body)]


def _reason(body: Mapping[str, Any], texts: Mapping[str, str | None]) -> str:
    if "reason" not in body:
        return ""
    text = texts.get(body["reason"])
    return REMOVED if text is None else text


def _compared(what: str, rows: Iterable[tuple[int, tuple[str, ...]]], made: list[tuple[str, ...]]) -> Iterator[str]:
    """Row by row in both directions: nothing told that did not happen, nothing happened that is not told."""
    left = list(made)
    for row, claim in rows:
        if claim in left:
            left.remove(claim)
        else:
            yield f"journal row {row}: the {what} it tells of is missing or different"
    for claim in left:
        yield f"{what} on {claim[0]} by {claim[1]}: no journal row tells of it"


def _decision_of_row(body: Mapping[str, Any], reason: str) -> tuple[str, ...]:
    return (body["item"], body["who"], body["at"], body["event"].removeprefix("item-"), reason)


def _decision(one: Mapping[str, Any]) -> tuple[str, ...]:
    return (one["item"], one["who"], one["at"], one["kind"], one["reason"])


def _sign_off_of_row(body: Mapping[str, Any], reason: str) -> tuple[str, ...]:
    return (body["role"], body["who"], body["at"], body["decision"], body["subject"], reason)


def _sign_off(one: Mapping[str, Any]) -> tuple[str, ...]:
    return (one["role"], one["who"], one["at"], one["decision"], one["subject"], one["reason"])


def _bodies(export: Export) -> list[Mapping[str, Any]]:
    return [json.loads(entry["body"]) for entry in export["journal"]["entries"]]


def _row_of(entries: list[Any], head: str) -> int | None:
    """The row of a hash, whole or as far as it was written down."""
    wanted = head.strip().lower()
    if len(wanted) < SHORTEST_HEAD:
        return None
    return next((entry["seq"] for entry in entries if entry["hash"].startswith(wanted)), None)


def _unknown_head(head: str, entries: int) -> str:
    if len(head.strip()) < SHORTEST_HEAD:
        return f"the head given is too short: give at least {SHORTEST_HEAD} characters of it"
    return f"no row has the head {head.strip()[:12]}: rows after row {entries} are missing, or all were written anew"


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object, name: str) -> list[Any]:
    found = _dict(value).get(name)
    return found if isinstance(found, list) else []
