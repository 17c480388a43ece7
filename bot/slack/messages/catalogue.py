"""Every message and view with its examples, a line each: what a test sends through Slack's limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from bot.slack.listeners.commands import help_of
from bot.slack.messages import (
    completion_form,
    dashboard,
    direct,
    everything,
    go_forms,
    hard_day_forms,
    home,
    item_forms,
    notice,
    phase,
    planned,
    planning_forms,
    private,
    reason_form,
    section,
    sign_off,
    status,
)
from bot.slack.messages.blocks import Rendered
from bot.slack.verbs import VERBS
from bot.usecases.verb import Verb

View = dict[str, Any]

_COMMANDS = [row.command for row in VERBS.values() if row.command]
_HELP = {"help": help_of("/deploy", _COMMANDS), "typo": help_of("/migrate", _COMMANDS, "stat", "status")}
_REASONS = {verb: reason_form.example(Verb(verb), row.why) for verb, row in VERBS.items() if row.why}

_DRAWN: Sequence[tuple[str, Callable[[Any], Rendered | View], Mapping[str, Any]]] = (
    ("dashboard", dashboard.render, dashboard.EXAMPLES),
    ("section", section.render, section.EXAMPLES),
    ("sign-off", sign_off.render, sign_off.EXAMPLES),
    ("blockers", status.blockers_render, status.BLOCKERS_EXAMPLES),
    ("status", status.render, status.EXAMPLES),
    ("home", home.view, home.EXAMPLES),
    ("item", item_forms.view, item_forms.EXAMPLES),
    ("everything", everything.view, everything.EXAMPLES),
    ("see everything", everything.subject_view, everything.SUBJECT_EXAMPLES),
    ("tick many", item_forms.many_view, item_forms.MANY_EXAMPLES),
    ("reason", reason_form.view, _REASONS),
    ("start", planning_forms.start_view, planning_forms.START_EXAMPLES),
    ("go", go_forms.go_view, go_forms.GO_EXAMPLES),
    ("break-glass", hard_day_forms.break_glass_view, hard_day_forms.BREAK_GLASS_EXAMPLES),
    ("completion", completion_form.view, completion_form.EXAMPLES),
    ("roll back", hard_day_forms.roll_back_view, hard_day_forms.ROLL_BACK_EXAMPLES),
    ("troubleshoot", hard_day_forms.troubleshoot_view, hard_day_forms.TROUBLESHOOT_EXAMPLES),
    ("add to record", reason_form.record_view, reason_form.RECORD_EXAMPLES),
    ("notice", notice.render, notice.EXAMPLES),
    ("phase", phase.render, phase.EXAMPLES),
    ("private", private.render, private.EXAMPLES),
    ("delegate", planning_forms.delegate_view, planning_forms.DELEGATE_EXAMPLES),
    ("picker", private.picker_render, private.PICKER_EXAMPLES),
    ("help", private.help_render, _HELP),
    ("moved files", go_forms.moved_view, go_forms.MOVED_EXAMPLES),
    ("range", planning_forms.range_view, planning_forms.RANGE_EXAMPLES),
    ("window", planning_forms.window_view, planning_forms.WINDOW_EXAMPLES),
    ("history", status.past_render, status.PAST_EXAMPLES),
    ("mine", home.mine_render, home.MINE_EXAMPLES),
    ("act", item_forms.act_view, item_forms.ACT_EXAMPLES),
    ("plan", planned.render, planned.EXAMPLES),
)


def examples() -> Iterator[tuple[str, Callable[[], Rendered | View]]]:
    """(name, how to draw it) of every message in every state."""
    for message, draw, states in _DRAWN:
        for state, facts in states.items():
            yield f"{message}, {state}", partial(draw, facts)
    for state, (draw_direct, facts) in direct.EXAMPLES.items():
        yield f"direct, {state}", partial(draw_direct, facts)
