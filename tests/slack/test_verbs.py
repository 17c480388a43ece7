"""Each verb is one row, and what is derived from the rows leaves nothing out."""

from __future__ import annotations

import re
from functools import partial
from inspect import signature

from bot.slack.inbound.commands import help_of
from bot.slack.inbound.verbs import VERBS
from bot.slack.messages.direct import private
from bot.usecases.verb import Verb

COMMANDS = [row.command for row in VERBS.values() if row.command]


def test_every_verb_has_a_row_that_does_something() -> None:
    assert set(VERBS) == set(Verb)
    idle = [
        verb
        for verb, row in VERBS.items()
        if not (row.act or row.form or row.shows or (row.command and row.command.answer))
    ]
    assert idle == []


def test_every_use_case_takes_what_its_row_reads_from_the_click() -> None:
    wrong = {}
    for verb, row in VERBS.items():
        if isinstance(row.act, partial):
            use_case, fields = row.act.args
            try:
                signature(use_case).bind("unit", "project", "act", *fields)
            except TypeError as error:
                wrong[verb] = str(error)
    assert wrong == {}


def test_every_command_of_help_is_a_row_and_every_row_is_in_help() -> None:
    text = private.help_render(*help_of("/deploy", COMMANDS)).text
    also = re.search(r"^Also: (.+)\.$", text, re.MULTILINE)
    assert also
    named = [*re.findall(r"^/deploy (\w+)", text, re.MULTILINE), *also[1].split(", "), "help"]
    assert sorted(named) == sorted(command.name for command in COMMANDS)
    assert len(named) == len(set(named))
