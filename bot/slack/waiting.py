"""Clicks that waited for a membership are judged after the refresh: the click's subject, that moment's state."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from bot.core.refusal import NotYetKnown, Refused
from bot.slack.dispatch import decide
from bot.slack.inbound.click import Click, revived
from bot.slack.messages.direct import private
from bot.slack.places import tell
from bot.slack.services import Services
from bot.usecases.books.rows import PendingClick
from bot.usecases.plan import PLAN_JOB
from bot.usecases.post_ports import PostUnit
from bot.usecases.remind import PATIENCE
from bot.usecases.verb import Verb

log = logging.getLogger(__name__)
RECORDED = "Done: Slack says who you are, and your click of a moment ago is recorded."
GIVEN_UP = "Slack did not say who you are within a day, so your click was not recorded. Please press again."
FAULT = "Something went wrong while your click was judged; nothing was recorded. Please press again."
EXPIRED = (
    "“{words}” waited more than five minutes for Slack to say who you are, so it was not recorded. Look at the "
    "dashboard, and press again if it still holds."
)
_WAITS = timedelta(days=1)


def replay(services: Services) -> None:
    """Judges every waiting click again, oldest first. One that still cannot be judged keeps waiting."""
    for pending in services.store.read(lambda reader: reader.clicks.waiting()):
        if pending.verb == PLAN_JOB:
            continue
        try:
            _replay(services, pending)
        except Exception:
            log.exception("the waiting click %s (%s) could not be judged", pending.id, pending.verb)
            _end(services, pending, "fault", FAULT)


def _replay(services: Services, pending: PendingClick) -> None:
    waited = services.clock() - pending.at
    if services.row(pending.verb).expires and waited > PATIENCE:
        _end(services, pending, "expired", EXPIRED.format(words=Verb(pending.verb).words.removesuffix(" …")))
        return
    click = replace(revived(pending), at=services.clock())
    try:
        services.store.write(lambda unit: _decide(unit, services, pending, click))
    except Refused as refusal:
        _end(services, pending, "refused", refusal.sentence)
    except NotYetKnown as missing:
        if waited > _WAITS:
            _end(services, pending, "given up", GIVEN_UP)
        else:
            services.directory.want_missing(missing)


def _decide(unit: PostUnit, services: Services, pending: PendingClick, click: Click) -> None:
    """The decision and the end of waiting in one unit, so that no restart settles a click twice."""
    now = services.clock()
    if not unit.clicks.settle(pending.id, "recorded", now):
        return
    answer = decide(unit, services, click)
    tell(unit, click, private.say(answer.text or RECORDED, answer.offers), now, answer.deployment_id)


def _end(services: Services, pending: PendingClick, outcome: str, text: str) -> None:
    now = services.clock()

    def work(unit: PostUnit) -> None:
        if unit.clicks.settle(pending.id, outcome, now):
            tell(unit, revived(pending), private.say(text), now)

    services.store.write(work)
