"""The slash command, and the same words after a mention of the bot: messages from facts, forms, a choice."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.core.deployment import Deployment, State
from bot.core.refusal import NotYetKnown, Refused
from bot.core.typed import require_typed
from bot.slack.inbound.answers import status_of
from bot.slack.inbound.click import Asked, Click, from_elsewhere, home_team
from bot.slack.inbound.dispatch import CHECKING, decide, declined, deployment_in_thread, judge, permalinks, say, team_of
from bot.slack.inbound.opening import opener_of
from bot.slack.inbound.presses import view_of
from bot.slack.inbound.verb_row import Command, Opener, Services
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.buttons import Target
from bot.slack.messages.direct import home, private, status
from bot.slack.outbound.calling import open_form
from bot.usecases import views
from bot.usecases.books.units import PostReader
from bot.usecases.verb import Verb

NONE_OPEN = "No deployment is open. `{command} start production` starts one."
PRESS = "Press the button: a form opens."
SHOWN = 15
AFTERWARDS = frozenset({"close", "lift"})
_MENTIONS = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
_LABEL = re.compile(r"(?:(?P<project>[\w.-]+)/)?#?(?P<number>\d{1,9})")


def asked_by(services: Services, body: Mapping[str, Any]) -> Asked:
    """What a slash command asks. Slack sends no thread: it takes no slash commands there."""
    place = Click(
        verb="",
        target=Target(),
        who=str(body["user_id"]),
        home_team=str(body.get("team_id") or ""),
        at=services.clock(),
        channel=str(body.get("channel_id") or ""),
    )
    return Asked(tuple(str(body.get("text") or "").split()), place, str(body.get("trigger_id") or ""))


def mention(services: Services, body: Mapping[str, Any]) -> None:
    """`@gonogo blockers`, or in a direct message `blockers`, does what the command does; told privately.

    In a deployment's thread it is about that deployment.
    """
    event = body["event"]
    if event.get("bot_id") or not event.get("user"):
        return
    place = replace(
        from_elsewhere(body, services.clock()),
        home_team=str(event.get("user_team") or event.get("team") or home_team(body)),
        event_id=str(body.get("event_id") or ""),
    )
    asked = Asked(tuple(_MENTIONS.sub(" ", str(event.get("text") or "")).split()), place)
    message = answer(services, asked)
    if message is not None:
        say(services, place, message)


def answer(services: Services, asked: Asked) -> Rendered | None:
    """What is told at once, privately; None where a form or a repaint is the answer.

    A word that is no command is answered with the nearest that is one.
    """
    try:
        require_typed({"command": " ".join(asked.words)})
        word = asked.words[0].lower() if asked.words else "help"
        known = {row.command.name: verb for verb, row in services.verbs.items() if row.command}
        if word not in known:
            told = help_of(services.command, _commands(services))
            near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
            return private.help_render(*told, asked.words[0][:40], "".join(near))
        return _answered(services, asked, known[word])
    except Refused as refusal:
        return private.say(refusal.sentence)


def _answered(services: Services, asked: Asked, verb: str) -> Rendered | None:
    """About the one deployment that is meant, or the person chooses. Raises Refused."""
    command = services.verbs[verb].command
    if command and command.answer:
        return command.answer(services, asked)
    found = services.sight.shown_to(asked.place.who, lambda reader: meant(reader, services, asked))
    if not found:
        return private.say(NONE_OPEN.format(command=services.command))
    if len(found) > 1:
        return private.picker_render(Verb(verb), found)
    return for_one(services, asked, asked.click(verb, Target(found[0].id)))


def for_one(services: Services, asked: Asked, click: Click) -> Rendered | None:
    """What a press of the verb's button does, answered at once. Raises Refused."""
    row = services.verbs[click.verb]
    opener, shows = opener_of(row), row.shows
    if opener is not None:
        return _form(services, asked, click, opener)
    if shows is not None:
        return services.sight.shown_to(click.who, lambda reader: shows(reader, services, click))
    return judged(services, click, row.command.done if row.command else "")


def _form(services: Services, asked: Asked, click: Click, opener: Opener) -> Rendered | None:
    """The form; where none can be opened, the button that opens it."""
    if not asked.trigger_id:
        return _offered(click)
    failure = open_form(services.clients.opening, asked.trigger_id, view_of(services, click, opener))
    return private.say(failure) if failure else None


def _offered(click: Click, text: str = PRESS) -> Rendered:
    target = click.target
    about = {"deployment": target.deployment, "environment": target.environment, "extra": target.extra}
    return private.say(text, [{"verb": click.verb, **about}])


def judged(services: Services, click: Click, done: str = "") -> Rendered | None:
    """Judges and tells at once; `done` where the use case says nothing."""
    verdict = judge(services, click, decide)
    if isinstance(verdict, NotYetKnown):
        return private.say(CHECKING)
    if isinstance(verdict, Refused):
        return _offered(click, verdict.sentence) if verdict.wants_reason else declined(services, click, verdict)
    text = verdict.text or done
    return private.say(text, verdict.offers) if text else None


def meant(reader: PostReader, services: Services, asked: Asked) -> tuple[Deployment, ...]:
    """The deployment that is named, or whose thread this is, or the person's own open ones, or all open ones.

    Of several those before completion, or those after it for a command that comes then.

    Raises Refused for a number that is no deployment.
    """
    words = asked.words[1:]
    for word in words:
        label = _LABEL.fullmatch(word)
        if label:
            return (_numbered(reader, services, asked, label["project"], int(label["number"])),)
    here = deployment_in_thread(reader, asked.place.channel, asked.place.thread_ts)
    if here:
        return (reader.deployments.get(here),)
    named = [one for one in reader.deployments.open() if one.environment in words]
    mine = tuple(named) or views.deployments_of(reader, asked.place.who)
    fitting = tuple(one for one in mine if (one.state is State.VERIFYING) is (asked.words[0].lower() in AFTERWARDS))
    return fitting or mine or reader.deployments.open()


def _numbered(reader: PostReader, services: Services, asked: Asked, project: str | None, number: int) -> Deployment:
    team = team_of(services, asked.place)
    found = reader.deployments.by_number(team, project or services.main.name, number)
    if found is None:
        raise Refused(f"There is no deployment {f'{project}/' if project else ''}{number}.")
    return found


def standing(services: Services, asked: Asked) -> Rendered:
    """Where the deployment of this thread, of this number, or every open one stands. Raises Refused."""

    def read(reader: PostReader) -> Rendered:
        is_named = len(asked.words) > 1 or asked.place.thread_ts
        return status_of(reader, services, meant(reader, services, asked) if is_named else reader.deployments.open())

    return services.sight.shown_to(asked.place.who, read)


def mine(services: Services, asked: Asked) -> Rendered:
    """What waits for this person, and their own open deployments."""

    def read(reader: PostReader) -> Rendered:
        facts = views.home(reader, services.projects, asked.place.who, services.clock())
        own = {one.id for one in views.deployments_of(reader, asked.place.who)}
        shown = tuple(each for each in facts.open if each.deployment.id in own)
        links = permalinks(reader, services.who.url, own | {one.deployment.id for one in facts.work})
        return home.mine_render(replace(facts, open=shown, permalinks=links))

    return services.sight.shown_to(asked.place.who, read)


def history(services: Services, asked: Asked) -> Rendered:
    """`history [ENVIRONMENT]`: the last deployments, newest first."""

    def read(reader: PostReader) -> Rendered:
        found = views.past(reader, SHOWN, "".join(asked.words[1:2]))
        links = permalinks(reader, services.who.url, [one.deployment.id for one in found])
        return status.past_render(found, links)

    return services.sight.shown_to(asked.place.who, read)


def helped(services: Services, _asked: Asked) -> Rendered:
    return private.help_render(*help_of(services.command, _commands(services)))


def _commands(services: Services) -> list[Command]:
    return [row.command for row in services.verbs.values() if row.command]


def help_of(name: str, commands: Sequence[Command]) -> tuple[str, Sequence[tuple[str, str]], Sequence[str]]:
    """The configured name and every command but help itself: with its line, or by name among the rest."""
    told = [(f"{each.name} {each.usage}".rstrip(), each.about) for each in commands if each.about]
    return name, told, [each.name for each in commands if not each.about and each.name != "help"]
