"""The bytes of a checklist as text: encoding, line ends, and characters that a reader cannot see."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.core.checklist_problems import ChecklistError, problem
from bot.core.checklist_text import BYTE_ORDER_MARK, is_forbidden, name_character
from checks.result import WARNING, Finding

MAX_BYTES = 1_048_576


@dataclass(frozen=True)
class Source:
    """Text as given, its lines (split at LF, CRLF and CR, as CommonMark does), and the sha-256 of the bytes."""

    text: str = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    revision: str
    problems: tuple[Finding, ...] = ()


def read_source(given: bytes | str, file: str) -> Source:
    """Decode and look at every character. Raises ChecklistError where there is no text to go on with."""
    content = _encode(given, file)
    text = _decode(content, file)
    marked = tuple(_byte_order_mark(text, file))
    text = text.removeprefix(BYTE_ORDER_MARK)
    lines = split_lines(text)
    problems = (*marked, *_hidden_characters(lines, file), *_line_ends(text, file))
    return Source(text, lines, hashlib.sha256(content).hexdigest(), problems)


def split_lines(text: str) -> tuple[str, ...]:
    """Lines as Markdown counts them; `str.splitlines` would split at more characters."""
    return tuple(re.split(r"\r\n|\r|\n", text))


def _encode(given: bytes | str, file: str) -> bytes:
    try:
        content = given.encode() if isinstance(given, str) else given
    except UnicodeEncodeError as fault:
        line = str(given)[: fault.start].count("\n") + 1
        raise _refused(file, line, "A surrogate without its pair stands here.", "Remove that character.") from None
    if len(content) > MAX_BYTES:
        size = f"The file has {len(content):,} bytes; a checklist has at most {MAX_BYTES:,}."
        raise _refused(file, 1, size, "Is this the right file?")
    return content


def _decode(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        line = 1 if utf16 else content[: fault.start].count(b"\n") + 1
        what = "The file is UTF-16." if utf16 else f"Byte 0x{content[fault.start]:02x} here is not UTF-8."
        raise _refused(file, line, what, "Save the file as UTF-8 without a byte-order mark.") from None


def _refused(file: str, line: int, sentence: str, mend: str) -> ChecklistError:
    return ChecklistError([problem(file, line, sentence, mend)])


def _byte_order_mark(text: str, file: str) -> Iterator[Finding]:
    if text.startswith(BYTE_ORDER_MARK):
        sentence = "The file begins with a byte-order mark, which hides the first heading from Markdown."
        yield problem(file, 1, sentence, "Save it as UTF-8 without one (in vim: set nobomb).")


def _hidden_characters(lines: tuple[str, ...], file: str) -> Iterator[Finding]:
    for number, line in enumerate(lines, 1):
        for character in dict.fromkeys(filter(is_forbidden, line)):
            sentence = f"The line holds {name_character(character)}, which a reader cannot see."
            yield problem(file, number, sentence, "Remove that character.")


def _line_ends(text: str, file: str) -> Iterator[Finding]:
    ends = [match[0] for match in re.finditer(r"\r\n|\r|\n", text)]
    if not any("\r" in end for end in ends):
        return
    odd = next((number for number, end in enumerate(ends, 1) if end != ends[0]), None)
    what = "Line ends change here" if odd else "The file has Windows line ends (CRLF)"
    sentence = f"{what}; with other line ends the same text is another revision."
    mend = 'Save it with LF, and keep it so with "*.md text eol=lf" in .gitattributes.'
    yield problem(file, odd or 1, sentence, mend, WARNING)
