"""Every message and view with its examples, a line each: what a test sends through Slack's limits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from bot.slack.inbound.commands import help_of
from bot.slack.inbound.verbs import VERBS
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.direct import asked, digest, home, hour, hours, personal, private, status, work
from bot.slack.messages.forms import completion, everything, going, hard_day, item, planning, reason, sql
from bot.slack.messages.thread import dashboard, notice, phase, section, sign_off
from bot.slack.outbound.calling import View
from bot.usecases.verb import Verb

_COMMANDS = [row.command for row in VERBS.values() if row.command]
_REASONS = {verb: reason.example(Verb(verb), row.why) for verb, row in VERBS.items() if row.why}

_DRAWN: Sequence[tuple[str, Callable[..., Rendered | View], Mapping[str, Any]]] = (
    ("dashboard", dashboard.render, dashboard.EXAMPLES),
    ("section", section.render, section.EXAMPLES),
    ("sign-off", sign_off.render, sign_off.EXAMPLES),
    ("asked", asked.render, asked.EXAMPLES),
    ("digest", digest.render, digest.EXAMPLES),
    ("hour", hour.render, hour.EXAMPLES),
    ("given", work.render, work.EXAMPLES),
    ("give", item.give_view, item.GIVE_EXAMPLES),
    ("blockers", status.blockers_render, status.BLOCKERS_EXAMPLES),
    ("status", status.render, status.EXAMPLES),
    ("home", home.view, home.EXAMPLES),
    ("item", item.view, item.EXAMPLES),
    ("everything", everything.view, everything.EXAMPLES),
    ("see everything", everything.subject_view, everything.SUBJECT_EXAMPLES),
    ("SQL", sql.view, sql.EXAMPLES),
    ("tick many", item.many_view, item.MANY_EXAMPLES),
    ("reason", reason.view, _REASONS),
    ("start", planning.start_view, planning.START_EXAMPLES),
    ("go", going.go_view, going.GO_EXAMPLES),
    ("break-glass", hard_day.break_glass_view, hard_day.BREAK_GLASS_EXAMPLES),
    ("completion", completion.view, completion.EXAMPLES),
    ("roll back", hard_day.roll_back_view, hard_day.ROLL_BACK_EXAMPLES),
    ("troubleshoot", hard_day.troubleshoot_view, hard_day.TROUBLESHOOT_EXAMPLES),
    ("add to record", reason.record_view, reason.RECORD_EXAMPLES),
    ("notice", notice.render, notice.EXAMPLES),
    ("phase", phase.render, phase.EXAMPLES),
    ("lists of a phase", phase.render_lists, phase.LISTS_EXAMPLES),
    ("list", everything.section_view, section.EXAMPLES),
    ("private", private.render, private.EXAMPLES),
    ("delegate", planning.delegate_view, planning.DELEGATE_EXAMPLES),
    ("picker", private.picker_render, private.PICKER_EXAMPLES),
    ("moved files", going.moved_view, going.MOVED_EXAMPLES),
    ("range", planning.range_view, planning.RANGE_EXAMPLES),
    ("lock", planning.lock_view, planning.LOCK_EXAMPLES),
    ("title", planning.title_view, planning.TITLE_EXAMPLES),
    ("hand over", planning.hand_over_view, planning.HAND_OVER_EXAMPLES),
    ("window", planning.window_view, planning.WINDOW_EXAMPLES),
    ("history", status.past_render, status.PAST_EXAMPLES),
    ("subscriptions", home.subscriptions_render, home.SUBSCRIPTIONS_EXAMPLES),
    ("mine", home.mine_render, home.MINE_EXAMPLES),
    ("act", item.act_view, item.ACT_EXAMPLES),
    ("quiet hours", partial(hours.render, command="/deploy"), hours.EXAMPLES),
    ("own quiet hours", hours.view, hours.EXAMPLES),
    ("add a line", item.add_view, item.ADD_EXAMPLES),
    ("plan", private.plan_render, private.PLAN_EXAMPLES),
)


def examples(
    sets: Collection[str] = (), command: str = "/deploy"
) -> Iterator[tuple[str, Callable[[], Rendered | View]]]:
    """(name, how to draw it) of every message in every state; notices in these `sets` of words beside those that ship.

    `command` is what people type.
    """
    told = help_of(command, _COMMANDS)
    helps = ("help", private.help_render, {"help": told, "typo": (*told, "stat", "status")})
    voices = [("notice", notice.render, notice.examples_in(words)) for words in sorted({*notice.SETS, *sets})]
    for message, draw, states in (*_DRAWN, *voices, helps):
        for state, facts in states.items():
            yield f"{message}, {state}", partial(draw, *facts) if isinstance(facts, tuple) else partial(draw, facts)
    for state, (draw_direct, facts) in personal.EXAMPLES.items():
        yield f"direct, {state}", partial(draw_direct, facts)
