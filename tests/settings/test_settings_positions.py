"""The line of every key, against files whose lines say their own number."""

from __future__ import annotations

import tomllib

import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings.positions import Path, dotted_name, key_lines, line_of

SAMPLE = '''# a comment with [brackets] and = signs
top = 2
"quoted.key" = { inline = 3, deep = { deeper = 3 } }

[table]
list = [6, "]", # not the end
  7,
  { in = 8 },
]
text = """
[not.a.table]
not = 1 \\"""" # four quotes end it
literal = \'\'\'
x = 1\'\'\'
after = 15
dotted.key = 16
[table."sub.table"] # 17
day = 2026-12-18T10:00:00Z # 18

[[array]] # 20
name = 21
[array.sub] # 22
key = 23
[[array]] # 24
name = 25
'''


def test_every_sort_of_key_is_found_on_its_line() -> None:
    lines = key_lines(SAMPLE)
    found = {dotted_name(path): line for path, line in lines.items()}
    assert tomllib.loads(SAMPLE)["table"]["after"] == 15
    expected = {
        "top": 2,
        "quoted.key.inline": 3,
        "quoted.key.deep.deeper": 3,
        "table": 5,
        "table.list[0]": 6,
        "table.list[2]": 7,
        "table.list[3].in": 8,
        "table.text": 10,
        "table.literal": 13,
        "table.after": 15,
        "table.dotted.key": 16,
        "table.sub.table": 17,
        "table.sub.table.day": 18,
        "array[0]": 20,
        "array[0].name": 21,
        "array[0].sub.key": 23,
        "array[1]": 24,
        "array[1].name": 25,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert "table.not" not in found


def test_what_is_missing_is_told_at_what_stands_around_it() -> None:
    lines = key_lines(SAMPLE)
    assert line_of(lines, ("table", "sub.table", "zone")) == 17
    assert line_of(lines, ("array", 1, "kind")) == 24
    assert line_of(lines, ("nowhere",)) is None


KEYS = st.text("abc.-_ é\"'=#[", min_size=1, max_size=5)
LEAVES = st.integers() | st.booleans() | st.text("ab\n\"'\\#=[]{},", max_size=8) | st.lists(st.integers(), max_size=3)
DOCUMENTS = st.dictionaries(
    KEYS, st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3)), max_size=4
)


@settings(deadline=None)  # the machine may be busy, and speed is not what is asked
@given(DOCUMENTS)
def test_every_key_of_any_document_is_found(values: dict[str, object]) -> None:
    text = tomlkit.dumps(values)
    assert tomllib.loads(text) == values
    lines = key_lines(text)
    assert {path for path in lines if not isinstance(path[-1], int)} >= set(_paths(values, ()))
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


def _paths(values: object, path: Path) -> list[Path]:
    if not isinstance(values, dict):
        return [path]
    return [found for key, value in values.items() for found in (*_paths(value, (*path, key)), (*path, key))]
