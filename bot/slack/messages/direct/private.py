"""What one person is told where they clicked or typed: an answer or a refusal, a choice of deployments, help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from bot.core.deployment import Deployment
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, Rendered, Safe, actions, context, option, rendered, section, select, user
from bot.slack.messages.buttons import MENU, Target, button, encode, thread_button
from bot.slack.messages.wording import frozen, worded
from bot.slack.messages.words import named_short, plain_titled, state_word
from bot.usecases.verb import Verb

LINES = 30
CHOICES = 40


@dataclass(frozen=True)
class Offer:
    """A button that may be pressed again: a verb's word and its target."""

    verb: str
    deployment: str = ""
    item: str = ""
    role: str = ""
    subject: str = ""
    extra: str = ""
    words: str = ""


@dataclass(frozen=True)
class Private:
    """The facts of a `private` row. `text` is a plain sentence, or several on lines of their own."""

    text: str = ""
    offers: Sequence[Offer] = field(default_factory=tuple)
    permalink: str = ""
    reference: str = ""


def render(facts: Mapping[str, object]) -> Rendered:
    """Everything in `text` is escaped: it may quote people, and mentions nobody."""
    told = frozen(Private, facts)
    lines = [user(line, 1000) for line in told.text.splitlines() if line.strip()]
    return worded("private", {**asdict(told), "lines": lines[:LINES]}, _buttons(told))


def say(text: str, offers: Sequence[Mapping[str, str]] = (), *, permalink: str = "", reference: str = "") -> Rendered:
    """The same for an answer that is drawn at once."""
    return render({"text": text, "offers": offers, "permalink": permalink, "reference": reference})


def _buttons(told: Private) -> list[Block]:
    """Each verb once: Slack refuses an action_id twice in one block."""
    offers = {each.verb: each for each in told.offers[:5] if each.verb in set(Verb)}
    offered = [button(Verb(each.verb), _target(each), _words(each)) for each in offers.values()]
    return actions([*offered, thread_button(told.permalink)])


def _words(offer: Offer) -> str:
    """The role that a decision is for stands on its button, also here."""
    role = named_short(offer.role)
    own = {Verb.SIGN: f"Sign as {role}", Verb.SECOND: f"Second for {role}"} if role else {}
    return offer.words or own.get(Verb(offer.verb), "")


def _target(offer: Offer) -> Target:
    return Target(offer.deployment, offer.item, role=offer.role, subject=offer.subject, extra=offer.extra)


EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "refused": {"text": "You are a deployer of this deployment: somebody else has to approve.", "user": "U0ANN"},
    "changed": {
        "text": "Nothing was recorded: 00009 changed since you looked.\n00009_index_open_orders.up.sql: 2 lines more",
        "offers": [{"verb": "sign", "deployment": "d0", "role": "dba", "subject": "5" * 64, "words": "Approve as DBA"}],
    },
    "asleep": {
        "text": "Asked. In quiet hours, so asked in the morning: Devi Patel.",
        "offers": [{"verb": "ask_now", "deployment": "d0", "extra": "anyway", "words": "Ask anyway"}],
    },
    "fault": {"text": "gonogo has a fault of its own; your click was not recorded.", "reference": "8f2c"},
    "elsewhere": {
        "text": "production is held by deployment 11 of Bo Larsen since today 13:10.",
        "permalink": "https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100",
        "offers": [{"verb": "join", "deployment": "d0"}, {"verb": "take_over", "deployment": "d0"}],
    },
}


@dataclass(frozen=True)
class Picker:
    """What is to be done, and the deployments it may be done to (the first 40 are offered)."""

    verb: Verb
    deployments: tuple[Deployment, ...]


def picker_render(facts: Picker) -> Rendered:
    """Told privately; a choice is a click on *More …*: its value has the deployment and the verb."""
    if not facts.deployments:
        return rendered("No deployment is open.", [section("No deployment is open.")])
    words = f"*{facts.verb.words}* Which deployment?"
    choices = [
        option(
            f"{each.label} · {plain_titled(each)} · {state_word(each)}", encode(Target(each.id, extra=str(facts.verb)))
        )
        for each in facts.deployments[:CHOICES]
    ]
    hidden = len(facts.deployments) - CHOICES
    more = [context(f"and {hidden} more · give the number: status 12")] if hidden > 0 else []
    return rendered(words, [section(words), *actions([select(MENU, "Choose a deployment …", choices)]), *more])


PICKER_EXAMPLES: Mapping[str, Picker] = {
    "two": Picker(Verb.COMPLETE, (samples.PREPARING, replace(samples.DEPLOYING, id="d1", number=13))),
    "none": Picker(Verb.STATUS, ()),
    "many": Picker(Verb.STATUS, tuple(replace(samples.PREPARING, id=f"d{n}", number=n) for n in range(140))),
}


@dataclass(frozen=True)
class Help:
    """`command` is its configured name, `lines` are (how to type it, what it does), `also` the names of the rest.

    `wrong` is what was typed and not understood, `nearest` what was meant. In a line {command} is the configured name.
    """

    command: str
    lines: tuple[tuple[str, str], ...]
    also: tuple[str, ...]
    wrong: str = ""
    nearest: str = ""


def help_render(facts: Help) -> Rendered:
    """Told privately. The lines are words of ours: their backticks stay."""
    lines = [(typed, Safe(about.format(command=user(facts.command)))) for typed, about in facts.lines]
    return worded("help", {**vars(facts), "lines": lines})
