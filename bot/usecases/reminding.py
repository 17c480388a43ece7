"""One digest a person and morning: what waits for them, told three times and then weekly; and what they put off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.attention import LATEST_HOUR, MORNING, Hours, is_due_again, is_working_day, next_morning, quiet_until
from bot.core.deployment import Deployment
from bot.core.refusal import Refused
from bot.core.team import Project
from bot.usecases.act import Act, Answer, hours_of
from bot.usecases.books.rows import ASKED, DIGEST, Digest, DigestLine, Nudge
from bot.usecases.books.units import Reader, Unit
from bot.usecases.permit import expand, is_known_to_see
from bot.usecases.signoffs.asking import asks_of, post_ask
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.views.owed import Owed, is_looking, owed

MOST_LINES = 40
HEARD = timedelta(hours=4)
"""How long ago somebody heard of what a digest says again."""


def who_has_a_morning(reader: Reader, projects: Mapping[str, Project], now: datetime) -> list[str]:
    """Those who may owe something, and whose digest of today was not looked at; or who put something off until now."""
    found = {user: project for project in projects.values() for user in _involved(reader, project)}
    for deployment in reader.deployments.open():
        project = projects.get(deployment.project)
        if project is not None:
            deployers = (one.user_id for one in reader.deployments.deployers(deployment.id))
            found |= dict.fromkeys((deployment.owner, *deployers), project)
    awake = set(reader.digests.awake(now))
    return sorted(user for user, project in found.items() if _slot(reader, project, user, now, user in awake))


def _involved(reader: Reader, project: Project) -> frozenset[str]:
    named = {member for role in project.roles.values() for member in role.holders}
    return expand(reader, {*named, *project.escalation.to})


def _slot(reader: Reader, project: Project, user: str, now: datetime, is_awake: bool) -> str:
    """The slot of the digest that is to be written now; empty for none."""
    hours, person = hours_of(reader, project, user), reader.people.person(user)
    if person is None or not person.is_full_member:
        return ""
    wall = now.astimezone(ZoneInfo(hours.zone))
    is_morning = is_working_day(hours, wall.date()) and wall.time() >= MORNING and wall.hour < LATEST_HOUR
    if not is_morning or quiet_until(hours, now) is not None:
        return ""
    last, today = reader.digests.newest(user), f"{wall:%Y-%m-%d}"
    if last is None or last.slot[:10] < today:
        return today
    return f"{wall:%Y-%m-%d %H:%M}" if is_awake and last.slot < f"{wall:%Y-%m-%d %H:%M}" else ""


def open_situations(reader: Reader, projects: Mapping[str, Project], now: datetime) -> list[Situation]:
    """Every open deployment, read once for everybody's morning."""
    found = [one for one in reader.deployments.open() if one.project in projects]
    return [load(reader, projects[one.project], one.id, now) for one in found]


def write_digest(unit: Unit, projects: Mapping[str, Project], situations: Sequence[Situation], act: Act) -> bool:
    """Tell one person (`act.who`) what waits for them; False where this was done, or waits for a look that runs.

    Nothing is said where nothing waits, nor of what this person may not see. A card is posted for what they were never
    asked.
    """
    who, now = act.who, act.at
    mine = [one for one in situations if is_known_to_see(unit, one.project.channel, who)]
    project = next((one.project for one in mine), next(iter(projects.values())))
    slot = _slot(unit, project, who, now, who in unit.digests.awake(now))
    late = now.astimezone(ZoneInfo(hours_of(unit, project, who).zone)).time() > _PATIENT_UNTIL
    if not slot or (not late and any(is_looking(one, who) for one in mine)):
        return False
    known = unit.digests.nudges(who)
    found = [each for one in mine for each in _to_tell(unit, one, who, known)]
    unit.digests.wake(who, now)
    lines = tuple(DigestLine(one.cause, one.deployment.id, one.words) for one in found[:MOST_LINES])
    if not unit.digests.add(Digest(who, slot, now, lines)):
        return False
    unit.digests.told(who, [one.cause for one in lines], now)
    if lines:
        unit.outbox.want(None, DIGEST, f"{who}:{slot}", who, now)
    return bool(lines)


_PATIENT_UNTIL = (datetime.combine(datetime.min, MORNING) + timedelta(minutes=20)).time()


def _to_tell(unit: Unit, situation: Situation, who: str, known: Mapping[str, Nudge]) -> Iterator[Owed]:
    """What is owed and was not told of late, nor too often, nor put off."""
    hours, now = hours_of(unit, situation.project, who), situation.now
    for one in owed(unit, situation, who):
        nudge = known.get(one.cause)
        asleep = nudge is not None and nudge.snoozed_until is not None and nudge.snoozed_until > now
        again = nudge is None or (not (one.once and nudge.times) and is_due_again(nudge.times, nudge.last_at, now))
        woken = nudge is not None and nudge.snoozed_until is not None and not asleep
        if _heard_long_ago(hours, one, now) and not asleep and (again or woken):
            if one.role and one.since and not _card(unit, situation, one, who):
                post_ask(unit, situation, situation.role(one.role), who, None)
                unit.digests.told(who, [one.cause], now)
            else:
                yield one


def _heard_long_ago(hours: Hours, one: Owed, now: datetime) -> bool:
    """Of what happened less long ago they heard when it happened, or when their quiet time ended."""
    return one.since is None or now - (quiet_until(hours, one.since) or one.since) >= HEARD


def _card(reader: Reader, situation: Situation, one: Owed, who: str) -> bool:
    """Whether the newest card in their DM asks about today's subject."""
    asks = asks_of(reader, situation.deployment.id, one.role, who)
    return bool(asks) and asks[-1].is_about(situation.subject)


SNOOZES = ("hour", "tomorrow", "monday")


def snooze(unit: Unit, project: Project, act: Act, deployment_id: str, until: str) -> Answer:
    """Put off what the newest digest told of one deployment: for an hour, until tomorrow's morning or Monday's.

    Raises Refused for another word.
    """
    hours, digest = hours_of(unit, project, act.who), unit.digests.last_told(act.who)
    if until not in SNOOZES:
        raise Refused("Choose until when: an hour, tomorrow or Monday.")
    causes = [line.cause for line in (digest.lines if digest else ()) if line.deployment == deployment_id]
    if not causes:
        raise Refused("There is nothing to put off: this is from an older digest.")
    at = snoozed_until(hours, act.at, until)
    unit.digests.snooze(act.who, causes, at)
    return Answer()


def snoozed_until(hours: Hours, now: datetime, until: str) -> datetime:
    """An hour from now; else the person's morning, tomorrow or on Monday, the next one on which they work."""
    if until == "hour":
        return now + timedelta(hours=1)
    wall = now.astimezone(ZoneInfo(hours.zone))
    days = 1 if until == "tomorrow" else 7 - wall.weekday()
    midnight = datetime.combine(wall.date() + timedelta(days=days), datetime.min.time(), ZoneInfo(hours.zone))
    return next_morning(hours, midnight)


def want_digest(unit: Unit, who: str, at: datetime) -> None:
    """Whoever acts may have done what their last digest asks for: it is drawn anew."""
    digest = unit.digests.last_told(who)
    if digest is not None and at - digest.at < timedelta(days=7):
        unit.outbox.want(None, DIGEST, f"{who}:{digest.slot}", who, at, urgent=True)


def cards_of(reader: Reader, deployments: Iterable[Deployment], who: str) -> dict[str, tuple[str, str]]:
    """Where the newest card stands, by `DEPLOYMENT:ROLE`: channel and ts, of those that are posted."""
    found: dict[str, tuple[str, str]] = {}
    for deployment in deployments:
        for live in reader.outbox.wanted(deployment.id):
            role, user = live.subject.split(":")[:2] if live.kind == ASKED else ("", "")
            if user == who and live.ts:
                found[f"{deployment.id}:{role}"] = (live.channel, live.ts)
    return found
