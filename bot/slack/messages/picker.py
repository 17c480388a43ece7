"""Which deployment is meant: for a command without a number from somebody with several open ones, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.core.deployment import Deployment
from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import Rendered, actions, context, option, rendered, section, select
from bot.slack.messages.buttons import MENU
from bot.slack.messages.words import plain_titled, state_word
from bot.usecases.verb import Verb

SHOWN = 40


@dataclass(frozen=True)
class Picker:
    """What is to be done, and the deployments it may be done to (the first 40 are offered)."""

    verb: Verb
    deployments: tuple[Deployment, ...]


def render(facts: Picker) -> Rendered:
    """Told privately; a choice is a click on *More …*: its value has the deployment and the verb."""
    if not facts.deployments:
        return rendered("No deployment is open.", [section("No deployment is open.")])
    words = f"*{facts.verb.words}* Which deployment?"
    choices = [
        option(_words(each), encode(Target(each.id, extra=str(facts.verb)))) for each in facts.deployments[:SHOWN]
    ]
    hidden = len(facts.deployments) - SHOWN
    more = [context(f"and {hidden} more · give the number: status 12")] if hidden > 0 else []
    return rendered(words, [section(words), *actions([select(MENU, "Choose a deployment …", choices)]), *more])


def _words(deployment: Deployment) -> str:
    return f"{deployment.label} · {plain_titled(deployment)} · {state_word(deployment)}"


EXAMPLES: Mapping[str, Picker] = {
    "two": Picker(Verb.COMPLETE, (samples.PREPARING, replace(samples.DEPLOYING, id="d1", number=13))),
    "none": Picker(Verb.STATUS, ()),
    "many": Picker(Verb.STATUS, tuple(replace(samples.PREPARING, id=f"d{n}", number=n) for n in range(140))),
}
