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
    if not _has_parts(found):
        raise NotAnExport("this export lacks its deployment, journal, files or private texts: nothing can be verified")
    return found


def _has_parts(found: Export) -> bool:
    journal, deployment = found.get("journal"), found.get("deployment")
    if not isinstance(journal, dict) or not isinstance(deployment, dict):
        return False
    lists = (journal.get("entries"), found.get("files"), found.get("private_texts"))
    return all(isinstance(rows, list) and all(isinstance(row, dict) for row in rows) for rows in lists)


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A reader that takes the first of two and one that takes the last would see different records."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return found


def verify(export: Export, head: str = "") -> Verdict:
    """Everything that can be recomputed, and with `head` (as printed at go, completion or closing) up to where."""
    broken = [sentence for question in _QUESTIONS for sentence in _asked(question, export)]
    entries = export["journal"]["entries"]
    complete_to = _row_of(entries, head) if head and not broken else None
    if head and not broken and complete_to is None:
        missing = f"rows after row {len(entries)} are missing, or all were written anew"
        broken.append(f"no row has the head {head.strip()[:12]} ({SHORTEST_HEAD} characters or more): {missing}")
    return Verdict(
        label=str(export["deployment"].get("label", "?")),
        entries=len(entries),
        files=len(export["files"]),
        head=str(entries[-1].get("hash", "")) if entries else "",
        broken=tuple(broken),
        complete_to=complete_to,
        removed=sum(one.get("text") is None for one in export["private_texts"]),
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
    bodies = _bodies(export)
    rows = {value: row for row, body in enumerate(bodies, 1) for value in body.values() if isinstance(value, str)}
    for one in export["private_texts"]:
        digest, text = one["digest"], one["text"]
        if digest not in rows:
            yield f"private text {digest[:12]}: no journal row speaks of it"
        elif text is not None and _sha(f"{one['salt']}\n{text}".encode()) != digest:
            yield f"private text {digest[:12]}: it is not the text that was written (journal row {rows[digest]})"
    kept = {one["digest"] for one in export["private_texts"]}
    for row, body in enumerate(bodies, 1):
        for key in ("name", "reason"):
            if key in body and body[key] not in kept:
                yield f"journal row {row}: its {key} is missing from the private texts"


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
    rows = [(row, body) for row, body in _told(export) if body["event"].startswith("item-")]
    rows = [(row, {**body, "kind": body["event"].removeprefix("item-")}) for row, body in rows]
    yield from _compared("decision", ("item", "who", "at", "kind", "reason"), rows, export["decisions"])


def _sign_offs(export: Export) -> Iterator[str]:
    rows = [(row, body) for row, body in _told(export) if body["event"] == "signed"]
    keys = ("role", "who", "at", "decision", "subject", "reason")
    yield from _compared("sign-off", keys, rows, export["sign_offs"])


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


def _told(export: Export) -> list[tuple[int, dict[str, Any]]]:
    """Rows with their reason in words."""
    texts = {one["digest"]: one["text"] for one in export["private_texts"]}
    found = []
    for row, body in enumerate(_bodies(export), 1):
        text = texts.get(body["reason"]) if "reason" in body else ""
        found.append((row, {**body, "reason": REMOVED if text is None else text}))
    return found


def _compared(
    what: str, keys: tuple[str, ...], rows: Iterable[tuple[int, Mapping[str, Any]]], made: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """In both directions: nothing told that did not happen, nothing happened that is not told. What was carried from
    another deployment stands in that one's journal."""
    left = [tuple(one[key] for key in keys) for one in made if not one["carried_from"]]
    for row, body in rows:
        claim = tuple(body[key] for key in keys)
        if claim in left:
            left.remove(claim)
        else:
            yield f"journal row {row}: the {what} it tells of is missing or different"
    for claim in left:
        yield f"{what} on {claim[0]} by {claim[1]}: no journal row tells of it"


def _bodies(export: Export) -> list[Mapping[str, Any]]:
    return [json.loads(entry["body"]) for entry in export["journal"]["entries"]]


def _row_of(entries: list[Any], head: str) -> int | None:
    """The row of a hash, whole or as far as it was written down."""
    wanted = head.strip().lower()
    found = (entry["seq"] for entry in entries if entry["hash"].startswith(wanted))
    return next(found, None) if len(wanted) >= SHORTEST_HEAD else None


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
