from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st
from storage_samples import AT, MINUTE, a_deployment, instants, texts

from bot.core.decision import CheckResult, CheckRun, Purpose, RunState
from bot.storage import Store
from bot.storage.sqlite import new_id
from checks.result import Finding, Status

findings = st.lists(
    st.builds(Finding, texts, texts, texts, st.none() | st.integers(1, 10**6), texts, texts), max_size=3
)


def queue(
    store: Store, deployment_id: str, *checks: str, batch: str = "b1", purpose: Purpose = Purpose.ASKED, at=AT
) -> int:
    return store.write(lambda unit: unit.results.queue(deployment_id, checks, purpose, batch, "U1", at))


def claim(store: Store, at=AT, limit: int = 10) -> tuple[CheckRun, ...]:
    return store.write(lambda unit: unit.results.claim(at, at + MINUTE, limit))


def answer(run: CheckRun, status: Status = Status.PASSED, at=AT) -> CheckResult:
    return CheckResult(new_id(), run.id, run.deployment_id, run.check_id, status, "10 files", at)


@given(st.sampled_from(Status), texts, texts, findings, st.integers(0, 2**31 - 1), st.none() | texts, instants)
def test_a_result_comes_back(shared: Store, status, summary, hint, found, took_ms, fingerprint, at) -> None:
    deployment = shared.write(a_deployment)
    queue(shared, deployment.id, "syntax", batch=new_id())
    (run,) = claim(shared)
    result = CheckResult(
        new_id(), run.id, deployment.id, "syntax", status, summary, at, hint, tuple(found), took_ms, "h", fingerprint
    )
    shared.write(lambda unit: unit.results.finish(run.id, result, at))
    assert shared.read(lambda reader: reader.results.newest(deployment.id)) == {"syntax": result}


def test_what_is_queued_is_not_queued_again(store: Store) -> None:
    deployment = store.write(a_deployment)
    assert queue(store, deployment.id, "syntax", "numbering", "syntax") == 2
    assert queue(store, deployment.id, "syntax", "backup", batch="b2") == 1
    first, second = (run.check_id for run in claim(store))
    assert (first, second) == ("syntax", "numbering")
    assert queue(store, deployment.id, "syntax", batch="b3") == 1


def test_a_go_takes_over_what_was_queued_and_comes_first(store: Store) -> None:
    waiting, deployment = store.write(a_deployment), store.write(a_deployment)
    queue(store, waiting.id, "locks")
    queue(store, deployment.id, "backup", "syntax", batch="asked")
    assert queue(store, deployment.id, "backup", "history", batch="go", purpose=Purpose.GO, at=AT + MINUTE) == 2
    assert {run.check_id for run in claim(store, AT + MINUTE)} == {"backup", "history"}
    assert [run.check_id for run in store.read(lambda reader: reader.results.batch(deployment.id, "asked"))] == [
        "syntax"
    ]


def test_a_claim_is_of_one_batch_and_bounded(store: Store) -> None:
    one, other = store.write(a_deployment), store.write(a_deployment)
    queue(store, one.id, "a", "b", "c")
    queue(store, other.id, "a", at=AT + MINUTE)
    assert [(run.deployment_id, run.check_id) for run in claim(store, limit=2)] == [(one.id, "a"), (one.id, "b")]
    assert [(run.deployment_id, run.check_id) for run in claim(store)] == [(one.id, "c")]
    assert [(run.deployment_id, run.check_id) for run in claim(store)] == [(other.id, "a")]
    assert claim(store) == ()


def test_a_lease_that_ran_out_is_claimed_again(store: Store) -> None:
    deployment = store.write(a_deployment)
    queue(store, deployment.id, "a")
    (first,) = claim(store)
    assert (first.state, first.started_at, first.lease_until) == (RunState.RUNNING, AT, AT + MINUTE)
    assert claim(store, AT + MINUTE / 2) == ()
    (again,) = claim(store, AT + MINUTE)
    assert again.id == first.id


def test_two_claimers_never_get_the_same(store: Store) -> None:
    deployment = store.write(a_deployment)
    queue(store, deployment.id, *(f"check-{n}" for n in range(60)))
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: claim(store, limit=3), range(24)))
    ids = [run.id for claimed in claims for run in claimed]
    assert len(ids) == len(set(ids)) == 60


def test_the_newest_answer_wins_and_late_ones_are_dropped(store: Store) -> None:
    deployment = store.write(a_deployment)
    for minutes, status in enumerate((Status.FAILED, Status.PASSED)):
        queue(store, deployment.id, "a", at=AT + minutes * MINUTE)
        (run,) = claim(store, AT + minutes * MINUTE)
        result = answer(run, status, AT + minutes * MINUTE)
        store.write(lambda unit, r=run, a=result: unit.results.finish(r.id, a, AT))
        store.write(lambda unit, r=run: unit.results.finish(r.id, answer(r, Status.WARNING, AT + 9 * MINUTE), AT))
    newest = store.read(lambda reader: reader.results.newest(deployment.id))
    assert [result.status for result in newest.values()] == [Status.PASSED]


def test_a_cancelled_run_keeps_no_answer(store: Store) -> None:
    deployment = store.write(a_deployment)
    queue(store, deployment.id, "a", "b")
    run, _ = claim(store)
    store.write(lambda unit: unit.results.cancel(deployment.id, AT))
    store.write(lambda unit: unit.results.finish(run.id, answer(run), AT))
    assert store.read(lambda reader: reader.results.newest(deployment.id)) == {}
    assert claim(store, AT + 9 * MINUTE) == ()


def test_runs_shows_open_batches_whole_and_ended_ones_not(store: Store) -> None:
    deployment = store.write(a_deployment)
    queue(store, deployment.id, "a", "b")
    first, second = claim(store)
    store.write(lambda unit: unit.results.finish(first.id, answer(first), AT))
    states = {run.check_id: run.state for run in store.read(lambda reader: reader.results.runs(deployment.id))}
    assert states == {"a": RunState.DONE, "b": RunState.RUNNING}
    store.write(lambda unit: unit.results.finish(second.id, None, AT))
    assert store.read(lambda reader: reader.results.runs(deployment.id)) == ()
    assert {run.state for run in store.read(lambda reader: reader.results.batch(deployment.id, "b1"))} == {
        RunState.DONE
    }


def test_an_act_that_was_under_way_is_never_taken_again(store: Store) -> None:
    deployment = store.write(a_deployment)
    queue(store, deployment.id, "refresh-views", purpose=Purpose.ACT)
    (run,) = claim(store)
    store.write(lambda unit: unit.results.requeue())
    assert claim(store, at=AT + 1000 * MINUTE) == ()
    assert store.read(lambda reader: reader.results.interrupted_acts())[0].id == run.id
