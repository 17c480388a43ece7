"""Whatever people press in whatever order: production goes as DESIGN says it may, or not at all.

The machine tries; the oracle keeps a ledger of what was accepted, and judges when a deployment begins to run.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from bot.core.deployment import State
from bot.core.refusal import Refused
from checks.result import Status
from tests.usecases.gate_oracle import GATING
from tests.usecases.gate_team import DORA, EVERYONE, FRED, HOLDERS, MOVES, PROBES, SUE, GateTeam
from tests.usecases.team import ANN, BO, DANA, DEVI

SAID = ["sign", "second", "waive", "reject"]
PRESSED = ["withdraw", "clear", "done", "undo", "n/a", "override", *MOVES, "join", "glass", "careless glass", "review"]
people, roles = st.sampled_from(EVERYONE), st.sampled_from(GATING)
approvers = st.sampled_from([*HOLDERS.values(), DORA, FRED])
by_role = st.fixed_dictionaries(
    {role: st.tuples(st.sampled_from(["", "", "sends", "joins", "second", "waive"]), approvers) for role in GATING}
)
by_one_person = st.builds(
    lambda way, who: dict.fromkeys(GATING, (way, who)), st.sampled_from(["second", "waive"]), approvers
)
afterwards = st.lists(
    st.one_of(
        st.tuples(st.just("join"), people),
        st.tuples(st.sampled_from(["n/a", "override"]), approvers),
        st.just(("eight days", "")),
    ),
    max_size=2,
)


class Gate(RuleBasedStateMachine):
    """At first all is settled but the sign-offs. A refused act is an answer; only the oracle's objections count."""

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="gonogo-gate-"))
        self.deployments: list[str] = []

    @initialize(
        starter=st.sampled_from([ANN, ANN, *HOLDERS.values()]),
        dbas=st.sampled_from([(1, {DANA}), (1, {DANA, DORA}), (2, {DANA, DORA})]),
        security=st.sampled_from(["", SUE]),
        devops=st.sampled_from([*[DEVI] * 7, "@mistyped"]),
        staging=st.sampled_from(["", "", ANN, BO, FRED]),
        body=st.sampled_from([1, 2, 3]),
    )
    def prepared(
        self, starter: str, dbas: tuple[int, set[str]], security: str, devops: str, staging: str, body: int
    ) -> None:
        """A quorum of DBAs and who is one, who of security, whether devops are mistyped, who deployed to staging."""
        self.gate = GateTeam(self.folder / "gonogo.db", dbas[0], {*dbas[1]}, security, devops, body)
        if staging:
            self.gate.staging_was_done(staging)
        self.deployments.append(self.gate.begins(starter))
        self.all_is_well()

    def all_is_well(self) -> None:
        for way in self.gate.went:
            event(f"production went {way}")
            Gate.seen[way] += 1
        self.gate.went.clear()
        assert not self.gate.objections, self.gate.objections

    @property
    def last(self) -> str:
        return self.deployments[-1]

    @rule(decided=st.one_of(by_role, by_role, by_one_person), then=afterwards, next_by=approvers)
    def everybody_decides_and_the_owner_says_go(
        self, decided: dict[str, tuple[str, str]], then: list[tuple[str, str]], next_by: str
    ) -> None:
        """A nearly good day, so that the machine gets far."""
        self.there_is_one_to_decide(next_by)
        for role, (way, who) in decided.items():
            self.decides(role, way, who)
        for what, who in then:
            self.does(what, who)
        self.gate.says_go(self.last, self.gate.team.row(self.last).owner)
        self.all_is_well()

    def there_is_one_to_decide(self, next_by: str) -> None:
        row = self.gate.team.row(self.last)
        if row.state is not State.PREPARING:
            self.gate.moves(self.last, row.owner, "partial")
            with suppress(Refused):
                self.deployments.append(self.gate.begins(next_by))
        else:
            self.gate.tidies(self.last, row.owner)

    def decides(self, role: str, way: str, who: str) -> None:
        """The holder signs, or sends somebody, or signs and joins then; or somebody else does what they can."""
        holder = HOLDERS[role]
        if way == "sends":
            self.gate.delegates(holder, role, who, 3)
            self.gate.says(self.last, who, role, "sign")
        elif way in {"second", "waive"}:
            self.gate.says(self.last, who, role, way)
        else:
            self.gate.says(self.last, holder, role, "sign")
        if way == "joins":
            self.gate.moves(self.last, holder, "join")

    def does(self, what: str, who: str) -> None:
        if what == "join":
            self.gate.moves(self.last, who, "join")
        elif what == "eight days":
            self.gate.waits(days=8)
        else:
            self.gate.ticks(self.last, who, "rollback-plan", what)

    @rule(who=people, role=roles, what=st.sampled_from(SAID))
    def somebody_decides(self, who: str, role: str, what: str) -> None:
        self.gate.says(self.last, who, role, what)

    @rule(
        which=st.integers(0, 3), who=people, what=st.sampled_from(PRESSED), role=roles, item=st.sampled_from([*PROBES])
    )
    def somebody_presses(self, which: int, who: str, what: str, role: str, item: str) -> None:
        """Mostly of the newest deployment."""
        one = self.deployments[0] if which == 3 else self.last
        if what in {"withdraw", "clear"}:
            self.gate.takes_back(one, who, role, what)
        elif what in MOVES:
            self.gate.moves(one, who, what)
        elif what == "review":
            self.gate.reviews_glass(one, who)
        elif what == "glass":
            self.gate.breaks_glass(one, who)
        elif what == "careless glass":
            self.gate.breaks_glass(one, who, *(("urgent",) if which else ("it is urgent, believe me", "prod")))
        else:
            self.gate.ticks(one, who, item, what)
        self.all_is_well()

    @rule(who=people, asks=st.booleans())
    def go_in_two_steps(self, who: str, asks: bool) -> None:
        """What others press between the question and its answer counts."""
        if asks:
            self.gate.asks_go(self.last, who)
        else:
            self.gate.runs_end()
        self.all_is_well()

    @rule(
        giver=st.sampled_from([*HOLDERS.values(), DORA, FRED]), role=roles, to=people, days=st.sampled_from([3, 30, 31])
    )
    def delegates(self, giver: str, role: str, to: str, days: int) -> None:
        own = next((name for name, who in HOLDERS.items() if who == giver), role)
        self.gate.delegates(giver, own, to, days)
        self.all_is_well()

    @rule(role=roles)
    def takes_a_delegation_back(self, role: str) -> None:
        self.gate.takes_delegation_back(HOLDERS[role], role)

    @rule(who=st.sampled_from([DANA, DORA, FRED]), enters=st.booleans())
    def enters_or_leaves_the_dbas(self, who: str, enters: bool) -> None:
        self.gate.is_dba(who, now=enters)

    @rule(body=st.integers(1, 3), dirty=st.sampled_from([False, False, True]), who=people, uses=st.booleans())
    def files_move(self, body: int, dirty: bool, who: str, uses: bool) -> None:
        """Somebody commits, and the owner or somebody else chooses."""
        self.gate.reads(self.last, body, dirty)
        self.gate.chooses(self.last, self.gate.team.row(self.last).owner if uses else who, uses=uses)

    @rule(item=st.sampled_from([*PROBES]), verdict=st.sampled_from(Status), inputs=st.sampled_from("xy"))
    def a_check_answers(self, item: str, verdict: Status, inputs: str) -> None:
        self.gate.check_answers(self.last, item, verdict, inputs)

    @rule(minutes=st.sampled_from([1, 15, 5 * 60, 24 * 60, 8 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.gate.waits(minutes=minutes)
        self.all_is_well()

    @rule(who=people)
    def the_next_one_starts(self, who: str) -> None:
        """As soon as the environment is free."""
        try:
            self.deployments.append(self.gate.begins(who))
        except Refused:
            self.gate.runs_end()
        self.all_is_well()

    def teardown(self) -> None:
        """At last everybody does what they can, so that most lives reach go."""
        try:
            if self.deployments:
                self.all_would_go()
        finally:
            self.gate.team.store.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def all_would_go(self) -> None:
        owner = self.gate.team.row(self.last).owner
        self.gate.tidies(self.last, owner)
        self.gate.says_go(self.last, owner)
        for role in GATING:
            others = [who for who in HOLDERS.values() if who != HOLDERS[role]]
            ways = [("sign", HOLDERS[role]), ("sign", DORA), *product(["second", "waive"], others)]
            for what, who in ways:
                if (
                    self.gate.team.row(self.last).state is State.PREPARING
                    and self.gate.team.role(self.last, role).blocks
                ):
                    self.gate.says(self.last, who, role, what)
        self.gate.says_go(self.last, owner)
        self.all_is_well()


@pytest.mark.timeout(600)  # half a minute on an idle machine
def test_no_sequence_of_acts_talks_the_gate_round() -> None:
    Gate.seen.clear()
    lives = 30
    run_state_machine_as_test(
        Gate,
        settings=settings(
            max_examples=lives,
            stateful_step_count=15,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a life is hundreds of units: no shrinking
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Gate.seen["by the gate"] >= lives // 4, f"the machine hardly ever reaches go: {Gate.seen}"
