"""The way back on the dashboard while it runs: what is undone, with which files, and what still runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.slack.messages.blocks import Block, code, context, sections, user
from bot.slack.messages.words import bar, listed
from bot.usecases.standing_facts import WayBack
from checks.result import counted

CODE = 1500
_NEXT: Mapping[str, str] = {
    "down": "Apply the down files yourself, newest first; gonogo only watches.",
    "forward": "Nothing is undone: *Complete …* ends this, then *Start the corrective deployment*.",
    "restore": "Restore the backup yourself; gonogo only watches.",
}


def undone(way: WayBack) -> str:
    """`2 of 3 undone`, as history says."""
    if way.choice == "forward":
        return "nothing is undone, a new migration mends it"
    if not way.known:
        return "nobody reads the history here: complete it once it is undone"
    return f"{way.undone} of {way.of} undone"


def waits(way: WayBack | None) -> bool:
    """Whether something is still to be undone, so that no button is the next act."""
    return way is not None and not way.is_over


def lines(way: WayBack) -> Iterator[str]:
    """How far it is, and the next act."""
    watched = way.known and way.choice != "forward"
    if watched:
        yield f"{bar(way.undone, way.of)} {undone(way)}, as the history says"
    elif way.choice != "forward":
        yield undone(way)
    yield "Everything is undone: *Complete …* ends it." if watched and way.is_over else _NEXT.get(way.choice, "")


def steps(way: WayBack, most: int) -> Iterator[Block]:
    """What cancels what still runs, then the down files and the command that applies them."""
    if way.cancel:
        yield context("A migration still runs. This cancels it:")
        yield code(way.cancel, CODE)
    if way.choice != "down" or way.is_over:
        return
    files = [str(user(name, 120)) for name in way.files]
    yield from sections([f"{counted(len(files), 'down file')}: {', '.join(listed(files, most))}"] if files else [])
    if way.command:
        yield code(way.command, CODE)


EXAMPLES: Mapping[str, WayBack] = {
    "down files": WayBack(
        "down",
        1,
        3,
        True,
        ("00009_index_open_orders.down.sql", "00008_add_loyalty_tier.down.sql"),
        "sqlx migrate revert --source db/migrations",
        "SELECT pg_cancel_backend(4711);",
    ),
    "undone": WayBack("down", 3, 3, True),
    "forward": WayBack("forward", 0, 3, True),
    "restore, no history": WayBack("restore", 0, 0, False),
}
