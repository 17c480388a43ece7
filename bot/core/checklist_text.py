"""Small words' work of the checklist: folding, slugs, nearest names, characters that have no place in a line."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

MAX_SLUG = 120

# Embeddings, overrides and isolates reorder what a reader sees (Unicode TR36, "Trojan Source", CVE-2021-42574).
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BYTE_ORDER_MARK = "\ufeff"

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


def name_character(character: str) -> str:
    """A character that does not show, as people can look it up: "U+202E RIGHT-TO-LEFT OVERRIDE"."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '(control character)')}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
