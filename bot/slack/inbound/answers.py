"""What is told privately: where deployments stand; what a click came to that waited; a delegation as typed."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.deployment import Deployment
from bot.core.refusal import NotYetKnown, Refused
from bot.core.typed import named_day
from bot.slack.inbound.click import Click, revived
from bot.slack.inbound.dispatch import decide, permalinks, project_of, tell
from bot.slack.inbound.verb_row import Services
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.direct import private, status
from bot.usecases import views
from bot.usecases.books.rows import PendingClick
from bot.usecases.books.units import PostReader, PostUnit, StateBusy
from bot.usecases.lifecycle.plan import PLAN_JOB
from bot.usecases.locks import in_force
from bot.usecases.telling import PATIENCE
from bot.usecases.verb import Verb


def missing(reader: PostReader, services: Services, click: Click) -> Rendered:
    """The answer of *What is missing?* Raises Refused for an unknown deployment."""
    project = project_of(reader, services, click)
    return status.blockers_render(views.blockers(reader, project, click.target.deployment, services.clock()))


def standing(reader: PostReader, services: Services, click: Click) -> Rendered:
    """The answer of *Status*, about every open deployment where the click names none. Raises Refused."""
    project_of(reader, services, click)
    one = reader.deployments.find(click.target.deployment)
    return status_of(reader, services, (one,) if one else reader.deployments.open())


def status_of(reader: PostReader, services: Services, found: Sequence[Deployment]) -> Rendered:
    """The same about some deployments."""
    known = [one for one in found if one.project in services.projects]
    now = services.clock()
    facts = tuple(views.dashboard(reader, services.projects[one.project], one.id, now) for one in known)
    return status.render(facts, permalinks(reader, services.who.url, [one.id for one in known]), in_force(reader, now))


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
    for pending in services.sight.shown_to("", lambda reader: reader.clicks.waiting()):
        if pending.verb == PLAN_JOB:
            continue
        try:
            _replay(services, pending)
        except StateBusy:
            services.directory.want_for(pending)
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
        _end(services, pending, "refused", refusal.sentence, again=refusal.wants_reason)
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


def _end(services: Services, pending: PendingClick, outcome: str, text: str, *, again: bool = False) -> None:
    """`again`: with the button, whose press opens the form that was missed."""
    now, click = services.clock(), revived(pending)
    target = click.target
    offer = {"verb": click.verb, "deployment": target.deployment, "item": target.item, "role": target.role}
    offer |= {"environment": target.environment, "extra": target.extra}

    def work(unit: PostUnit) -> None:
        if unit.clicks.settle(pending.id, outcome, now):
            tell(unit, click, private.say(text, [offer] if again else ()), now)

    services.store.write(work)


_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_DEFAULT_DAYS = 7
HOW = "Write it like `delegate dba @dana until Friday`, `delegate dba back`, or without anything for a form."
BACK = "back"
"""The word that takes a delegation back."""


def wish(words: Sequence[str], names: Mapping[str, str], now: datetime, zone: str) -> dict[str, str]:
    """What was typed after `delegate`, as the form's fields. `names` are display names by user id.

    Raises Refused with how to write it.
    """
    if len(words) < 2:
        raise Refused(HOW)
    role, whom, rest = words[0], words[1], [word.lower() for word in words[2:] if word.lower() not in {"until", "for"}]
    last_day = _day(" ".join(rest), now.astimezone(ZoneInfo(zone)).date())
    return {"role": role, "to": _person(whom, names), "until": last_day.isoformat()}


def _person(text: str, names: Mapping[str, str]) -> str:
    found = _MENTION.fullmatch(text)
    if found:
        return found[1]
    wanted = text.removeprefix("@").casefold()
    near = [user_id for user_id, name in names.items() if wanted in {name.casefold(), name.split()[0].casefold()}]
    if len(near) != 1:
        raise Refused(f"Nobody is certainly meant by “{text}”. {HOW}")
    return near[0]


def _day(text: str, today: date) -> date:
    if not text:
        return today + timedelta(days=_DEFAULT_DAYS)
    day = named_day(text, today)
    if day is None:
        raise Refused(f"“{text}” is no day. Write Friday, tomorrow, 3 days, or 2026-12-01.")
    return day
