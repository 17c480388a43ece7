from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_samples import AT, MINUTE, instants, texts

from bot.storage import Store
from bot.storage.sqlite import new_id
from bot.usecases.books.rows import Said
from bot.usecases.books.units import SaidRow
from tests.outbox import said_row

json_facts = st.dictionaries(
    texts, st.one_of(texts, st.integers(), st.booleans(), st.none(), st.lists(texts)), max_size=4
)


def say(store: Store, key: str, sort: str = "post", lane: str = "C1", at=AT, **changes: object) -> bool:
    said = replace(Said(key, sort, lane, "phase", {"channel": "C1"}), **changes)
    return store.write(lambda unit: unit.outbox.say(said, at))


def open_keys(store: Store, at=AT) -> list[str]:
    return [delivery.said.key for delivery in store.read(lambda reader: reader.said.open(at))]


def start(store: Store, key: str) -> SaidRow:
    def work(unit) -> SaidRow:
        row = said_row(unit, key)
        return unit.said.start_sending(row.id)

    return store.write(work)


def row(store: Store, key: str) -> SaidRow:
    found = store.read(lambda reader: said_row(reader, key))
    assert found is not None
    return found


@given(json_facts, texts, texts, st.none() | instants, st.none() | instants)
def test_what_is_said_is_frozen(shared: Store, facts, lane, template, expires_at, not_before) -> None:
    said = Said(new_id(), "post", lane, template, facts, None, expires_at, not_before)
    assert shared.write(lambda unit: unit.outbox.say(said, AT))
    assert row(shared, said.key).said == said


def test_a_key_is_said_once_by_eight_threads(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(lambda n: say(store, "go", template=f"t{n}"), range(8))) == [False] * 7 + [True]


def test_facts_that_json_does_not_know_are_refused(store: Store) -> None:
    with pytest.raises(TypeError, match="datetime"):
        say(store, "go", facts={"at": AT})
    assert store.read(lambda reader: said_row(reader, "go")) is None


def test_a_lane_goes_in_order_and_lanes_beside_each_other(store: Store) -> None:
    for key, lane in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        say(store, key, lane=lane)
    assert open_keys(store) == ["a1", "b1"]
    delivery = start(store, "a1")
    assert open_keys(store) == ["b1"]
    store.write(lambda unit: unit.said.mark_sent(delivery.id, AT, channel="C1", ts="1.1"))
    assert open_keys(store) == ["b1", "a2"] or open_keys(store) == ["a2", "b1"]
    sent = row(store, "a1")
    assert (sent.state, sent.channel, sent.ts, sent.sent_at) == ("sent", "C1", "1.1", AT)


def test_a_retry_holds_up_its_lane_but_a_row_put_off_does_not(store: Store) -> None:
    say(store, "morning", lane="U1", not_before=AT + 9 * MINUTE)
    say(store, "rollback", lane="U1")
    say(store, "after", lane="U1")
    assert open_keys(store) == ["rollback"]
    delivery = start(store, "rollback")
    store.write(lambda unit: unit.said.retry_at(delivery.id, AT + MINUTE, "ratelimited"))
    assert open_keys(store) == []
    assert open_keys(store, AT + MINUTE) == ["rollback"]
    assert open_keys(store, AT + 9 * MINUTE) == ["morning"]
    assert row(store, "rollback").error == "ratelimited"


def test_a_dead_row_makes_way_and_is_listed(store: Store) -> None:
    say(store, "first")
    say(store, "second")
    store.write(lambda unit: unit.said.mark_dead(row(store, "first").id, "channel_not_found"))
    assert open_keys(store) == ["second"]
    (dead,) = store.read(lambda reader: reader.said.dead())
    assert (dead.said.key, dead.error) == ("first", "channel_not_found")


def test_an_ephemeral_expires_after_five_minutes(store: Store) -> None:
    say(store, "refused", sort="ephemeral", lane="U1")
    say(store, "post", lane="U1")
    assert open_keys(store, AT + 4 * MINUTE) == ["refused"]
    assert open_keys(store, AT + 5 * MINUTE) == ["post"]
    assert store.write(lambda unit: unit.said.expire(AT + 5 * MINUTE)) == 1
    assert (row(store, "refused").state, row(store, "refused").error) == ("dead", "expired")


def test_what_a_start_does_with_rows_that_were_being_sent(store: Store) -> None:
    sorts = ("post", "direct", "file", "ephemeral")
    for sort in sorts:
        say(store, sort, sort=sort, lane=sort)
        start(store, sort)
    say(store, "untouched", lane="z")
    assert store.write(lambda unit: unit.said.recover()) == 4
    states = {sort: row(store, sort).state for sort in sorts}
    assert states == {**dict.fromkeys(sorts[:3], "unsure"), "ephemeral": "dead"}
    assert row(store, "untouched").state == "pending"


def test_an_unsure_row_tells_that_it_has_to_be_looked_up(store: Store) -> None:
    say(store, "post")
    delivery = start(store, "post")
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    store.write(lambda unit: unit.said.mark_unsure(delivery.id, AT + MINUTE, "no answer"))
    assert open_keys(store) == []
    again = start(store, "post")
    assert (again.state, again.attempts) == ("unsure", 2)
    assert store.write(lambda unit: unit.said.start_sending(delivery.id)) is None


def test_the_steps_of_a_file_are_kept(store: Store) -> None:
    say(store, "record", sort="file")
    delivery = start(store, "record")
    store.write(lambda unit: unit.said.keep_progress(delivery.id, {"file_id": "F1"}))
    assert store.read(lambda reader: reader.said.get(delivery.id)) == replace(
        delivery, state="sending", progress={"file_id": "F1"}
    )


def test_what_was_put_off_is_hastened_once(store: Store) -> None:
    assert say(store, "asked", not_before=AT + MINUTE)
    assert open_keys(store) == []
    assert store.write(lambda unit: unit.outbox.hasten("asked"))
    assert open_keys(store) == ["asked"]
    assert not store.write(lambda unit: unit.outbox.hasten("asked"))


def test_what_is_on_its_way_is_known(store: Store) -> None:
    say(store, "go")
    assert store.read(lambda reader: reader.said.on_its_way()) == ()
    start(store, "go")
    assert [one.said.key for one in store.read(lambda reader: reader.said.on_its_way())] == ["go"]
