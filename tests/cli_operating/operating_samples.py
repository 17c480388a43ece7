"""A team's folder: settings, a state file with people the bot has met, and deployments somewhere in their life."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.core.deployment import Deployment, PinnedFile, State, fingerprint
from bot.core.team import EVERYBODY, Person, Project
from bot.settings import load_file
from bot.storage import Store
from bot.storage.chain import Key, unsigned
from bot.storage.database import Unit
from bot.usecases.act import Act, chronicle
from bot.usecases.books.rows import Identity
from bot.usecases.lifecycle.start import join, start
from tests.states import open_state

TEAM = "T0ACME"
SETTINGS = """
[workspace]
channel = "C0DEPLOYS"
timezone = "Europe/Berlin"

[environments.staging]

[environments.production]
after = "staging"
timezone = "Asia/Kolkata"
on_call = ["U0ONA"]

[roles.dba]
members = ["U0DANA"]
"""
PEOPLE = {"U0ANN": "Ann Keller", "U0BO": "Bo Larsen", "U0DANA": "Dana Okafor", "U0ONA": "Ona Reyes"}
FILES = {"00008_orders.sql": b"CREATE TABLE o (id bigint);\n", "00009_paid.sql": b"ALTER TABLE o ADD paid int;\n"}


def gonogo(*arguments: str | Path) -> Result:
    """Runs the command line; `stdout` and `stderr` apart."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@dataclass
class Team:
    """Everything below one folder, the current one."""

    folder: Path
    project: Project
    started: datetime
    key: Key = unsigned

    def write(self, work: Callable[[Unit], object]) -> object:
        store = open_state(self.folder / "gonogo.db", self.key)
        try:
            return store.write(work)
        finally:
            store.close()

    def deployment(self, number: int = 1) -> Deployment:
        found = self.write(lambda unit: unit.deployments.by_number(TEAM, "default", number))
        assert isinstance(found, Deployment)
        return found

    def journal(self, number: int = 1) -> list[str]:
        """The bodies of a deployment's chain."""
        chain = self.deployment(number).chain
        store = Store.open(self.folder / "gonogo.db", read_only=True)
        try:
            return [entry.body for entry in store.read(lambda reader: reader.journal.entries(chain))]
        finally:
            store.close()

    def act(self, who: str, minutes: float = 1) -> Act:
        return Act(who, self.started + timedelta(minutes=minutes), TEAM)

    def run(
        self, use_case: Callable[..., object], who: str, *arguments: object, number: int = 1, minutes: float = 1
    ) -> object:
        """A use case as in Slack."""
        act, found = self.act(who, minutes), self.deployment(number)
        return self.write(lambda unit: use_case(unit, self.project, act, found.id, *arguments))

    def go(self, number: int = 1) -> None:
        """Past the gate, which these tests are not about: as a go leaves it."""
        at = self.started + timedelta(minutes=2)
        found = self.deployment(number)

        def work(unit: Unit) -> None:
            gone = unit.deployments.save(replace(found, state=State.DEPLOYING, go_at=at, last_act_at=at))
            chronicle(unit, gone, Act("U0ANN", at, TEAM), "go", {"subject": "", "signers": []})

        self.write(work)


def make_team(folder: Path, settings: str = SETTINGS) -> Team:
    """Two hours ago Ann started a deployment to production."""
    (folder / "gonogo.toml").write_text(settings)
    read = load_file(folder / "gonogo.toml", {})
    project = read.projects()["default"]
    now = datetime.now(UTC)
    team = Team(folder, project, now.replace(microsecond=0) - timedelta(hours=2), read.signing_key)

    def work(unit: Unit) -> None:
        unit.people.learn(Identity(TEAM, "Acme", "U0BOT", "B0", "A0"), team.started)
        for user_id, name in PEOPLE.items():
            unit.people.keep(Person(TEAM, user_id, name, "UTC", TEAM, False, True, team.started))
        unit.people.keep_channel("C0DEPLOYS", {EVERYBODY}, team.started)
        start(unit, project, Act("U0ANN", team.started, TEAM), "production", "00008-00009")

    team.write(work)
    return team


def pin_files(team: Team) -> None:
    """The files of the range with their bytes, as a preflight leaves them."""
    files = tuple(
        PinnedFile(name.partition("_")[0], name, hashlib.sha256(content).hexdigest(), is_down=False)
        for name, content in FILES.items()
    )
    found = team.deployment()

    def work(unit: Unit) -> None:
        unit.files.keep({file.sha: FILES[file.name] for file in files})
        unit.files.pin(found.id, files)
        read = unit.deployments.save(replace(unit.deployments.get(found.id), fingerprint=fingerprint(files)))
        chronicle(unit, read, team.act("U0ANN"), "files-read", {"fingerprint": fingerprint(files)})

    team.write(work)


__all__ = ["FILES", "PEOPLE", "SETTINGS", "TEAM", "Team", "gonogo", "join", "make_team", "pin_files"]
