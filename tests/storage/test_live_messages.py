from __future__ import annotations

import pytest
from storage_samples import AT, MINUTE, a_deployment

from bot.storage import Store
from bot.usecases.books.rows import Live


def want(
    store: Store, kind: str = "section", subject: str = "Testing", at=AT, urgent: bool = False, part: int = 0
) -> None:
    store.write(lambda unit: unit.outbox.want(None, kind, subject, "C1", at, part=part, urgent=urgent))


def behind(store: Store, at=AT) -> tuple[Live, ...]:
    return store.read(lambda reader: reader.live.behind(at))


def only(store: Store) -> Live:
    (message,) = behind(store)
    return message


def start(store: Store, message: Live) -> Live:
    started = store.write(lambda unit: unit.live.start_sending(message.id))
    assert started is not None
    return started


def post(store: Store, message: Live, ts: str = "1.1", version: int | None = None) -> None:
    sent = message.wanted if version is None else version
    store.write(lambda unit: unit.live.mark_sent(message.id, sent, "hash", ts=ts, thread_ts="1.0"))


def test_wanting_often_is_one_message_behind(store: Store) -> None:
    for _ in range(3):
        want(store)
    message = only(store)
    assert (message.wanted, message.sent, message.ts, message.state, message.wanted_at) == (3, 0, None, "pending", AT)
    post(store, start(store, message))
    assert behind(store) == ()
    shown = store.read(lambda reader: reader.outbox.message_at("C1", "1.1"))
    assert shown is not None
    assert (shown.sent, shown.state, shown.rendered_hash, shown.thread_ts) == (3, "sent", "hash", "1.0")
    assert store.read(lambda reader: reader.outbox.message_at("C1", "9.9")) is None


def test_a_click_while_sending_leaves_it_behind(store: Store) -> None:
    want(store)
    message = start(store, only(store))
    want(store, at=AT + MINUTE)
    assert behind(store) == ()
    post(store, message)
    assert (only(store).wanted, only(store).sent, only(store).ts) == (2, 1, "1.1")


def test_a_message_is_sent_by_one_only(store: Store) -> None:
    want(store)
    message = only(store)
    starts = [store.write(lambda unit: unit.live.start_sending(message.id)) for _ in range(2)]
    assert [started is not None for started in starts] == [True, False]


def test_urgent_first_then_longest_wanted(store: Store) -> None:
    want(store, subject="b", at=AT + MINUTE)
    want(store, subject="a")
    want(store, subject="clicked", at=AT + 2 * MINUTE, urgent=True)
    want(store, subject="clicked", at=AT + 3 * MINUTE)
    assert [message.subject for message in behind(store)] == ["clicked", "a", "b"]
    post(store, start(store, behind(store)[0]))
    want(store, subject="clicked", at=AT + 3 * MINUTE)
    assert [message.subject for message in behind(store)] == ["a", "b", "clicked"]


def test_parts_and_deployments_are_messages_of_their_own(store: Store) -> None:
    deployment = store.write(a_deployment)
    want(store, part=0)
    want(store, part=1)
    store.write(lambda unit: unit.outbox.want(deployment.id, "section", "Testing", "C1", AT))
    assert len(behind(store)) == 3
    (own,) = store.read(lambda reader: reader.outbox.wanted(deployment.id))
    assert (own.deployment_id, own.subject) == (deployment.id, "Testing")


def test_a_lost_answer_of_a_first_post_is_unsure_of_an_update_sent_again(store: Store) -> None:
    for subject in ("posted", "new"):
        want(store, subject=subject)
    posted, _ = behind(store)
    post(store, start(store, posted))
    want(store, subject="posted", at=AT + MINUTE)
    for message in behind(store):
        start(store, message)
    assert store.write(lambda unit: unit.live.recover()) == 2
    states = {message.subject: (message.state, message.attempts) for message in behind(store)}
    assert states == {"posted": ("sent", 1), "new": ("unsure", 1)}
    again = start(store, next(message for message in behind(store) if message.subject == "new"))
    assert (again.state, again.attempts) == ("unsure", 2)


def test_a_retry_waits_for_its_time(store: Store) -> None:
    want(store)
    message = start(store, only(store))
    store.write(lambda unit: unit.live.retry_at(message.id, AT + MINUTE))
    assert behind(store) == ()
    assert [m.state for m in behind(store, AT + MINUTE)] == ["pending"]
    store.write(lambda unit: unit.live.mark_unsure(message.id, AT + 2 * MINUTE))
    assert [m.state for m in behind(store, AT + 2 * MINUTE)] == ["unsure"]


def test_a_message_that_slack_lost_is_posted_anew(store: Store) -> None:
    want(store)
    message = start(store, only(store))
    post(store, message)
    store.write(lambda unit: unit.live.mark_gone(message.id))
    assert (only(store).ts, only(store).rendered_hash, only(store).state) == (None, None, "pending")


def test_a_dead_message_lives_when_it_is_wanted_again(store: Store) -> None:
    want(store)
    message = start(store, only(store))
    store.write(lambda unit: unit.live.mark_dead(message.id))
    assert behind(store) == ()
    want(store)
    assert (only(store).state, only(store).attempts) == ("pending", 0)


@pytest.mark.parametrize("posted", [True, False])
def test_a_posted_message_stays_in_its_channel(store: Store, posted: bool) -> None:
    want(store)
    if posted:
        post(store, start(store, only(store)))
    store.write(lambda unit: unit.outbox.want(None, "section", "Testing", "C2", AT))
    assert only(store).channel == ("C1" if posted else "C2")


def test_what_is_put_off_waits_also_when_it_is_wanted_again_until_it_is_woken(store: Store) -> None:
    later = AT + 60 * MINUTE
    store.write(lambda unit: unit.outbox.want(None, "asked", "dba:U1", "U1", AT, not_before=later))
    want(store, "asked", "dba:U1")
    assert behind(store) == ()
    assert [message.wanted for message in behind(store, later)] == [2]
    store.write(lambda unit: unit.outbox.wake(behind(store, later)[0].id))
    assert only(store).subject == "dba:U1"
