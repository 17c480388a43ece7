"""Which use case a verb is. A reader finds the act of every button, form, command and mention here."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.deployment import Outcome
from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.slack import verbs_planning
from bot.slack.click import Click
from bot.slack.services import Handler
from bot.usecases import (
    abort,
    acknowledge,
    asking,
    break_glass,
    complete,
    custody,
    go,
    hold,
    moved_files,
    roll_back,
    run_checks,
    sign_off,
    start,
    tick,
    troubleshoot,
)
from bot.usecases.act import Act, Answer
from bot.usecases.ports import Unit
from bot.usecases.verb import Verb

_FIELDS = ("date", "deployed_by", "environment", "versions", "lessons")


def _start(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return start.start(unit, project, act, click.text("environment"), click.text("range"))


def _join(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return start.join(unit, project, act, click.target.deployment)


def _tick(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return tick.tick(unit, project, act, click.target.deployment, click.target.item, click.text("reason"))


def _tick_many(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return tick.tick_many(unit, project, act, click.target.deployment, click.ticked())


def _undo(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return tick.undo(unit, project, act, click.target.deployment, click.target.item)


def _not_applicable(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    target = click.target
    return tick.not_applicable(unit, project, act, target.deployment, target.item, click.text("reason"))


def _note(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    item = click.target.item or click.text("item")
    return tick.note(unit, project, act, click.target.deployment, item, click.text("reason"))


def _assign(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return tick.assign(unit, project, act, click.target.deployment, click.target.item, click.text("person"))


def _override(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    """The target's subject names the answers that the person saw."""
    target = click.target
    seen = frozenset(filter(None, target.subject.split(",")))
    return tick.override(unit, project, act, target.deployment, target.item, click.text("reason"), seen)


def _run_checks(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    target = click.target
    return run_checks.run_checks(unit, project, act, target.deployment, target.section, target.item)


def _ask_now(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return asking.ask_now(unit, project, act, click.target.deployment, anyway=click.target.extra == "anyway")


def _sign(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    target = click.target
    return sign_off.sign(unit, project, act, target.deployment, target.role, target.subject, click.text("comment"))


def _second(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    target = click.target
    return sign_off.second(unit, project, act, target.deployment, target.role, target.subject)


def _reject(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    target = click.target
    return sign_off.reject(unit, project, act, target.deployment, target.role, target.subject, click.text("reason"))


def _withdraw(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return sign_off.withdraw(unit, project, act, click.target.deployment, click.target.role)


def _clear_rejection(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    target = click.target
    return sign_off.clear_rejection(unit, project, act, target.deployment, target.role, click.text("reason"))


def _not_required(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    target = click.target
    return sign_off.not_required(
        unit, project, act, target.deployment, target.role, target.subject, click.text("reason")
    )


def _go(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return go.ask_go(unit, project, act, click.target.deployment, click.target.subject)


def _hold(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return hold.hold(unit, project, act, click.target.deployment, click.text("reason"))


def _retry(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return hold.retry(unit, project, act, click.target.deployment)


def _complete(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    """Raises Refused for a result that no form offers."""
    result = click.text("result")
    if result not in set(Outcome):
        raise Refused("Choose how it ended.")
    fields = {name: click.text(name) for name in _FIELDS}
    return complete.complete(unit, project, act, click.target.deployment, Outcome(result), click.text("notes"), fields)


def _abort(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return abort.abort(unit, project, act, click.target.deployment, click.text("reason"))


def _roll_back(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    target, way = click.target, click.text("choice")
    return roll_back.roll_back(unit, project, act, target.deployment, way, click.text("reason"))


def _troubleshoot(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return troubleshoot.troubleshoot(unit, project, act, click.target.deployment, click.text("list"))


def _break_glass(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    target, reason, typed = click.target, click.text("reason"), click.text("environment")
    return break_glass.break_glass(unit, project, act, target.deployment, target.subject, reason, typed)


def _review_glass(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return break_glass.review_glass(unit, project, act, click.target.deployment, click.text("reason"))


def _take_over(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return custody.take_over(unit, project, act, click.target.deployment, click.text("reason"))


def _park(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return custody.park(unit, project, act, click.target.deployment, click.text("reason"))


def _unpark(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return custody.unpark(unit, project, act, click.target.deployment)


def _use_new_files(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return moved_files.use_new_files(unit, project, act, click.target.deployment, click.target.subject)


def _stay(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return moved_files.stay(unit, project, act, click.target.deployment, click.target.subject)


def _close(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return complete.close(unit, project, act, click.target.deployment, click.text("reason"))


def _lift(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return complete.lift(unit, project, act, click.target.deployment)


def _acknowledge(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return acknowledge.acknowledge(unit, project, act, click.target.notice)


HANDLERS: Mapping[str, Handler] = {
    Verb.START: _start,
    Verb.JOIN: _join,
    Verb.TICK: _tick,
    Verb.TICK_MANY: _tick_many,
    Verb.UNDO: _undo,
    Verb.NOT_APPLICABLE: _not_applicable,
    Verb.NOTE: _note,
    Verb.ASSIGN: _assign,
    Verb.OVERRIDE: _override,
    Verb.RUN_CHECKS: _run_checks,
    Verb.RUN_CHECK: _run_checks,
    Verb.ASK_NOW: _ask_now,
    Verb.SIGN: _sign,
    Verb.SECOND: _second,
    Verb.REJECT: _reject,
    Verb.WITHDRAW: _withdraw,
    Verb.CLEAR_REJECTION: _clear_rejection,
    Verb.NOT_REQUIRED: _not_required,
    Verb.GO: _go,
    Verb.HOLD: _hold,
    Verb.RETRY: _retry,
    Verb.COMPLETE: _complete,
    Verb.ABORT: _abort,
    Verb.ROLL_BACK: _roll_back,
    Verb.ACKNOWLEDGE: _acknowledge,
    Verb.TROUBLESHOOT: _troubleshoot,
    Verb.BREAK_GLASS: _break_glass,
    Verb.REVIEW_GLASS: _review_glass,
    Verb.TAKE_OVER: _take_over,
    Verb.PARK: _park,
    Verb.UNPARK: _unpark,
    Verb.USE_NEW_FILES: _use_new_files,
    Verb.STAY: _stay,
    Verb.CLOSE: _close,
    Verb.LIFT: _lift,
    Verb.DELEGATE: verbs_planning.delegate_role,
    Verb.TAKE_BACK: verbs_planning.take_back,
    Verb.ADD_TO_RECORD: verbs_planning.keep_note,
    Verb.GIVE_RANGE: verbs_planning.give_range,
    Verb.PLAN: verbs_planning.plan_it,
    Verb.RUN_ACT: verbs_planning.run_short_act,
    Verb.SET_WINDOW: verbs_planning.set_window,
}
