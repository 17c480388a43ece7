from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from storage_samples import AT, MINUTE, a_deployment, instants, texts

from bot.storage import Store
from bot.storage.database import Unit
from bot.storage.sqlite import new_id
from bot.usecases.books.rows import BreakGlass, Hold, Standing
from bot.usecases.books.units import Heartbeat


def test_a_reminder_is_planned_once_and_the_next_due_comes_first(store: Store) -> None:
    deployment = store.write(a_deployment)
    for minutes in (2, 1, 2):
        store.write(lambda unit, m=minutes: unit.reminders.plan(deployment.id, "due", "day-3", AT + m * MINUTE))
    pending = store.read(lambda reader: reader.reminders.pending())
    assert [reminder.due for reminder in pending] == [AT + MINUTE, AT + 2 * MINUTE]
    assert (pending[0].deployment_id, pending[0].kind, pending[0].subject) == (deployment.id, "due", "day-3")


def test_a_reminder_is_claimed_once_by_eight_threads(store: Store) -> None:
    deployment = store.write(a_deployment)
    store.write(lambda unit: unit.reminders.plan(deployment.id, "due", "day-3", AT))
    (reminder,) = store.read(lambda reader: reader.reminders.pending())
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: store.write(lambda unit: unit.reminders.claim(reminder.id, AT)), range(8)))
    assert [claimed for claimed in claims if claimed] == [reminder]
    assert store.read(lambda reader: reader.reminders.pending()) == ()


def test_cancelled_reminders_wait_again_when_planned_again(store: Store) -> None:
    deployment = store.write(a_deployment)

    def plan(unit: Unit) -> None:
        for kind in ("due", "ask", "close"):
            unit.reminders.plan(deployment.id, kind, "", AT)

    store.write(plan)
    store.write(lambda unit: unit.reminders.cancel(deployment.id, ["due", "ask"], AT))
    assert [r.kind for r in store.read(lambda reader: reader.reminders.pending())] == ["close"]
    store.write(lambda unit: unit.reminders.cancel(deployment.id, None, AT))
    assert store.read(lambda reader: reader.reminders.pending()) == ()
    store.write(plan)
    assert len(store.read(lambda reader: reader.reminders.pending())) == 3


def test_a_done_reminder_does_not_come_back(store: Store) -> None:
    deployment = store.write(a_deployment)
    store.write(lambda unit: unit.reminders.plan(deployment.id, "due", "", AT))
    (reminder,) = store.read(lambda reader: reader.reminders.pending())
    store.write(lambda unit: unit.reminders.claim(reminder.id, AT))
    store.write(lambda unit: unit.reminders.plan(deployment.id, "due", "", AT))
    assert store.read(lambda reader: reader.reminders.pending()) == ()


def test_a_notice_is_delivered_when_slack_shows_its_message(store: Store) -> None:
    deployment = store.write(a_deployment)

    def tell(unit: Unit) -> bool:
        return unit.notices.add(deployment.id, "completion", "C1", "C1 completion", AT, "digests")

    assert [store.write(tell), store.write(tell)] == [True, False]
    (notice,) = store.read(lambda reader: reader.notices.of(deployment.id))
    assert (notice.delivered_at, notice.permalink, notice.acknowledged) == (None, None, ())
    arrived = [("C1", AT), ("C1 completion", AT + MINUTE), ("C1 completion", AT + 2 * MINUTE)]
    news = [
        store.write(lambda unit, s=subject, at=at: unit.notices.deliver(deployment.id, s, at, "https://x/1"))
        for subject, at in arrived
    ]
    assert news == [False, True, False], "another message, then this one, then it again"
    clicks = [store.write(lambda unit, w=who: unit.notices.acknowledge(notice.id, w, AT)) for who in ("U2", "U1", "U2")]
    assert clicks == [True, True, False]
    read = {"acknowledged": ("U1", "U2"), "acknowledged_at": (AT, AT)}
    expected = replace(notice, delivered_at=AT + MINUTE, permalink="https://x/1", **read)
    assert store.read(lambda reader: reader.notices.get(notice.id)) == expected
    assert store.read(lambda reader: reader.notices.get("none")) is None


@given(texts, texts, texts, instants, instants)
def test_a_standing_item_is_the_newest_settled(shared: Store, environment, item, evidence, at, until) -> None:
    deployment = shared.write(a_deployment)
    standing = Standing(item, deployment.id, "U1", evidence, at, until)
    for each in (replace(standing, evidence="older"), standing):
        shared.write(lambda unit, s=each: unit.standings.settle("T1", "p", environment, s))
    assert shared.read(lambda reader: reader.standings.of("T1", "p", environment))[item] == standing
    shared.write(lambda unit: unit.standings.forget("T1", "p", environment, item))
    assert item not in shared.read(lambda reader: reader.standings.of("T1", "p", environment))


@given(texts, texts, texts, instants)
def test_a_hold_lasts_until_its_exit(shared: Store, reason, finding, statement, at) -> None:
    deployment = shared.write(a_deployment)
    hold = Hold(new_id(), deployment.id, "U1", reason, finding, statement, at)
    shared.write(lambda unit: unit.troubles.hold(hold))
    assert shared.read(lambda reader: reader.troubles.current_hold(deployment.id)) == hold
    shared.write(lambda unit: unit.troubles.end_hold(hold, "retry", "U2", at))
    assert shared.read(lambda reader: reader.troubles.current_hold(deployment.id)) is None


@given(texts, st.lists(texts, max_size=4).map(tuple), instants, instants)
def test_broken_glass_keeps_its_first_review(shared: Store, reason, skipped, at, due) -> None:
    deployment = shared.write(a_deployment)
    record = BreakGlass(deployment.id, "U1", reason, skipped, at, due)
    shared.write(lambda unit: unit.troubles.break_glass(record))
    assert shared.read(lambda reader: reader.troubles.broken_glass(deployment.id)) == record
    for who in ("U2", "U3"):
        shared.write(lambda unit, w=who: unit.troubles.review_glass(deployment.id, w, AT))
    reviewed = replace(record, reviewed_by="U2", reviewed_at=AT)
    assert shared.read(lambda reader: reader.troubles.broken_glass(deployment.id)) == reviewed


@given(texts, texts)
def test_the_newest_baseline_counts(shared: Store, first: str, second: str) -> None:
    deployment = shared.write(a_deployment)
    assert shared.read(lambda reader: reader.troubles.baseline(deployment.id)) is None
    for data in (first, second):
        shared.write(lambda unit, d=data: unit.troubles.keep_baseline(deployment.id, d, AT))
    assert shared.read(lambda reader: reader.troubles.baseline(deployment.id)) == second


def test_the_last_beat_of_each_loop(store: Store) -> None:
    for name, minutes in (("publisher", 0), ("alarm", 0), ("publisher", 1)):
        store.write(lambda unit, n=name, m=minutes: unit.heartbeats.beat(n, AT + m * MINUTE, "12 open"))
    beats = store.read(lambda reader: reader.heartbeats.all())
    assert beats == {
        "alarm": Heartbeat("alarm", AT, "12 open"),
        "publisher": Heartbeat("publisher", AT + MINUTE, "12 open"),
    }
