"""Text of people and machines on its way into a record: one line, and nothing in it is Markdown or HTML any more."""

from __future__ import annotations

import re

from bot.core.checklist_text import is_forbidden

_REPLACEMENT = "\ufffd"
# Written as CommonMark autolinks, so that nothing in them has to be escaped.
_ADDRESS = re.compile(r"\bhttps?://[\w\-./?=&%#:+@,]*[\w/]", re.ASCII)
_SPECIAL = re.compile(r"[\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")


def neutralise(text: str) -> str:
    """One line that Markdown shows as it was typed. Web addresses stay links; what cannot be seen becomes U+FFFD."""
    line = one_line(text)
    parts: list[str] = []
    end = 0
    for address in _ADDRESS.finditer(line):
        parts += [_escape(line[end : address.start()]), f"<{address[0]}>"]
        end = address.end()
    return "".join([*parts, _escape(line[end:])])


def one_line(text: str) -> str:
    """Runs of spaces and line ends become one space; control and bidirectional characters U+FFFD."""
    words = " ".join(text.split())
    return "".join(_REPLACEMENT if is_forbidden(character) else character for character in words)


def _escape(text: str) -> str:
    text = _SPECIAL.sub(r"\\\g<0>", text)
    text = _ENTITY.sub("&amp;", text)
    return text.replace("<", "&lt;").replace(">", "&gt;")
