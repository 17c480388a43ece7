from __future__ import annotations

from datetime import time

from hypothesis import given
from hypothesis import strategies as st
from storage_samples import AT, MINUTE, instants, texts

from bot.core.team import Members, Person
from bot.storage import Store
from bot.storage.sqlite import new_id
from bot.usecases.books.rows import Identity, PendingClick, PersonHours

ME = Identity("T1", "Shop", "UBOT", "B1", "A1")


def test_the_bot_knows_itself_after_first_contact(store: Store) -> None:
    assert store.read(lambda reader: reader.people.identity()) is None
    store.write(lambda unit: unit.people.learn(ME, AT))
    renamed = Identity("T1", "Shop & Co", "UBOT", "B1", "A1")
    store.write(lambda unit: unit.people.learn(renamed, AT + MINUTE))
    assert store.read(lambda reader: reader.people.identity()) == renamed


@given(texts, texts, st.booleans(), st.booleans(), instants)
def test_a_person_is_as_last_fetched(shared: Store, name, zone, is_guest, is_active, at) -> None:
    user_id = new_id()
    for each in ("old name", name):
        person = Person("T1", user_id, each, zone, "T2", is_guest, is_active, at)
        shared.write(lambda unit, p=person: unit.people.keep(p))
    assert shared.read(lambda reader: reader.people.person(user_id)) == person
    assert shared.read(lambda reader: reader.people.names())[user_id] == name


def test_own_quiet_hours_and_do_not_disturb_outlive_each_other_and_the_person(store: Store) -> None:
    hours = lambda: store.read(lambda reader: reader.people.hours("U1"))  # noqa: E731
    night, silent = (time(19, 30), time(8)), (AT, AT + MINUTE)
    assert hours() == PersonHours()
    store.write(lambda unit: unit.people.keep_quiet("U1", night))
    store.write(lambda unit: unit.people.keep_silent("U1", silent))
    store.write(lambda unit: unit.people.keep(Person("T1", "U1", "Una", "UTC", "T1", False, True, AT)))
    assert hours() == PersonHours(night, silent)
    store.write(lambda unit: unit.people.keep_silent("U1", None))
    assert hours() == PersonHours(night)
    store.write(lambda unit: unit.people.keep_quiet("U1", None))
    assert hours() == PersonHours()


def test_nobody_is_known_before_they_were_fetched(store: Store) -> None:
    assert store.read(lambda reader: reader.people.person("U1")) is None
    assert store.read(lambda reader: reader.people.group("@dba")) == Members(frozenset(), None)
    assert store.read(lambda reader: reader.people.channel("C1")) == Members(frozenset(), None)


def test_members_are_replaced_whole(store: Store) -> None:
    store.write(lambda unit: unit.people.learn(ME, AT))
    for users in (["U1", "U2"], ["U2", "U3"]):
        store.write(lambda unit, u=users: unit.people.keep_group("@dba", "S1", u, AT))
        store.write(lambda unit, u=users: unit.people.keep_channel("C1", u, AT))
    assert store.read(lambda reader: reader.people.group("dba")) == Members(frozenset({"U2", "U3"}), AT)
    assert store.read(lambda reader: reader.people.channel("C1")) == Members(frozenset({"U2", "U3"}), AT)


def test_an_empty_group_or_channel_was_fetched(store: Store) -> None:
    store.write(lambda unit: unit.people.keep_group("dba", "S1", [], AT))
    store.write(lambda unit: unit.people.keep_channel("C1", [], AT))
    assert store.read(lambda reader: reader.people.group("@dba")) == Members(frozenset(), AT)
    assert store.read(lambda reader: reader.people.channel("C1")) == Members(frozenset(), AT)


@given(
    st.dictionaries(texts, texts, max_size=4), st.dictionaries(texts, st.lists(texts).map(tuple), max_size=3), instants
)
def test_a_pending_click_comes_back(shared: Store, payload, missing, at) -> None:
    click = PendingClick(new_id(), "sign", payload, "U1", missing, at)
    shared.write(lambda unit: unit.clicks.keep(click))
    assert shared.read(lambda reader: reader.clicks.waiting()) == (click,)
    shared.write(lambda unit: unit.clicks.settle(click.id, "done", at))


def test_a_pending_click_is_settled_once(store: Store) -> None:
    later, earlier = PendingClick("c2", "go", {}, "U1", {}, AT + MINUTE), PendingClick("c1", "go", {}, "U1", {}, AT)
    for click in (later, earlier, earlier):
        store.write(lambda unit, c=click: unit.clicks.keep(c))
    assert store.read(lambda reader: reader.clicks.waiting()) == (earlier, later)
    assert [store.write(lambda unit: unit.clicks.settle("c1", "done", AT)) for _ in range(2)] == [True, False]
    assert store.read(lambda reader: reader.clicks.waiting()) == (later,)


def test_an_event_is_new_once_a_day(store: Store) -> None:
    sights = [AT, AT + 60 * MINUTE, AT + 1441 * MINUTE]
    assert [store.write(lambda unit, at=at: unit.clicks.first_sight("Ev1", at)) for at in sights] == [True, False, True]
