"""What is said arrives once and in order, whatever Slack does meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bot_under_test import BotUnderTest, Waiting, deployment_of, eventually, started
from slack_samples import a_deployment

from bot.core.signing import read_seal, seal
from bot.demo.standin import Person, StandIn
from bot.slack.outbound.posting import metadata
from bot.slack.outbound.publisher import HEARTBEAT
from bot.usecases.act import Act
from bot.usecases.books.rows import Said
from bot.usecases.books.units import SaidRow
from bot.usecases.lifecycle.complete import post_record
from bot.usecases.views import record_text
from tests.outbox import said_row

MakeBot = Callable[..., BotUnderTest]


def now() -> datetime:
    return datetime.now(UTC)


def row(slack: StandIn, words: str, sort: str = "post", lane: str = "one", **facts: Any) -> Said:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": words}}
    channel = slack.workspace.channel_named("#deploys").id
    body = {"channel": channel, "text": words, "blocks": [section], **facts}
    return Said(f"key-{words}", sort, lane, "shown", body)


def say(bot: BotUnderTest, *rows: Said) -> None:
    for each in rows:
        bot.store.write(lambda unit, each=each: unit.outbox.say(each, now()))


def delivery(bot: BotUnderTest, said: Said) -> SaidRow:
    found = bot.store.read(lambda reader: said_row(reader, said.key))
    assert found is not None
    return found


def settled(bot: BotUnderTest, said: Said, state: str, seconds: float = 15) -> SaidRow:
    """The row once it has come to this."""
    assert eventually(lambda: delivery(bot, said).state == state, seconds), delivery(bot, said)
    return delivery(bot, said)


def shown_in(slack: StandIn, channel: str = "#deploys") -> list[str]:
    room = slack.workspace.channel_named(channel)
    posted = sorted(slack.workspace.messages[room.id].values(), key=lambda message: float(message.ts))
    return [message.text for message in posted if message.ephemeral_to is None]


@pytest.mark.parametrize("fault", ["lost_answer", "broken"])
def test_a_post_whose_answer_failed_arrives_once(make_bot: MakeBot, slack: StandIn, fault: str) -> None:
    bot = make_bot(waiting=Waiting(10))
    getattr(slack.faults, fault)("chat.postMessage")
    bot.publisher.start()
    said = row(slack, "hello")
    say(bot, said)
    arrived = settled(bot, said, "sent")
    assert shown_in(slack) == ["hello"]
    assert arrived.ts in slack.workspace.messages[str(arrived.channel)]


def test_a_direct_message_whose_answer_was_lost_arrives_once(make_bot: MakeBot, slack: StandIn, dana: Person) -> None:
    bot = make_bot(waiting=Waiting(10))
    slack.faults.lost_answer("chat.postMessage")
    bot.publisher.start()
    said = row(slack, "please decide", "direct", user="U0DANA")
    say(bot, said)
    settled(bot, said, "sent")
    assert dana.told() == ["please decide"]


def test_retry_after_is_obeyed_and_other_channels_go_on(make_bot: MakeBot, slack: StandIn) -> None:
    waiting = Waiting(5)
    bot = make_bot(waiting=waiting)
    other = slack.add_channel("other")
    slack.faults.limited("chat.postMessage", retry_after=2)
    bot.publisher.start()
    said = row(slack, "waits")
    say(bot, said)
    assert eventually(lambda: slack.calls.of("chat.postMessage")), "the limited attempt"
    elsewhere = row(slack, "elsewhere", lane="two", channel=other.id)
    say(bot, elsewhere)
    settled(bot, elsewhere, "sent")
    settled(bot, said, "sent")
    first, *later = [call for call in slack.calls.of("chat.postMessage") if call.args["text"] == "waits"]
    assert [call.outcome for call in later] == ["ok"]
    assert (later[0].at - first.at) * waiting.speed >= 2


def test_while_slack_is_down_nothing_is_lost_and_then_all_arrives_once_and_in_order(
    make_bot: MakeBot, slack: StandIn
) -> None:
    waiting = Waiting(4)
    bot = make_bot(waiting=waiting)
    slack.faults.down()
    bot.publisher.start()
    rows = [row(slack, f"message {number}") for number in range(5)]
    say(bot, *rows)
    tries_before_it_rests = 3
    assert not eventually(lambda: len(slack.calls.entries) > tries_before_it_rests, 1.5 / waiting.speed)
    slack.faults.up()
    settled(bot, rows[-1], "sent", 30)
    assert shown_in(slack) == [f"message {number}" for number in range(5)]


def test_a_commit_before_the_kill_is_sent_by_the_next_process(make_bot: MakeBot, slack: StandIn) -> None:
    said = row(slack, "committed")
    killed = make_bot()
    say(killed, said)
    make_bot().publisher.start()
    settled(killed, said, "sent")
    assert shown_in(slack) == ["committed"]


@pytest.mark.parametrize("arrived", [True, False])
def test_a_kill_while_sending_neither_loses_nor_doubles(make_bot: MakeBot, slack: StandIn, arrived: bool) -> None:
    """The row says *sending*; whether Slack had it is looked up by the key in the message's metadata."""
    said = row(slack, "half sent")
    killed = make_bot()
    say(killed, said)
    killed.store.write(lambda unit: unit.said.start_sending(said_row(unit, said.key).id))
    if arrived:
        body = {"channel": said.facts["channel"], "text": "half sent", "metadata": metadata(said.key)}
        killed.clients.sending.chat_postMessage(**body)
    make_bot(waiting=Waiting(10)).publisher.start()
    settled(killed, said, "sent")
    assert shown_in(slack) == ["half sent"]


def test_a_private_answer_is_said_at_most_once(make_bot: MakeBot, slack: StandIn, ann: Person) -> None:
    bot = make_bot()
    slack.faults.lost_answer("chat.postEphemeral")
    bot.publisher.start()
    said = row(slack, "only you", "ephemeral", user="U0ANN")
    say(bot, said)
    assert "at most once" in str(settled(bot, said, "dead").error)
    assert ann.told() == ["only you"]


def test_a_private_answer_that_is_too_late_is_not_said(make_bot: MakeBot, slack: StandIn, ann: Person) -> None:
    bot = make_bot()
    said = row(slack, "too late", "ephemeral", user="U0ANN")
    bot.store.write(lambda unit: unit.outbox.say(said, now() - timedelta(minutes=6)))
    bot.publisher.start()
    assert settled(bot, said, "dead").error == "expired"
    assert ann.told() == []


def test_where_the_bot_is_not_in_the_channel_the_answer_comes_as_a_direct_message(
    make_bot: MakeBot, slack: StandIn, ann: Person
) -> None:
    bot = make_bot()
    elsewhere = slack.add_channel("elsewhere", bot=False)
    bot.publisher.start()
    said = row(slack, "found you", "ephemeral", user="U0ANN", channel=elsewhere.id)
    say(bot, said)
    settled(bot, said, "sent")
    assert ann.told() == ["found you"]


def test_what_slack_refuses_for_good_is_given_up_and_doctor_can_read_it(make_bot: MakeBot, slack: StandIn) -> None:
    bot = make_bot()
    bot.publisher.start()
    nowhere = row(slack, "nowhere", channel="C0NOWHERE")
    after = row(slack, "after")
    say(bot, nowhere, after)
    assert settled(bot, nowhere, "dead").error == "channel_not_found"
    settled(bot, after, "sent")
    make_bot().publisher.start()
    beat = lambda: bot.store.read(lambda reader: reader.heartbeats.all())[HEARTBEAT].detail  # noqa: E731
    assert eventually(lambda: "shown: channel_not_found" in beat()), beat()


def test_a_missing_token_costs_no_message(make_bot: MakeBot, slack: StandIn) -> None:
    bot = make_bot(waiting=Waiting(10))
    right, bot.clients.sending.token = bot.clients.sending.token, "xoxb-wrong"
    bot.publisher.start()
    said = row(slack, "patient")
    say(bot, said)
    assert eventually(lambda: slack.calls.of("chat.postMessage"))
    bot.clients.sending.token = right
    settled(bot, said, "sent")
    assert shown_in(slack) == ["patient"]


@pytest.mark.parametrize(
    "lost", ["", "files.getUploadURLExternal", "files.completeUploadExternal"], ids=["well", "address", "sharing"]
)
def test_a_file_is_shared_once(make_bot: MakeBot, slack: StandIn, ann: Person, lost: str) -> None:
    bot = make_bot(waiting=Waiting(10))
    if lost:
        slack.faults.lost_answer(lost)
    root = bot.clients.sending.chat_postMessage(channel=row(slack, "x").facts["channel"], text="root")
    kept = _dashboard_at(bot, str(root["ts"]))
    bot.publisher.start()
    said = row(slack, "# Record", "file", filename="record.md", title="Record")
    bot.store.write(lambda unit: unit.outbox.say(_of(said, kept), now()))
    settled(bot, said, "sent")
    shared = [file for file in slack.workspace.files.values() if file.channels]
    assert [(file.name, file.content) for file in shared] == [("record.md", b"# Record")]
    in_thread = slack.workspace.in_thread(str(root["channel"]), str(root["ts"]))
    assert [message.files for message in in_thread if message.files] == [[shared[0].id]]


@pytest.mark.parametrize("lost", ["", "files.completeUploadExternal"], ids=["well", "sharing"])
def test_the_chain_has_the_digest_of_the_record_that_is_shared(
    make_bot: MakeBot, slack: StandIn, ann: Person, lost: str
) -> None:
    bot = make_bot(waiting=Waiting(10)).connected()
    started(bot, ann)
    found = deployment_of(bot)
    if lost:
        slack.faults.lost_answer(lost)
    bot.store.write(lambda unit: post_record(unit, bot.project, found, Act("U0ANN", now(), found.team)))
    assert eventually(lambda: any(file.channels for file in slack.workspace.files.values()))
    (shared,) = (file for file in slack.workspace.files.values() if file.channels)
    sealed = read_seal(shared.content or b"")
    assert sealed is not None
    bodies = [json.loads(one.body) for one in bot.store.read(lambda reader: reader.journal.entries(found.chain))]
    told = [body for body in bodies if body["event"] == "record-written"]
    as_exported = bot.store.read(lambda reader: record_text(reader, bot.project, found.id, now()))
    assert (shared.content or b"").decode() == seal(as_exported, None)
    assert {"digest": sealed.digest, "state": "preparing"}.items() <= told[-1].items()


def _of(said: Said, deployment_id: str) -> Said:
    return replace(said, deployment_id=deployment_id)


def _dashboard_at(bot: BotUnderTest, ts: str) -> str:
    """A deployment whose dashboard Slack has already."""

    def work(unit: Any) -> str:
        deployment = a_deployment(unit)
        unit.outbox.want(deployment.id, "dashboard", "", bot.project.channel, now())
        live = unit.outbox.wanted(deployment.id)[0]
        unit.live.mark_sent(live.id, live.wanted, "as it is", ts=ts)
        return deployment.id

    return bot.store.write(work)
