"""Commands whose words say more than which deployment is meant: each becomes a click, or a form for what is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from bot.core.refusal import Refused
from bot.slack.inbound.answers import BACK, wish
from bot.slack.inbound.click import Asked
from bot.slack.inbound.commands import for_one, judged
from bot.slack.inbound.verb_row import Services
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.buttons import Target
from bot.slack.messages.direct import home, hours, private
from bot.usecases.books.units import PostReader
from bot.usecases.quiet import hours_facts
from bot.usecases.subscriptions import subscriptions_of
from bot.usecases.verb import Verb

_QUOTED = re.compile('["“”„«]([^"“”„«»]*)["“”»]')
_SPAN = re.compile(r"(.+?)(?:-|–|—|to|until)(.+)")
NO_HOURS = "“{words}” are no hours: write `{command} quiet 19:00-08:00`, or `{command} quiet off` for the team's."


def start(services: Services, asked: Asked) -> Rendered | None:
    """`start ENVIRONMENT [RANGE] ["TITLE"] [PROJECT]`; a form where the environment or a range it needs is missing."""
    title, unquoted = _titled(asked)
    project, rest = _named(services, unquoted)
    environment, range_text = "".join(rest[:1]), " ".join(rest[1:])
    fields = {"environment": environment, "range": range_text, "title": title}
    click = asked.click(Verb.START, Target(extra=project), **fields)
    is_clear = bool(environment) and (services.projects[project].has_migrations or bool(range_text))
    return judged(services, click) if is_clear else for_one(services, asked, click)


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
    return judged(services, asked.click(Verb.PLAN, Target(extra=project), environment=environment, range=range_text))


def delegate(services: Services, asked: Asked) -> Rendered | None:
    """`delegate [PROJECT]`: a form; `delegate ROLE @SOMEBODY until DAY` and `delegate ROLE back` at once.

    Raises Refused.
    """
    name, rest = _named(services, asked)
    if not rest:
        return for_one(services, asked, asked.click(Verb.DELEGATE, Target(extra=name)))
    if len(rest) == 2 and rest[1].lower() == BACK:
        return judged(services, asked.click(Verb.TAKE_BACK, Target(role=rest[0], extra=name)))
    names = services.sight.shown_to(asked.place.who, lambda reader: reader.people.names())
    fields = wish(rest, names, asked.place.at, services.projects[name].timezone)
    return judged(services, asked.click(Verb.DELEGATE, Target(extra=name), **fields))


def lock(services: Services, asked: Asked) -> Rendered | None:
    """`lock ENVIRONMENT [PROJECT] REASON until TIME`; a form where a part is missing. Raises Refused."""
    project, environment, rest = _placed(services, asked)
    said = _UNTIL.fullmatch(rest)
    fields = {"reason": said["why"].strip(), "until": said["until"]} if said else {"reason": rest}
    click = asked.click(Verb.LOCK, Target(extra=project, environment=environment), **fields)
    is_clear = bool(said and fields["reason"] and environment)
    return judged(services, click) if is_clear else for_one(services, asked, click)


def unlock(services: Services, asked: Asked) -> Rendered | None:
    """`unlock ENVIRONMENT [PROJECT] [REASON]`."""
    project, environment, rest = _placed(services, asked)
    if not environment:
        return private.say(f"Say which environment: `{services.command} unlock production`.")
    return judged(services, asked.click(Verb.UNLOCK, Target(extra=project, environment=environment), reason=rest))


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
    return judged(services, asked.click(Verb.SUBSCRIBE, Target(extra=project), environment=environment, event=event))


def unsubscribe(services: Services, asked: Asked) -> Rendered | None:
    """`unsubscribe [ENVIRONMENT [EVENT]] [PROJECT]`."""
    project, rest = _named(services, asked)
    what = " ".join(word.lower() for word in rest[:2])
    return judged(services, asked.click(Verb.UNSUBSCRIBE, Target(subject=what, extra=project)))


def subscribed(services: Services, asked: Asked) -> Rendered:
    """What the person hears of, each with the button that ends it."""

    def read(reader: PostReader) -> Rendered:
        return home.subscriptions_render(subscriptions_of(reader, services.projects, asked.place.who), services.command)

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
    return judged(services, asked.click(Verb.QUIET, Target(), **fields))


def _named(services: Services, asked: Asked) -> tuple[str, list[str]]:
    """The project that stands anywhere among the words, else the main one; and the other words."""
    rest = [word for word in asked.words[1:] if word not in services.projects]
    return next((word for word in asked.words[1:] if word in services.projects), services.main.name), rest
