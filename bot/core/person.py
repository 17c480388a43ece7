"""People and what they may be: full members, guests, members of groups and channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Person:
    """One Slack user as last fetched. `zone` is an IANA name; `home_team` differs for people of other workspaces."""

    team: str
    user_id: str
    name: str
    zone: str
    home_team: str
    is_guest: bool
    is_active: bool
    fetched_at: datetime
    is_bot: bool = False

    @property
    def is_full_member(self) -> bool:
        """An active non-guest, and no bot, of the bot's own workspace (DESIGN: *Full member*)."""
        return self.is_active and not self.is_guest and not self.is_bot and self.home_team == self.team


EVERYBODY = "*"
"""Stands among the members of a public channel: every full member of the workspace may act there."""


@dataclass(frozen=True)
class Members:
    """Who is in a group or a channel, as last fetched; `fetched_at` None means never."""

    user_ids: frozenset[str]
    fetched_at: datetime | None
