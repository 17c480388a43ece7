"""Who the bot is in its workspace, learned at first contact; and the heartbeats of this room's threads."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.slack.outbound.calling import Done, attempt
from bot.usecases.books.rows import Identity
from bot.usecases.books.units import PostUnit, Store

log = logging.getLogger(__name__)
WORKSPACE = "workspace"
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0


class WhoAmI:
    """The bot's identity as a cached reading of the store."""

    def __init__(self, store: Store, client: WebClient, clock: Callable[[], datetime]) -> None:
        self._store, self._client, self._clock = store, client, clock
        self._known: Identity | None = None
        self._url = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._learn, name="identity", daemon=True)

    @property
    def current(self) -> Identity | None:
        """None until Slack answered once in the life of the store."""
        if self._known is None:
            self._known = self._store.read(lambda reader: reader.people.identity())
        return self._known

    @property
    def url(self) -> str:
        """The workspace's address, such as https://acme.slack.com/; empty until Slack answered once."""
        if not self._url:
            beat = self._store.read(lambda reader: reader.heartbeats.all()).get(WORKSPACE)
            self._url = str(json.loads(beat.detail).get("url", "")) if beat else ""
        return self._url

    def start(self) -> None:
        """Asks Slack in the background, again and again until it answers."""
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def authorize(self, team_id: str | None = None) -> AuthorizeResult:
        """Bolt's authorization without a call: what is known, else what the payload says."""
        known = self.current
        return AuthorizeResult(
            enterprise_id=None,
            team_id=known.team if known else team_id,
            bot_token=self._client.token,
            bot_id=known.bot_id if known else None,
            bot_user_id=known.bot_user if known else None,
        )

    def _learn(self) -> None:
        wait = _FIRST_WAIT
        while not self._stop.is_set():
            answer = attempt(self._client.auth_test)
            if isinstance(answer, Done):
                self._keep(answer.data)
                return
            log.warning("Slack did not say who the bot is (%s); next try in %.0f s", answer, wait)
            self._stop.wait(wait)
            wait = min(_LONGEST_WAIT, wait * 2)

    def _keep(self, data: Mapping[str, Any]) -> None:
        identity = Identity(
            team=str(data["team_id"]),
            team_name=str(data.get("team", "")),
            bot_user=str(data.get("user_id", "")),
            bot_id=str(data.get("bot_id", "")),
            app_id=str(data.get("app_id", "")),
        )
        at, detail = self._clock(), json.dumps({"url": str(data.get("url", ""))})

        def work(unit: PostUnit) -> None:
            unit.people.learn(identity, at)
            unit.heartbeats.beat(WORKSPACE, at, detail)

        self._store.write(work)
        self._known = identity


Beat = Callable[[str, Mapping[str, str]], None]


def pulse(store: Store, clock: Callable[[], datetime]) -> Beat:
    """A function that keeps one heartbeat row by name; its detail is a JSON object of texts. It never raises."""

    def beat(name: str, detail: Mapping[str, str]) -> None:
        text = json.dumps(dict(detail), sort_keys=True)
        try:
            store.write(lambda unit: unit.heartbeats.beat(name, clock(), text))
        except Exception as error:
            log.warning("the heartbeat of %s could not be kept: %s", name, error)

    return beat
