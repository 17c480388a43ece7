"""The hash-chained list of everything that happened; instants as its text has them: UTC, of fixed width."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.verify import canonical

_SHAPE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


def to_text(instant: datetime) -> str:
    """`2026-11-22T14:03:07.123Z`; milliseconds are cut, not rounded.

    Raises ValueError for a datetime without a zone: a naive time is a guess.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def from_text(text: str) -> datetime:
    """The aware instant that `to_text` wrote. Raises ValueError for other shapes."""
    if _SHAPE.fullmatch(text) is None:
        raise ValueError(f"not an instant: {text[:40]}")
    return datetime.fromisoformat(text)


_REFUSED = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Entry:
    """One link of a chain; `body` is the JSON text as stored, byte for byte. A head has a `signature` in base64."""

    chain: str
    seq: int
    prev: str
    body: str
    hash: str
    signature: str | None = None


def body_text(event: str, at: str, facts: Mapping[str, object]) -> str:
    """The body of an entry: sorted keys, no spaces, UTF-8, integers and strings (and lists and maps of them) only.

    Raises ValueError for NUL, lone surrogates, floats and other types.
    """
    body = {"event": event, "at": at, **facts}
    _check(body)
    return canonical(body)


def _check(value: object) -> None:
    if isinstance(value, str):
        if _REFUSED.search(value):
            raise ValueError("a journal text holds NUL or half a character")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _check(key)
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif value is not None and (isinstance(value, float) or not isinstance(value, int)):
        raise ValueError(f"a journal holds strings and integers, not {type(value).__name__}")


def link(chain: str, seq: int, prev: str, body: str) -> Entry:
    """The entry with its hash: `sha256("gonogo/1\\n" + chain + "\\n" + seq + "\\n" + prev + "\\n" + body)`."""
    text = f"gonogo/1\n{chain}\n{seq}\n{prev}\n{body}"
    return Entry(chain, seq, prev, body, hashlib.sha256(text.encode()).hexdigest())


def text_digest(salt: str, text: str) -> str:
    """Digest under which a private text is kept: `salt` is 16 bytes in hex."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()
