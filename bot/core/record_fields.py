"""What is filled into a record: its six fields, and text of people and machines that is no Markdown any more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.core.checklist.text import fold, is_unseen

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
    """Runs of spaces and line ends become one space; what cannot be seen becomes U+FFFD."""
    words = " ".join(text.split())
    return "".join(_REPLACEMENT if is_unseen(character) else character for character in words)


def _escape(text: str) -> str:
    text = _SPECIAL.sub(r"\\\g<0>", text)
    text = _ENTITY.sub("&amp;", text)
    return text.replace("<", "&lt;").replace(">", "&gt;")


CHOICES: Mapping[str, tuple[str, ...]] = {
    "Environment": ("Development", "Staging", "Production"),
    "Status": ("Success", "Partial", "Rolled Back"),
}
FIELDS = ("Deployment Date", "Deployed By", "Environment", "Migration Version", "Status", "Notes")

_OPTION = re.compile(r"\[[ xX]\]\s*(\w+(?: \w+)*)")
_UNDERSCORES = re.compile(r"\s*_[_\s]*")
_FIELD = re.compile(
    rf"(?P<name>\s{{0,3}}(?:\*\*|__)?(?P<field>{'|'.join(FIELDS)})(?:\*\*|__)?\s*:(?:\*\*|__)?)(?P<rest>.*)",
    re.IGNORECASE,
)


def fill_fields(tail: Sequence[str], values: Mapping[str, str], remark: str = "") -> list[str]:
    """The lines after the last item with each field's value; an empty value leaves its line as it is.

    `remark` goes behind the ticked environment where its name is not the kind's.
    """
    lines: list[str] = []
    found: set[str] = set()
    filled = False
    for line in tail:
        if filled and _UNDERSCORES.fullmatch(line):
            continue
        match = _FIELD.fullmatch(line)
        name = next(one for one in FIELDS if fold(one) == fold(match["field"])) if match else ""
        filled = name not in found and bool(values.get(name))
        value = _value(name, values[name], match["rest"], remark) if match and filled else ""
        lines.append(f"{match['name']} {value}" if match and filled else line)
        found.add(name)
    missing = [name for name in FIELDS if name not in found]
    while lines and not lines[-1].strip():
        lines.pop()
    return [*lines, *_appended(missing, values, remark)]


def _appended(missing: Sequence[str], values: Mapping[str, str], remark: str) -> list[str]:
    rule = ["", "---"] if len(missing) == len(FIELDS) else []
    lines = rule if missing else []
    for field in missing:
        options = " ".join(f"[ ] {option}" for option in CHOICES.get(field, ()))
        lines = [*lines, "", f"**{field}**: {_value(field, values.get(field, ''), options, remark)}".rstrip()]
    return lines


def _value(field: str, value: str, rest: str, remark: str) -> str:
    text = neutralise(value)
    if not _OPTION.search(rest):
        return text + _behind(field, remark)
    ticked = _OPTION.sub(lambda option: f"[{'x' if fold(option[1]) == fold(value) else ' '}] {option[1]}", rest).strip()
    chosen = any(fold(option[1]) == fold(value) for option in _OPTION.finditer(rest))
    return ticked + ("" if chosen or not text else f" — {text}") + _behind(field, remark)


def _behind(field: str, remark: str) -> str:
    return f" ({neutralise(remark)})" if remark and field == "Environment" else ""
