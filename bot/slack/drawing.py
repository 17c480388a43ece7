"""Facts become messages: which view and which message belong to each kind of the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.core.policy import Project
from bot.slack.identity import WhoAmI
from bot.slack.messages import section
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.direct import home, personal, planned, private
from bot.slack.messages.thread import dashboard, notice, phase, sign_off
from bot.slack.places import SHOWN, permalinks
from bot.usecases import views
from bot.usecases.books.rows import Live, Said
from bot.usecases.post_ports import PostReader


class Drawing:
    """How this bot's messages look."""

    def __init__(self, projects: Mapping[str, Project], who: WhoAmI) -> None:
        self._projects, self._who = projects, who

    def live(self, reader: PostReader, live: Live, now: datetime) -> Sequence[Rendered]:
        """All messages of a live one: a section is several. Raises KeyError for a kind that nobody draws."""
        deployment_id = live.deployment_id or ""
        project = self._projects[reader.deployments.get(deployment_id).project]
        return LIVE[live.kind](reader, project, deployment_id, live.subject, now)

    def home(self, reader: PostReader, user_id: str, now: datetime) -> Mapping[str, Any]:
        facts = views.home(reader, self._projects, user_id, now)
        shown = [*(each.deployment for each in facts.open), *facts.recent, *(need[0] for need in facts.needs_me)]
        links = permalinks(reader, self._who.url, [deployment.id for deployment in shown])
        return home.view(replace(facts, permalinks=links))

    def said(self, reader: PostReader, said: Said) -> Rendered:
        """Raises KeyError for a template that nobody draws. The way to the thread is added where it is known by now."""
        links = permalinks(reader, self._who.url, [str(said.facts.get("deployment") or "")])
        link = next(iter(links.values()), "")
        return SAID[said.template]({"permalink": link, "link": link, **said.facts})

    def record(self, reader: PostReader, deployment_id: str, now: datetime) -> str:
        """The filled-in checklist, as Markdown."""
        project = self._projects[reader.deployments.get(deployment_id).project]
        return views.record_text(reader, project, deployment_id, now)


def _dashboard(reader: PostReader, project: Project, deployment_id: str, _: str, now: datetime) -> Sequence[Rendered]:
    return (dashboard.render(views.dashboard(reader, project, deployment_id, now)),)


def _section(reader: PostReader, project: Project, deployment_id: str, name: str, now: datetime) -> Sequence[Rendered]:
    return section.render_all(views.section(reader, project, deployment_id, name, now))


def _sign_off(reader: PostReader, project: Project, deployment_id: str, role: str, now: datetime) -> Sequence[Rendered]:
    return (sign_off.render(views.sign_off(reader, project, deployment_id, role, now)),)


def _drawn_already(facts: Mapping[str, Any]) -> Rendered:
    return Rendered(str(facts["text"]), list(facts["blocks"]))


LIVE: Mapping[str, Callable[[PostReader, Project, str, str, datetime], Sequence[Rendered]]] = {
    "dashboard": _dashboard,
    "section": _section,
    "sign-off": _sign_off,
}
SAID: Mapping[str, Callable[[Mapping[str, Any]], Rendered]] = {
    "notice": notice.render,
    "phase": phase.render,
    "private": private.render,
    SHOWN: _drawn_already,
    "sign-off-asked": personal.sign_off_asked,
    "reminder": personal.reminder,
    "rejected": personal.rejected,
    "rollback-opened": personal.rollback_opened,
    "obstacles": personal.obstacles,
    "take-over": personal.take_over,
    "glass-broken": personal.glass_broken,
    "history-moved": personal.history_moved,
    "plan": planned.render,
}
