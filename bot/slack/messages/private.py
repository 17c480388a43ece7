"""What one person is told where they clicked: a refusal, an answer; and, where it helps, the button offered anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from bot.slack.ids import Target
from bot.slack.messages.blocks import Block, Rendered, actions
from bot.slack.messages.buttons import button, link_button
from bot.slack.messages.mrkdwn import Safe, user
from bot.slack.messages.wording import frozen, worded
from bot.slack.messages.words import named_short
from bot.usecases.verb import Verb

LINES = 30


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
    return worded("private", {**asdict(told), "lines": _lines(told.text)}, [*_buttons(told)])


def say(text: str, offers: Sequence[Mapping[str, str]] = (), *, permalink: str = "", reference: str = "") -> Rendered:
    """The same for an answer that is drawn at once."""
    return render({"text": text, "offers": offers, "permalink": permalink, "reference": reference})


def _lines(text: str) -> list[Safe]:
    return [user(line, 1000) for line in text.splitlines() if line.strip()][:LINES]


def _buttons(told: Private) -> list[Block]:
    offered = [
        button(Verb(each.verb), _target(each), _words(each)) for each in told.offers[:5] if each.verb in set(Verb)
    ]
    way = [link_button("Open the thread", told.permalink)] if told.permalink.startswith("https://") else []
    return actions([*_once(offered), *way])


def _words(offer: Offer) -> str:
    """The role that a decision is for stands on its button, also here."""
    role = named_short(offer.role)
    own = {Verb.SIGN: f"Sign as {role}", Verb.SECOND: f"Second for {role}"} if role else {}
    return offer.words or own.get(Verb(offer.verb), "")


def _once(buttons: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Slack refuses an action_id twice in one block."""
    return list({str(each["action_id"]): each for each in buttons}.values())


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
