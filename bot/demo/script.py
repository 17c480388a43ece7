"""`gonogo demo --script`: a whole production deployment by seven people, printed as they read it."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.rule import Rule

from bot.demo import acts
from bot.demo.stage import Stage, stage
from bot.demo.standin import Message

PRODUCTION_DEPLOYED = (
    "Final backup before deployment",
    "Run migration runner script",
    "Verify all migrations completed",
    "Run schema validation script",
    "Verify application connectivity",
    "Run smoke tests",
)


def play() -> int:
    """Play it and print it; 0 only if all of it happened."""
    out = Console(highlight=False, soft_wrap=True)
    try:
        with out.status("Starting three sample databases, a stand-in for Slack, and the bot …"), stage() as running:
            story = Story(running, out)
            if running.clock.note:
                story.tell(running.clock.note)
            story.staging()
            production = story.production()
            story.show(production)
    except AssertionError as fault:
        out.print(f"\nThe deployment did not go through: {fault}", markup=False)
        return 1
    return 0


class Story:
    """Who does what, in order."""

    def __init__(self, running: Stage, out: Console) -> None:
        self.running, self.out = running, out
        self.ann, self.bo, self.dana, self.devi, self.mo, self.pia, self.otto = (
            running.person(name) for name in ("ann", "bo", "dana", "devi", "mo", "pia", "otto")
        )

    def tell(self, words: str) -> None:
        self.out.print(f"· {words}", markup=False)

    def staging(self) -> None:
        """The same files through staging first: what it proves is carried to production."""
        self.tell("Ann deploys 00008–00010 to staging")
        dashboard = acts.start(self.ann, "staging")
        acts.wait_for_checks(dashboard)
        self._prepare(dashboard)
        acts.go(self.ann, dashboard)
        acts.run_migrations(self.running.databases, "staging", self.running.migrations)
        acts.finish_staging(self.ann, dashboard)

    def _prepare(self, dashboard: Message) -> None:
        acts.settle(self.bo, dashboard, "Code Review", ("Peer review of all migration files",))
        acts.settle(self.ann, dashboard, "Code Review", ("Check for potential performance issues",))
        acts.settle(self.ann, dashboard, "Pre-Deployment Checks", acts.PREPARED)

    def production(self) -> Message:
        """Start, sign-offs by name, go, the runner, completion, the notice."""
        self.tell("Ann types /deploy start production")
        dashboard = acts.start(self.ann, "production")
        acts.wait_for_checks(dashboard)
        self._prepare(dashboard)
        acts.settle(self.ann, dashboard, "Staging Environment", acts.STAGING_DEPLOYED)
        self._sign_offs(dashboard)
        self.tell("Ann says go")
        acts.go(self.ann, dashboard)
        printed = acts.run_migrations(self.running.databases, "production", self.running.migrations)
        self.tell("Ann runs the migration runner:")
        self.out.print("\n".join(f"    {line}" for line in printed.splitlines()), markup=False)
        acts.wait_until(lambda: "3 of 3" in dashboard.text(), "production's history being read")
        acts.settle(self.ann, dashboard, "Production Deployment", PRODUCTION_DEPLOYED)
        self.tell("Ann completes; the notice goes out")
        acts.complete(self.ann, dashboard, "No errors, p95 unchanged.")
        self._stakeholders()
        return dashboard

    def _sign_offs(self, dashboard: Message) -> None:
        for person, title in (
            (self.dana, "Database administrator approval"),
            (self.bo, "Backend engineer review"),
            (self.devi, "DevOps engineer review"),
            (self.mo, "Management approval"),
        ):
            pressed = acts.sign(person, dashboard, title)
            self.tell(f"{person.user.real_name} reads what would run and presses [{pressed}]")

    def _stakeholders(self) -> None:
        notice = self.pia.sees("#releases", "Success", timeout=acts.PATIENCE)
        for person in (self.pia, self.otto):
            self.tell(f"{person.user.real_name} reads the notice and acknowledges it")
            person.presses("Acknowledge", in_=notice)

    def show(self, production: Message) -> None:
        """The channel with its thread, the notice and the record, as a person reads them."""
        slack = self.running.slack
        self._chapter("#deploys, with the thread of the deployment", slack.transcript("#deploys"))
        self._chapter("#releases, as the product owner reads it", slack.transcript("#releases", viewer="pia"))
        self._chapter("The record, as posted in the thread", self._record(production))

    def _chapter(self, title: str, text: str) -> None:
        self.out.print(Rule(title))
        self.out.print(text, markup=False)

    def _record(self, production: Message) -> str:
        found: list[str] = []

        def posted() -> bool:
            ids = [file_id for reply in production.thread.replies() for file_id in reply.posted.files]
            stored = self.running.slack.workspace.files
            found[:] = [(stored[file_id].content or b"").decode() for file_id in ids]
            return bool(found)

        acts.wait_until(posted, "the record being posted")
        return found[-1]


if __name__ == "__main__":
    sys.exit(play())
