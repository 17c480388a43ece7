"""Where each key of a TOML text stands. The parsers tell values, not lines, and a fault needs its line."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""(?P<string>\"{3}(?:\\.|(?!\"{3}).)*\"{3,5}|'{3}(?:(?!'{3}).)*'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
      | (?P<comment>\#[^\n]*)
      | (?P<newline>\n)
      | (?P<mark>[\[\]{}=,.])
      | (?P<word>[^\s\[\]{}=,.\#"']+)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    line: int

    @property
    def key(self) -> str:
        """The key that this token spells, without quotes and escapes."""
        if self.kind != "string":
            return self.text
        return self.text[1:-1] if self.text[0] == "'" else str(ast.literal_eval(self.text))


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "comment":
            yield _Token(kind, match.group(), line)
        line += match.group().count("\n")
    yield _Token("newline", "\n", line)


@dataclass
class _Scanner:
    """Walks the tokens of a TOML text that a real parser has already accepted, so it may trust their order."""

    tokens: list[_Token]
    lines: dict[Path, int] = field(default_factory=dict)
    at: int = 0
    arrays: Counter[Path] = field(default_factory=Counter)

    @property
    def now(self) -> _Token:
        return self.tokens[self.at]

    def is_mark(self, text: str) -> bool:
        return self.now.kind == "mark" and self.now.text == text

    def take(self) -> _Token:
        token = self.now
        self.at += 1
        return token

    def note(self, path: Path, line: int) -> None:
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def document(self) -> None:
        table: Path = ()
        while self.at < len(self.tokens):
            if self.now.kind == "newline":
                self.take()
            elif self.is_mark("["):
                table = self.header()
            else:
                self.pair(table)

    def header(self) -> Path:
        line = self.take().line
        is_array = self.is_mark("[")
        if is_array:
            self.take()
        path = self.placed(self.dotted("]"))
        if is_array:
            self.take()
            self.arrays[path] += 1
            path = (*path, self.arrays[path] - 1)
        self.note(path, line)
        return path

    def placed(self, keys: Path) -> Path:
        """`[[a]] [a.b]`: the second header speaks of the newest element of `a`."""
        path: Path = ()
        for key in keys[:-1]:
            path = (*path, key)
            if self.arrays[path]:
                path = (*path, self.arrays[path] - 1)
        return (*path, keys[-1])

    def dotted(self, end: str) -> Path:
        keys: Path = ()
        while not self.is_mark(end):
            token = self.take()
            if token.kind != "mark":
                keys = (*keys, token.key)
        self.take()
        return keys

    def pair(self, table: Path) -> None:
        line = self.now.line
        path = (*table, *self.dotted("="))
        self.note(path, line)
        self.value(path)

    def value(self, path: Path) -> None:
        if self.is_mark("["):
            self.take()
            for index in self.elements("]"):
                self.note((*path, index), self.now.line)
                self.value((*path, index))
        elif self.is_mark("{"):
            self.take()
            for _ in self.elements("}"):
                self.pair(path)
        else:
            while self.now.kind != "newline" and not (self.now.kind == "mark" and self.now.text in ",]}"):
                self.take()

    def elements(self, end: str) -> Iterator[int]:
        """Stops at each element up to the closing mark, and counts; what lies between is taken."""
        count = 0
        while not self.is_mark(end):
            if self.now.kind == "newline" or self.is_mark(","):
                self.take()
            else:
                yield count
                count += 1
        self.take()


def key_lines(text: str) -> Mapping[Path, int]:
    """The line (from 1) of every key, table and array element of a valid TOML text."""
    scanner = _Scanner(list(_tokens(text)))
    scanner.document()
    return scanner.lines


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of `path`, or of the nearest thing around it that stands in the file."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def dotted_name(path: Path) -> str:
    """`environments.production.windows[0]`."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name
