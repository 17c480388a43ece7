"""`/deploy status`: where one deployment stands, or every open one. Told privately, mentions nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.slack.messages import dashboard
from bot.slack.messages.blocks import Block, Rendered, rendered, section, sections
from bot.slack.messages.headline import headline, needs, spoken_status, step_words
from bot.slack.messages.mrkdwn import link, user
from bot.slack.messages.words import bar, listed
from bot.usecases.facts import DashboardFacts

SHOWN = 10


@dataclass(frozen=True)
class Status:
    """Open deployments, and where their dashboards are (deployment id → permalink)."""

    open: tuple[DashboardFacts, ...]
    permalinks: Mapping[str, str]


def render(facts: Status) -> Rendered:
    """The first ten in full words."""
    spoken = " ".join(spoken_status(each) for each in facts.open[:SHOWN]) or "No deployment is open."
    return rendered(spoken, _blocks(facts))


def _blocks(facts: Status) -> Iterator[Block]:
    if not facts.open:
        yield section("No deployment is open.")
    for each in facts.open[:SHOWN]:
        yield section("\n".join(status_lines(each, facts.permalinks.get(each.deployment.id, ""))))
    more = [str(user(each.deployment.label)) for each in facts.open[SHOWN:]]
    yield from sections([f"Further open ones: {', '.join(listed(more, 20, 'App Home'))}"] if more else [])


def status_lines(facts: DashboardFacts, permalink: str) -> Iterator[str]:
    """Headline, what the next step needs, the bar, a link to the dashboard."""
    yield headline(facts)
    if facts.step:
        yield f"*To {facts.step}:* {needs(facts)}"
    if facts.step and facts.needed_total:
        done = f"{facts.needed_done} of {facts.needed_total} that {step_words(facts.step)} needs"
        yield f"{bar(facts.needed_done, facts.needed_total)} {done}"
    if facts.hold_reason:
        yield f"✋ *Held:* {user(facts.hold_reason)}"
    if permalink:
        yield link(permalink, "open its thread")


_LINKS = {dashboard.EXAMPLES["preparing"].deployment.id: "https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100"}
EXAMPLES: Mapping[str, Status] = {
    "two": Status((dashboard.EXAMPLES["preparing"], dashboard.EXAMPLES["held"]), _LINKS),
    "none": Status((), {}),
    "many": Status((dashboard.EXAMPLES["preparing"],) * 30, {}),
}
