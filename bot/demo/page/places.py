"""Where a person is on the page: a channel, the app's Home, a thread; and the address that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

HOME = "home"


@dataclass(frozen=True)
class Place:
    """`at` is a channel's id or `home`; `thread` a message's ts, or empty. `panel` and `side`: is it shown?"""

    viewer: str
    at: str
    thread: str = ""
    panel: bool = True
    side: bool = False  # on narrow screens only; wide ones always show it

    @property
    def query(self) -> str:
        """For the page's address, so that a reload shows the same."""
        parts = {"as": self.viewer, "at": self.at, "thread": self.thread, "panel": "" if self.panel else "0"}
        return urlencode({name: value for name, value in parts.items() if value})


def place_of(query: Mapping[str, str], viewers: Mapping[str, object], channels: Mapping[str, object]) -> Place:
    """The place that an address names, as far as it exists."""
    viewer = query.get("as", "")
    at = query.get("at", "")
    known = at == HOME or at in channels
    return Place(
        viewer=viewer if viewer in viewers else next(iter(viewers)),
        at=at if known else next(iter(channels)),
        thread=query.get("thread", "") if known else "",
        panel=query.get("panel") != "0",
    )
