from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.journal import Entry, body_text, link, text_digest
from bot.core.verify import FIRST_PREV
from tests.chains import first_broken

AT = "2026-11-22T14:03:07.123Z"
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
values = st.recursive(
    st.one_of(texts, st.integers(), st.none(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
bodies = st.dictionaries(texts.filter(lambda key: key not in {"event", "at"}), values, max_size=4)


def chain(bodies: list[str], name: str = "T1/default/1") -> list[Entry]:
    entries: list[Entry] = []
    for seq, body in enumerate(bodies, start=1):
        entries.append(link(name, seq, entries[-1].hash if entries else FIRST_PREV, body))
    return entries


@given(bodies)
def test_a_body_is_json_with_sorted_keys_and_no_spaces(facts: dict[str, object]) -> None:
    body = body_text("ticked", AT, facts)
    assert json.loads(body) == {"event": "ticked", "at": AT, **facts}
    assert body == body_text("ticked", AT, dict(reversed(facts.items())))


def test_these_bytes_never_change() -> None:
    body = body_text("ticked", AT, {"who": "Zoë 👩‍🚀", "n": 3})
    assert body == '{"at":"2026-11-22T14:03:07.123Z","event":"ticked","n":3,"who":"Zoë 👩‍🚀"}'
    entry = link("T1/default/1", 1, FIRST_PREV, body)
    assert entry.hash == hashlib.sha256(f"gonogo/1\nT1/default/1\n1\n{'0' * 64}\n{body}".encode()).hexdigest()
    assert entry.hash == "e016b0655b338b0787c4b1c0240b4ec7d48cbbd164f6b6e76a79e8cb77dd1bd7"
    assert text_digest("00" * 16, "Zoë") == "fdfeb3e6a8ad05fe463dd6bedb96fc5661c5b9cf16f9010ca4eb1eb74c52c751"


@pytest.mark.parametrize(
    "facts",
    [{"a": "\x00"}, {"a": "\ud800"}, {"a": 0.5}, {"a": ["x", "\udfff"]}, {"a": {"\x00": 1}}, {"a": b"x"}, {"a": {1}}],
)
def test_what_a_body_does_not_hold(facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="journal"):
        body_text("ticked", AT, facts)


@given(st.lists(texts, max_size=6))
def test_an_untouched_chain_holds(bodies: list[str]) -> None:
    assert first_broken(chain(bodies)) is None


tamperings = st.sampled_from(["body", "prev", "hash", "seq", "chain", "missing", "doubled", "swapped"])


@given(st.lists(texts, min_size=2, max_size=6), tamperings, st.data())
def test_the_first_broken_link_is_named(bodies: list[str], tampering: str, data: st.DataObject) -> None:
    entries = chain(bodies)
    place = data.draw(st.integers(0, len(entries) - 2))
    assert first_broken(tampered(entries, tampering, place)) == entries[place].seq + (tampering == "doubled")


def tampered(entries: list[Entry], tampering: str, place: int) -> list[Entry]:
    entry, next_one = entries[place], entries[place + 1]
    match tampering:
        case "missing":
            return entries[:place] + entries[place + 1 :]
        case "doubled":
            return [*entries[: place + 1], entry, *entries[place + 1 :]]
        case "swapped":
            return [*entries[:place], next_one, entry, *entries[place + 2 :]]
        case "seq":
            changed = replace(entry, seq=entry.seq + 1)
        case _:
            changed = replace(entry, **{tampering: getattr(entry, tampering) + "x"})
    return [*entries[:place], changed, *entries[place + 1 :]]


def test_a_chain_written_anew_from_the_middle_holds_but_ends_in_another_head() -> None:
    """Why the head is printed in the thread: without it nobody can tell."""
    honest, forged = chain(["a", "b", "c"]), chain(["a", "x", "c"])
    assert first_broken(forged) is None
    assert forged[-1].hash != honest[-1].hash


@given(texts, texts, texts)
def test_a_text_digest_is_of_salt_and_text(salt: str, one: str, other: str) -> None:
    same = text_digest(salt.encode().hex(), one) == text_digest(salt.encode().hex(), other)
    assert same == (one == other)
