"""Lock an environment for a while, so that nothing is started or goes there, and unlock it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.attention import quiet_until
from bot.core.refusal import Refused
from bot.core.team import Environment, Project
from bot.core.typed import typed_until
from bot.usecases.act import Act, Answer, hours_of, tell_privately, unit_name, want_dashboard
from bot.usecases.books.rows import Lock
from bot.usecases.books.units import Reader, Unit
from bot.usecases.lifecycle.plan import known_environment
from bot.usecases.permit import holds, require_worker
from bot.usecases.situation.gate import locked
from bot.usecases.situation.snapshot import PREPARATION
from bot.usecases.standing_facts import LockFacts
from bot.usecases.verb import Verb

LONGEST = timedelta(days=30)
LONGEST_REASON = 200
HOW = "Write it like `lock production moving the cluster until 18:00`; also tomorrow 09:00, Friday, 2026-12-01 09:00."


def lock(unit: Unit, project: Project, act: Act, environment: str, reason: str, until: str) -> Answer:
    """Nothing is started or goes there until then; `until` is as typed. Locking again moves reason and time.

    Raises Refused without a reason, for what is no time, past, or more than 30 days away.
    """
    require_worker(unit, project, act)
    place = known_environment(project, environment)
    made, before = _typed(project, act, place, reason, until), unit.locks.on(act.team, project.name, place.name)
    unit.locks.keep(made)
    _tell(unit, project, made, act, "locked", made.reason)
    when = f"{made.until.astimezone(ZoneInfo(place.timezone)):%a %d %b %H:%M} ({place.timezone})"
    if before is not None and before.holds_at(act.at) and before.who != act.who:
        words = f"{unit_name(unit, act.who)} took your lock of {place.name} over: {made.reason}, until {when}"
        _tell_locker(unit, project, before, act, words)
    told = f"{place.name} is locked until {when}: nothing is started or goes there. {_GOES_ON}"
    return Answer(told, offers=(offer(made),))


def _typed(project: Project, act: Act, place: Environment, reason: str, until: str) -> Lock:
    why = " ".join(reason.split())
    if not why or not until.strip():
        raise Refused(f"Say why, and until when: who wants to deploy reads it. {HOW}")
    if len(why) > LONGEST_REASON:
        raise Refused(f"The reason has {len(why)} characters, and at most {LONGEST_REASON} are shown: shorten it.")
    ends = typed_until(until, act.at, place.timezone)
    if ends <= act.at or ends - act.at > LONGEST:
        raise Refused("Lock for at most 30 days, until a time that is still to come.")
    return Lock(act.team, project.name, place.name, act.who, why, ends, act.at)


_GOES_ON = "A deployment that runs goes on, and a rollback is never kept back."


def unlock(unit: Unit, project: Project, act: Act, environment: str, reason: str = "") -> Answer:
    """Whoever locked it and admins at once, others with a reason, which the locker is told.

    Raises Refused where nothing is locked.
    """
    require_worker(unit, project, act)
    place = known_environment(project, environment)
    found, why = unit.locks.on(act.team, project.name, place.name), " ".join(reason.split())
    if found is None or not found.holds_at(act.at):
        raise Refused(f"{place.name} is not locked.")
    locker = unit_name(unit, found.who)
    if not (found.who == act.who or why or holds(unit, act, project.admins)):
        raise Refused(f"{locker} locked it: say why you unlock it, and they are told.", wants_reason=True)
    unit.locks.end(found)
    _tell(unit, project, found, act, "unlocked", why)
    if found.who == act.who:
        return Answer(f"{place.name} is free.")
    words = f"{unit_name(unit, act.who)} unlocked {place.name}, which you had locked" + (f": {why}" if why else ".")
    _tell_locker(unit, project, found, act, words)
    return Answer(f"{place.name} is free. {locker} is told.")


def _tell_locker(unit: Unit, project: Project, one: Lock, act: Act, words: str) -> None:
    morning = quiet_until(hours_of(unit, project, one.who), act.at)
    tell_privately(unit, one.who, f"lock:{unit.new_id()}", words, act.at, not_before=morning)


def _tell(unit: Unit, project: Project, about: Lock, act: Act, event: str, reason: str) -> None:
    """The workspace's chain of the project keeps it; a deployment that is prepared there shows it."""
    facts = {"who": act.who, "environment": about.environment, "until": f"{about.until:%FT%H:%MZ}"}
    texts = {"name": unit_name(unit, act.who), **({"reason": reason} if reason else {})}
    unit.journal.append(f"{act.team}/{project.name}", event, act.at, facts, texts)
    for one in unit.deployments.open():
        if (one.project, one.environment) == (project.name, about.environment) and one.state in PREPARATION:
            want_dashboard(unit, project, one, act.at)


def offer(one: Lock) -> dict[str, str]:
    """The button that unlocks."""
    return {"verb": Verb.UNLOCK, "environment": one.environment, "extra": one.project}


def in_force(reader: Reader, now: datetime) -> tuple[LockFacts, ...]:
    """The locks that hold, by project and environment."""
    held = (one for one in reader.locks.all() if one.holds_at(now))
    return tuple(LockFacts(one, unit_name(reader, one.who)) for one in held)


def refuse_locked(unit: Unit, project: Project, act: Act, place: Environment) -> None:
    """Raises Refused with who locked it, why, until when, and what to do."""
    kept = unit.locks.on(act.team, project.name, place.name)
    found = locked(kept, place.timezone, unit.people.names(), act.at)
    if found is not None:
        raise Refused(f"{found.sentence}. {found.mend}.")
