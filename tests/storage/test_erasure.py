"""What is found of a person, what is gone afterwards, and what stays whole."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest
from storage_samples import AT, a_deployment

from bot.core.checklist.items import AddedLine, Requirement
from bot.core.decision import Decision, DecisionKind, SignOff, SignOffDecision
from bot.core.team import Person
from bot.core.verify import REMOVED
from bot.storage import Store, StoreFault, lock_holder, process_lock
from bot.storage.database import Unit
from bot.usecases.books.rows import Lock, Said, Standing
from tests.chains import first_broken
from tests.outbox import said_row

REASON = "Zelda asked for it, see 4711"


def acted(unit: Unit, who: str, name: str, reason: str) -> None:
    """One decision with its journal entry, as use cases write them."""
    unit.people.keep_quiet(who, (time(19), time(8)))
    unit.people.keep(Person("T1", who, name, "UTC", "T1", is_guest=False, is_active=True, fetched_at=AT))
    found = unit.deployments.recent(1)[0]
    unit.decisions.add(Decision(unit.new_id(), found.id, "item", DecisionKind.DONE, who, AT, AT, reason))
    unit.journal.append(found.chain, "item-done", AT, {"who": who}, {"name": name, "reason": reason})


@pytest.fixture
def two(store: Store) -> Store:
    """Zelda and Max have acted; Max wrote of Zelda, and another text that only looks like it."""

    def work(unit: Unit) -> None:
        found = a_deployment(unit)
        acted(unit, "UZELDA", "Zelda", REASON)
        acted(unit, "UMAX", "Max", "zelda was right")
        acted(unit, "UMAX", "Max", "Zeldas table is another")
        notes = {"by": "UZELDA", "notes": "short", "deployed_by": "Zelda, Max", "versions": "1"}
        unit.deployments.save(replace(found, completion=notes))
        unit.outbox.say(Said("k", "direct", "dm:UZELDA", "t", {"user": "UZELDA", "by": "Zelda", "reason": REASON}), AT)
        unit.standings.settle("T1", "default", "x", Standing("item", found.id, "UZELDA", "I looked", AT, AT))
        kind = SignOffDecision.REJECT
        sign_off = SignOff(unit.new_id(), found.id, "dba", "s", kind, "UMAX", AT, AT, reason="no")
        unit.sign_offs.add(sign_off)
        unit.sign_offs.save(replace(sign_off, cleared_at=AT, cleared_by="UZELDA", ended_why="mended"))

    store.write(work)
    return store


def everything(path: Path) -> str:
    with sqlite3.connect(path) as other:
        return "\n".join(other.iterdump())


def test_looking_changes_nothing(two: Store, state_file: Path) -> None:
    before = everything(state_file)
    personal = two.read(lambda unit: unit.erasure.of("UZELDA"))
    assert personal.names == {"Zelda"}
    assert (len(personal.written), len(personal.naming), personal.copies) == (4, 2, 2)
    assert everything(state_file) == before


def test_forgetting_takes_every_copy_and_leaves_the_chain(two: Store, state_file: Path) -> None:
    chain = two.read(lambda unit: unit.deployments.recent(1)[0].chain)
    before = two.read(lambda unit: unit.journal.entries(chain))
    assert two.write(lambda unit: unit.erasure.forget(unit.erasure.of("UZELDA"), AT)) == 6
    left = everything(state_file)
    for words in ("Zelda'", "Zelda,", "see 4711", "zelda was right", "short", "I looked", "mended"):
        assert words not in left
    for words in ("Zeldas table is another", "Max", "UZELDA"):
        assert words in left
    after = two.read(lambda unit: unit.journal.entries(chain))
    assert after[:-1] == before
    assert json.loads(after[-1].body)["event"] == "texts-removed"
    assert first_broken(after) is None
    assert two.read(lambda unit: unit.people.person("UZELDA")) is None
    assert two.read(lambda unit: unit.people.hours("UZELDA")).quiet is None
    [said] = two.read(lambda unit: [said_row(unit, "k")])
    assert said is not None
    assert said.said.facts == {"user": "UZELDA", "by": "[removed]", "reason": "[removed]"}
    again = two.read(lambda unit: unit.erasure.of("UZELDA"))
    assert (again.written, again.naming, again.copies) == (frozenset(), frozenset(), 0)


def test_reasons_of_others_stay(two: Store) -> None:
    two.write(lambda unit: unit.erasure.forget(unit.erasure.of("UZELDA"), AT))
    found = two.read(lambda unit: unit.deployments.recent(1)[0])
    reasons = [one.reason for one in two.read(lambda unit: unit.decisions.of(found.id))]
    assert reasons == ["[removed]", "[removed]", "Zeldas table is another"]
    assert json.loads(json.dumps(dict(found.completion or {})))["versions"] == "1"


def test_a_stranger_has_nothing(two: Store) -> None:
    personal = two.read(lambda unit: unit.erasure.of("UNOBODY"))
    assert (personal.written, personal.naming, personal.copies) == (frozenset(), frozenset(), 0)


def test_a_writer_beside_makes_and_migrates_nothing(store: Store, state_file: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="there is no state file"):
        Store.beside(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
    beside = Store.beside(state_file)
    beside.write(lambda unit: unit.heartbeats.beat("console", AT, "{}"))
    beside.close()
    assert "console" in store.read(lambda unit: unit.heartbeats.all())


def test_who_holds_the_lock_is_seen_and_not_disturbed(tmp_path: Path) -> None:
    state = tmp_path / "gonogo.db"
    assert lock_holder(state) is None
    with process_lock(state):
        assert lock_holder(state) is not None
        assert lock_holder(state) == lock_holder(state)
    assert lock_holder(state) is None
    with process_lock(state, wait_seconds=0):
        pass


def test_why_somebody_locked_and_the_line_they_added_are_theirs_too(two: Store, state_file: Path) -> None:
    def work(unit: Unit) -> None:
        found = unit.deployments.recent(1)[0]
        unit.locks.keep(Lock("T1", "default", "production", "UZELDA", "my own disk is full", AT, AT))
        unit.lines.add(found.id, AddedLine("l1", "s", "Ask my mother", Requirement.NO, "UZELDA", AT))
        unit.journal.append(found.chain, "line-added", AT, {"who": "UZELDA"}, {"label": "Ask my mother"})
        unit.journal.append(found.chain, "line-added", AT, {"who": "UZELDA"}, {"label": "Taken out again"})

    two.write(work)
    two.write(lambda unit: unit.erasure.forget(unit.erasure.of("UZELDA"), AT))
    left = everything(state_file)
    assert [text for text in ("my own disk", "Ask my mother", "Taken out again") if text in left] == []
    assert [one.reason for one in two.read(lambda reader: reader.locks.all())] == [REMOVED]
