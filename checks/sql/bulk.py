"""Rows of plain values in INSERTs of a large file: no check reads their trees, which take twenty times their text."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Bytes of a file from which on looking for such rows costs less than their trees.
LARGE = 256 * 1024

_NAME = rb'(?:"[^"]+"|[\w$\x80-\xff]+)'
# No comment and no string in it, so that what follows is where the parser finds the rows.
_INSERT = re.compile(
    rb"INSERT\s+INTO\s+%(name)b(?:\s*\.\s*%(name)b)?(?:\s+AS\s+%(name)b)?\s*(?:\([^()'/-]*\)\s*)?"
    rb"(?:OVERRIDING\s+\w+\s+VALUE\s+)?VALUES\s*" % {b"name": _NAME},
    re.IGNORECASE,
)
_VALUE = rb"(?:[+-]?\d[\d.]*+(?:e[+-]?\d++)?|'[^']*+(?:''[^']*+)*+'|null|true|false|default)"
_ROW = rb"\(\s*+%(value)b\s*+(?:,\s*+%(value)b\s*+)*+\)" % {b"value": _VALUE}
_ROWS = re.compile(rb"(?:%b\s*+,\s*+)++" % _ROW, re.IGNORECASE)
_LAST = re.compile(rb"\(\s*+%(value)b(?P<rest>\s*+(?:,\s*+%(value)b\s*+)*+)\)" % {b"value": _VALUE}, re.IGNORECASE)


def without_rows(text: str) -> str:
    """SQL with spaces in place of such rows, each byte where it was; of the last row the first value stays.

    Rows with anything else than numbers, plain strings, NULL, true, false and DEFAULT stay, with those after them.
    Raises pglast's ParseError.
    """
    content = bytearray(text, "utf-8")
    for start in _statements(text):
        if insert := _INSERT.match(content, start):
            rows = _ROWS.match(content, insert.end())
            last = _LAST.match(content, rows.end() if rows else insert.end())
            for first, end in [rows.span()] if rows else []:
                content[first:end] = b" " * (end - first)
            if last:
                first, end = last.span("rest")
                content[first:end] = b" " * (end - first)
    return content.decode()


def _statements(text: str) -> Iterator[int]:
    """Where statements begin, in bytes."""
    from pglast.parser import split

    counted = at = 0
    for statement in split(text, with_parser=True, only_slices=True):
        at += len(text[counted : statement.start].encode())
        counted = statement.start
        yield at
