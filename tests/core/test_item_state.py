"""DESIGN, *An item's state is computed*: seven rules, the first that holds wins. Each row reads like a sentence of it.

The item has the checks a and b where a row gives results of both, else only a. Minutes count from noon.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.checklist.items import Kind, Requirement
from bot.core.checklist.reader import parse
from bot.core.decision import CheckResult, Decision, DecisionKind, short
from bot.core.item import Carried, ItemWord, speaks_of_newest_backup, state_of, worst
from checks.result import Status

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CARRIED = Carried("U1", NOON, "settled in staging 3", "d0")
DONE, UNDONE, NA = DecisionKind.DONE, DecisionKind.UNDONE, DecisionKind.NOT_APPLICABLE
OVERRIDE, NOTE, ASSIGN = DecisionKind.OVERRIDE, DecisionKind.NOTE, DecisionKind.ASSIGN
PASSED, FAILED, WARNING, EVIDENCE = Status.PASSED, Status.FAILED, Status.WARNING, Status.EVIDENCE
NO_CASE, COULD_NOT_RUN = Status.NOT_APPLICABLE, Status.COULD_NOT_RUN


def result(status: Status, at: int = 0, check: str = "a", inputs: str = "x") -> CheckResult:
    moment = NOON + timedelta(minutes=at)
    return CheckResult("r", "run", "d", check, status, "summary", moment, inputs_hash=inputs)


def decision(kind: DecisionKind, at: int = 0, *seen: CheckResult) -> Decision:
    moment = NOON + timedelta(minutes=at)
    digests = frozenset(one.digest for one in seen)
    return Decision("id", "d", "item", kind, "U1", moment, moment, seen=digests)


def settled_at(verdict: Status | None) -> Carried:
    return replace(CARRIED, verdict=verdict)


A_FAILED, B_PASSED, B_WARNS = result(FAILED), result(PASSED, check="b"), result(WARNING, check="b")
IS = ItemWord
Decisions, Results = list[Decision], list[CheckResult]

BY_PEOPLE: dict[str, tuple[Decisions, Results, ItemWord]] = {
    "1 a person's n/a": ([decision(NA)], [], IS.NOT_APPLICABLE),
    "1 n/a wins over a check that failed later": ([decision(NA)], [result(FAILED, 5)], IS.NOT_APPLICABLE),
    "1 n/a wins over checks that passed": ([decision(NA)], [result(PASSED, 5)], IS.NOT_APPLICABLE),
    "1 n/a is over once undone": ([decision(NA), decision(UNDONE, 1)], [], IS.OPEN),
    "1 n/a is over once done": ([decision(NA), decision(DONE, 1)], [], IS.DONE),
    "2 a failed check": ([], [A_FAILED], IS.FAILED),
    "2 a failed check reopens what a person ticked": ([decision(DONE)], [result(FAILED, 5)], IS.FAILED),
    "2 a done that saw the failure is no override": ([decision(DONE, 1, A_FAILED)], [A_FAILED], IS.FAILED),
    "2 an override that saw this very result": ([decision(OVERRIDE, 1, A_FAILED)], [A_FAILED], IS.DONE),
    "2 the same failure run again stays overridden": ([decision(OVERRIDE, 1, A_FAILED)], [result(FAILED, 9)], IS.DONE),
    "2 another failure is not covered": ([decision(OVERRIDE, 1, A_FAILED)], [result(FAILED, 9, "a", "y")], IS.FAILED),
    "2 nor one of another check": ([decision(OVERRIDE, 1, A_FAILED)], [result(FAILED, 9, "b")], IS.FAILED),
    "2 nor one that was there unseen": ([decision(OVERRIDE, 1)], [A_FAILED], IS.FAILED),
    "2 an override outlives a later done": ([decision(OVERRIDE, 1, A_FAILED), decision(DONE, 2)], [A_FAILED], IS.DONE),
    "2 undone takes an override back": (
        [decision(OVERRIDE, 1, A_FAILED), decision(UNDONE, 2, A_FAILED)],
        [A_FAILED],
        IS.FAILED,
    ),
    "2 and one after it holds again": (
        [decision(OVERRIDE, 1, A_FAILED), decision(UNDONE, 2), decision(OVERRIDE, 3, A_FAILED)],
        [A_FAILED],
        IS.DONE,
    ),
    "2 one failed of two": ([], [A_FAILED, B_PASSED], IS.FAILED),
    "3 a person's done": ([decision(DONE)], [], IS.DONE),
    "3 a person's undone": ([decision(DONE), decision(UNDONE, 1)], [], IS.OPEN),
    "3 the last word counts": ([decision(UNDONE), decision(DONE, 1)], [], IS.DONE),
    "3 done newer than a warning": ([decision(DONE, 6)], [result(WARNING, 5)], IS.DONE),
    "3 done in the very minute of the warning": ([decision(DONE, 5)], [result(WARNING, 5)], IS.DONE),
    "3 a warning newer than done": ([decision(DONE)], [result(WARNING, 5)], IS.WAITING),
    "3 done that saw the warning, which was run again": (
        [decision(DONE, 1, result(WARNING))],
        [result(WARNING, 5)],
        IS.DONE,
    ),
    "3 done that saw one of two warnings": (
        [decision(DONE, 1)],
        [result(WARNING), result(WARNING, 5, "b")],
        IS.WAITING,
    ),
    "3 undone newer than a pass": ([decision(UNDONE, 6)], [result(PASSED, 5)], IS.OPEN),
    "3 a pass newer than undone": ([decision(UNDONE)], [result(PASSED, 5)], IS.DONE),
    "3 a note settles nothing": ([decision(NOTE)], [], IS.OPEN),
    "3 nor does an assignment": ([decision(ASSIGN)], [], IS.OPEN),
    "3 a note after done changes nothing": ([decision(DONE), decision(NOTE, 1), decision(ASSIGN, 2)], [], IS.DONE),
    "3 an override without a failure is a word like done": ([decision(OVERRIDE)], [], IS.DONE),
}
BY_MACHINES: dict[str, tuple[Decisions, Results, ItemWord]] = {
    "4 every check passed": ([], [result(PASSED), B_PASSED], IS.DONE),
    "4 passed, and one does not apply": ([], [result(NO_CASE), B_PASSED], IS.DONE),
    "4 every check not applicable": ([], [result(NO_CASE), result(NO_CASE, check="b")], IS.NOT_APPLICABLE),
    "4 passed beside an overridden failure": (
        [decision(OVERRIDE, -1, A_FAILED)],
        [A_FAILED, B_PASSED],
        IS.DONE,
    ),
    "4 passed, one does not apply, beside an overridden failure": (
        [decision(OVERRIDE, -1, A_FAILED)],
        [A_FAILED, B_PASSED, result(NO_CASE, check="c")],
        IS.DONE,
    ),
    "6 a warning": ([], [result(WARNING)], IS.WAITING),
    "6 evidence": ([], [result(EVIDENCE)], IS.WAITING),
    "6 could-not-run": ([], [result(COULD_NOT_RUN)], IS.WAITING),
    "6 one passed, one warns": ([], [result(PASSED), B_WARNS], IS.WAITING),
    "6 one does not apply, one warns": ([], [result(NO_CASE), B_WARNS], IS.WAITING),
    "6 a new warning beside an overridden failure": (
        [decision(OVERRIDE, 1, A_FAILED)],
        [A_FAILED, result(WARNING, 5, "b")],
        IS.WAITING,
    ),
    "7 nothing known": ([], [], IS.OPEN),
}


@pytest.mark.parametrize(("decisions", "results", "word"), BY_PEOPLE.values(), ids=BY_PEOPLE)
def test_what_people_said(decisions: Decisions, results: Results, word: ItemWord) -> None:
    assert state_of(decisions, results, len(results)).word is word


@pytest.mark.parametrize(("decisions", "results", "word"), BY_MACHINES.values(), ids=BY_MACHINES)
def test_what_machines_know(decisions: Decisions, results: Results, word: ItemWord) -> None:
    assert state_of(decisions, results, len(results)).word is word


WORSE_NOW: dict[str, tuple[Status | None, Results, ItemWord]] = {
    "5 carried or standing, and no check": (None, [], IS.DONE),
    "5 settled by a person, and passed now": (None, [result(PASSED)], IS.DONE),
    "5 settled by a person without a check, and a warning now": (None, [result(WARNING)], IS.WAITING),
    "5 passed then, does not apply now": (PASSED, [result(NO_CASE)], IS.DONE),
    "5 passed then, evidence now": (PASSED, [result(EVIDENCE)], IS.WAITING),
    "5 passed then, could not run now": (PASSED, [result(COULD_NOT_RUN)], IS.WAITING),
    "5 evidence then, evidence now": (EVIDENCE, [result(EVIDENCE)], IS.DONE),
    "5 evidence then, warning now": (EVIDENCE, [result(WARNING)], IS.WAITING),
    "5 warning then, evidence now": (WARNING, [result(EVIDENCE)], IS.DONE),
    "5 warning then, could not run now": (WARNING, [result(COULD_NOT_RUN)], IS.WAITING),
    "5 could not run then, could not run now": (COULD_NOT_RUN, [result(COULD_NOT_RUN)], IS.DONE),
    "5 the worst of two counts": (EVIDENCE, [result(EVIDENCE), B_WARNS], IS.WAITING),
    "2 failed now": (COULD_NOT_RUN, [result(FAILED)], IS.FAILED),
}


@pytest.mark.parametrize(("then", "results", "word"), WORSE_NOW.values(), ids=WORSE_NOW)
def test_what_was_settled_before_holds_unless_a_check_says_worse_now(
    then: Status | None, results: Results, word: ItemWord
) -> None:
    assert state_of([], results, 2, settled_at(then)).word is word


OLDER, NEWER = "2026-11-22T11:00:00Z/x", "2026-11-22T12:00:00Z/x"
OF_A_NEWER_ONE: dict[str, tuple[Decisions, Results, Carried | None, ItemWord]] = {
    "a pass of before": ([], [result(PASSED, -5)], None, IS.OPEN),
    "a pass since": ([], [result(PASSED, 5)], None, IS.DONE),
    "a pass since that says it looked at an older one": ([], [result(PASSED, 5, inputs=OLDER)], None, IS.OPEN),
    "a pass that looked at the newest": ([], [result(PASSED, 5, inputs=NEWER)], None, IS.DONE),
    "a warning of before": ([], [result(WARNING, -5)], None, IS.OPEN),
    "a failure of before is one still": ([], [result(FAILED, -5)], None, IS.FAILED),
    "an override of before holds no longer": ([decision(OVERRIDE, -1, A_FAILED)], [A_FAILED], None, IS.FAILED),
    "done before": ([decision(DONE, -5)], [], None, IS.OPEN),
    "done since": ([decision(DONE, 5)], [], None, IS.DONE),
    "done at that very moment": ([decision(DONE)], [], None, IS.DONE),
    "a pass at that very moment": ([], [result(PASSED)], None, IS.DONE),
    "a pass at that very moment, beside a tick of before": ([decision(DONE, -5)], [result(PASSED)], None, IS.DONE),
    "what stands since, beside a tick of before": ([decision(DONE, -5)], [], CARRIED, IS.DONE),
    "what stands since later, beside a tick of before": (
        [decision(DONE, -5)],
        [],
        replace(CARRIED, at=NOON + timedelta(minutes=5)),
        IS.DONE,
    ),
    "done before, beside a pass since": ([decision(DONE, -5)], [result(PASSED, 5)], None, IS.DONE),
    "n/a before is said of every one": ([decision(NA, -5)], [], None, IS.NOT_APPLICABLE),
    "what stood from before": ([], [], replace(CARRIED, at=NOON - timedelta(minutes=5)), IS.OPEN),
    "what stands since": ([], [], CARRIED, IS.DONE),
}


@pytest.mark.parametrize(("decisions", "results", "carried", "word"), OF_A_NEWER_ONE.values(), ids=OF_A_NEWER_ONE)
def test_an_answer_belongs_to_what_it_looked_at(
    decisions: Decisions, results: Results, carried: Carried | None, word: ItemWord
) -> None:
    """The newest one was made at noon."""
    state = state_of(decisions, results, len(results), carried, made=NOON)
    assert state.word is word
    assert word is not IS.OPEN or state.why == "a newer one was made 2026-11-22 12:00 UTC"


def test_where_nothing_is_older_nothing_says_so() -> None:
    assert state_of([], [result(PASSED)], 2, CARRIED, made=NOON).why == ""
    assert state_of([decision(DONE)], [], 0, made=NOON).why == ""
    assert state_of([], [], 0, made=NOON).why == ""


def test_what_facts_rule_out_stays_ruled_out_when_a_newer_one_was_made() -> None:
    state = state_of([decision(DONE, -5)], [], 0, inapplicable="no backup here", made=NOON)
    assert (state.word, state.why) == (IS.NOT_APPLICABLE, "no backup here")


@pytest.mark.parametrize(
    ("item_id", "required", "speaks"),
    [
        ("backup-restorable", Requirement.GO, True),
        ("backup", Requirement.GO, False),
        ("restore-notes", Requirement.NO, False),
        ("docs", Requirement.NO, False),
    ],
)
def test_which_line_speaks_of_the_newest_backup(item_id: str, required: Requirement, speaks: bool) -> None:
    """As production has it; elsewhere the line may be asked for nothing."""
    item = parse(f"- [ ] a <!-- id: {item_id}; required: no, {required} in production -->\n").item(item_id)
    assert speaks_of_newest_backup(item, Kind.PRODUCTION) is speaks
    assert not speaks_of_newest_backup(item, Kind.STAGING)


def test_a_digest_is_shown_by_its_first_eight_digits() -> None:
    assert (short("0123456789abcdef"), short(""), short(None)) == ("01234567", "", "")


def test_a_check_that_is_missing_leaves_the_item_open_and_the_others_are_known() -> None:
    state = state_of([], [result(PASSED)], 2)
    assert (state.word, state.results) == (IS.OPEN, (result(PASSED),))


def test_a_person_s_undone_wins_over_what_was_settled_before() -> None:
    assert state_of([decision(UNDONE)], [], 0, CARRIED).word is IS.OPEN


def test_who_waits_is_told_what_was_settled_before() -> None:
    assert state_of([], [result(WARNING)], 1, settled_at(PASSED)).carried is not None


def test_a_state_names_what_made_it_so() -> None:
    assert state_of([decision(DONE)], [A_FAILED, B_WARNS], 2).results == (A_FAILED,)
    assert state_of([decision(DONE, 1)], [B_WARNS], 1).decision == decision(DONE, 1)
    assert state_of([decision(DONE)], [A_FAILED], 1).decision == decision(DONE)
    assert state_of([decision(DONE, 1)], [B_WARNS], 1).results == (B_WARNS,)
    assert state_of([], [B_WARNS], 1).results == (B_WARNS,)
    assert state_of([], [B_PASSED], 1).results == (B_PASSED,)
    assert state_of([], [result(NO_CASE)], 1).results == (result(NO_CASE),)
    carried = state_of([], [B_PASSED], 2, CARRIED)
    assert (carried.word, carried.results, carried.carried) == (IS.DONE, (B_PASSED,), CARRIED)
    assert state_of([decision(NA)], [B_WARNS], 1) == replace(
        state_of([], [B_WARNS], 1), word=IS.NOT_APPLICABLE, decision=decision(NA)
    )


def test_what_facts_rule_out_does_not_apply_unless_somebody_says_otherwise() -> None:
    why = "no environment stands before this one"
    state = state_of([], [], 1, None, why)
    assert (state.word, state.why) == (IS.NOT_APPLICABLE, why)
    assert state_of([decision(DONE)], [], 1, None, why).word is IS.DONE
    assert state_of([], [result(WARNING)], 1, None, why).word is IS.WAITING


def test_settled_is_any_state_but_open_failed_or_waiting() -> None:
    settled = {word for word in ItemWord if replace(state_of([], [], 0), word=word).settled}
    assert settled == {IS.DONE, IS.NOT_APPLICABLE}


def test_the_worst_answer() -> None:
    order = [PASSED, EVIDENCE, WARNING, COULD_NOT_RUN, FAILED]
    assert [worst([result(one), result(PASSED), result(NO_CASE)]) for one in order] == order
    assert worst([]) is None
    assert worst([result(NO_CASE)]) is None


statuses = st.sampled_from([status for status in Status if status is not FAILED])
kinds = st.sampled_from(list(DecisionKind))


@given(st.lists(st.tuples(kinds, st.integers(0, 20)), max_size=6), st.lists(statuses, max_size=3))
def test_a_standing_failure_is_never_shown_as_done(made: list[tuple[DecisionKind, int]], others: list[Status]) -> None:
    failed = result(FAILED, 10, "bad", "unseen")
    decisions = [decision(kind, at) for kind, at in made]
    results = [failed, *(result(status, check=f"c{number}") for number, status in enumerate(others))]
    word = state_of(decisions, results, len(results)).word
    settling = [one.kind for one in decisions if one.kind not in {NOTE, ASSIGN}]
    waived = bool(settling) and settling[-1] is NA
    assert word is (IS.NOT_APPLICABLE if waived else IS.FAILED)


@given(st.lists(st.sampled_from(list(Status)), max_size=4), st.integers(0, 5))
def test_machines_alone_never_settle_on_less_than_every_answer(found: list[Status], missing: int) -> None:
    results = [result(status, check=f"c{number}") for number, status in enumerate(found)]
    word = state_of([], results, len(results) + missing + 1).word
    assert word not in {IS.DONE, IS.NOT_APPLICABLE}
