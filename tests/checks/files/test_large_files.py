"""A large file is read as it stands, though its rows of plain values get no tree of their own."""

from __future__ import annotations

import pytest

from checks.base import Inputs, MigrationFile, MigrationSet, Result
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from checks.sql.bulk import LARGE
from checks.sql.mentions import mentioned_by
from checks.sql.statements import SqlError, check_syntax, split
from checks.sql.tree import kind_and_tree, parsed

_ROWS = ",\n".join(f"({n}, 'O''Brien ({n}), (x); -- é', {n}.5, NULL, true)" for n in range(8000))
_SEED = f"""-- é: seeds the shop
CREATE TABLE people (id bigint, name text, size numeric, gone date, is_new boolean);
INSERT INTO people (id, name, size, gone, is_new) VALUES {_ROWS};
/* (1), (2) */ insert into "people" values (1, 'a', 2, default, false), (2, E'it\\'s', 3, '2026-01-01'::day, true);
INSERT INTO people AS p VALUES (1, 'a'), (2, lower('B')), (3, 'c') ON CONFLICT DO NOTHING RETURNING made(p.id);
INSERT INTO people (id -- ) VALUES (1),
) VALUES (1), (2);
INSERT INTO people SELECT * FROM (VALUES (1), (2), (3)) AS v;
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ INSERT INTO people VALUES (1), (2); $$;
INSERT INTO people VALUES (-1, +2e3), (1.5, .5);
"""


def _file(text: str) -> MigrationFile:
    return MigrationFile("1", "00001_seed.sql", text.encode())


def _checked(check: str, text: str) -> Result:
    [(_, result)] = run_checks([CATALOGUE[check]], Inputs(MigrationSet((_file(text),))))
    return result


def test_statements_of_a_large_file_are_those_that_the_parser_sees() -> None:
    assert len(_SEED) > LARGE
    whole = [kind_and_tree(raw) for raw in parsed(_SEED)]
    found = split(_file(_SEED))
    assert [s.kind for s in found] == [kind for kind, _ in whole]
    assert [s.mentions for s in found] == [mentioned_by(kind, tree) for kind, tree in whole]
    assert "".join(s.text for s in found).count("O''Brien") == 8000
    assert [s.line for s in found] == [2, 3, 8003, 8004, 8005, 8007, 8008, 8009]
    assert len(found[1].tree["selectStmt"]["SelectStmt"]["valuesLists"]) == 1
    assert {m.name for m in found[2].mentions} == {"people", "day"}


@pytest.mark.parametrize("fault", ["INSERT INTO people VALUES (1), (2) (3);", "INSERT INTO people VALUES (1), ('a);"])
def test_a_fault_behind_the_rows_has_its_line(fault: str) -> None:
    with pytest.raises(SqlError) as raised:
        split(_file(_SEED + fault))
    told = check_syntax(_file(_SEED + fault))
    assert raised.value.line == _SEED.count("\n") + 1
    assert told is not None and str(told) == str(raised.value)


def test_what_a_row_calls_is_seen_behind_a_thousand_plain_ones() -> None:
    found = _checked("copy-program", _SEED.replace("7990.5, NULL", "pg_read_file('x')::numeric, NULL"))
    assert [(f.object, f.line) for f in found.findings] == [("pg_read_file()", 7993)]


def test_what_is_nested_too_deeply_is_said_in_a_sentence() -> None:
    found = _checked("dependency-order", "-- Joins many words.\nSELECT " + " || ".join(["'a'"] * 600) + ";\n")
    assert found.summary == "00001_seed.sql:1 does not parse: nested too deeply to be parsed"
