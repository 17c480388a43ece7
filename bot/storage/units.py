"""All books on one connection: a unit of work on the writer, a snapshot on a reader."""

from __future__ import annotations

import sqlite3
from functools import cached_property

from bot.storage.checklists import ChecklistBook
from bot.storage.clicks import ClickBook
from bot.storage.decisions import DecisionBook
from bot.storage.deployments import DeploymentBook
from bot.storage.erasure import ErasureBook
from bot.storage.files import FileBook
from bot.storage.heartbeats import HeartbeatBook
from bot.storage.ids import new_id
from bot.storage.journal import JournalBook
from bot.storage.live import LiveBook
from bot.storage.notices import NoticeBook
from bot.storage.outbox import OutboxBook
from bot.storage.people import PeopleBook
from bot.storage.reminders import ReminderBook
from bot.storage.results import ResultBook
from bot.storage.said import SaidBook
from bot.storage.sign_offs import SignOffBook
from bot.storage.standings import StandingBook
from bot.storage.texts import Texts
from bot.storage.troubles import TroubleBook
from bot.usecases import post_ports
from bot.usecases.books import decided, told


class Unit(post_ports.PostUnit):
    """Fulfils `ports.Unit` and `post_ports.PostUnit`; mypy holds every assignment against its Protocol.

    On a read-only connection it is handed out as a `PostReader`; what writes raises `sqlite3.OperationalError` there.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        texts = Texts(connection)
        self.checklists: decided.Checklists = ChecklistBook(connection)
        self.files: decided.Files = FileBook(connection)
        self.deployments: decided.Deployments = DeploymentBook(connection)
        self.decisions: decided.Decisions = DecisionBook(connection, texts)
        self.results: decided.Results = ResultBook(connection)
        self.sign_offs: decided.SignOffs = SignOffBook(connection, texts)
        self.people: told.People = PeopleBook(connection)
        self.outbox: told.Outbox = OutboxBook(connection)
        self.reminders: told.Reminders = ReminderBook(connection)
        self.notices: told.Notices = NoticeBook(connection)
        self.standings: told.Standings = StandingBook(connection)
        self.troubles: told.Troubles = TroubleBook(connection, texts)
        self.journal: told.Journal = JournalBook(connection, texts)
        self.clicks: told.Clicks = ClickBook(connection)
        self.live: post_ports.LivePost = LiveBook(connection)
        self.said: post_ports.SaidPost = SaidBook(connection)
        self.heartbeats: post_ports.Heartbeats = HeartbeatBook(connection)
        self._connection, self._texts = connection, texts

    @cached_property
    def erasure(self) -> ErasureBook:
        """Wanted by one command only."""
        return ErasureBook(self._connection, self._texts)

    def new_id(self) -> str:
        """26 characters; id order is order of making."""
        return new_id()
