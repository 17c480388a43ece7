"""Facts become messages: which view and which message belong to each kind of the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.core.policy import Project
from bot.slack.identity import WhoAmI
from bot.slack.messages import dashboard, direct, home, notice, phase, planned, private, section, sign_off
from bot.slack.messages.blocks import Rendered
from bot.slack.outgoing import Drawing
from bot.slack.places import SHOWN, permalinks
from bot.usecases import views
from bot.usecases.post_ports import PostReader
from bot.usecases.rows import Live


def make_drawing(projects: Mapping[str, Project], who: WhoAmI) -> Drawing:
    """How this bot's messages look."""
    painter = _Painter(projects, who)
    live = {"dashboard": painter.dashboard, "section": painter.section, "sign-off": painter.sign_off}
    return Drawing(live=live, home=painter.home, said=painter.said, record=painter.record)


class _Painter:
    def __init__(self, projects: Mapping[str, Project], who: WhoAmI) -> None:
        self._projects, self._who = projects, who

    def dashboard(self, reader: PostReader, live: Live, now: datetime) -> Sequence[Rendered]:
        facts = views.dashboard(reader, self._project(reader, live), live.deployment_id or "", now)
        return (dashboard.render(facts),)

    def section(self, reader: PostReader, live: Live, now: datetime) -> Sequence[Rendered]:
        facts = views.section(reader, self._project(reader, live), live.deployment_id or "", live.subject, now)
        return section.render_all(facts)

    def sign_off(self, reader: PostReader, live: Live, now: datetime) -> Sequence[Rendered]:
        facts = views.sign_off(reader, self._project(reader, live), live.deployment_id or "", live.subject, now)
        return (sign_off.render(facts),)

    def home(self, reader: PostReader, user_id: str, now: datetime) -> Mapping[str, Any]:
        facts = views.home(reader, self._projects, user_id, now)
        shown = [*(each.deployment for each in facts.open), *facts.recent, *(need[0] for need in facts.needs_me)]
        links = permalinks(reader, self._who.url, [deployment.id for deployment in shown])
        return home.view(replace(facts, permalinks=links))

    def said(self, reader: PostReader, template: str, facts: Mapping[str, Any]) -> Rendered:
        """Raises KeyError for a template that nobody draws. The way to the thread is added where it is known by now."""
        links = permalinks(reader, self._who.url, [str(facts.get("deployment") or "")])
        link = next(iter(links.values()), "")
        return SAID[template]({"permalink": link, "link": link, **facts})

    def record(self, reader: PostReader, deployment_id: str, now: datetime) -> str:
        """The filled-in checklist, as Markdown."""
        project = self._projects[reader.deployments.get(deployment_id).project]
        return views.record_text(reader, project, deployment_id, now)

    def _project(self, reader: PostReader, live: Live) -> Project:
        return self._projects[reader.deployments.get(live.deployment_id or "").project]


def _drawn_already(facts: Mapping[str, Any]) -> Rendered:
    return Rendered(str(facts["text"]), list(facts["blocks"]))


SAID: Mapping[str, Callable[[Mapping[str, Any]], Rendered]] = {
    "notice": notice.render,
    "phase": phase.render,
    "private": private.render,
    SHOWN: _drawn_already,
    "sign-off-asked": direct.sign_off_asked,
    "reminder": direct.reminder,
    "rejected": direct.rejected,
    "rollback-opened": direct.rollback_opened,
    "obstacles": direct.obstacles,
    "take-over": direct.take_over,
    "glass-broken": direct.glass_broken,
    "history-moved": direct.history_moved,
    "plan": planned.render,
}
