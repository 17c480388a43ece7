"""What a person hears when an act is not allowed, or cannot be judged yet."""

from __future__ import annotations

from collections.abc import Iterable


class Refused(Exception):
    """An act that today's state or a rule does not allow. `str()` is a sentence for the person who tried.

    `offer_again`: the same act about today's subject would do. `wants_reason`: it would do with a reason.
    """

    def __init__(self, sentence: str, *, offer_again: bool = False, wants_reason: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.offer_again = offer_again
        self.wants_reason = wants_reason


def refuse_missing(intro: str, sentences: Iterable[str]) -> None:
    """Raises Refused with these sentences as a list below `intro`; nothing happens where there is none."""
    if lines := [f"• {sentence}" for sentence in sentences]:
        raise Refused("\n".join((f"{intro}:", *lines)))


class NotYetKnown(Exception):
    """Who this person is, or who is in a group, is not cached or too old: keep the click, fetch, judge then.

    `people` are user ids, `groups` are handles, `channels` are channel ids to fetch.
    """

    def __init__(
        self, *, people: tuple[str, ...] = (), groups: tuple[str, ...] = (), channels: tuple[str, ...] = ()
    ) -> None:
        super().__init__("membership is being checked")
        self.people = people
        self.groups = groups
        self.channels = channels
