"""The whole bot, built by its composition root, against the stand-in; people act by the words they see."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.app import Bot, build
from bot.demo.standin import Message, Person, StandIn, Timings
from bot.settings import load

MANIFEST = Path(__file__).parents[2] / "manifest.json"
UNHURRIED = Timings(ack=20.0, trigger=20.0)
"""Slack waits three seconds for an answer; a machine that runs several tests at once may be slower than that."""
PACE = "\n[slack]\nposts_per_second = 100\nupdates_per_minute = 6000\n"
BARE = '[workspace]\nchannel = "C0DEPLOYS"\n'
ANY_HOUR = 'quiet_hours = "none"\nworking_days = "Mon-Sun"\nholidays = "none"\n'
"""Journeys run by the machine's clock, at any hour of any day."""
TEAM = (
    BARE
    + ANY_HOUR
    + """
[environments.staging]
[environments.production]
after = "staging"
stakeholders = ["C0RELEASES"]
on_call = ["@db-oncall"]
break_glass = ["@dba-team"]

[roles.dba]
item = "Database administrator approval"
kind = "approve"
members = ["@dba-team"]

[roles.backend]
item = "Backend engineer review"
kind = "review"
members = ["U0BO"]

[roles.devops]
item = "DevOps engineer review"
kind = "review"
members = ["U0DEVI"]

[roles.management]
item = "Management approval (for production)"
kind = "approve"
members = ["U0MO"]
"""
)
PEOPLE = {
    "ann": "Ann Keller",
    "bo": "Bo Larsen",
    "dana": "Dana Okafor",
    "devi": "Devi Patel",
    "mo": "Mo Haas",
    "pia": "Pia Rossi",
    "otto": "Otto Berg",
}


class Troupe:
    """A stand-in with seven people, and the bot on it. The bot may be stopped and started again."""

    def __init__(self, slack: StandIn, folder: Path, settings: str) -> None:
        self.slack, self.folder = slack, folder
        (folder / "gonogo.toml").write_text(settings + PACE, encoding="utf-8")
        self.environ: dict[str, str] = {}
        self.bot: Bot | None = None

    def begins(self) -> Troupe:
        """Start the bot and wait until it hears."""
        self.bot = build(load(self.folder / "gonogo.toml", {**self.slack.environment(), **self.environ}))
        self.bot.start()
        self.slack.wait_connected(timeout=20)
        return self

    def ends(self) -> None:
        """Stop it as SIGTERM does; in the background, since closing a websocket takes seconds."""
        if self.bot is not None:
            threading.Thread(target=self.bot.stop, daemon=True).start()

    def person(self, name: str) -> Person:
        return self.slack.person(name)

    def dashboard(self, words: str = "", who: str = "ann") -> Message:
        return self.person(who).sees("#deploys", words, timeout=20)


def with_people(slack: StandIn, private: Sequence[str] = ()) -> StandIn:
    """Two channels, seven people, two groups; #deploys is private to `private` where that is given."""
    slack.add_channel("releases")
    for name, real_name in PEOPLE.items():
        slack.add_person(name, real_name)
    if private:
        deploys = slack.workspace.channel_named("#deploys")
        deploys.kind = "private"
        kept = {slack.workspace.user_named(name).id for name in private}
        bots = {user.id for user in slack.workspace.users.values() if user.is_bot}
        deploys.members[:] = [member for member in deploys.members if member in kept | bots]
    slack.add_group("dba-team", ["dana"])
    slack.add_group("db-oncall", ["dana", "otto"])
    return slack


@contextmanager
def troupe(
    folder: Path, settings: str = TEAM, private: Sequence[str] = (), environ: Mapping[str, str] | None = None
) -> Iterator[Troupe]:
    """Everything running; ended again afterwards."""
    with StandIn.start(MANIFEST, timings=UNHURRIED) as slack:
        playing = Troupe(with_people(slack, private), folder, settings)
        playing.environ.update(environ or {})
        try:
            yield playing.begins()
        finally:
            playing.ends()
