"""What is wrong with the settings, all at once: one sentence a fault, with its file and line."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from bot.core.typed import nearest
from bot.settings.positions import Path, dotted_name, key_lines, line_of
from checks.result import ERROR, Finding

_LOOKS_SECRET = re.compile(r"://|password|xox[a-z]-|xapp-|@.*:|:.*@", re.IGNORECASE)


class SettingsError(Exception):
    """The settings cannot be used. `faults` holds every reason, files first, then variables; `str()` is a line each."""

    def __init__(self, faults: Iterable[Finding]) -> None:
        self.faults = tuple(sorted(dict.fromkeys(faults), key=_place))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def _place(fault: Finding) -> tuple[bool, str, int, str]:
    return (not fault.file, fault.file, fault.line or 0, fault.object)


def looks_secret(value: str) -> bool:
    """Whether a text might hold a password or a token, so that no sentence may repeat it."""
    return bool(_LOOKS_SECRET.search(value))


def quoted(value: object) -> str:
    """The value as a fault shows it: cut at 60 characters, and never when it might hold a password or a token."""
    if not isinstance(value, str):
        return str(value)[:60]
    if looks_secret(value):
        return "what is written there"
    return f"'{value[:60]}…'" if len(value) > 60 else f"'{value}'"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'staging'?`, or nothing."""
    near = nearest(word, known)
    return f"did you mean '{near}'?" if near else ""


_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

_INIT = "`gonogo init` writes one after five questions, or name yours with --config or GONOGO_CONFIG"
_SYNTAX: Mapping[str, tuple[str, str]] = {
    "Invalid value": ("there is no value here", 'text needs quotes: "…", yes and no are true and false'),
    "Cannot overwrite": ("this setting is given twice", "keep one of the two"),
    "Cannot declare": ("this table is given twice", "join the two"),
    "Expected '='": ("there is no = here", 'write name = "value"'),
    "Expected newline": ("one setting a line", "what follows the value here does not belong to it"),
    "Unterminated string": ("a text begins here or above and does not end", "close its quotes"),
    "Illegal character '\\n'": ("the text ends with the line, without its closing quotes", ""),
    "Unescaped": ("a backslash in a text is written twice, or the text put in '…'", ""),
}


@dataclass(frozen=True)
class Source:
    """A TOML file as read. `shown` is how faults call it; relative paths in it start at `folder`."""

    path: FilePath
    shown: str
    values: Mapping[str, object] = field(repr=False)
    lines: Mapping[Path, int] = field(repr=False)

    @property
    def folder(self) -> FilePath:
        return self.path.parent

    def raw(self, path: Path) -> Any:
        """What stands in the file at `path`, sound or not; None where nothing does."""
        value: Any = self.values
        for part in path:
            if not isinstance(value, dict) or part not in value:
                return None
            value = value[part]
        return value

    def fault(self, path: Path, sentence: str, mend: str = "") -> Finding:
        return Finding(sentence, dotted_name(path), self.shown, line_of(self.lines, path), mend, ERROR)


def read(path: FilePath) -> Source:
    """The file's values with their places. Raises SettingsError: missing, unreadable, not UTF-8, not TOML."""
    shown = show(path)
    text = _text(path, shown)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([_syntax_fault(error, text, shown)]) from None
    return Source(path.absolute(), shown, values, key_lines(text.replace("\r\n", "\n")))


def show(path: FilePath) -> str:
    """The path as people would type it: relative where it lies below the current folder."""
    try:
        return str(path.absolute().relative_to(FilePath.cwd()))
    except ValueError:
        return str(path)


def _text(path: FilePath, shown: str) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise SettingsError([Finding("there is no such file", file=shown, hint=_INIT, severity=ERROR)]) from None
    except OSError as error:
        sentence = f"cannot be read ({os.strerror(error.errno or 0)})"
        raise SettingsError([Finding(sentence, file=shown, severity=ERROR)]) from None
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError([Finding("is not UTF-8 here", "", shown, line, "save the file as UTF-8", ERROR)]) from None


def _syntax_fault(error: tomllib.TOMLDecodeError, text: str, shown: str) -> Finding:
    message = str(error)
    place = _AT.search(message)
    line, column = (int(place[1]), int(place[2])) if place and place[1] else (text.rstrip().count("\n") + 1, None)
    words = _AT.sub("", message)
    known = (told for start, told in _SYNTAX.items() if words.startswith(start))
    sentence, mend = next(known, (words[:1].lower() + words[1:], ""))
    return Finding(f"this is not TOML: {sentence}", "", shown, line, mend, ERROR, column)
