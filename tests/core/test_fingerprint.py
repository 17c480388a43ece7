from __future__ import annotations

import hashlib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.core.deployment import PinnedFile, fingerprint

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\n"), min_size=1, max_size=20)
pinned = st.builds(PinnedFile, words, words, st.text("0123456789abcdef", min_size=64, max_size=64), st.booleans())

UP = PinnedFile("00008", "00008_add_loyalty_tier.up.sql", "a" * 64, is_down=False)
DOWN = PinnedFile("00008", "00008_add_loyalty_tier.down.sql", "b" * 64, is_down=True)


def test_these_bytes_never_change() -> None:
    lines = f"00008\t00008_add_loyalty_tier.up.sql\t{'a' * 64}\n00008\t00008_add_loyalty_tier.down.sql\t{'b' * 64}\n"
    assert fingerprint([UP, DOWN]) == hashlib.sha256(lines.encode()).hexdigest()
    assert fingerprint([UP, DOWN]) == "fff8b0f1d1f8c74ec02f33492d885858b69ffe3cb2eaceaea451c9a07eb3832b"


@given(st.lists(pinned, max_size=5, unique=True), st.lists(pinned, max_size=5, unique=True))
def test_equal_only_for_the_same_files_in_the_same_order(one: list[PinnedFile], other: list[PinnedFile]) -> None:
    def named(files: list[PinnedFile]) -> list[tuple[str, str, str]]:
        return [(file.version, file.name, file.sha) for file in files]

    assert (fingerprint(one) == fingerprint(other)) == (named(one) == named(other))


@given(st.lists(pinned, min_size=1, max_size=5), st.data())
def test_another_byte_in_any_file_is_another_fingerprint(files: list[PinnedFile], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(files) - 1))
    changed = [*files]
    changed[place] = replace(files[place], sha=hashlib.sha256(files[place].sha.encode()).hexdigest())
    assert fingerprint(changed) != fingerprint(files)


@given(st.lists(pinned, min_size=2, max_size=5, unique_by=lambda file: file.name))
def test_order_counts(files: list[PinnedFile]) -> None:
    assert fingerprint(reversed(files)) != fingerprint(files)
