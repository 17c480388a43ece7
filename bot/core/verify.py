"""Verifies a JSON export alone: no state file, no settings, nothing but Python's own library.

Signatures need more: `bot.core.signing` looks at them.

The rules of the chain are written out here a second time on purpose (ARCHITECTURE: *Bytes that never change*): an
auditor can read this one file, and it would find a fault in the code that writes the journal. What an export shows is
built again from the entries and compared field by field, in both directions.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMAT = "gonogo-export/3"
FIRST_PREV = "0" * 64
REMOVED = "[removed]"
SHORTEST_HEAD = 8
HEADS = {"go": "at go", "completed": "at completion", "closed": "at closing"}
TABLES = {
    "deployment": ("deployment", ("id",)),
    "deployers": ("deployer", ("user_id",)),
    "files": ("file", ("position",)),
    "decisions": ("decision", ("id",)),
    "assignments": ("assignment", ("id",)),
    "added_lines": ("added_line", ("id",)),
    "sign_offs": ("sign_off", ("id",)),
    "checks": ("check", ("id",)),
    "holds": ("hold", ("id",)),
    "break_glass": ("break_glass", ()),
    "notices": ("notice", ("id",)),
    "acknowledgements": ("acknowledgement", ("notice_id", "who")),
}
"""The deployment and the lists of an export: how entries name their rows, and what tells one row from another."""
PARTS = (
    "format",
    *("environment", "people", "heads", "journal", "private_texts", "checklist"),
    *TABLES,
)
YOUNGER = frozenset({"added_lines"})
"""Parts that an export has where there is something in them: those of earlier versions lack them."""
PRIVATE = frozenset(
    {"name", "label", "reason", "missing", "skipped", "ended_why"}
    | {"notes", "lessons", "deployed_by", "date", "environment", "versions"}
)
"""Where a digest stands in place of a text that a person wrote, or that holds one."""
_DIGEST = re.compile("[0-9a-f]{64}")

Export = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Read:
    """An export with what its entries say, and its private texts by digest (None where one was removed)."""

    export: Export
    bodies: Sequence[Row]
    texts: Mapping[str, str | None]


class NotAnExport(Exception):
    """The bytes are no JSON export of gonogo; `str()` is a sentence."""


@dataclass(frozen=True)
class Verdict:
    """What was found. `broken` is empty where everything follows; its first sentence is the first broken row.

    `complete_to` is the row of the head that was given, None without one. `removed` counts erased private texts.
    `told` is what else a reader wants to know, a line each.
    """

    label: str
    entries: int
    files: int
    head: str
    broken: tuple[str, ...] = ()
    complete_to: int | None = None
    removed: int = 0
    told: tuple[str, ...] = ()


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
    """Everything that can be built again, and with `head` (as printed at go, completion or closing) up to where."""
    broken = list(_asked(_everything, export))
    entries = export["journal"]["entries"]
    complete_to = _row_of(entries, head) if head and not broken else None
    if head and not broken and complete_to is None:
        missing = f"rows after row {len(entries)} are missing, or all were written anew"
        broken.append(f"no row has the head {head.strip()[:12]} ({SHORTEST_HEAD} characters or more): {missing}")
    return Verdict(
        label=_label(export["deployment"]),
        entries=len(entries),
        files=len(export["files"]),
        head=str(entries[-1].get("hash", "")) if entries else "",
        broken=tuple(broken),
        complete_to=complete_to,
        removed=sum(one.get("text") is None for one in export["private_texts"]),
        told=() if broken else tuple(_anchors(export)),
    )


def _anchors(export: Export) -> Iterator[str]:
    for head in export["heads"]:
        if "anchored" in head:
            yield f"head {head['moment']} anchored: {_cut(head['anchored']) or 'without a word'}"


def row_of_record(export: Export, digest: str) -> int | None:
    """The journal row that tells of a posted record with this digest, in an export where nothing is broken."""
    bodies = (json.loads(entry["body"]) for entry in export["journal"]["entries"])
    told = (row for row, body in enumerate(bodies, 1) if body["event"] == "record-written" and body["digest"] == digest)
    return next(told, None)


def _label(deployment: Row) -> str:
    project, number = deployment.get("project"), deployment.get("number", "?")
    return str(number) if project == "default" else f"{project}/{number}"


def _everything(export: Export) -> Iterator[str]:
    yield from _journal(export)
    bodies = [json.loads(entry["body"]) for entry in export["journal"]["entries"]]
    read = Read(export, bodies, {one["digest"]: one["text"] for one in export["private_texts"]})
    for question in _QUESTIONS:
        yield from _asked(question, read)


def _asked(question: Callable[[Any], Iterator[str]], subject: Any) -> Iterator[str]:
    try:
        yield from question(subject)
    except (KeyError, TypeError, ValueError, AttributeError, LookupError) as fault:
        what = question.__name__.strip("_").replace("_", " ")
        yield f"{what}: a part is missing or of another shape ({type(fault).__name__}: {str(fault)[:80]})"


def _parts(read: Read) -> Iterator[str]:
    for name in sorted(((read.export.keys() | YOUNGER) - {"signature"}) ^ set(PARTS)):
        yield f"{name}: {'no export has such a part' if name in read.export else 'this part is missing'}"


def _journal(export: Export) -> Iterator[str]:
    """Each row follows from the one before."""
    journal, deployment = export["journal"], export["deployment"]
    chain = f"{deployment['team']}/{deployment['project']}/{deployment['number']}"
    if journal["chain"] != chain or journal.keys() != {"chain", "entries"}:
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


def _why_broken(entry: Row, chain: str, expected: int, prev: str) -> str:
    if entry["seq"] != expected or isinstance(entry["seq"], bool) or entry.keys() != {"seq", "prev", "hash", "body"}:
        return f"row {entry['seq']} stands here, a row was taken out or put in"
    if entry["prev"] != prev:
        return "it does not follow from the row before"
    text = f"gonogo/1\n{chain}\n{entry['seq']}\n{prev}\n{entry['body']}"
    return "" if _sha(text.encode()) == entry["hash"] else "its text is not the one that was hashed"


def _private_texts(read: Read) -> Iterator[str]:
    """Each text is the one whose digest the journal holds; a removed one leaves its digest, and an entry says so."""
    bodies, texts = read.bodies, read.export["private_texts"]
    rows = {digest: row for row, body in enumerate(bodies, 1) for digest in digests_in(body)}
    removed = {digest for body in bodies if body["event"] == "texts-removed" for digest in body["digests"]}
    for one in texts:
        digest, text = one["digest"], one["text"]
        if digest not in rows or one.keys() != {"digest", "salt", "text"}:
            yield f"private text {digest[:12]}: no journal row speaks of it"
        elif text is None and (digest not in removed or one["salt"]):
            yield f"private text {digest[:12]}: it is missing, and no journal row says that it was removed"
        elif text is not None and _sha(f"{one['salt']}\n{text}".encode()) != digest:
            yield f"private text {digest[:12]}: it is not the text that was written (journal row {rows[digest]})"
    if [one["digest"] for one in texts] != sorted({one["digest"] for one in texts}):
        yield "the private texts are not in their order"
    kept = {one["digest"] for one in texts}
    for row, body in enumerate(bodies, 1):
        if any(digest not in kept for digest in _private(body)):
            yield f"journal row {row}: a text of it is missing from the private texts"


def _private(body: Row) -> Iterator[str]:
    """Digests that stand in place of what a person wrote: in an entry and in the rows that it tells of."""
    rows = [told["row"] for told in body.get("rows", ()) if "row" in told]
    for place in (body, *rows, *(row["completion"] for row in rows if row.get("completion"))):
        yield from digests_in({key: value for key, value in place.items() if key in PRIVATE})


def people_of(bodies: Iterable[Row], texts: Mapping[str, str | None]) -> dict[str, str | None]:
    """Names as they were: the last one each person acted under, None where it was removed."""
    found: dict[str, str | None] = {}
    for body in bodies:
        if "name" in body:
            found[body["who"]] = texts[body["name"]]
        elif "who" in body:
            found.setdefault(body["who"], None)
    return found


def heads_of(entries: Sequence[Row], bodies: Sequence[Row], signatures: Mapping[int, str]) -> list[Row]:
    """The entries whose hash is printed for people, with their signatures and what the team's anchor answered."""
    anchored = {body["head"]: body["answer"] for body in bodies if body["event"] == "anchored"}
    return [
        {"moment": HEADS[body["event"]], "seq": entry["seq"], "hash": entry["hash"]}
        | ({"signature": signatures[entry["seq"]]} if entry["seq"] in signatures else {})
        | ({"anchored": anchored[entry["hash"]]} if entry["hash"] in anchored else {})
        for entry, body in zip(entries, bodies, strict=True)
        if body["event"] in HEADS
    ]


def strictness_of(deployment: Row, bodies: Sequence[Row]) -> Row:
    """How strict the deployment was: the settings as the journal last tells of them, at start or at go."""
    terms = [body["terms"] for body in bodies if "terms" in body]
    return {"name": deployment["environment"], "kind": deployment["kind"], **(terms[-1] if terms else {})}


def _built_again(read: Read) -> Iterator[str]:
    export, entries = read.export, read.export["journal"]["entries"]
    yield from _differing("people", people_of(read.bodies, read.texts), export["people"])
    yield from _differing("environment", strictness_of(export["deployment"], read.bodies), export["environment"])
    signatures = {head["seq"]: head["signature"] for head in export["heads"] if "signature" in head}
    if canonical(heads_of(entries, read.bodies, signatures)) != canonical(export["heads"]):
        yield "the heads are not those of the journal"
    for row, body in enumerate(read.bodies, 1):
        if body["event"] in HEADS and ("signed_by" in body) != (row in signatures):
            what = (
                "a signature, and its row names no key"
                if row in signatures
                else "no signature, and its row names a key"
            )
            yield f"the head {HEADS[body['event']]} (journal row {row}) has {what}"


def _lists(read: Read) -> Iterator[str]:
    """In both directions: nothing shown that no row tells of, nothing told that is not shown, all in its order."""
    for name, (table, key) in TABLES.items():
        linked = _linked(read, table, key)
        shown = read.export.get(name, []) if name in YOUNGER else read.export[name]
        if name in YOUNGER and read.export.get(name) == []:
            yield f"{name}: an export without such rows has no such part"
        told = shown if isinstance(shown, list) else [shown]
        rows = [{field: value for field, value in one.items() if field != "base64"} for one in told]
        keys = [tuple(row[part] for part in key) for row in rows]
        for place, row in zip(keys, rows, strict=True):
            if place in linked:
                yield from _compared(f"{name} {_place(place)}", *linked[place], row, read.texts)
            else:
                yield f"{name} {_place(place)}: no journal row tells of it"
        for place in sorted(linked.keys() - set(keys)):
            yield f"{name} {_place(place)}: it is missing, and journal row {linked[place][0]} tells of it"
        if keys != sorted(set(keys)):
            yield f"{name}: the rows are not in their order"


def _place(key: Sequence[Any]) -> str:
    return " ".join(str(part) for part in key)


def _linked(read: Read, table: str, key: tuple[str, ...]) -> dict[tuple[Any, ...], tuple[int, Row]]:
    """The rows of a table as the entries leave them."""
    found: dict[tuple[Any, ...], tuple[int, Row]] = {}
    for number, body in enumerate(read.bodies, 1):
        for told in body.get("rows", ()):
            if told["table"] != table:
                continue
            if "gone" in told:
                found.pop(tuple(told["gone"][part] for part in key), None)
            else:
                found[tuple(told["row"][part] for part in key)] = (number, told["row"])
    return found


def _compared(what: str, number: int, expected: Row, shown: Row, texts: Mapping[str, str | None]) -> Iterator[str]:
    for field in sorted(expected.keys() | shown.keys()):
        if field not in expected and shown[field] is None:
            continue  # A column that is younger than the row, and empty.
        if field not in expected or field not in shown:
            yield f"{what}: {field} is {'missing' if field in expected else 'not of the journal'}"
        elif not _is(expected[field], shown[field], texts):
            yield f"{what}: {field} is {_cut(shown[field])}, and journal row {number} says {_cut(expected[field])}"


def _is(told: Any, shown: Any, texts: Mapping[str, str | None]) -> bool:
    """Whether that is what was told: the same, the text of that digest, or what has that sha-256."""
    if isinstance(told, dict) and told.keys() == {"sha256"}:
        return _sha(canonical(shown).encode()) == str(told["sha256"])
    return canonical(with_texts(told, texts)) == canonical(shown)


def with_texts(value: Any, texts: Mapping[str, str | None]) -> Any:
    """The same with the text in place of each digest; `[removed]` where it was erased."""
    if isinstance(value, dict):
        return {key: with_texts(inner, texts) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_texts(inner, texts) for inner in value]
    if isinstance(value, str) and value in texts:
        text = texts[value]
        return REMOVED if text is None else text
    return value


def _differing(what: str, expected: Row, shown: Row) -> Iterator[str]:
    for name in sorted(expected.keys() | shown.keys()):
        if name not in expected or name not in shown or canonical(expected[name]) != canonical(shown[name]):
            yield f"{what}: {name} is {_cut(shown.get(name))}, and the journal says {_cut(expected.get(name))}"


def _cut(value: Any) -> str:
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _files(read: Read) -> Iterator[str]:
    """The bytes of each file have its hash, and all of them the fingerprint that was decided about."""
    for file in read.export["files"]:
        if _sha(base64.b64decode(file["base64"], validate=True)) != file["sha"]:
            yield f"file {file['name']}: its bytes are not those that were approved"
        if base64.b64encode(base64.b64decode(file["base64"])).decode() != file["base64"]:
            yield f"file {file['name']}: its base64 is not written as an export writes it"
    lines = "".join(f"{file['version']}\t{file['name']}\t{file['sha']}\n" for file in read.export["files"])
    if read.export["files"] and _sha(lines.encode()) != read.export["deployment"]["fingerprint"]:
        yield "the fingerprint is not that of the files"


def _checklist(read: Read) -> Iterator[str]:
    checklist, revision = read.export["checklist"], read.export["deployment"]["revision"]
    content = checklist["text"].encode()
    if revision not in (_sha(content), _sha(b"\xef\xbb\xbf" + content)) or checklist["sha"] != revision:
        yield "the checklist is not the revision that the deployment pinned"
    files = [body["file"] for body in read.bodies if "file" in body]
    if checklist.keys() != {"file", "sha", "text"} or [checklist["file"]] != files[:1]:
        yield "the checklist's file is not the one that the journal names"


def _subjects(read: Read) -> Iterator[str]:
    """What standing sign-offs decided is this change, in this environment, by this checklist."""
    deployment = read.export["deployment"]
    if deployment["fingerprint"] is None:
        return
    place = f"{deployment['team']}/{deployment['project']}/{deployment['environment']}"
    text = f"gonogo-subject/1\n{deployment['fingerprint']}\n{place}\n{deployment['revision']}"
    subject = _sha(text.encode())
    for one in read.export["sign_offs"]:
        ended = one["withdrawn_at"] or one["stale_at"] or one["cleared_at"]
        if not ended and one["subject"] != subject:
            yield f"sign-off {one['role']} by {one['who']}: it stands, and decided something else than these files"


_QUESTIONS: tuple[Callable[[Read], Iterator[str]], ...] = (
    *(_parts, _private_texts, _files, _checklist, _lists),
    *(_built_again, _subjects),
)


def digests_in(value: object) -> Iterator[str]:
    """Texts of 64 hex digits anywhere in a body or a row."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from digests_in(inner)
    elif isinstance(value, str) and _DIGEST.fullmatch(value):
        yield value


def _row_of(entries: Iterable[Any], head: str) -> int | None:
    """The row of a hash, whole or as far as it was written down."""
    wanted = head.strip().lower()
    found = (entry["seq"] for entry in entries if entry["hash"].startswith(wanted))
    return next(found, None) if len(wanted) >= SHORTEST_HEAD else None


def canonical(value: object) -> str:
    """JSON as it is hashed: sorted keys, no spaces, UTF-8."""
    return _CANONICAL.encode(value)


# Made once: an export has thousands of values, and each call of `json.dumps` makes an encoder.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
