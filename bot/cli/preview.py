"""`gonogo preview`: every message as people read it, with the team's own words, audiences and settings in force."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.terminal import config_option, oneline, refuse, settings_if_any, use_own_words

if TYPE_CHECKING:
    from bot.core.team import Project
    from bot.slack.messages.blocks import Rendered
    from bot.slack.outbound.calling import View


@click.command()
@click.argument("name", required=False, default="")
@click.option("--json", "as_json", is_flag=True, help="Print the blocks that Slack is sent.")
@config_option
def preview(name: str, as_json: bool, config: Path | None) -> None:
    """Print every message in each of its states, or those whose NAME begins so: notice, "notice, support", direct.

    Nothing is sent, and no database is asked. The deployment in them is always the same one, and invented.
    """
    settings = settings_if_any(config)
    projects: Mapping[str, Project] = settings.projects() if settings else {}
    if settings:
        use_own_words(settings)
    drawn = dict(_drawn(projects))
    chosen = {each: message for each, message in drawn.items() if each.casefold().startswith(name.casefold())}
    if not chosen:
        refuse(_unknown(name, drawn))
    click.echo(_json(chosen) if as_json else "\n".join(_pages(chosen, projects)))


def _drawn(projects: Mapping[str, Project]) -> Iterator[tuple[str, Rendered | View]]:
    from bot.slack.messages.catalogue import examples
    from bot.slack.messages.own_words import sets_of

    command = next((project.command for project in projects.values()), "/deploy")
    for name, draw in examples(sets_of(projects), command):
        yield name, draw()


def _unknown(name: str, drawn: Mapping[str, object]) -> str:
    from bot.settings.faults import did_you_mean

    kinds = dict.fromkeys(each.partition(", ")[0] for each in drawn)
    near = did_you_mean(name, [*kinds, *drawn])
    return f"no message is called {oneline(name)}" + (f"; {near}" if near else f": there are {', '.join(kinds)}")


def _json(drawn: Mapping[str, Rendered | View]) -> str:
    from bot.slack.messages.blocks import Rendered

    def plain(message: Rendered | View) -> Mapping[str, Any]:
        return {"text": message.text, "blocks": message.blocks} if isinstance(message, Rendered) else message

    messages = [{"name": name, **plain(message)} for name, message in drawn.items()]
    return json.dumps(messages, ensure_ascii=False, indent=1)


def _pages(drawn: Mapping[str, Rendered | View], projects: Mapping[str, Project]) -> Iterator[str]:
    from bot.slack.messages.reading import lines_of

    readers = _readers(projects)
    for name, message in drawn.items():
        kind, _, rest = name.partition(", ")
        words = rest.partition(", ")[0]
        who = readers.get(words if words in readers else "", "") if kind == "notice" else ""
        yield f"── {name}{f' · read by {who}' if who else ''} ──"
        yield from (f"  {line}".rstrip() for line in lines_of(message))
        yield ""


def _readers(projects: Mapping[str, Project]) -> dict[str, str]:
    """By set of words: which audiences of which environments read it."""
    found: dict[str, dict[str, None]] = {}
    for project in projects.values():
        for place in project.environments.values():
            for audience in place.audiences:
                found.setdefault(audience.words, {})[f"{audience.name} of {place.name}"] = None
    return {words: ", ".join(names) for words, names in found.items()}
