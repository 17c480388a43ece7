"""What a role decides, whole: every file with its SQL, every check's answer, every open item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.deployment import PinnedFile
from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import CODE_TEXT, Block, code, modal, section, sections_within, size
from bot.slack.messages.check_words import verdict_head
from bot.slack.messages.item_line import item_head
from bot.slack.messages.mrkdwn import bold
from bot.slack.messages.words import short, titled
from bot.usecases.form_facts import SubjectDetail
from bot.usecases.verb import Verb
from checks.result import counted

SHOWN_SQL = 22
SQL_CHARACTERS = 80_000

_File = tuple[PinnedFile, int, str]


def view(facts: SubjectDetail) -> dict[str, Any]:
    """A modal to read; it decides nothing, the buttons are beside the role."""
    metadata = encode(Target(facts.deployment.id, subject=facts.subject))
    return modal("What is decided", _blocks(facts), callback_id=Verb.SEE_SUBJECT, metadata=metadata)


def _blocks(facts: SubjectDetail) -> Iterator[Block]:
    fingerprint = short(facts.deployment.fingerprint)
    files = f"{counted(len(facts.files), 'file')}, fingerprint {fingerprint}" if fingerprint else "no file is read yet"
    yield section(f"{titled(facts.deployment)}\n{files}")
    yield from _answers(facts)
    yield from _open(facts)
    yield from _sql(facts.files)


def _answers(facts: SubjectDetail) -> Iterator[Block]:
    if not facts.results:
        return
    yield section("*Checks*")
    heads = [str(verdict_head(result, facts.titles)) for result in facts.results]
    yield from sections_within(heads, 12, "the sections in the thread have all")


def _open(facts: SubjectDetail) -> Iterator[Block]:
    if not facts.open_items:
        return
    yield section(f"*{counted(len(facts.open_items), 'item')} not settled*")
    yield from sections_within([item_head(item) for item in facts.open_items], 8, "the sections in the thread")


def _sql(files: Sequence[_File]) -> Iterator[Block]:
    """SQL of as many files as fit, down files last; the names of all others."""
    ordered = sorted(files, key=lambda each: each[0].is_down)
    shown = _fitting(ordered)
    for file, length, sql in ordered[:shown]:
        hidden = len(sql) - CODE_TEXT
        more = f" · the last {counted(hidden, 'character')} only in the file and the record" if hidden > 0 else ""
        yield section(_file(file, length) + more)
        yield code(sql)
    yield from _names(ordered[shown:])


def _fitting(files: Sequence[_File]) -> int:
    used = 0
    for number, (_, _, sql) in enumerate(files):
        used += size({"": sql[:CODE_TEXT]})
        if number == SHOWN_SQL or used > SQL_CHARACTERS:
            return number
    return len(files)


def _names(files: Sequence[_File]) -> Iterator[Block]:
    if not files:
        return
    yield section(f"*{counted(len(files), 'more file')}, by name*")
    names = [_file(file, length) for file, length, _ in files]
    yield from sections_within(names, 24, "gonogo export, on the bot's machine, has every file")


def _file(file: PinnedFile, length: int) -> str:
    down = " · down" if file.is_down else ""
    return f"{bold(file.name, 150)}  {_bytes(length)} · {short(file.sha)}{down}"


def _bytes(length: int) -> str:
    if length < 10_000:
        return f"{length} bytes"
    return f"{length / 1000:.0f} kB" if length < 10_000_000 else f"{length / 1_000_000:.0f} MB"


_SQL = "CREATE INDEX orders_open_idx ON orders (created_at) WHERE state = 'open';\n"
EXAMPLES: Mapping[str, SubjectDetail] = {
    "three files": SubjectDetail(
        samples.PREPARING,
        samples.SUBJECT,
        tuple((file, len(_SQL), _SQL) for file in samples.FILES),
        samples.RESULTS,
        samples.TITLES,
        (samples.RESTORE, samples.PLAN),
    ),
    "reading": SubjectDetail(samples.READING, "", (), (), {}, ()),
    "large": SubjectDetail(
        samples.PREPARING,
        samples.SUBJECT,
        tuple((samples.FILES[number % 3], 40 * len(_SQL), 40 * _SQL) for number in range(60)),
        (),
        {},
        (),
    ),
}
