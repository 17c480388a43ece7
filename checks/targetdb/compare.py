"""Compares two databases by hashes made on their servers; texts are read only for what differs.

Only within one major version, since each deparses some objects in its own way (views from 16 on, identity columns of
partitions from 17 on). Between two, names are all that is compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks.base import Finding, counted
from checks.sql.statements import without_values
from checks.targetdb.asking import short
from checks.targetdb.compare_kinds import KINDS, Kind
from checks.targetdb.compare_side import Owner, Side

if TYPE_CHECKING:
    from checks.targetdb.session import Target

# A CHECK with IN on a varchar column comes back from a dump in another notation of the same.
_CAST_LIST = re.compile(r"\(ARRAY\[((?:'(?:[^']|'')*'::character varying(?:, )?)+)\]\)::text\[\]")
_CAST_ITEM = re.compile(r"('(?:[^']|'')*'::character varying)")
_SHOWN = 70
_BEFORE = 25


@dataclass(frozen=True)
class Comparison:
    """`findings` name kind, object and side; `notes` are partitions that only one side has. `counts`: word -> number.

    `texts` is False where only names were compared, because the majors differ.
    """

    left: Side
    right: Side
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    counts: Counter[str]

    @property
    def texts(self) -> bool:
        return self.left.major == self.right.major

    @property
    def objects(self) -> int:
        return self.counts.total()

    @property
    def shown_counts(self) -> str:
        """`412 objects: 37 tables, 82 indexes, 4 functions`."""
        words = ("table", "view", "materialized view", "index", "constraint", "trigger", "function", "enum")
        parts = [counted(self.counts[w], w, "indexes" if w == "index" else "") for w in words if self.counts[w]]
        return f"{counted(self.objects, 'object')}: {', '.join(parts)}" if parts else counted(self.objects, "object")


def compare_databases(
    left: Target, right: Target, check_id: str = "compare", ignored: Sequence[str] = (), kinds: Sequence[Kind] = KINDS
) -> Comparison:
    """Both sides at once, a connection each. `ignored` are patterns of names as `orders`, `audit.*`.

    Raises CannotConnect, CannotRun (something holds ACCESS EXCLUSIVE, a time-out).
    """
    sides = Side(left, check_id, ignored), Side(right, check_id, ignored)
    _both(sides, lambda side: side.list_all())
    names_only = sides[0].major != sides[1].major
    _both(sides, lambda side: side.hash_all(kinds, names_only))
    found = list(_one_sided(*sides, kinds))
    findings = [finding for finding in found if finding.severity == "error"]
    findings += _differences(*sides, kinds, names_only)
    notes = tuple(finding for finding in found if finding.severity != "error")
    return Comparison(*sides, tuple(findings), notes, _counts(sides[0]))


def _both(sides: tuple[Side, Side], work: Callable[[Side], None]) -> None:
    with ThreadPoolExecutor(2, "gonogo-compare") as pool:
        for done in [pool.submit(work, side) for side in sides]:
            done.result()


def _one_sided(left: Side, right: Side, kinds: Sequence[Kind]) -> Iterator[Finding]:
    """What only one side has; a partition whose parent both have is a note, since jobs make those as time goes by."""
    wanted = {kind.of for kind in kinds}
    for side, other in ((left, right), (right, left)):
        if "relation" in wanted:
            yield from _missing("schema", side.schemas - other.schemas, other)
            yield from _missing("extension", side.extensions - other.extensions, other)
        for key in sorted(side.owners.keys() - other.owners.keys()):
            owner = side.owners[key]
            if owner.of in wanted and (owner.of != "type" or "relation" in wanted or owner.kind == "e"):
                yield from _missing(owner.word, [owner.name], other, "info" if owner.is_partition else "error")


def _missing(word: str, names: Iterable[str], other: Side, severity: str = "error") -> Iterator[Finding]:
    for name in sorted(names):
        shown = short(name)
        yield Finding(f"{word} {shown} is missing on {other.name}", shown, severity=severity)


def _differences(left: Side, right: Side, kinds: Sequence[Kind], names_only: bool) -> list[Finding]:
    found: list[Finding] = []
    both = left.owners.keys() & right.owners.keys()
    for kind in kinds:
        ours, theirs = left.hashes[kind], right.hashes[kind]
        differing = (name for name in sorted({*ours, *theirs}) if ours.get(name) != theirs.get(name))
        if names := [name for name in differing if (kind.of, name) in both]:
            found.extend(_of_kind(kind, names, left, right, names_only))
    return _without_doubles(list(dict.fromkeys(found)))


def _of_kind(kind: Kind, names: Sequence[str], left: Side, right: Side, names_only: bool) -> Iterator[Finding]:
    ours, theirs = left.items(kind, names), right.items(kind, names)
    for key in sorted({*ours, *theirs}):
        owner = left.owners[kind.of, key[0]]
        word, shown = _named(kind, owner, key[1])
        if key not in ours or key not in theirs:
            other = left if key not in ours else right
            yield Finding(f"{word} {shown} is missing on {other.name}", _object(owner, key[1]), severity="error")
        elif not names_only and _normal(ours[key]) != _normal(theirs[key]):
            a, b = _apart(ours[key], theirs[key])
            message = f"{word} {shown} differs: {left.name} has {a}, {right.name} has {b}"
            yield Finding(message, _object(owner, key[1]), severity="error")


def _named(kind: Kind, owner: Owner, item: str) -> tuple[str, str]:
    if not item:
        return owner.word, short(owner.name)
    if kind.word == "column":
        return "column", f"{short(owner.name)}.{item}"
    return kind.word, f"{item} on {short(owner.name)}"


def _object(owner: Owner, item: str) -> str:
    return f"{short(owner.name)}.{item}" if item else short(owner.name)


def _without_doubles(findings: Sequence[Finding]) -> list[Finding]:
    """A primary key or unique constraint that is missing takes its index with it: one finding, the constraint's."""
    constraints = {finding.object for finding in findings if finding.message.startswith("constraint ")}
    return [f for f in findings if not (f.message.startswith("index ") and f.object in constraints)]


def _normal(text: str) -> str:
    return _CAST_LIST.sub(lambda found: "ARRAY[" + _CAST_ITEM.sub(r"(\1)::text", found[1]) + "]", text)


def _apart(ours: str, theirs: str) -> tuple[str, str]:
    """Both on one line, from shortly before where they part."""
    a, b = " ".join(ours.split()), " ".join(theirs.split())
    if a == b:
        return "other white space", "its own"
    a, b = without_values(a), without_values(b)
    if a == b:
        return "other values", "its own"
    same = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    start = max(0, same - _BEFORE) if max(len(a), len(b)) > _SHOWN else 0
    return _cut(a, start), _cut(b, start)


def _cut(text: str, start: int) -> str:
    shown = f"…{text[start:]}" if start else text
    return f"`{shown[:_SHOWN]}…`" if len(shown) > _SHOWN else f"`{shown}`" if shown else "nothing"


def _counts(side: Side) -> Counter[str]:
    counts = Counter("table" if owner.is_partition else owner.word for owner in side.owners.values())
    for kind, hashes in side.hashes.items():
        if kind.word in ("index", "constraint", "trigger", "policy", "column"):
            counts[kind.word] += sum(items for items, _ in hashes.values())
    return counts
