"""The alarm clock: reminders, the re-reading of sources, the watch on migrations that run or ran unannounced."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.background.backstage import BOT, Backstage
from bot.background.preflight import WATCHED
from bot.core.decision import PREFLIGHT_JOB, Purpose
from bot.core.deployment import Deployment, State
from bot.core.refusal import NotYetKnown
from bot.core.team import Environment, Project
from bot.settings.inputs import Sources
from bot.usecases.act import Act, is_announced
from bot.usecases.books.rows import Reminder
from bot.usecases.evidence import broken
from bot.usecases.lifecycle.start import announce
from bot.usecases.reminding import open_situations, who_has_a_morning, write_digest
from bot.usecases.situation.snapshot import Situation
from bot.usecases.telling import notice_history, remind
from checks.base import CannotRun
from checks.history.reading import read_history
from checks.targetdb.session import Target

logger = logging.getLogger(__name__)


def look_at_histories(backstage: Backstage) -> None:
    """One look at each environment that has a database; one that cannot be read is skipped until the next look."""
    identity = backstage.store.read(lambda reader: reader.people.identity())
    if identity is None:
        return
    for project in backstage.projects.values():
        for environment in project.environments.values():
            sources = backstage.sources(project.name, environment.name)
            if environment.has_database and sources is not None:
                _look(backstage, project, environment, sources, identity.team)


def look_at_journals(backstage: Backstage) -> None:
    """Says in the log which open deployment is not as its journal tells: somebody wrote into the state."""
    for deployment in backstage.store.read(lambda reader: reader.deployments.open()):
        for sentence in backstage.store.read(partial(broken, deployment=deployment)):
            logger.error("deployment %s was changed beside gonogo: %s", deployment.label, sentence)


def _look(backstage: Backstage, project: Project, environment: Environment, sources: Sources, team: str) -> None:
    applied = _applied(sources)
    if applied is None:
        return
    act = Act(BOT, backstage.clock(), team)
    backstage.store.write(lambda unit: notice_history(unit, project, act, environment, applied))


def _applied(sources: Sources) -> tuple[str, ...] | None:
    if sources.target is None:
        return None
    table = str(sources.options.get("history_table", ""))
    try:
        with closing(Target(sources.target)) as target, target.session("history-guard") as session:
            return tuple(row.version for row in read_history(session, sources.tool, table).rows)
    except CannotRun as fault:
        logger.info("the history of %s was not read: %s", sources.environment, fault)
        return None


REREAD_EVERY = timedelta(minutes=5)
GUARD_SECONDS = 600
WATCH_EVERY = timedelta(seconds=3)
MUTE_AFTER = timedelta(seconds=90)
_CHOOSING_FILES = frozenset({State.PREPARING, State.HELD})


class AlarmClock:
    """Rings for due reminders and sweeps every `sweep_seconds`, which catches what a ring missed.

    Reminders are rows; APScheduler only rings. What was missed while the bot was down rings at once.
    """

    def __init__(self, backstage: Backstage, sweep_seconds: float = 60.0, watch_seconds: float = 1.0) -> None:
        self._backstage = backstage
        self._sweep_seconds = sweep_seconds
        self._watch_seconds = watch_seconds
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    def start(self) -> None:
        self._scheduler.add_job(self.sweep, IntervalTrigger(seconds=self._sweep_seconds), id="sweep")
        self._scheduler.add_job(self.watch, IntervalTrigger(seconds=self._watch_seconds), id="watch")
        self._scheduler.add_job(
            look_at_histories, IntervalTrigger(seconds=GUARD_SECONDS), [self._backstage], id="history-guard"
        )
        self._scheduler.add_job(look_at_journals, args=[self._backstage], id="journals")
        self._scheduler.start()
        self.sweep()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def sweep(self) -> None:
        """Settle every reminder that is due by the bot's clock, and set a ring for those of the next hours."""
        now = self._backstage.clock()
        for reminder in self._backstage.store.read(lambda reader: reader.reminders.pending()):
            if reminder.due <= now:
                self.ring(reminder.id)
            elif reminder.due - now < timedelta(hours=24):
                self._set(reminder, now)
        self.tell_mornings()

    def tell_mornings(self) -> None:
        """Write the digest of everybody whose morning it is; one that fails is tried again with the next sweep."""
        backstage, now = self._backstage, self._backstage.clock()
        projects, store = backstage.projects, backstage.store
        identity = store.read(lambda reader: reader.people.identity())
        waiting = store.read(lambda reader: who_has_a_morning(reader, projects, now)) if identity else []
        situations = store.read(lambda reader: open_situations(reader, projects, now)) if waiting else []
        for user in waiting:
            self._tell_morning(situations, Act(user, now, identity.team if identity else ""))

    def _tell_morning(self, situations: Sequence[Situation], act: Act) -> None:
        backstage = self._backstage
        try:
            backstage.store.write(lambda unit: write_digest(unit, backstage.projects, situations, act))
        except Exception:
            logger.exception("the digest of %s could not be written", act.who)

    def _set(self, reminder: Reminder, now: datetime) -> None:
        rings_at = datetime.now(tz=reminder.due.tzinfo) + (reminder.due - now)
        self._scheduler.add_job(
            self.ring, DateTrigger(rings_at), [reminder.id], id=f"reminder:{reminder.id}", replace_existing=True
        )

    def ring(self, reminder_id: str) -> None:
        """Claim and say one reminder; a second ring finds it claimed."""
        backstage = self._backstage
        found = {one.id: one for one in backstage.store.read(lambda reader: reader.reminders.pending())}
        reminder = found.get(reminder_id)
        if reminder is None or reminder.due > backstage.clock():
            return
        deployment = backstage.store.read(lambda reader: reader.deployments.get(reminder.deployment_id))
        project = backstage.projects.get(deployment.project)
        if project is None:
            return
        act = backstage.act_on(deployment.id)
        try:
            backstage.store.write(lambda unit: remind(unit, project, act, reminder_id))
        except NotYetKnown as missing:
            backstage.look_up(missing)
        except Exception:
            # The unit was rolled back with its claim, so the next sweep tries again.
            logger.exception("reminder %s could not be said", reminder_id)

    def watch(self) -> None:
        """Queue readings: every few minutes before go, every three seconds while deploying or rolling back."""
        now = self._backstage.clock()
        for deployment in self._backstage.store.read(lambda reader: reader.deployments.open()):
            if self._wants_reading(deployment, now):
                self._queue_reading(deployment, now)
            if deployment.state is State.PREPARING and now - deployment.started_at >= MUTE_AFTER:
                self._break_silence(deployment)

    def _break_silence(self, deployment: Deployment) -> None:
        """A start whose reading never came is announced all the same: nobody else would say that it waits."""
        project, store = self._backstage.projects.get(deployment.project), self._backstage.store
        if project and not store.read(lambda reader: is_announced(reader, deployment)):
            act = self._backstage.act_on(deployment.id)
            store.write(lambda unit: announce(unit, project, act, deployment))

    def _wants_reading(self, deployment: Deployment, now: datetime) -> bool:
        every = {State.PREPARING: REREAD_EVERY, **dict.fromkeys(WATCHED, WATCH_EVERY)}
        project = self._backstage.projects.get(deployment.project)
        environment = project.environment(deployment.environment) if project else None
        if deployment.state not in every or project is None or environment is None:
            return False
        readable = environment.has_database or (deployment.state in _CHOOSING_FILES and project.has_migrations)
        last = deployment.history_read_at or deployment.started_at
        return readable and now - last >= every[deployment.state]

    def _queue_reading(self, deployment: Deployment, now: datetime) -> None:
        self._backstage.store.write(
            lambda unit: unit.results.queue(deployment.id, [PREFLIGHT_JOB], Purpose.WATCH, unit.new_id(), None, now)
        )
