from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_samples import AT, MINUTE, a_deployment, instants, texts

from bot.core.checklist.items import Kind
from bot.core.deployment import Deployer, Deployment, History, KnownFacts, Outcome, PinnedFile, State
from bot.storage import Store
from bot.storage.database import Unit
from bot.storage.deployments import ChangedMeanwhile
from bot.usecases.books.units import HeldByAnother
from checks.result import Finding

words = st.none() | texts
histories = st.builds(
    History, tool=texts, table=texts, applied=st.lists(texts).map(tuple), dirty=st.lists(texts).map(tuple), fault=texts
)
fact_keys = st.sampled_from(["security", "live", "rollback-reason-given", "says:views", "maintenance"]) | texts
changes = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(Kind),
        "result": st.none() | st.sampled_from(Outcome),
        "first_version": words,
        "last_version": words,
        "fingerprint": words,
        "moved_fingerprint": words,
        "source_commit": words,
        "history": st.none() | histories,
        "obstacles": st.lists(st.builds(Finding, texts, hint=texts), max_size=3).map(tuple),
        "facts": st.builds(KnownFacts.from_plain, st.dictionaries(fact_keys, texts, max_size=5)),
        "window_start": st.none() | instants,
        "window_end": st.none() | instants,
        "estimate_minutes": st.none() | st.integers(0, 2**31 - 1),
        "parked_at": st.none() | instants,
        "asked_at": st.none() | instants,
        "go_asked_at": st.none() | instants,
        "go_asked_by": words,
        "go_at": st.none() | instants,
        "completed_at": st.none() | instants,
        "closed_at": st.none() | instants,
        "history_read_at": st.none() | instants,
        "completion": st.none() | st.dictionaries(texts, texts, max_size=6),
        "lifted": st.booleans(),
        "owner": texts,
    }
)


@given(changes)
def test_every_field_comes_back_as_saved(shared: Store, fields: dict[str, object]) -> None:
    deployment = shared.write(a_deployment)
    saved = shared.write(lambda unit: unit.deployments.save(replace(deployment, **fields)))
    shared_again = shared.read(lambda reader: reader.deployments.get(deployment.id))
    assert shared_again == saved == replace(deployment, **fields, version=2)


@given(st.dictionaries(fact_keys, texts, max_size=6))
def test_facts_are_stored_under_the_keys_they_always_had(stored: dict[str, str]) -> None:
    assert KnownFacts.from_plain(stored).plain() == stored


def test_an_empty_fact_is_not_a_missing_one() -> None:
    stored = {"security": "", "says:views": "2 of 3", "rollback-reason-given": "10:00", "maintenance": "of an old row"}
    facts = KnownFacts.from_plain(stored)
    assert (facts.security, facts.live, facts.rollback_reason_given) == ("", None, "10:00")
    assert (facts.says, facts.others) == ({"views": "2 of 3"}, {"maintenance": "of an old row"})


def test_one_environment_is_held_by_one(store: Store) -> None:
    first = store.write(lambda unit: a_deployment(unit, environment="production"))
    with pytest.raises(HeldByAnother, match=r"deployment\.environment"):
        store.write(lambda unit: a_deployment(unit, environment="production"))
    parked = store.write(lambda unit: unit.deployments.save(replace(first, state=State.PARKED)))
    hotfix = store.write(lambda unit: a_deployment(unit, environment="production"))
    assert store.read(lambda reader: reader.deployments.holder("T1", "default", "production")) == hotfix
    with pytest.raises(HeldByAnother, match=r"deployment\.environment"):
        store.write(lambda unit: unit.deployments.save(replace(parked, state=State.PREPARING)))


def test_one_database_is_held_by_one_across_projects(store: Store) -> None:
    def deploying(project: str) -> Deployment:
        fields = {"project": project, "state": State.DEPLOYING, "database_key": "7301/shop"}
        return store.write(lambda unit: a_deployment(unit, **fields))

    deploying("default")
    with pytest.raises(HeldByAnother, match=r"deployment\.database_key"):
        deploying("billing")


def test_rolled_back_holds_the_environment_until_lifted(store: Store) -> None:
    rolled_back = {"environment": "production", "state": State.VERIFYING, "result": Outcome.ROLLED_BACK}
    held = store.write(lambda unit: a_deployment(unit, **rolled_back))
    with pytest.raises(HeldByAnother):
        store.write(lambda unit: a_deployment(unit, environment="production"))
    store.write(lambda unit: unit.deployments.save(replace(held, lifted=True)))
    store.write(lambda unit: a_deployment(unit, environment="production"))


def test_numbers_count_in_each_project(store: Store) -> None:
    numbers = [store.write(lambda unit, p=project: a_deployment(unit, project=p)).number for project in ("a", "b", "a")]
    assert numbers == [1, 1, 2]
    found = store.read(lambda reader: reader.deployments.by_number("T1", "a", 2))
    assert found is not None
    assert (found.project, found.number) == ("a", 2)


def test_a_stale_save_changes_nothing(store: Store) -> None:
    read = store.write(a_deployment)
    store.write(lambda unit: unit.deployments.save(replace(read, owner="U2")))
    with pytest.raises(ChangedMeanwhile, match="deployment 1"):
        store.write(lambda unit: unit.deployments.save(replace(read, owner="U3")))
    assert store.read(lambda reader: reader.deployments.get(read.id)).owner == "U2"


def test_lists_of_deployments(store: Store) -> None:
    old = store.write(lambda unit: a_deployment(unit, environment="p", state=State.CLOSED))
    new = store.write(lambda unit: a_deployment(unit, environment="p", started_at=AT + MINUTE))
    assert store.read(lambda reader: reader.deployments.open()) == (new,)
    assert store.read(lambda reader: reader.deployments.of_environment("T1", "default", "p")) == (new, old)
    assert store.read(lambda reader: reader.deployments.recent(1)) == (new,)
    assert store.read(lambda reader: reader.deployments.find("nowhere")) is None
    with pytest.raises(LookupError, match="nowhere"):
        store.read(lambda reader: reader.deployments.get("nowhere"))


def test_who_joins_twice_stays_what_they_first_were(store: Store) -> None:
    deployment = store.write(a_deployment)
    for deployer in (
        Deployer("U2", "joined", AT + MINUTE),
        Deployer("U1", "started", AT),
        Deployer("U2", "took-over", AT),
    ):
        store.write(lambda unit, d=deployer: unit.deployments.add_deployer(deployment.id, d))
    found = store.read(lambda reader: reader.deployments.deployers(deployment.id))
    assert found == (Deployer("U1", "started", AT), Deployer("U2", "joined", AT + MINUTE))


@given(
    st.dictionaries(
        st.text("0123456789abcdef", min_size=8, max_size=8), st.binary(max_size=200), min_size=1, max_size=5
    )
)
def test_file_bytes_and_pins_come_back(shared: Store, contents: dict[str, bytes]) -> None:
    pins = tuple(PinnedFile(f"{n:05}", f"{n:05}_x.sql", sha, n % 2 == 1) for n, sha in enumerate(contents))
    deployment = shared.write(a_deployment)

    def keep_and_pin_twice(unit: Unit) -> None:
        unit.files.keep(contents)
        unit.files.pin(deployment.id, (*pins, *pins))
        unit.files.pin(deployment.id, pins)

    shared.write(keep_and_pin_twice)
    assert shared.read(lambda reader: reader.files.of(deployment.id)) == pins


def test_the_bytes_of_a_hash_never_change(store: Store) -> None:
    store.write(lambda unit: unit.files.keep({"s": b"\x00SELECT 1;\xff"}))
    store.write(lambda unit: unit.files.keep({"s": b"other", "t": b""}))
    assert store.read(lambda reader: (reader.files.content("s"), reader.files.content("t"))) == (
        b"\x00SELECT 1;\xff",
        b"",
    )
    with pytest.raises(LookupError, match="sha-256 u"):
        store.read(lambda reader: reader.files.content("u"))


@given(texts, texts)
def test_a_checklist_revision_stays_as_first_kept(shared: Store, file: str, text: str) -> None:
    sha = f"{hash((file, text)):x}"
    shared.write(lambda unit: unit.checklists.keep(sha, file, text))
    shared.write(lambda unit: unit.checklists.keep(sha, "other", "other"))
    assert shared.read(lambda reader: (reader.checklists.file(sha), reader.checklists.text(sha))) == (file, text)


def test_an_unknown_revision_is_named(store: Store) -> None:
    with pytest.raises(LookupError, match="sha-9"):
        store.read(lambda reader: reader.checklists.text("sha-9"))
