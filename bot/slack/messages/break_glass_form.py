"""Break-glass: what it skips, what it never skips, and two things to type before it opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, modal, section, sections
from bot.slack.messages.inputs import line, lines
from bot.slack.messages.mrkdwn import plain_user, user
from bot.slack.messages.words import listed, titled
from bot.usecases.facts import Blocker
from bot.usecases.form_facts import GoForm
from bot.usecases.verb import Verb

REASON, ENVIRONMENT = "reason", "environment"
LEAST_REASON = 20
SHOWN_SKIPPED = 15


def view(facts: GoForm) -> dict[str, Any]:
    """The same facts as the go form: its blockers are what is skipped."""
    return modal(
        "Break the glass",
        _blocks(facts),
        callback_id=Verb.BREAK_GLASS,
        metadata=encode(Target(facts.deployment.id, subject=facts.subject)),
        submit="Break the glass",
        close="Leave it",
    )


def _blocks(facts: GoForm) -> Iterator[Block]:
    yield section(
        f"{titled(facts.deployment)}\n🔴 This says go at once. It skips sign-offs, windows, freezes and open items, "
        "never the lock and never a dirty history. Everyone skipped is told, the record shows it in red, "
        "and somebody else reviews it within 5 working days."
    )
    skipped = [f"• {user(blocker.sentence, 200)}" for blocker in facts.blockers]
    if skipped:
        yield section("*Skipped:*")
        yield from sections(listed(skipped, SHOWN_SKIPPED))
    yield lines(REASON, "Why can it not wait?", hint="At least 20 characters.", least=LEAST_REASON)
    yield line(ENVIRONMENT, f'Type "{plain_user(facts.deployment.environment, 100)}"')


EXAMPLES: Mapping[str, GoForm] = {
    "two skipped": GoForm(
        samples.PREPARING,
        samples.SUBJECT,
        (
            Blocker("sign-off", "dba", "Database administrator: approve is missing", ("@dba-team",)),
            Blocker("window", "", "No window is open now; the next is Wednesday 09:00"),
        ),
        (),
        samples.FILES,
    )
}
