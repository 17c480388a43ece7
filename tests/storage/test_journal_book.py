from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_samples import AT, MINUTE, erased, nasty, texts

from bot.core.journal import text_digest
from bot.core.verify import FIRST_PREV
from bot.storage import Store
from bot.storage.sqlite import new_id
from tests.chains import first_broken

facts = st.dictionaries(st.sampled_from(["item", "n", "list"]), st.one_of(texts, st.integers(), st.lists(texts)))


@given(st.lists(st.tuples(facts, st.dictionaries(st.sampled_from(["reason", "name"]), texts)), min_size=1, max_size=4))
def test_a_chain_holds_and_its_texts_belong_to_it(shared: Store, acts) -> None:
    chain = new_id()
    entries = tuple(
        shared.write(lambda unit, f=facts, t=private: unit.journal.append(chain, "ticked", AT, f, t))
        for facts, private in acts
    )
    assert shared.read(lambda reader: reader.journal.entries(chain)) == entries
    assert shared.read(lambda reader: reader.journal.head(chain)) == entries[-1]
    assert (first_broken(entries), entries[0].prev, entries[0].seq) == (None, FIRST_PREV, 1)
    kept = shared.read(lambda reader: reader.journal.texts(chain))
    for entry, (_, private) in zip(entries, acts, strict=True):
        body = json.loads(entry.body)
        assert {key: kept[body[key]][1] for key in private} == private
    assert all(text_digest(salt, text) == digest for digest, (salt, text) in kept.items())


@given(nasty.filter(lambda text: len(text) > 3))
def test_a_private_text_is_not_in_the_body(shared: Store, text: str) -> None:
    entry = shared.write(lambda unit: unit.journal.append(new_id(), "noted", AT, {}, {"note": text}))
    assert text not in json.loads(entry.body).values()


def append(store: Store, count: int, chain: str = "T1/default/1") -> None:
    for n in range(count):
        store.write(lambda unit, n=n: unit.journal.append(chain, "ticked", AT, {"n": n}, {"name": f"Ann {n}"}))


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE journal SET body = replace(body, '\"n\":2', '\"n\":7') WHERE seq = 3", 3),
        ("DELETE FROM journal WHERE seq = 2", 2),
        ("UPDATE journal SET hash = prev WHERE seq = 4", 4),
        ("DELETE FROM journal WHERE seq = 5", None),
    ],
)
def test_tampering_is_found_at_its_place(store: Store, state_file: Path, tampering: str, broken: int | None) -> None:
    append(store, 5)
    with sqlite3.connect(state_file) as other:
        other.execute(tampering)
    assert first_broken(store.read(lambda reader: reader.journal.entries("T1/default/1"))) == broken


def test_erasing_leaves_the_chain_whole(store: Store) -> None:
    append(store, 3)
    texts_before = store.read(lambda reader: reader.journal.texts("T1/default/1"))
    (ann,) = [digest for digest, (_, text) in texts_before.items() if text == "Ann 1"]
    erasures = [store.write(lambda unit: erased(unit, [ann, "unknown"], AT + MINUTE)) for _ in range(2)]
    assert erasures == [1, 0]
    texts_after = store.read(lambda reader: reader.journal.texts("T1/default/1"))
    assert {text for _, text in texts_after.values()} == {"Ann 0", None, "Ann 2"}
    assert first_broken(store.read(lambda reader: reader.journal.entries("T1/default/1"))) is None


def test_many_texts_are_erased_at_once(store: Store) -> None:
    append(store, 3)
    digests = [*store.read(lambda reader: reader.journal.texts("T1/default/1")), *(f"{n:064x}" for n in range(2000))]
    assert store.write(lambda unit: erased(unit, digests, AT)) == 3


def test_equal_texts_of_two_units_cannot_be_told(store: Store) -> None:
    for _ in range(2):
        store.write(lambda unit: unit.journal.append("c", "noted", AT, {}, {"name": "Ann"}))
    assert len(store.read(lambda reader: reader.journal.texts("c"))) == 2


def test_chains_count_apart(store: Store) -> None:
    append(store, 2, "T1/default/1")
    append(store, 1, "T1/default/2")
    heads = [store.read(lambda reader, n=n: reader.journal.head(f"T1/default/{n}")) for n in (1, 2, 3)]
    assert [head.seq if head else None for head in heads] == [2, 1, None]


@pytest.mark.parametrize(
    ("facts", "private"),
    [({"reason": 1}, {"reason": "x"}), ({"event": "x"}, {}), ({}, {"at": "x"}), ({"t": 0.5}, {}), ({"t": "\0"}, {})],
)
def test_what_a_journal_does_not_hold_is_refused(store: Store, facts, private) -> None:
    with pytest.raises(ValueError, match="journal"):
        store.write(lambda unit: unit.journal.append("c", "noted", AT, facts, private))
    assert store.read(lambda reader: reader.journal.head("c")) is None
