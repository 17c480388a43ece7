"""People, groups and channels as cached rows, refreshed in the background. No click ever waits for this."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk import WebClient

from bot.core.refusal import NotYetKnown
from bot.core.team import Project
from bot.slack.people import fetching
from bot.slack.people.fetching import (
    NotFetched,
    Wanted,
    doubted,
    is_news,
    named_in,
    outdated,
    repaint_homes,
    written_to,
)
from bot.slack.people.identity import Beat, WhoAmI
from bot.usecases.books.rows import PendingClick
from bot.usecases.books.units import PostUnit, Store

log = logging.getLogger(__name__)
HEARTBEAT = "directory"
_STRANGER_SECONDS = 0.2
_ONE_BY_ONE = 20


class Directory:
    """Keeps everyone named in the settings fresh, fetches what a click asks for, then calls `on_refreshed`.

    What was fetched in vain is tried again after `retry_seconds`; what gets old is looked for each `look_seconds`.
    """

    def __init__(
        self,
        store: Store,
        client: WebClient,
        who: WhoAmI,
        projects: Mapping[str, Project],
        clock: Callable[[], datetime],
        beat: Beat,
        retry_seconds: float = 5.0,
        look_seconds: float = 60.0,
    ) -> None:
        self._retry_seconds, self._look_seconds = retry_seconds, look_seconds
        self._store, self._client, self._who, self._clock, self._beat = store, client, who, clock, beat
        self._standing = named_in(projects.values())
        self._asked = Wanted()
        self._faults: dict[str, list[str]] = {}
        self._said: frozenset[str] = frozenset()
        self._is_silence_refused = False
        self._changed = threading.Condition()
        self._stopping = False
        self._on_refreshed: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name="directory", daemon=True)

    def on_refreshed(self, call: Callable[[], None]) -> None:
        """Calls this after each refresh, on the directory's own thread: waiting clicks can be judged now."""
        self._on_refreshed = call

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def want_missing(self, missing: NotYetKnown | Wanted) -> None:
        """Asks for a refresh in the background: what a rule did not find in the cache."""
        with self._changed:
            self._asked |= Wanted(frozenset(missing.people), frozenset(missing.groups), frozenset(missing.channels))
            self._changed.notify_all()

    def want_for(self, click: PendingClick) -> None:
        """The same of what a waiting click lacks."""
        self.want_missing(Wanted(**{sort: frozenset(names) for sort, names in click.missing.items()}))

    def heard(self, event: Mapping[str, Any]) -> None:
        """Slack told that somebody changed, joined or left: that counts no longer, and is fetched again at once.

        An event is a hint only: where one is lost, what is cached is renewed within the hour as ever.
        """
        if self._store.read(lambda reader: is_news(reader, self._team, event)):
            at = self._clock()
            self.want_missing(self._store.write(lambda unit: doubted(unit, event, at)))

    def _run(self) -> None:
        self._safely(self._ask_for_waiting_clicks)
        while not self._stopping:
            self._safely(self._turn)

    def _safely(self, work: Callable[[], None]) -> None:
        """A fault of one turn ends no later one; while stopping, the store may be closed already."""
        try:
            work()
        except Exception:
            if not self._stopping:
                log.exception("the directory could not be refreshed; it goes on")
                self._rest(patiently=True)

    def _turn(self) -> None:
        with self._changed:
            asked, self._asked = self._asked, Wanted()
        now = self._clock()
        wanted = asked | self._store.read(lambda reader: outdated(reader, self._standing, now))
        left = asked
        try:
            left = self._fetch(wanted) if wanted else Wanted()
            if wanted and not self._stopping:
                self._on_refreshed()
        finally:
            self.want_missing(left)
        again = bool(self._asked) and self._asked.within(wanted)
        if again or not wanted:
            self._rest(patiently=again)

    def _ask_for_waiting_clicks(self) -> None:
        for click in self._store.read(lambda reader: reader.clicks.waiting()):
            self.want_for(click)

    def _rest(self, *, patiently: bool) -> None:
        """Until something new is asked for; what was just fetched in vain waits, so that Slack is not hammered."""
        with self._changed:
            seconds = self._retry_seconds if patiently else self._look_seconds
            seconds = _STRANGER_SECONDS if self._who.current is None else seconds
            self._changed.wait_for(lambda: self._stopping or (bool(self._asked) and not patiently), seconds)

    def _fetch(self, wanted: Wanted) -> Wanted:
        """What could not be fetched and is worth another try."""
        if self._who.current is None:
            return wanted
        people = self._each("people", self._but_for_listed(wanted.people), self._fetch_person)
        groups = self._all_groups(wanted.groups)
        channels = self._each("channels", wanted.channels, self._fetch_channel)
        self._fetch_silences(wanted.people)
        self._report()
        return Wanted(people, groups, channels)

    def _each(self, sort: str, names: frozenset[str], fetch: Callable[[str], None]) -> frozenset[str]:
        """Fetches one by one; gives those to try again."""
        left: set[str] = set()
        faults: list[str] = []
        for name in sorted(names):
            if self._stopping:
                break
            try:
                fetch(name)
            except NotFetched as fault:
                faults.append(str(fault))
                left |= {name} if fault.again else set()
        if names:
            self._faults[sort] = faults
        return frozenset(left)

    def _but_for_listed(self, wanted: frozenset[str]) -> frozenset[str]:
        """Many are asked for at once, so that nobody of a large channel has to wait; gives whom that did not show."""
        if len(wanted) <= _ONE_BY_ONE:
            return wanted
        try:
            found = fetching.listed(self._client, self._team, wanted, self._clock())
        except NotFetched as fault:
            log.info("%s They are asked for one by one.", fault)
            return wanted

        def work(unit: PostUnit) -> None:
            for person in found:
                unit.people.keep(person)

        self._store.write(work)
        return wanted - {person.user_id for person in found}

    @property
    def _team(self) -> str:
        return self._who.current.team if self._who.current else ""

    def _fetch_person(self, user_id: str) -> None:
        person = fetching.person(self._client, self._team, user_id, self._clock())
        self._store.write(lambda unit: unit.people.keep(person))

    def _fetch_silences(self, user_ids: frozenset[str]) -> None:
        """Who is not to be disturbed; of a large channel only of whom something may be told. A courtesy: no fault."""
        if len(user_ids) > _ONE_BY_ONE:
            user_ids &= self._store.read(lambda reader: written_to(reader, self._standing))
        if not user_ids or self._stopping:
            return
        try:
            found = fetching.silences(self._client, user_ids)
        except NotFetched as fault:
            if not self._is_silence_refused:
                log.warning("%s", fault)
            self._is_silence_refused = True
            return
        self._is_silence_refused = False

        def work(unit: PostUnit) -> None:
            for user_id, silent in found.items():
                unit.people.keep_silent(user_id, silent)

        self._store.write(work)

    def _fetch_channel(self, channel: str) -> None:
        try:
            self._keep_channel(channel, fetching.channel(self._client, channel))
        except NotFetched as fault:
            if not fault.again:
                self._keep_channel(channel, frozenset())
            raise

    def _keep_channel(self, channel: str, user_ids: frozenset[str]) -> None:
        """Whose App Home may show more or less than before is shown it anew."""
        at = self._clock()

        def work(unit: PostUnit) -> None:
            moved = unit.people.channel(channel).user_ids ^ user_ids
            unit.people.keep_channel(channel, user_ids, at)
            repaint_homes(unit, moved, at)

        self._store.write(work)

    def _all_groups(self, handles: frozenset[str]) -> frozenset[str]:
        """Fetches all at once; gives those to try again. One that Slack does not show has nobody in it."""
        if not handles or self._stopping:
            return frozenset()
        try:
            found = fetching.groups(self._client, handles)
        except NotFetched as fault:
            self._faults["groups"] = [str(fault)]
            if fault.again:
                return handles
            found = {}
        else:
            self._faults["groups"] = [f"Slack knows no user group {handle}." for handle in sorted(handles - set(found))]
        at = self._clock()

        def work(unit: PostUnit) -> None:
            for handle in sorted(handles):
                unit.people.keep_group(handle, *found.get(handle, ("", frozenset())), at)

        self._store.write(work)
        return frozenset()

    def _report(self) -> None:
        """Says a fault once in the log, and keeps what stands for `doctor`."""
        standing = list(dict.fromkeys(fault for faults in self._faults.values() for fault in faults))
        for fault in standing:
            if fault not in self._said:
                log.warning("%s", fault)
        self._said = frozenset(standing)
        if not self._stopping:
            self._beat(HEARTBEAT, {"faults": " ".join(standing)})
