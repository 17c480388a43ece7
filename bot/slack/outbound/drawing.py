"""Facts become messages, drawn in one snapshot of the store; and what the publisher's senders share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.core.checklist.items import Phase
from bot.core.signing import SigningKey, seal
from bot.core.team import Project, is_person
from bot.slack.inbound.dispatch import DASHBOARD, ROOTS, SHOWN, address, permalinks, thread_of
from bot.slack.messages.blocks import Rendered, context
from bot.slack.messages.direct import asked, home, hour, personal, private, work
from bot.slack.messages.direct import digest as digest_message
from bot.slack.messages.thread import dashboard, notice, phase, section, sign_off
from bot.slack.outbound.calling import Clients
from bot.slack.outbound.pace import Echoes, Outage, Pace
from bot.slack.people.identity import WhoAmI
from bot.usecases import views
from bot.usecases.books.rows import ASKED, DIGEST, GIVEN, HOURS, NOTICE, SUBSCRIBED, Live, PendingClick, Said
from bot.usecases.books.units import PostReader, PostUnit, Store
from bot.usecases.facts import AskedWord
from bot.usecases.reminding import cards_of
from bot.usecases.sight import seen_by
from bot.usecases.standing_facts import WorkWord
from bot.usecases.views.digest import is_worth_posting, with_links
from bot.usecases.who_waits import asks_again, is_still_true, waits_again


class Drawing:
    """How this bot's messages look; records are signed with `key` where there is one."""

    def __init__(self, projects: Mapping[str, Project], who: WhoAmI, key: SigningKey | None = None) -> None:
        self._projects, self._who, self._key = projects, who, key

    def live(self, reader: PostReader, live: Live, now: datetime) -> Sequence[Rendered]:
        """All messages of a live one: a section is several. Raises KeyError for a kind that nobody draws."""
        if live.kind == DIGEST:
            return (self._digest(reader, live, now),)
        project = self._projects[reader.deployments.get(live.deployment_id or "").project]
        with_links = {
            ASKED: self._asked,
            GIVEN: self._given,
            HOURS: self._hour,
            DASHBOARD: self._dashboard,
            NOTICE: _notice,
            SUBSCRIBED: _notice,
        }
        if live.kind in with_links:
            return (with_links[live.kind](reader, project, live, now),)
        return LIVE[live.kind](reader, project, live.deployment_id or "", live.subject, now)

    def _digest(self, reader: PostReader, live: Live, now: datetime) -> Rendered:
        user, _, slot = live.subject.partition(":")
        facts = views.digest(reader, self._projects, user, slot, now)
        main = next(iter(self._projects.values()))
        if not (live.may_be_read or is_worth_posting(reader, main, facts, slot, now)):
            return EMPTY
        told = [each.deployment for each in facts.told]
        cards = {key: self.address(*place) for key, place in cards_of(reader, told, user).items()}
        links = permalinks(reader, self._who.url, [deployment.id for deployment in told])
        return digest_message.render(with_links(facts, cards, links))

    def _given(self, reader: PostReader, project: Project, live: Live, now: datetime) -> Rendered:
        """Work that is over before anybody read of it is not told at all."""
        facts = views.given(reader, project, live, now)
        if not live.may_be_read and facts.word is not WorkWord.OPEN:
            return EMPTY
        return work.render(replace(facts, permalink=self._thread(reader, live.deployment_id)))

    def _asked(self, reader: PostReader, project: Project, live: Live, now: datetime) -> Rendered:
        """What nobody has read yet and is not to be decided any more is not posted at all."""
        facts = views.asked(reader, project, live, now)
        if not live.may_be_read and facts.word is not AskedWord.OPEN:
            return EMPTY
        return asked.render(replace(facts, permalink=self._thread(reader, live.deployment_id)))

    def _hour(self, reader: PostReader, project: Project, live: Live, now: datetime) -> Rendered:
        facts = views.hour(reader, project, live.deployment_id or "", live.subject, now)
        return hour.render(replace(facts, permalink=self._thread(reader, live.deployment_id)))

    def _thread(self, reader: PostReader, deployment_id: str | None) -> str:
        """The way to one deployment's thread; empty while there is none."""
        return permalinks(reader, self._who.url, [deployment_id or ""]).get(deployment_id or "", "")

    def _dashboard(self, reader: PostReader, project: Project, live: Live, now: datetime) -> Rendered:
        """With the way to the deployment that took the watching over."""
        facts = views.dashboard(reader, project, live.deployment_id or "", now)
        number = facts.watch.continued_in.rpartition("/")[2] if facts.watch else ""
        mine = facts.deployment
        later = reader.deployments.by_number(mine.team, mine.project, int(number)) if number else None
        if facts.watch and later:
            facts = replace(facts, watch=replace(facts.watch, link=self._thread(reader, later.id)))
        return dashboard.render(facts)

    def home(self, reader: PostReader, user_id: str, now: datetime) -> Mapping[str, Any]:
        """What the person may see; a deployment of whose channel that is not known yet is left out."""
        reader, _ = seen_by(reader, self._projects, user_id, now)
        facts = views.home(reader, self._projects, user_id, now)
        shown = [*(each.deployment for each in facts.open), *facts.recent, *(need[0] for need in facts.needs_me)]
        links = permalinks(reader, self._who.url, [deployment.id for deployment in shown])
        return home.view(replace(facts, permalinks=links))

    def said(self, reader: PostReader, said: Said) -> Rendered:
        """Raises KeyError for a template that nobody draws. The way to the thread is added where it is known by now."""
        leads_to = said.facts.get("leads_to") or said.facts.get("deployment") or ""
        link = self._thread(reader, str(leads_to))
        return SAID[said.template]({"permalink": link, "link": link, **said.facts})

    def is_still_true(self, reader: PostReader, said: Said, now: datetime) -> bool:
        """Whether a direct message still has its reason."""
        deployment = reader.deployments.find(said.deployment_id or "")
        project = self._projects.get(deployment.project) if deployment else None
        return project is None or is_still_true(reader, project, said.template, said.facts, now)

    def waits_until(self, reader: PostReader, row: Live | Said, now: datetime) -> datetime | None:
        """When a first message in a person's DM may be sent, however late it is; None: now."""
        deployment = reader.deployments.find(row.deployment_id or "")
        project = self._projects.get(deployment.project) if deployment else None
        if project is None:
            return None
        if isinstance(row, Said):
            return waits_again(reader, project, row, now)
        return None if row.kind == HOURS else asks_again(reader, project, row, now)

    def address(self, channel: str, ts: str) -> str:
        """Where a message stands, for the record; empty while the workspace's own is not known."""
        return address(self._who.url, channel, ts)

    def record(self, reader: PostReader, deployment_id: str, now: datetime) -> str:
        """The filled-in checklist, as Markdown that ends with its digest."""
        project = self._projects[reader.deployments.get(deployment_id).project]
        return seal(views.record_text(reader, project, deployment_id, now), self._key)


def _section(reader: PostReader, project: Project, deployment_id: str, name: str, now: datetime) -> Sequence[Rendered]:
    return section.render_all(views.section(reader, project, deployment_id, name, now))


def _phase(reader: PostReader, project: Project, deployment_id: str, name: str, now: datetime) -> Sequence[Rendered]:
    return (phase.render_lists(views.phase(reader, project, deployment_id, Phase(name), now)),)


def _sign_off(reader: PostReader, project: Project, deployment_id: str, role: str, now: datetime) -> Sequence[Rendered]:
    return (sign_off.render(views.sign_off(reader, project, deployment_id, role, now)),)


def _drawn_already(facts: Mapping[str, Any]) -> Rendered:
    return Rendered(str(facts["text"]), list(facts["blocks"]))


def _notice(reader: PostReader, project: Project, live: Live, _: datetime) -> Rendered:
    """What waited until a person may be written to is not posted any more where a newer one has the news."""
    facts = views.notice(reader, project, live.deployment_id or "", live.subject, live.kind)
    return EMPTY if facts.told_below and not live.may_be_read and is_person(live.channel) else notice.render(facts)


LIVE: Mapping[str, Callable[[PostReader, Project, str, str, datetime], Sequence[Rendered]]] = {
    "phase": _phase,
    "section": _section,
    "sign-off": _sign_off,
}
SAID: Mapping[str, Callable[[Mapping[str, Any]], Rendered]] = {
    "phase": phase.render,
    "private": private.render,
    "given-back": private.render,
    SHOWN: _drawn_already,
    "rejected": personal.rejected,
    "signed": personal.signed,
    "check-failed": personal.check_failed,
    "lapsed": personal.lapsed,
    "held": personal.held,
    "trouble": personal.trouble,
    "rollback-advised": personal.rollback_advised,
    "unparked": personal.unparked,
    "taken-over": personal.taken_over,
    "rollback-opened": personal.rollback_opened,
    "take-over": personal.take_over,
    "offered": personal.offered,
    "window": personal.window,
    "glass-broken": personal.glass_broken,
    "glass-broken-here": personal.glass_broken_here,
    "history-moved": personal.history_moved,
    "closed-room": personal.closed_room,
    "plan": private.plan_render,
}


EMPTY = Rendered("This part of the section is shown above.", [context("Shown above.")], is_news=False)


@dataclass(frozen=True)
class Outgoing:
    """Everything a sender works with."""

    store: Store
    clients: Clients
    clock: Callable[[], datetime]
    pace: Pace
    outage: Outage
    echoes: Echoes
    drawing: Drawing
    heard: Callable[[PendingClick], None]
    """Called with a click that an emoji stood for: it is judged once it is known who that is."""
    refused: dict[str, str] = field(default_factory=dict)
    """What Slack refused last, by live message, until it takes that message: for `doctor`."""


def digest(text: str, body: object) -> str:
    """Identity of what a message shows: an unchanged one is not sent again."""
    return hashlib.sha256(json.dumps([text, body], sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Drawn:
    """One message as it should look at `live.wanted`; `parts` are the digests of all messages of its section."""

    live: Live
    shown: Rendered
    thread_ts: str
    parts: tuple[str, ...]

    @property
    def digest(self) -> str:
        return digest(self.shown.text, self.shown.blocks)

    @property
    def is_news(self) -> bool:
        """Whether Slack shows something else, or nothing yet."""
        if self.live.ts is None:
            return self.shown.is_news
        return self.live.rendered_hash != self.digest


def draw(out: Outgoing, reader: PostReader, message_id: str) -> Drawn | None:
    """The message; None where it waits for its thread or is not behind any more. Raises what drawing raises."""
    live = reader.live.get(message_id)
    if live is None or live.wanted <= live.sent:
        return None
    is_root = live.kind in ROOTS
    thread_ts = "" if is_root else thread_of(reader, live.deployment_id or "").thread_ts
    if not (thread_ts or is_root):
        return None
    parts = out.drawing.live(reader, live, out.clock())
    shown = parts[live.part] if live.part < len(parts) else EMPTY
    return Drawn(live, shown, thread_ts, tuple(digest(part.text, part.blocks) for part in parts))


def want_changed_parts(unit: PostUnit, drawn: Drawn, at: datetime) -> None:
    """A section's first message brings the others along, where they look different from what Slack shows."""
    first = drawn.live
    known = {
        live.part: live.rendered_hash
        for live in unit.outbox.wanted(first.deployment_id or "")
        if (live.kind, live.subject) == (first.kind, first.subject)
    }
    for part in range(1, max([len(drawn.parts) - 1, *known]) + 1):
        wanted = drawn.parts[part] if part < len(drawn.parts) else digest(EMPTY.text, EMPTY.blocks)
        if known.get(part) != wanted:
            urgent = first.urgency == 0
            place = (first.deployment_id, first.kind, first.subject, first.channel)
            unit.outbox.want(*place, at, part=part, urgent=urgent)


def want_again(unit: PostUnit, deployment_id: str, at: datetime) -> None:
    """Everything of a deployment that is on screen is drawn anew; what looks the same is not sent."""
    for live in unit.outbox.wanted(deployment_id):
        unit.outbox.want(deployment_id, live.kind, live.subject, live.channel, at, part=live.part)
