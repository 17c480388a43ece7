"""An item's state follows DESIGN's order: the first rule that holds wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.decision import CheckResult, Decision, DecisionKind
from bot.core.item import Carried, ItemWord, state_of
from checks.result import Status

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CARRIED = Carried("U1", NOON, "settled in staging 3", "d0")


def result(status: Status, at: int = 0, check: str = "a", inputs: str = "x") -> CheckResult:
    moment = NOON + timedelta(minutes=at)
    return CheckResult("r", "run", "d", check, status, "summary", moment, inputs_hash=inputs)


def decision(kind: DecisionKind, at: int = 0, seen: frozenset[str] = frozenset()) -> Decision:
    moment = NOON + timedelta(minutes=at)
    return Decision("id", "d", "item", kind, "U1", moment, moment, seen=seen)


def test_nothing_known_is_open() -> None:
    assert state_of([], [], 0).word is ItemWord.OPEN


def test_a_person_s_done_settles_an_item_without_checks() -> None:
    assert state_of([decision(DecisionKind.DONE)], [], 0).word is ItemWord.DONE


def test_undone_opens_again() -> None:
    made = [decision(DecisionKind.DONE), decision(DecisionKind.UNDONE, 1)]
    assert state_of(made, [], 0).word is ItemWord.OPEN


def test_not_applicable_wins_over_a_failed_check() -> None:
    made = [decision(DecisionKind.NOT_APPLICABLE)]
    assert state_of(made, [result(Status.FAILED, 5)], 1).word is ItemWord.NOT_APPLICABLE


def test_a_failed_check_reopens_what_a_person_ticked() -> None:
    assert state_of([decision(DecisionKind.DONE)], [result(Status.FAILED, 5)], 1).word is ItemWord.FAILED


def test_an_override_that_saw_this_very_result_settles() -> None:
    failed = result(Status.FAILED)
    made = [decision(DecisionKind.OVERRIDE, 1, frozenset({failed.digest}))]
    assert state_of(made, [failed], 1).word is ItemWord.DONE


def test_the_same_failure_run_again_stays_overridden() -> None:
    failed = result(Status.FAILED)
    made = [decision(DecisionKind.OVERRIDE, 1, frozenset({failed.digest}))]
    assert state_of(made, [result(Status.FAILED, 9)], 1).word is ItemWord.DONE


def test_another_failure_is_not_covered_by_an_old_override() -> None:
    made = [decision(DecisionKind.OVERRIDE, 1, frozenset({result(Status.FAILED).digest}))]
    assert state_of(made, [result(Status.FAILED, 9, inputs="y")], 1).word is ItemWord.FAILED


def test_undone_takes_an_override_back() -> None:
    failed = result(Status.FAILED)
    made = [
        decision(DecisionKind.OVERRIDE, 1, frozenset({failed.digest})),
        decision(DecisionKind.UNDONE, 2, frozenset({failed.digest})),
    ]
    assert state_of(made, [failed], 1).word is ItemWord.FAILED


def test_all_checks_passed_is_done_and_one_missing_answer_is_open() -> None:
    passed = [result(Status.PASSED, check="a"), result(Status.PASSED, check="b")]
    assert state_of([], passed, 2).word is ItemWord.DONE
    assert state_of([], passed[:1], 2).word is ItemWord.OPEN


def test_every_check_not_applicable_makes_the_item_not_applicable() -> None:
    assert state_of([], [result(Status.NOT_APPLICABLE)], 1).word is ItemWord.NOT_APPLICABLE


def test_warning_evidence_and_could_not_run_wait_for_a_person() -> None:
    for status in (Status.WARNING, Status.EVIDENCE, Status.COULD_NOT_RUN):
        assert state_of([], [result(status)], 1).word is ItemWord.WAITING


def test_carried_settles_unless_a_check_fails() -> None:
    assert state_of([], [], 0, CARRIED).word is ItemWord.DONE
    assert state_of([], [result(Status.EVIDENCE)], 1, replace(CARRIED, verdict=Status.EVIDENCE)).word is ItemWord.DONE
    assert state_of([], [result(Status.FAILED)], 1, CARRIED).word is ItemWord.FAILED


def test_a_done_older_than_the_evidence_waits_for_another_look() -> None:
    assert state_of([decision(DecisionKind.DONE)], [result(Status.WARNING, 5)], 1).word is ItemWord.WAITING


statuses = st.sampled_from([status for status in Status if status is not Status.FAILED])
kinds = st.sampled_from(list(DecisionKind))


@given(st.lists(st.tuples(kinds, st.integers(0, 20)), max_size=6), st.lists(statuses, max_size=3))
def test_a_standing_failure_is_never_shown_as_done(made: list[tuple[DecisionKind, int]], others: list[Status]) -> None:
    failed = result(Status.FAILED, 10, "bad", "unseen")
    decisions = [decision(kind, at) for kind, at in made]
    results = [failed, *(result(status, check=f"c{number}") for number, status in enumerate(others))]
    word = state_of(decisions, results, len(results)).word
    settling = [one.kind for one in decisions if one.kind not in {DecisionKind.NOTE, DecisionKind.ASSIGN}]
    waived = bool(settling) and settling[-1] is DecisionKind.NOT_APPLICABLE
    assert word is (ItemWord.NOT_APPLICABLE if waived else ItemWord.FAILED)


@given(st.lists(st.sampled_from(list(Status)), max_size=4), st.integers(0, 5))
def test_machines_alone_never_settle_on_less_than_every_answer(found: list[Status], missing: int) -> None:
    results = [result(status, check=f"c{number}") for number, status in enumerate(found)]
    word = state_of([], results, len(results) + missing + 1).word
    assert word not in {ItemWord.DONE, ItemWord.NOT_APPLICABLE}
