"""The text of a checklist: folding and slugs, its bytes decoded, and what is wrong with it, all at once."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from checks.result import ERROR, WARNING, Finding

MAX_SLUG = 120

# Embeddings, overrides and isolates reorder what a reader sees (Unicode TR36, "Trojan Source", CVE-2021-42574).
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BYTE_ORDER_MARK = "\ufeff"
_JOINERS = "\u200c\u200d"  # in emoji, and letters of many scripts

_NUMBERING = re.compile(
    r"^\s*(?:(?:step|phase|part|stage|section)\s+\d+(?:\.\d+)*\s*[.):–—-]?|\d+(?:\.\d+)*\s*[.):]?(?=\s)|[ivx]+[.)]|[a-z][.)])\s+",
    re.IGNORECASE,
)


def fold(text: str) -> str:
    """Text for comparing: case, spaces and the spaces around slashes do not matter."""
    return re.sub(r"\s*/\s*", "/", " ".join(text.split())).casefold()


def without_numbering(heading: str) -> str:
    """ "2.1 Go live" and "Step 2: Go live" are "Go live"; a heading that is all number stays."""
    return _NUMBERING.sub("", heading).strip(" :–—-") or heading


def slug(text: str) -> str:
    """Letters and digits of any script, joined by hyphens; a text without any becomes a digest of itself."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    words = "".join(character if _is_word(character) else " " for character in plain).split()
    return "-".join(words) or f"x{_digest(text)}"


def _is_word(character: str) -> bool:
    # Marks too: without them many scripts fall apart. \w of `re` leaves them out.
    return unicodedata.category(character)[0] in "LNM"


def slug_path(parts: Iterable[str]) -> str:
    """Slugs joined by slashes, at most MAX_SLUG characters: the end of a longer one is a digest of the whole."""
    path = "/".join(slug(without_numbering(part)) for part in parts)
    return path if len(path) <= MAX_SLUG else f"{path[: MAX_SLUG - 9].rstrip('-/')}-{_digest(path)}"


def nearest(word: str, known: Iterable[str]) -> str:
    """A sentence " Nearest: …." to append, or nothing when no known word is near."""
    return nearest_of(word, {name: name for name in known})


def nearest_of(word: str, shown: Mapping[str, str]) -> str:
    """As `nearest`, where each known word is shown to people as something else."""
    found = difflib.get_close_matches(word, list(shown), n=1, cutoff=0.6)
    return f" Nearest: {shown[found[0]]}." if found else ""


def is_forbidden(character: str) -> bool:
    """Control characters (tab aside), line separators, surrogates and bidirectional controls."""
    if character in BIDI_CONTROLS or character == BYTE_ORDER_MARK:
        return True
    return character != "\t" and unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def is_unseen(character: str) -> bool:
    """What is forbidden, and marks that steer or hide in a text of people: in a checklist a script may need those."""
    return is_forbidden(character) or (unicodedata.category(character) == "Cf" and character not in _JOINERS)


def name_character(character: str) -> str:
    """A character that does not show, as people can look it up: "U+202E RIGHT-TO-LEFT OVERRIDE"."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '(control character)')}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def problem(file: str, line: int, sentence: str, mend: str, severity: str = ERROR) -> Finding:
    """One fault at one line. An error keeps the checklist from being used; a warning says what will surprise."""
    return Finding(sentence, file=file, line=line, hint=mend, severity=severity)


class ChecklistError(ValueError):
    """Every error of one checklist, in the order of lines. `str()` is a line for each."""

    def __init__(self, problems: Iterable[Finding]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(map(str, self.problems)))


def in_order(problems: Iterable[Finding]) -> tuple[Finding, ...]:
    """By line, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0))


MAX_BYTES = 262_144
MAX_LINE = 4_000


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
    _refuse_long_lines(lines, file)
    problems = (*marked, *_hidden_characters(lines, file), *_line_ends(text, file))
    return Source(text, lines, hashlib.sha256(content).hexdigest(), problems)


def _refuse_long_lines(lines: tuple[str, ...], file: str) -> None:
    """Before Markdown is read: what reads it takes long over a long line."""
    long = [(number, len(line)) for number, line in enumerate(lines, 1) if len(line) > MAX_LINE]
    if long:
        sentence = f"This line has {{:,}} characters; a line of a checklist has at most {MAX_LINE:,}."
        mend = "Break it into several lines, or put the text elsewhere and give the link."
        raise ChecklistError(problem(file, number, sentence.format(length), mend) for number, length in long)


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
