"""Every message and view with its examples, a line each: what a test sends through Slack's limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from bot.slack.listeners.commands import help_of
from bot.slack.messages import (
    act_form,
    add_to_record,
    blockers,
    break_glass_form,
    completion_form,
    dashboard,
    delegate_form,
    direct,
    everything,
    go_form,
    help,
    home,
    item_modal,
    mine,
    moved_form,
    notice,
    past,
    phase,
    picker,
    planned,
    planning_forms,
    private,
    reason_form,
    roll_back_form,
    section,
    see_everything,
    sign_off,
    start_form,
    status,
    tick_many,
    troubleshoot_form,
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
    ("blockers", blockers.render, blockers.EXAMPLES),
    ("status", status.render, status.EXAMPLES),
    ("home", home.view, home.EXAMPLES),
    ("item", item_modal.view, item_modal.EXAMPLES),
    ("everything", everything.view, everything.EXAMPLES),
    ("see everything", see_everything.view, see_everything.EXAMPLES),
    ("tick many", tick_many.view, tick_many.EXAMPLES),
    ("reason", reason_form.view, _REASONS),
    ("start", start_form.view, start_form.EXAMPLES),
    ("go", go_form.view, go_form.EXAMPLES),
    ("break-glass", break_glass_form.view, break_glass_form.EXAMPLES),
    ("completion", completion_form.view, completion_form.EXAMPLES),
    ("roll back", roll_back_form.view, roll_back_form.EXAMPLES),
    ("troubleshoot", troubleshoot_form.view, troubleshoot_form.EXAMPLES),
    ("add to record", add_to_record.view, add_to_record.EXAMPLES),
    ("notice", notice.render, notice.EXAMPLES),
    ("phase", phase.render, phase.EXAMPLES),
    ("private", private.render, private.EXAMPLES),
    ("delegate", delegate_form.view, delegate_form.EXAMPLES),
    ("picker", picker.render, picker.EXAMPLES),
    ("help", help.render, _HELP),
    ("moved files", moved_form.view, moved_form.EXAMPLES),
    ("range", planning_forms.range_view, planning_forms.RANGE_EXAMPLES),
    ("window", planning_forms.window_view, planning_forms.WINDOW_EXAMPLES),
    ("history", past.render, past.EXAMPLES),
    ("mine", mine.render, mine.EXAMPLES),
    ("act", act_form.view, act_form.EXAMPLES),
    ("plan", planned.render, planned.EXAMPLES),
)


def examples() -> Iterator[tuple[str, Callable[[], Rendered | View]]]:
    """(name, how to draw it) of every message in every state."""
    for message, draw, states in _DRAWN:
        for state, facts in states.items():
            yield f"{message}, {state}", partial(draw, facts)
    for state, (draw_direct, facts) in direct.EXAMPLES.items():
        yield f"direct, {state}", partial(draw_direct, facts)
