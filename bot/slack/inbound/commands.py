"""The slash command, and the same words after a mention of the bot: messages from facts, forms, a choice."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bot.core.deployment import Deployment, State
from bot.core.refusal import NotYetKnown, Refused
from bot.core.typed import require_typed
from bot.slack.inbound.answers import BACK, status_of, wish
from bot.slack.inbound.click import Asked, Click, from_elsewhere, home_team
from bot.slack.inbound.dispatch import CHECKING, decide, declined, deployment_in_thread, judge, permalinks, say, team_of
from bot.slack.inbound.opening import opener_of
from bot.slack.inbound.presses import view_of
from bot.slack.inbound.verb_row import Command, Opener, Services
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.buttons import Target
from bot.slack.messages.direct import home, hours, private, status
from bot.slack.outbound.calling import open_form
from bot.usecases import views
from bot.usecases.books.units import PostReader
from bot.usecases.quiet import hours_facts
from bot.usecases.subscriptions import subscriptions_of
from bot.usecases.verb import Verb

NONE_OPEN = "No deployment is open. `{command} start production` starts one."
PRESS = "Press the button: a form opens."
NO_HOURS = "“{words}” are no hours: write `{command} quiet 19:00-08:00`, or `{command} quiet off` for the team's."
SHOWN = 15
AFTERWARDS = frozenset({"close", "lift"})
_MENTIONS = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
_QUOTED = re.compile('["“”„«]([^"“”„«»]*)["“”»]')
_SPAN = re.compile(r"(.+?)(?:-|–|—|to|until)(.+)")
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
    return _for_one(services, asked, asked.click(verb, Target(found[0].id)))


def _for_one(services: Services, asked: Asked, click: Click) -> Rendered | None:
    """What a press of the verb's button does, answered at once. Raises Refused."""
    row = services.verbs[click.verb]
    opener, shows = opener_of(row), row.shows
    if opener is not None:
        return _form(services, asked, click, opener)
    if shows is not None:
        return services.sight.shown_to(click.who, lambda reader: shows(reader, services, click))
    return _judged(services, click, row.command.done if row.command else "")


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


def _judged(services: Services, click: Click, done: str = "") -> Rendered | None:
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


def start(services: Services, asked: Asked) -> Rendered | None:
    """`start ENVIRONMENT [RANGE] ["TITLE"] [PROJECT]`; a form where the environment or a range it needs is missing."""
    title, unquoted = _titled(asked)
    project, rest = _named(services, unquoted)
    environment, range_text = "".join(rest[:1]), " ".join(rest[1:])
    fields = {"environment": environment, "range": range_text, "title": title}
    click = asked.click(Verb.START, Target(extra=project), **fields)
    is_clear = bool(environment) and (services.projects[project].has_migrations or bool(range_text))
    return _judged(services, click) if is_clear else _for_one(services, asked, click)


def _titled(asked: Asked) -> tuple[str, Asked]:
    """What stands in quotes, and the rest; a telephone makes them curly."""
    text = " ".join(asked.words)
    found = _QUOTED.search(text)
    if not found:
        return "", asked
    return found[1], replace(asked, words=tuple(f"{text[: found.start()]} {text[found.end() :]}".split()))


def plan(services: Services, asked: Asked) -> Rendered | None:
    """`plan ENVIRONMENT [RANGE] [PROJECT]`: asked here, answered privately when it is worked out."""
    project, rest = _named(services, asked)
    environment, range_text = "".join(rest[:1]), " ".join(rest[1:])
    if not environment:
        return private.say(f"Say for which environment: `{services.command} plan production`.")
    return _judged(services, asked.click(Verb.PLAN, Target(extra=project), environment=environment, range=range_text))


def delegate(services: Services, asked: Asked) -> Rendered | None:
    """`delegate [PROJECT]`: a form; `delegate ROLE @SOMEBODY until DAY` and `delegate ROLE back` at once.

    Raises Refused.
    """
    name, rest = _named(services, asked)
    if not rest:
        return _for_one(services, asked, asked.click(Verb.DELEGATE, Target(extra=name)))
    if len(rest) == 2 and rest[1].lower() == BACK:
        return _judged(services, asked.click(Verb.TAKE_BACK, Target(role=rest[0], extra=name)))
    names = services.sight.shown_to(asked.place.who, lambda reader: reader.people.names())
    fields = wish(rest, names, asked.place.at, services.projects[name].timezone)
    return _judged(services, asked.click(Verb.DELEGATE, Target(extra=name), **fields))


def lock(services: Services, asked: Asked) -> Rendered | None:
    """`lock ENVIRONMENT [PROJECT] REASON until TIME`; a form where a part is missing. Raises Refused."""
    project, environment, rest = _placed(services, asked)
    said = _UNTIL.fullmatch(rest)
    fields = {"reason": said["why"].strip(), "until": said["until"]} if said else {"reason": rest}
    click = asked.click(Verb.LOCK, Target(extra=project, environment=environment), **fields)
    is_clear = bool(said and fields["reason"] and environment)
    return _judged(services, click) if is_clear else _for_one(services, asked, click)


def unlock(services: Services, asked: Asked) -> Rendered | None:
    """`unlock ENVIRONMENT [PROJECT] [REASON]`."""
    project, environment, rest = _placed(services, asked)
    if not environment:
        return private.say(f"Say which environment: `{services.command} unlock production`.")
    return _judged(services, asked.click(Verb.UNLOCK, Target(extra=project, environment=environment), reason=rest))


_UNTIL = re.compile(r"(?P<why>.*)\buntil (?P<until>.+)", re.IGNORECASE)


def _placed(services: Services, asked: Asked) -> tuple[str, str, str]:
    """The project, which may follow the environment where there are several; the environment; and the rest."""
    environment, *rest = asked.words[1:] or ("",)
    is_named = len(services.projects) > 1 and bool(rest) and rest[0] in services.projects
    project = rest.pop(0) if is_named else services.main.name
    return project, environment, " ".join(rest)


def subscribe(services: Services, asked: Asked) -> Rendered | None:
    """`subscribe ENVIRONMENT EVENT [PROJECT]`; alone it lists what the person hears of."""
    project, rest = _named(services, asked)
    if not rest:
        return subscribed(services, asked)
    environment, event = [*(word.lower() for word in rest), ""][:2]
    return _judged(services, asked.click(Verb.SUBSCRIBE, Target(extra=project), environment=environment, event=event))


def unsubscribe(services: Services, asked: Asked) -> Rendered | None:
    """`unsubscribe [ENVIRONMENT [EVENT]] [PROJECT]`."""
    project, rest = _named(services, asked)
    what = " ".join(word.lower() for word in rest[:2])
    return _judged(services, asked.click(Verb.UNSUBSCRIBE, Target(subject=what, extra=project)))


def subscribed(services: Services, asked: Asked) -> Rendered:
    """What the person hears of, each with the button that ends it."""

    def read(reader: PostReader) -> Rendered:
        return home.subscriptions_render(subscriptions_of(reader, services.projects, asked.place.who), services.command)

    return services.sight.shown_to(asked.place.who, read)


def _named(services: Services, asked: Asked) -> tuple[str, list[str]]:
    """The project that stands anywhere among the words, else the main one; and the other words."""
    rest = [word for word in asked.words[1:] if word not in services.projects]
    return next((word for word in asked.words[1:] if word in services.projects), services.main.name), rest


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


def quiet(services: Services, asked: Asked) -> Rendered | None:
    """`quiet`: what holds; `quiet 19:00-08:00` and `quiet off`: their own hours, and back to the team's.

    Raises Refused.
    """
    who, words = asked.place.who, "".join(asked.words[1:]).lower()
    if not words:
        read = partial(hours_facts, project=services.main, user=who, now=services.clock())
        return hours.render(services.sight.shown_to(who, read), services.command)
    span = _SPAN.fullmatch(words)
    if span is None and words != "off":
        raise Refused(NO_HOURS.format(words=" ".join(asked.words[1:]), command=services.command))
    fields = {"start": span[1], "end": span[2]} if span else {}
    return _judged(services, asked.click(Verb.QUIET, Target(), **fields))


def helped(services: Services, _asked: Asked) -> Rendered:
    return private.help_render(*help_of(services.command, _commands(services)))


def _commands(services: Services) -> list[Command]:
    return [row.command for row in services.verbs.values() if row.command]


def help_of(name: str, commands: Sequence[Command]) -> tuple[str, Sequence[tuple[str, str]], Sequence[str]]:
    """The configured name and every command but help itself: with its line, or by name among the rest."""
    told = [(f"{each.name} {each.usage}".rstrip(), each.about) for each in commands if each.about]
    return name, told, [each.name for each in commands if not each.about and each.name != "help"]
