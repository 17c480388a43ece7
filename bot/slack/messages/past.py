"""`/deploy history`: the last deployments, how long each took, and how long each role was waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, Rendered, rendered, section, sections_within
from bot.slack.messages.mrkdwn import day_and_time, link, user
from bot.slack.messages.words import named_short, state_word, titled
from bot.usecases.facts import Past
from bot.usecases.views.rolling_back import in_words

BLOCKS = 3


@dataclass(frozen=True)
class History:
    """Newest first; `permalinks` by deployment id."""

    past: tuple[Past, ...]
    permalinks: Mapping[str, str] = field(default_factory=dict)


def render(facts: History) -> Rendered:
    """Told privately, mentions nobody."""
    return rendered("The last deployments", _blocks(facts))


def _blocks(facts: History) -> Iterator[Block]:
    if not facts.past:
        yield section("There is none yet.")
        return
    lines = [line for one in facts.past for line in _lines(one, facts.permalinks.get(one.deployment.id, ""))]
    yield from sections_within(lines, BLOCKS, "give an environment: history production")


def _lines(one: Past, address: str) -> Iterator[str]:
    deployment = one.deployment
    way = f" · {link(address, 'thread')}" if address else ""
    started = day_and_time(deployment.started_at)
    yield f"{user(deployment.label)}  {titled(deployment)}  {state_word(deployment)} · started {started}{way}"
    spans = [f"start to go {in_words(one.to_go)}" if one.to_go is not None else ""]
    spans.append(f"go to completion {in_words(one.ran)}" if one.ran is not None else "")
    waits = sorted(one.waits.items(), key=lambda pair: pair[1], reverse=True)
    spans += [f"waited {in_words(span)} for {user(named_short(role), 40)}" for role, span in waits[:6]]
    told = " · ".join(span for span in spans if span)
    if told:
        yield f"      {told}"


_PAST = Past(
    samples.DEPLOYING,
    timedelta(hours=2),
    timedelta(minutes=18),
    {"dba": timedelta(minutes=95), "backend": timedelta(minutes=4)},
)
EXAMPLES: Mapping[str, History] = {
    "two": History((_PAST, Past(samples.PREPARING)), {samples.PREPARING.id: "https://shop.slack.com/archives/C0/p1"}),
    "none": History(()),
}
