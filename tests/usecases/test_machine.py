"""Whatever people, files and time do, in any order: the books stay whole, and every state has a way out.

What stands before go is for `test_gate_cannot_be_talked_round`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from bot.core.checklist.items import Requirement
from bot.core.deployment import OPEN_STATES, Deployment, Outcome, State
from bot.core.refusal import NotYetKnown, Refused
from bot.usecases import tick
from bot.usecases.lifecycle import break_glass, complete, custody, go, hold, roll_back, start
from bot.usecases.signoffs import decide, delegate
from checks.result import Status
from tests.chains import first_broken
from tests.usecases.team import ANN, BO, DANA, DEVI, GUEST, MO, Team, files

REASON = "checkout is down and this index brings it back"
PEOPLE = st.sampled_from([ANN, BO, DANA, DEVI, MO, GUEST])
ROLES = st.sampled_from(["dba", "backend", "devops", "management"])
PLACES = st.sampled_from(["staging", "production"])
REQUIRED = ["rollback-plan", "backup", "backup-restorable", "peer-review", "window"]
ITEMS = st.sampled_from(REQUIRED)
ACTS = [
    *("sign", "second", "reject", "waive", "withdraw", "clear", "done", "undo", "n/a", "override", "glass", "review"),
    *("join", "take over", "park", "unpark", "lift", "hold", "retry", "roll back", "abort", "close", "partial"),
    "rolled back",
]


class Life(RuleBasedStateMachine):
    """Two environments, six people. A refused act is an answer; anything else that is raised is a fault."""

    deployments = Bundle("deployments")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="gonogo-machine-"))
        self.team = Team(self.folder / "gonogo.db")
        self.team.has_probe("rollback-plan", "plan-there")
        self.bodies: dict[str, int] = {}

    # --- acts -----------------------------------------------------------------------------------------------------

    def tries(self, use_case: Callable[..., Any], who: str, *arguments: Any, **named: Any) -> bool:
        """Whether it was recorded."""
        try:
            self.team.does(use_case, who, *arguments, **named)
        except (Refused, NotYetKnown):
            return False
        return True

    @initialize(target=deployments, who=st.sampled_from([ANN, DANA]), far=st.integers(0, 4))
    def one_is_there(self, who: str, far: int) -> str:
        """In production, and more or less far."""
        made = self.begins(who, "production")
        if far:
            self.prepares_and_goes(made, signed=True, ticked=far > 1, passes=True)
        if far == 3:
            self.tries(hold.hold, who, made, "it looks odd")
        if far == 4:
            self.the_owner_completes(made, Outcome.SUCCESS)
        return made

    @rule(target=deployments, who=PEOPLE, place=PLACES)
    def starts(self, who: str, place: str) -> str:
        """The first deployment there where it is refused, so that the bundle never holds nothing."""
        try:
            return self.begins(who, place)
        except Refused:
            return next(iter(self.bodies))

    def begins(self, who: str, place: str) -> str:
        made = self.team.does(start.start, who, place).deployment_id or ""
        self.bodies[made] = 1
        self.reads(made)
        return made

    def reads(self, deployment: str) -> None:
        self.team.reads(deployment, files("00008", "00009", body=f"select {self.bodies[deployment]};"))

    @rule(deployment=deployments, who=PEOPLE, role=ROLES, item=ITEMS, what=st.sampled_from(ACTS))
    def somebody_acts(self, deployment: str, who: str, role: str, item: str, what: str) -> None:
        """One rule for all acts: hypothesis leaves out whole rules in a run, and a life needs most of them."""
        subject = self.team.situation(deployment).subject
        simple: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
            "sign": (decide.sign, (role, subject)),
            "second": (decide.second, (role, subject)),
            "reject": (decide.reject, (role, subject, "not like this")),
            "waive": (decide.not_required, (role, subject, "not this time")),
            "withdraw": (decide.withdraw, (role,)),
            "clear": (decide.clear_rejection, (role, "mended")),
            "done": (tick.tick, (item, "looked at it")),
            "undo": (tick.undo, (item,)),
            "n/a": (tick.not_applicable, (item, "not this time")),
            "override": (tick.override, (item, "it is fine", self.digests(deployment, item))),
            "glass": (break_glass.break_glass, (subject, REASON, self.team.row(deployment).environment)),
            "review": (break_glass.review_glass, ("was right",)),
            "join": (start.join, ()),
            "take over": (custody.take_over, ("they are away",)),
            "park": (custody.park, ()),
            "unpark": (custody.unpark, ()),
            "lift": (complete.lift, ()),
            "hold": (hold.hold, ("it looks odd",)),
            "retry": (hold.retry, ()),
            "roll back": (roll_back.roll_back, ("restore", "slow")),
            "abort": (custody.abort, ("a hotfix",)),
            "close": (complete.close, ("enough",)),
            "partial": (complete.complete, (Outcome.PARTIAL, "as it was")),
            "rolled back": (complete.complete, (Outcome.ROLLED_BACK, "as it was")),
        }
        use_case, more = simple[what]
        self.tries(use_case, who, deployment, *more)

    def digests(self, deployment: str, item: str) -> frozenset[str]:
        situation = self.team.situation(deployment)
        return frozenset(one.digest for one in situation.results_of(situation.item(item)))

    @rule(deployment=deployments, who=PEOPLE, role=ROLES)
    def signs_what_was_never_shown(self, deployment: str, who: str, role: str) -> None:
        assert not self.tries(decide.sign, who, deployment, role, "f" * 64)

    @rule(deployment=deployments, body=st.integers(1, 3), who=PEOPLE, uses=st.booleans())
    def files_move(self, deployment: str, body: int, who: str, uses: bool) -> None:
        """Somebody commits, and perhaps somebody chooses."""
        self.bodies[deployment] = body
        self.reads(deployment)
        moved = self.team.row(deployment).moved_fingerprint or "0" * 64
        self.tries(hold.use_new_files if uses else hold.stay, who, deployment, moved)

    @rule(who=PEOPLE, role=ROLES, to=PEOPLE)
    def delegates(self, who: str, role: str, to: str) -> None:
        self.tries(delegate.delegate, who, role, to, self.team.now + timedelta(days=3))

    @rule(deployment=deployments, signed=st.booleans(), ticked=st.booleans(), passes=st.booleans())
    def prepares_and_goes(self, deployment: str, signed: bool, ticked: bool, passes: bool) -> None:
        """A good day, or nearly: so that the machine gets far."""
        row = self.team.row(deployment)
        if row.state in OPEN_STATES:
            status = Status.PASSED if passes else Status.FAILED
            self.team.answers(deployment, "plan-there", status, "looked", inputs=str(passes))
        missing = self.team.situation(deployment).missing(Requirement.GO) if ticked else ()
        for item in missing:
            self.tries(tick.tick, ANN, deployment, item.id)
        for role, who in (("dba", DANA), ("backend", BO), ("devops", DEVI), ("management", MO)) if signed else ():
            subject = self.team.situation(deployment).subject
            self.tries(decide.sign, who, deployment, role, subject)
            self.tries(decide.second, BO, deployment, role, subject)
        if self.tries(go.ask_go, row.owner, deployment, self.team.situation(deployment).subject):
            self.reads(deployment)
            self.team.finishes_runs(deployment)

    @rule(deployment=deployments, result=st.sampled_from(Outcome))
    def the_owner_completes(self, deployment: str, result: Outcome) -> None:
        for item in self.team.situation(deployment).missing(Requirement.COMPLETE):
            self.tries(tick.tick, ANN, deployment, item.id)
        self.tries(complete.complete, self.team.row(deployment).owner, deployment, result, "as it was")

    @rule(minutes=st.sampled_from([1, 15, 5 * 60, 24 * 60, 8 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.team.later(minutes=minutes)

    # --- rules ----------------------------------------------------------------------------------------------------

    def rows(self) -> list[Deployment]:
        return [self.team.row(deployment) for deployment in self.bodies]

    @invariant()
    def an_environment_is_never_held_by_two(self) -> None:
        held = [row.environment for row in self.rows() if row.holds_environment]
        assert len(held) == len(set(held))

    @invariant()
    def guests_leave_no_trace(self) -> None:
        for row in self.rows():
            situation = self.team.situation(row.id)
            assert GUEST not in situation.deployer_ids
            assert GUEST not in {one.who for one in situation.sign_offs}

    @invariant()
    def the_journal_verifies(self) -> None:
        for row in self.rows():
            entries = self.team.store.read(lambda reader, of=row.chain: reader.journal.entries(of))
            assert first_broken(entries) is None

    @invariant()
    def every_open_state_offers_an_act(self) -> None:
        for row in self.rows():
            assert self.team.dashboard(row.id).buttons

    # --- the end --------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Every state has a way out: the people who may take it do, and the deployment ends."""
        try:
            for row in self.rows():
                self.ends(row.id)
                assert self.team.row(row.id).state not in OPEN_STATES
        finally:
            self.team.store.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def ends(self, deployment: str) -> None:
        row = self.team.row(deployment)
        if row.state in {State.PREPARING, State.PARKED}:
            self.team.does(custody.abort, row.owner, deployment, "the end")
            return
        if row.state in {State.DEPLOYING, State.HELD}:
            self.team.does(complete.complete, row.owner, deployment, Outcome.PARTIAL, "the end")
        elif row.state is State.ROLLING_BACK:
            self.team.does(complete.complete, row.owner, deployment, Outcome.ROLLED_BACK, "the end")
        if self.team.row(deployment).state is State.VERIFYING:
            any(self.tries(break_glass.review_glass, who, deployment) for who in (MO, BO, DEVI, DANA))
            self.team.does(complete.close, row.owner, deployment, "the end")


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=12,
    stateful_step_count=30,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # one example is a file and hundreds of units: no shrinking
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
