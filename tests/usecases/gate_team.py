"""Nine people and one production: what they do is done by the real use cases, and noted in the ledger of the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.core.calendar import ReminderKind
from bot.core.checklist.items import Requirement, RoleKind
from bot.core.decision import PREFLIGHT_JOB, CheckResult, CheckRun
from bot.core.deployment import Outcome, State
from bot.core.refusal import NotYetKnown, Refused
from bot.core.team import Role
from bot.usecases import tick
from bot.usecases.checking.record_result import record_result
from bot.usecases.lifecycle import break_glass, complete, custody, go, hold, start
from bot.usecases.signoffs import decide, delegate
from bot.usecases.telling import remind
from checks.result import Status
from tests.usecases.gate_oracle import STAGING, Book, Ledger
from tests.usecases.team import ANN, BO, CHECKLIST, DANA, DEVI, GUEST, MO, Team, files, project, roles

DORA, FRED, SUE = "U0DORA", "U0FRED", "U0SUE"
EVERYONE = (ANN, BO, DANA, DEVI, MO, DORA, FRED, SUE, GUEST)
HOLDERS = {"dba": DANA, "backend": BO, "devops": DEVI, "management": MO, "security": SUE}
REASON = "checkout is down and this index brings it back"
PROBES = {"rollback-plan": "plan-there", "backup-restorable": "restore-drill"}
WHY_SECURITY = {1: "", 2: "00008 changes grants", 3: None}
WHAT_GO_NEEDS = "\n".join(
    line
    for line in CHECKLIST.splitlines()
    if not line.startswith("- ") or "required: go" in line or "in production" in line
)
"""The checklist that ships, without its other lines: a life is hundreds of units, and each loads it all."""
UNDECIDED = {State.PREPARING, State.PARKED, State.HELD}
ENDED = {State.CLOSED, State.ABORTED}
SAYS = {
    "sign": ("yes", decide.sign, ()),
    "second": ("second", decide.second, ()),
    "reject": ("reject", decide.reject, ("not like this",)),
    "waive": ("waive", decide.not_required, ("not this time",)),
}
TICKS = {
    "done": ("done", tick.tick, ("looked at it",)),
    "undo": ("undone", tick.undo, ()),
    "n/a": ("n/a", tick.not_applicable, ("not this time",)),
}
MOVES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "join": (start.join, ()),
    "take over": (custody.take_over, ("they are away",)),
    "park": (custody.park, ()),
    "unpark": (custody.unpark, ()),
    "hold": (hold.hold, ("it looks odd",)),
    "retry": (hold.retry, ()),
    "abort": (custody.abort, ("a hotfix",)),
    "close": (complete.close, ("enough",)),
    "partial": (complete.complete, (Outcome.PARTIAL, "as it was")),
    "range": (start.give_range, ("00008-00009",)),
}


class GateTeam:
    """`objections` are what the oracle had against what was accepted; `went` tells each way in which one began."""

    def __init__(
        self, file: Path, quorum: int, dbas: set[str], security: str = "", devops: str = DEVI, body: int = 1
    ) -> None:
        """Of `security` nobody means anybody; devops may be a group that nobody ever found; `body` is which bytes."""
        self.ledger = Ledger(
            {
                **{role: {who} for role, who in HOLDERS.items()},
                "dba": {*dbas},
                "devops": {devops} & {*EVERYONE},
                "security": {security} if security else None,
            },
            quorum,
            touches_rights=2,
        )
        asked = roles()
        asked["dba"] = replace(asked["dba"], quorum=quorum)
        asked["devops"] = replace(asked["devops"], members=(devops,))
        named = (security,) if security else ()
        asked["security"] = Role("security", "Security", "sign-off-security", RoleKind.REVIEW, named, when_facts=True)
        self.team = Team(file, project(roles=asked, checklist_text=WHAT_GO_NEEDS))
        self.team.has(*EVERYONE, dba_team=dbas)
        for item, check in PROBES.items():
            self.team.has_probe(item, check)
        self.body = body
        self.answers: dict[str, tuple[Status, str]] = {}
        self.objections: list[str] = []
        self.went: list[str] = []

    def book(self, deployment: str) -> Book:
        return self.ledger.books[deployment]

    def tries(self, use_case: Callable[..., Any], who: str, deployment: str, *arguments: Any) -> bool:
        """Whether it was recorded: an answer like "you did that already" leaves no entry in the journal."""
        self.ticks_on()
        before, state = len(self.team.events(deployment)), self.team.row(deployment).state
        try:
            self.team.does(use_case, who, deployment, *arguments)
        except (Refused, NotYetKnown):
            return False
        self.looks(deployment, state)
        return len(self.team.events(deployment)) > before

    def ticks_on(self) -> None:
        """No two acts at one instant."""
        self.team.now += timedelta(seconds=1)

    # --- a deployment begins, and somebody decides ------------------------------------------------------------------

    def begins(self, who: str, place: str = "production") -> str:
        """Started, read, and settled but for the sign-offs."""
        made = self.team.does(start.start, who, place).deployment_id or ""
        before = [one for one in self.ledger.books.values() if one.place == "staging"]
        self.ledger.books[made] = Book(place, {who}, pinned=self.body, source=self.body)
        self.reads(made)
        for one in before:
            self.ledger.begins_after(self.book(made), one)
        self.tidies(made, who)
        return made

    def tidies(self, deployment: str, owner: str) -> None:
        """A good day, but for the sign-offs: history is clean, the newest files are pinned, a peer settled all."""
        self.reads(deployment, dirty=False)
        if self.team.row(deployment).moved_fingerprint:
            self.chooses(deployment, owner, uses=True)
        peer = next(one for one in (FRED, *HOLDERS.values()) if one not in self.book(deployment).deployers)
        for item in self.team.situation(deployment).missing(Requirement.GO):
            self.ticks(deployment, peer, item.id, "done")

    def staging_was_done(self, who: str, backend: str = BO) -> None:
        """With reviews and ticks that carry, by people who may come back in another part."""
        made = self.begins(who, "staging")
        for role, holder in {**HOLDERS, "backend": backend}.items():
            self.says(made, holder, role, "sign")
        self.says_go(made, who)
        for item in STAGING:
            self.ticks(made, FRED, item, "done")
        self.tries(complete.complete, who, made, Outcome.SUCCESS, "as planned")

    def says(self, deployment: str, who: str, role: str, what: str) -> None:
        how, use_case, reason = SAYS[what]
        more = (role, self.team.situation(deployment).subject, *reason)
        if self.tries(use_case, who, deployment, *more):
            self.ledger.signed(self.book(deployment), role, how, who, self.team.now)

    def takes_back(self, deployment: str, who: str, role: str, what: str) -> None:
        use_case = decide.withdraw if what == "withdraw" else decide.clear_rejection
        if self.tries(use_case, who, deployment, role, *(() if what == "withdraw" else ("mended",))):
            end = self.ledger.withdrew if what == "withdraw" else self.ledger.cleared
            end(self.book(deployment), role, who)

    def ticks(self, deployment: str, who: str, item: str, what: str) -> None:
        if what == "override":
            situation = self.team.situation(deployment)
            seen = frozenset(one.digest for one in situation.results_of(situation.item(item)))
            how, use_case, more = "override", tick.override, ("it is fine", seen)
        else:
            how, use_case, more = TICKS[what]
        if self.tries(use_case, who, deployment, item, *more):
            self.ledger.ticked(self.book(deployment), item, how, who, self.team.now)

    def moves(self, deployment: str, who: str, what: str) -> None:
        use_case, more = MOVES[what]
        before, book = self.team.row(deployment).state, self.book(deployment)
        if not self.tries(use_case, who, deployment, *more):
            return
        if what == "join":
            self.ledger.deploys(book, who, is_decided=before not in UNDECIDED)
            self.objections += [f"{who} joined what is {before}"] if before in ENDED else []
        if what == "range" and who not in book.deployers:
            self.objections.append(f"{who} moved the range and is no deployer")

    # --- go ---------------------------------------------------------------------------------------------------------

    def asks_go(self, deployment: str, who: str) -> None:
        before = self.book(deployment).goer
        self.book(deployment).goer = who
        if not self.tries(go.ask_go, who, deployment, self.team.situation(deployment).subject):
            self.book(deployment).goer = before

    def says_go(self, deployment: str, who: str) -> None:
        self.asks_go(deployment, who)
        self.runs_end()

    def breaks_glass(self, deployment: str, who: str, reason: str = REASON, typed: str = "production") -> None:
        self.glass = (who, reason, typed)
        subject = self.team.situation(deployment).subject
        self.tries(break_glass.break_glass, who, deployment, subject, reason, typed)
        self.glass = None

    glass: tuple[str, str, str] | None = None

    def reviews_glass(self, deployment: str, who: str) -> None:
        if self.tries(break_glass.review_glass, who, deployment, "was right"):
            self.objections += self.ledger.against_review(self.book(deployment), who, self.team.now)

    def looks(self, deployment: str, before: State) -> None:
        """After each act: whose it is now, and whether it has begun to run."""
        row, book = self.team.row(deployment), self.book(deployment)
        if row.owner not in book.deployers:
            self.ledger.deploys(book, row.owner, is_decided=before not in UNDECIDED)
        if row.state is not State.DEPLOYING or before is State.DEPLOYING or book.place == "staging":
            return
        if self.glass:
            self.objections += self.ledger.against_glass(book, *self.glass)
            book.breaker = self.glass[0]
            book.deployers.add(book.breaker)
        elif before is State.HELD:
            self.objections += self.ledger.against_going_on(book, self.team.now)
        else:
            self.objections += self.ledger.against_go(book, self.team.now)
        self.went.append("by glass" if self.glass else "on" if before is State.HELD else "by the gate")

    # --- files, checks, groups, time ----------------------------------------------------------------------------------

    def reads(self, deployment: str, body: int | None = None, dirty: bool | None = None) -> None:
        """What preflight would: the bytes that are there now, and the history."""
        book = self.book(deployment)
        book.source = body or book.source
        book.dirty = book.dirty if dirty is None else dirty
        history = self.team.history("00007", dirty=("00007",) if book.dirty else ())
        seen = files("00008", "00009", body=f"select {book.source};")
        self.team.reads(deployment, seen, security=WHY_SECURITY[book.source], history=history)

    def chooses(self, deployment: str, who: str, *, uses: bool) -> None:
        moved, book = self.team.row(deployment).moved_fingerprint or "0" * 64, self.book(deployment)
        is_held = self.team.row(deployment).state is State.HELD
        if not self.tries(hold.use_new_files if uses else hold.stay, who, deployment, moved):
            return
        if uses:
            book.changed_while_held = book.changed_while_held or is_held
            self.ledger.pins(book)
        else:
            book.stayed = book.source

    def runs_end(self) -> None:
        """Every queued run ends: the reading with what is there now, a probe as it was told to answer."""
        until = self.team.now + timedelta(minutes=5)
        for _ in range(4):
            for run in self.team.store.write(lambda unit: unit.results.claim(self.team.now, until, 100)):
                self.run_ends(run)

    def run_ends(self, run: CheckRun) -> None:
        before = self.team.row(run.deployment_id).state
        result = None
        if run.check_id == PREFLIGHT_JOB:
            self.reads(run.deployment_id)
        elif run.check_id in self.answers:
            status, inputs = self.answers[run.check_id]
            result = CheckResult(
                *(f"{run.id}-answer", run.id, run.deployment_id, run.check_id, status, "looked", self.team.now),
                inputs_hash=inputs,
            )
            item = next(item for item, check in PROBES.items() if check == run.check_id)
            self.ledger.answered(self.book(run.deployment_id), item, status, inputs, self.team.now)
        bot = self.team.act("gonogo")
        self.team.store.write(lambda unit: record_result(unit, self.team.project, bot, run, result))
        self.looks(run.deployment_id, before)

    def check_answers(self, deployment: str, item: str, verdict: Status, inputs: str) -> None:
        self.answers[PROBES[item]] = (verdict, inputs)
        self.ticks_on()
        self.ledger.answered(self.book(deployment), item, verdict, inputs, self.team.now)
        self.team.answers(deployment, PROBES[item], verdict, "looked", inputs)

    def delegates(self, giver: str, role: str, to: str, days: int) -> None:
        until = self.team.now + timedelta(days=days)
        try:
            self.team.does(delegate.delegate, giver, role, to, until)
        except (Refused, NotYetKnown):
            return
        self.objections += self.ledger.delegates(giver, role, to, until, self.team.now)

    def takes_delegation_back(self, giver: str, role: str) -> None:
        try:
            self.team.does(delegate.take_back, giver, role)
        except (Refused, NotYetKnown):
            return
        self.ledger.takes_back(giver, role)

    def is_dba(self, who: str, *, now: bool) -> None:
        """Somebody enters or leaves the DBAs; the directory hears of it at once."""
        members = self.ledger.members["dba"] or set()
        self.ledger.members["dba"] = members | {who} if now else members - {who}
        self.team.has(dba_team=self.ledger.members["dba"] or set())

    def waits(self, **span: float) -> None:
        """Time passes, and who asked to take over gets it when nobody said no."""
        self.team.later(**span)
        bot = self.team.act("gonogo")
        for one in self.team.store.read(lambda reader: reader.reminders.pending()):
            if one.kind == ReminderKind.TAKE_OVER and one.due <= self.team.now:
                before = self.team.row(one.deployment_id).state
                self.team.store.write(lambda unit, of=one.id: remind(unit, self.team.project, bot, of))
                self.looks(one.deployment_id, before)
