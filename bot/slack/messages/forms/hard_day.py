"""Forms of a hard day: breaking the glass, the way back, and which troubleshooting list to open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.deployment import Deployment
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, code, context, plain_user, section, user
from bot.slack.messages.buttons import Target, form
from bot.slack.messages.forms.inputs import choice, line, lines, pick
from bot.slack.messages.words import titled, under
from bot.usecases.facts import Blocker
from bot.usecases.form_facts import GoForm, RollBackForm
from bot.usecases.verb import Verb

LEAST_REASON = 20
SHOWN_SKIPPED = 15


def break_glass_view(facts: GoForm) -> dict[str, Any]:
    """The same facts as the go form: its blockers are what is skipped."""
    return form(
        Verb.BREAK_GLASS,
        Target(facts.deployment.id, subject=facts.subject),
        "Break the glass",
        _break_glass_blocks(facts),
        "Break the glass",
    )


def _break_glass_blocks(facts: GoForm) -> Iterator[Block]:
    yield section(
        f"{titled(facts.deployment)}\n🔴 This says go at once. It skips sign-offs, windows, freezes and open items, "
        "never the lock and never a dirty history. Everyone skipped is told, the record shows it in red, "
        "and somebody else reviews it within 5 working days."
    )
    skipped = [f"• {user(blocker.sentence, 200)}" for blocker in facts.blockers]
    yield from under("*Skipped:*", skipped, SHOWN_SKIPPED)
    yield lines("reason", "Why can it not wait?", hint="At least 20 characters.", least=LEAST_REASON)
    yield line("environment", f'Type "{plain_user(facts.deployment.environment, 100)}"')


BREAK_GLASS_EXAMPLES: Mapping[str, GoForm] = {
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


_MEANS: Mapping[str, tuple[str, str]] = {
    "down": ("Down files", "Undo with the files written for it; data they drop is gone"),
    "forward": ("Fix forward", "A new migration mends it; nothing is undone"),
    "restore": ("Restore the backup", "Back to the backup; what was written since is lost"),
}
_LOST = "Loses what was written since, at least the last {}"


def roll_back_view(facts: RollBackForm) -> dict[str, Any]:
    """No gate: submitting opens rollback and tells the channel and on-call."""
    return form(Verb.ROLL_BACK, Target(facts.deployment.id), "Roll back", _roll_back_blocks(facts), "Roll back")


def _roll_back_blocks(facts: RollBackForm) -> Iterator[Block]:
    yield section(
        f"{titled(facts.deployment)}\nThis opens the rollback list and tells the channel and on-call now. "
        "Nothing in it is required, and gonogo runs nothing by itself."
    )
    known = [user(line, 600) for line in (facts.down_files, facts.loses) if line]
    if known:
        yield section("\n".join(known))
    if facts.cancel_statement:
        yield context("The migration still runs. This cancels it:")
        yield code(facts.cancel_statement)
    means = {**_MEANS, "restore": (_MEANS["restore"][0], _LOST.format(facts.lost))} if facts.lost else _MEANS
    options = [(word, *means.get(word, (word, ""))) for word in facts.choices]
    yield choice("choice", "Which way back?", options)
    yield lines("reason", "What happened?")


ROLL_BACK_EXAMPLES: Mapping[str, RollBackForm] = {
    "running": RollBackForm(
        samples.DEPLOYING,
        ("down", "forward", "restore"),
        "A restore goes back to 02:10 and loses 13 h 50 min of writes.",
        "13 h 50 min",
        "3 of 3 files have a down file.",
        "SELECT pg_cancel_backend(4711);",
    ),
    "plain": RollBackForm(samples.DEPLOYING),
    "no down files": RollBackForm(
        samples.DEPLOYING, ("forward", "restore"), down_files="3 migrations, and no down file: no file undoes them."
    ),
}


def troubleshoot_view(deployment: Deployment, lists: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """`lists` are (section id, title). Submitting opens the list in the thread, with its checks already running."""
    opens = "The list opens in the thread with its checks running, findings first. It gates nothing."
    words = opens if lists else "This checklist has no troubleshooting list."
    choices = [pick("list", "What is wrong?", lists, lists[0][0])] if lists else []
    return form(
        Verb.TROUBLESHOOT,
        Target(deployment.id),
        "Troubleshoot",
        [section(f"{titled(deployment)}\n{words}"), *choices],
        "Open it" if lists else "",
        close="Close",
    )


TROUBLESHOOT_EXAMPLES: Mapping[str, tuple[Deployment, Sequence[tuple[str, str]]]] = {
    "three lists": (
        samples.DEPLOYING,
        (
            ("migration-fails", "Migration Fails"),
            ("performance-issues", "Performance Issues"),
            ("data-integrity-issues", "Data Integrity Issues"),
        ),
    ),
    "no list": (samples.DEPLOYING, ()),
}
