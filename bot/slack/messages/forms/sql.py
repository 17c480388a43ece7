"""SQL to read: the files in range, page by page, with what was observed beside each; and texts in other forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.core.decision import short
from bot.core.deployment import PinnedFile
from bot.slack.messages import samples
from bot.slack.messages.blocks import CODE_TEXT, Block, actions, bold, code, section, size, user
from bot.slack.messages.buttons import Target, button, form
from bot.slack.messages.forms.everything import titled_lines
from bot.slack.messages.words import listed, titled
from bot.usecases.form_facts import SqlDetail
from bot.usecases.verb import Verb
from checks.result import NOTE, Finding, counted

TEXT_CHARACTERS = 80_000
PAGE_PIECES = 40
SHOWN_OBSERVED = 12


@dataclass(frozen=True)
class _Piece:
    """As much of a file as one code block holds; `head` stands above it."""

    head: str
    text: str


def view(facts: SqlDetail) -> dict[str, Any]:
    """One page; its own buttons turn it. It decides nothing, the buttons are beside the role."""
    pages = _pages([piece for file, text in facts.files for piece in _pieces(facts, file, text)])
    page = min(facts.page, len(pages) - 1)
    return form(
        Verb.SEE_SQL,
        Target(facts.deployment.id, extra=str(page)),
        "The SQL",
        _blocks(facts, pages, page),
        close="Close",
    )


def _blocks(facts: SqlDetail, pages: Sequence[Sequence[_Piece]], page: int) -> Iterator[Block]:
    read = f"{counted(len(facts.files), 'file')} · {short(facts.subject)}" if facts.subject else "no file is read yet"
    of = f" · page {page + 1} of {len(pages)}" if len(pages) > 1 else ""
    yield section(f"{titled(facts.deployment)}\n{read}{of}")
    for piece in pages[page]:
        yield section(piece.head)
        yield code(piece.text)
    turns = [("Previous files", page - 1), ("Next files", page + 1)]
    # Two buttons of one block need ids that differ, and an action's id is its verb: a block each.
    for words, number in turns:
        if 0 <= number < len(pages):
            yield from actions([button(Verb.SEE_SQL, Target(facts.deployment.id, extra=str(number)), words)])


def _pages(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """At least one page, each within a view's limits."""
    pages: list[list[_Piece]] = [[]]
    used = 0
    for piece in pieces:
        takes = size({"": piece.head + piece.text})
        if pages[-1] and (len(pages[-1]) == PAGE_PIECES or used + takes > TEXT_CHARACTERS):
            pages.append([])
            used = 0
        pages[-1].append(piece)
        used += takes
    return pages


def _pieces(facts: SqlDetail, file: PinnedFile, text: str) -> Iterator[_Piece]:
    """The whole file, cut at line ends: nothing that runs is left out."""
    head, line = _head(facts, file, text), 1
    rest = text or " "
    while rest:
        end = len(rest) if len(rest) <= CODE_TEXT else rest.rfind("\n", 0, CODE_TEXT) + 1 or CODE_TEXT
        yield _Piece(head, rest[:end])
        line += rest.count("\n", 0, end)
        head, rest = f"{bold(file.name, 150)}  from line {line}", rest[end:]


def _head(facts: SqlDetail, file: PinnedFile, text: str) -> str:
    """Name, size, and what each statement was seen to do, in the order of the file."""
    down = " · down" if file.is_down else ""
    seen = sorted(facts.observed.get(file.name, ()), key=lambda finding: finding.line or 0)
    lines = [f"{f'line {each.line}: ' if each.line else ''}{user(each.message, 200)}" for each in seen]
    name = f"{bold(file.name, 150)}  {_bytes(len(text.encode()))} · {short(file.sha)}{down}"
    return "\n".join([name, *listed(lines, SHOWN_OBSERVED)])


def texts(files: Sequence[tuple[str, str, str]], room: tuple[int, int], cut_where: str, left: str) -> Iterator[Block]:
    """Files as (title, name, text): as many texts as fit, the others by name.

    `room` is for so many texts and blocks of names; `cut_where` and `left` say where the rest can be seen.
    """
    shown = _shown([text for _, _, text in files], room[0])
    for title, _, text in files[:shown]:
        hidden = len(text) - CODE_TEXT
        yield section(title + (f" · the last {counted(hidden, 'character')} {cut_where}" if hidden > 0 else ""))
        if text:
            yield code(text)
    names = [name for _, name, _ in files[shown:]]
    yield from titled_lines(f"{counted(len(names), 'more file')}, by name", names, room[1], left)


def _shown(shown: Sequence[str], most: int) -> int:
    used = 0
    for number, text in enumerate(shown):
        used += size({"": text[:CODE_TEXT]})
        if number == most or used > TEXT_CHARACTERS:
            return number
    return len(shown)


def _bytes(length: int) -> str:
    if length < 10_000:
        return f"{length} bytes"
    return f"{length / 1000:.0f} kB" if length < 10_000_000 else f"{length / 1_000_000:.0f} MB"


_TEXT = "CREATE INDEX orders_open_idx ON orders (created_at) WHERE state = 'open';\n"
_SEEN = {
    file.name: (Finding(seen.observed, "orders", file.name, 1, severity=NOTE),)
    for file, seen in zip(samples.FILES, samples.CARD.files, strict=True)
}
_THREE = SqlDetail(samples.PREPARING, samples.SUBJECT, tuple((file, _TEXT) for file in samples.FILES), _SEEN)
EXAMPLES: Mapping[str, SqlDetail] = {
    "three files": _THREE,
    "reading": SqlDetail(samples.READING, "", (), {}),
    "large": replace(_THREE, files=tuple((samples.FILES[number % 3], 400 * _TEXT) for number in range(60)), page=1),
}
