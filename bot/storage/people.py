"""The bot in its workspace, and its signs of life; cached people, groups, channels; clicks that wait for them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from bot.core.journal import from_text, to_text
from bot.core.team import Members, Person
from bot.storage.sqlite import instant_or_none, json_text, one
from bot.usecases.books.rows import Identity, PendingClick
from bot.usecases.books.units import Heartbeat


class HeartbeatBook:
    """Table `heartbeat`: one row a loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def beat(self, name: str, at: datetime, detail: str) -> None:
        self._connection.execute(
            "INSERT INTO heartbeat (name, at, detail) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET at = excluded.at, detail = excluded.detail",
            (name, to_text(at), detail),
        )

    def all(self) -> Mapping[str, Heartbeat]:
        """The last beat by name."""
        rows = self._connection.execute("SELECT name, at, detail FROM heartbeat ORDER BY name")
        return {row["name"]: Heartbeat(row["name"], from_text(row["at"]), row["detail"]) for row in rows}


_KEEP_IDENTITY = (
    "INSERT INTO identity (team, team_name, bot_user, bot_id, app_id, learned_at) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (team) DO UPDATE SET team_name = excluded.team_name, bot_user = excluded.bot_user,"
    " bot_id = excluded.bot_id, app_id = excluded.app_id, learned_at = excluded.learned_at"
)
_KEEP_PERSON = (
    "INSERT INTO person (team, user_id, name, zone, home_team, is_guest, is_bot, is_active, fetched_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (team, user_id) DO UPDATE SET name = excluded.name,"
    " zone = excluded.zone, home_team = excluded.home_team, is_guest = excluded.is_guest, is_bot = excluded.is_bot,"
    " is_active = excluded.is_active, fetched_at = excluded.fetched_at"
)
_KEEP_GROUP = (
    "INSERT INTO user_group (team, handle, group_id, fetched_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (team, handle) DO UPDATE SET group_id = excluded.group_id, fetched_at = excluded.fetched_at"
)
_NOBODY = ""


class PeopleBook:
    """Tables `identity`, `person`, `user_group`, `group_member`, `channel_member`.

    A handle is the same with and without its `@`. Groups and channels belong to the workspace last learned.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def identity(self) -> Identity | None:
        """The workspace learned last, or None before first contact."""
        sql = "SELECT team, team_name, bot_user, bot_id, app_id FROM identity ORDER BY learned_at DESC LIMIT 1"
        row = one(self._connection, sql, ())
        return None if row is None else Identity(*row)

    def learn(self, identity: Identity, at: datetime) -> None:
        names = (identity.team_name, identity.bot_user, identity.bot_id, identity.app_id)
        self._connection.execute(_KEEP_IDENTITY, (identity.team, *names, to_text(at)))

    def person(self, user_id: str) -> Person | None:
        sql = "SELECT * FROM person WHERE user_id = ? ORDER BY fetched_at DESC LIMIT 1"
        row = one(self._connection, sql, (user_id,))
        return None if row is None else _person(row)

    def keep(self, person: Person) -> None:
        flags = (int(person.is_guest), int(person.is_bot), int(person.is_active), to_text(person.fetched_at))
        values = (person.team, person.user_id, person.name, person.zone, person.home_team, *flags)
        self._connection.execute(_KEEP_PERSON, values)

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
        self._connection.execute(_KEEP_GROUP, (*key, group_id, to_text(at)))
        self._connection.execute("DELETE FROM group_member WHERE team = ? AND handle = ?", key)
        self._connection.executemany(
            "INSERT INTO group_member (team, handle, user_id) VALUES (?, ?, ?)",
            [(*key, user_id) for user_id in sorted(set(user_ids))],
        )

    def channel(self, channel: str) -> Members:
        """Who is in the channel; `fetched_at` None where it was never fetched."""
        sql = "SELECT user_id, fetched_at FROM channel_member WHERE team = ? AND channel = ?"
        rows = self._connection.execute(sql, (self._team(), channel)).fetchall()
        fetched_at = min((row["fetched_at"] for row in rows), default=None)
        return Members(frozenset(row["user_id"] for row in rows) - {_NOBODY}, instant_or_none(fetched_at))

    def keep_channel(self, channel: str, user_ids: Iterable[str], at: datetime) -> None:
        """Replace what is known of the channel. Nobody's row tells an empty channel from one never fetched."""
        key = (self._team(), channel)
        self._connection.execute("DELETE FROM channel_member WHERE team = ? AND channel = ?", key)
        self._connection.executemany(
            "INSERT INTO channel_member (team, channel, user_id, fetched_at) VALUES (?, ?, ?, ?)",
            [(*key, user_id, to_text(at)) for user_id in sorted({_NOBODY, *user_ids})],
        )

    def names(self) -> Mapping[str, str]:
        """Display name by user id."""
        rows = self._connection.execute("SELECT user_id, name FROM person ORDER BY fetched_at")
        return {row["user_id"]: row["name"] for row in rows}

    def _team(self) -> str:
        identity = self.identity()
        return "" if identity is None else identity.team


def _person(row: sqlite3.Row) -> Person:
    return Person(
        team=row["team"],
        user_id=row["user_id"],
        name=row["name"],
        zone=row["zone"],
        home_team=row["home_team"],
        is_guest=bool(row["is_guest"]),
        is_bot=bool(row["is_bot"]),
        is_active=bool(row["is_active"]),
        fetched_at=from_text(row["fetched_at"]),
    )


_REMEMBERED = timedelta(days=1)


class ClickBook:
    """Tables `pending_click` and `seen_event`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def keep(self, click: PendingClick) -> None:
        """Keep a click that cannot be judged yet; the same id again changes nothing."""
        self._connection.execute(
            "INSERT INTO pending_click (id, verb, payload, who, missing, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            (
                *(click.id, click.verb, json_text(dict(click.payload)), click.who),
                *(json_text({kind: list(names) for kind, names in click.missing.items()}), to_text(click.at)),
            ),
        )

    def waiting(self) -> tuple[PendingClick, ...]:
        """Oldest first."""
        rows = self._connection.execute("SELECT * FROM pending_click WHERE settled_at IS NULL ORDER BY at, id")
        return tuple(_click(row) for row in rows)

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
        seen = self._connection.execute(
            "INSERT INTO seen_event (event_id, at) VALUES (?, ?) ON CONFLICT (event_id) DO NOTHING",
            (event_id, to_text(at)),
        )
        return seen.rowcount == 1


def _click(row: sqlite3.Row) -> PendingClick:
    return PendingClick(
        id=row["id"],
        verb=row["verb"],
        payload=json.loads(row["payload"]),
        who=row["who"],
        missing={kind: tuple(names) for kind, names in json.loads(row["missing"]).items()},
        at=from_text(row["at"]),
    )
