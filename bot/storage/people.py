"""The bot in its workspace, and its signs of life; cached people, groups, channels; clicks that wait for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta

from bot.core.attention import Span
from bot.core.journal import from_text, to_text
from bot.core.team import EVERYBODY, NEVER, Members, Person
from bot.storage.sqlite import Book, columns, every, first, insert_once, keep_newest, one, reader_of
from bot.usecases.books.rows import Identity, PendingClick, PersonHours
from bot.usecases.books.units import Heartbeat

_heartbeat = reader_of(Heartbeat)


class HeartbeatBook(Book):
    """Table `heartbeat`: one row a loop."""

    def beat(self, name: str, at: datetime, detail: str) -> None:
        keep_newest(self._connection, "heartbeat", ("name",), columns(Heartbeat(name, at, detail)))

    def all(self) -> Mapping[str, Heartbeat]:
        """The last beat by name."""
        beats = every(self._connection, _heartbeat, "SELECT * FROM heartbeat ORDER BY name")
        return {beat.name: beat for beat in beats}


_identity, _person = reader_of(Identity), reader_of(Person)
_NOBODY = ""
_DOUBTED = to_text(NEVER)
_CHANNEL = "SELECT user_id, fetched_at FROM channel_member WHERE team = ? AND channel = ?"


class PeopleBook(Book):
    """Tables `identity`, `person`, `person_hours`, `user_group`, `group_member`, `channel_member`.

    A handle is the same with and without its `@`. Groups and channels belong to the workspace last learned.
    """

    def identity(self) -> Identity | None:
        """The workspace learned last, or None before first contact."""
        return first(self._connection, _identity, "SELECT * FROM identity ORDER BY learned_at DESC LIMIT 1")

    def learn(self, identity: Identity, at: datetime) -> None:
        keep_newest(self._connection, "identity", ("team",), columns(identity, learned_at=to_text(at)))

    def person(self, user_id: str) -> Person | None:
        sql = "SELECT * FROM person WHERE user_id = ? ORDER BY fetched_at DESC LIMIT 1"
        return first(self._connection, _person, sql, (user_id,))

    def keep(self, person: Person) -> None:
        keep_newest(self._connection, "person", ("team", "user_id"), columns(person))

    def group(self, handle: str) -> Members:
        """Who is in the group; `fetched_at` None where it was never fetched."""
        key = (self._team(), handle.removeprefix("@"))
        fetched = one(self._connection, "SELECT fetched_at FROM user_group WHERE team = ? AND handle = ?", key)
        rows = self._connection.execute("SELECT user_id FROM group_member WHERE team = ? AND handle = ?", key)
        user_ids = frozenset(row["user_id"] for row in rows)
        return Members(user_ids, None if fetched is None else from_text(fetched["fetched_at"]))

    def keep_group(self, handle: str, group_id: str, user_ids: Iterable[str], at: datetime) -> None:
        """Replace what is known of the group."""
        key = (self._team(), handle.removeprefix("@"))
        row = {"team": key[0], "handle": key[1], "group_id": group_id, "fetched_at": to_text(at)}
        keep_newest(self._connection, "user_group", ("team", "handle"), row)
        self._connection.execute("DELETE FROM group_member WHERE team = ? AND handle = ?", key)
        self._connection.executemany(
            "INSERT INTO group_member (team, handle, user_id) VALUES (?, ?, ?)",
            [(*key, user_id) for user_id in sorted(set(user_ids))],
        )

    def channel(self, channel: str) -> Members:
        """Who is in the channel; `fetched_at` None where it was never fetched."""
        return self._members(_CHANNEL, (self._team(), channel))

    def in_channel(self, channel: str, user_id: str) -> Members:
        """The same of one person and of everybody, where they are in it: a click reads no thousands of members."""
        among = (_NOBODY, EVERYBODY, user_id)
        return self._members(f"{_CHANNEL} AND user_id IN (?, ?, ?)", (self._team(), channel, *among))

    def _members(self, sql: str, values: tuple[str, ...]) -> Members:
        rows = self._connection.execute(sql, values).fetchall()
        fetched_at = min((row["fetched_at"] for row in rows), default=None)
        user_ids = frozenset(row["user_id"] for row in rows if row["fetched_at"] != _DOUBTED) - {_NOBODY}
        return Members(user_ids, None if fetched_at is None else from_text(fetched_at))

    def keep_channel(self, channel: str, user_ids: Iterable[str], at: datetime) -> None:
        """Replace what is known of the channel. Nobody's row tells an empty channel from one never fetched."""
        key = (self._team(), channel)
        self._connection.execute("DELETE FROM channel_member WHERE team = ? AND channel = ?", key)
        self._connection.executemany(
            "INSERT INTO channel_member (team, channel, user_id, fetched_at) VALUES (?, ?, ?, ?)",
            [(*key, user_id, to_text(at)) for user_id in sorted({_NOBODY, *user_ids})],
        )

    def doubt_person(self, user_id: str) -> None:
        """Slack told of a change: what is known is too old from now on, until it is fetched again."""
        self._connection.execute("UPDATE person SET fetched_at = ? WHERE user_id = ?", (_DOUBTED, user_id))

    def doubt_group(self, group_id: str, handle: str = "") -> tuple[str, ...]:
        """The same of a group, by its id or its handle; gives the handles that are known of it."""
        sql = "UPDATE user_group SET fetched_at = ? WHERE team = ? AND (group_id = ? OR handle = ?) RETURNING handle"
        values = (_DOUBTED, self._team(), group_id, handle)
        return tuple(f"@{row['handle']}" for row in self._connection.execute(sql, values).fetchall())

    def doubt_seat(self, channel: str, user_id: str) -> bool:
        """The same of one person in a channel, so that nobody else there has to wait.

        False where nothing hangs on it: the channel is public, or not known.
        """
        known = self.in_channel(channel, user_id)
        if known.fetched_at is None or EVERYBODY in known.user_ids:
            return False
        row = {"team": self._team(), "channel": channel, "user_id": user_id, "fetched_at": _DOUBTED}
        keep_newest(self._connection, "channel_member", ("team", "channel", "user_id"), row)
        return True

    def names(self) -> Mapping[str, str]:
        """Display name by user id."""
        rows = self._connection.execute("SELECT user_id, name FROM person ORDER BY fetched_at")
        return {row["user_id"]: row["name"] for row in rows}

    def hours(self, user_id: str) -> PersonHours:
        """Nothing of whom nobody knows: neither hours of their own nor a do-not-disturb."""
        row = one(self._connection, "SELECT * FROM person_hours WHERE user_id = ?", (user_id,))
        if row is None:
            return PersonHours()
        quiet = (
            (time.fromisoformat(row["quiet_from"]), time.fromisoformat(row["quiet_until"]))
            if row["quiet_from"]
            else None
        )
        silent = (from_text(row["silent_from"]), from_text(row["silent_until"])) if row["silent_from"] else None
        return PersonHours(quiet, silent)

    def keep_quiet(self, user_id: str, quiet: Span | None) -> None:
        """The person's own quiet hours, which no fetch changes; None: the team's."""
        start, end = (f"{quiet[0]:%H:%M}", f"{quiet[1]:%H:%M}") if quiet else (None, None)
        row = {"user_id": user_id, "quiet_from": start, "quiet_until": end}
        keep_newest(self._connection, "person_hours", ("user_id",), row)

    def keep_silent(self, user_id: str, silent: tuple[datetime, datetime] | None) -> None:
        """Slack's do-not-disturb, the window that runs or comes next; None: there is none."""
        start, end = map(to_text, silent) if silent else (None, None)
        row = {"user_id": user_id, "silent_from": start, "silent_until": end}
        keep_newest(self._connection, "person_hours", ("user_id",), row)

    def _team(self) -> str:
        identity = self.identity()
        return "" if identity is None else identity.team


_click = reader_of(
    PendingClick,
    missing=lambda row: {kind: tuple(names) for kind, names in json.loads(row["missing"]).items()},
)
_REMEMBERED = timedelta(days=1)


class ClickBook(Book):
    """Tables `pending_click` and `seen_event`."""

    def keep(self, click: PendingClick) -> None:
        """Keep a click that cannot be judged yet; the same id again changes nothing."""
        insert_once(self._connection, "pending_click", columns(click))

    def waiting(self) -> tuple[PendingClick, ...]:
        """Oldest first."""
        sql = "SELECT * FROM pending_click WHERE settled_at IS NULL ORDER BY at, id"
        return every(self._connection, _click, sql)

    def settle(self, click_id: str, outcome: str, at: datetime) -> bool:
        """False where it was settled before."""
        settled = self._connection.execute(
            "UPDATE pending_click SET settled_at = ?, outcome = ? WHERE id = ? AND settled_at IS NULL",
            (to_text(at), outcome, click_id),
        )
        return settled.rowcount == 1

    def first_sight(self, event_id: str, at: datetime) -> bool:
        """Whether this event id is new; ids older than a day are forgotten."""
        self._connection.execute("DELETE FROM seen_event WHERE at < ?", (to_text(at - _REMEMBERED),))
        return insert_once(self._connection, "seen_event", {"event_id": event_id, "at": to_text(at)})
