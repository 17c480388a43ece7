"""Messages that show state: posted once, repainted only where they look different, pace and order kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bot_under_test import BotUnderTest, Waiting, behind, deployment_of, eventually, started

from bot.demo.standin import Person, StandIn
from bot.slack.outbound.pace import Rates
from bot.usecases.act import repaint_all
from bot.usecases.telling import WHOLE
from tests.outbox import said_row

MakeBot = Callable[..., BotUnderTest]


def test_sections_stand_in_the_thread_in_the_checklists_order(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    titles = [message.text().splitlines()[0] for message in thread.messages()]
    order = ["Development Environment", "Testing", "Code Review", "Pre-Deployment Checks"]
    found = [next(i for i, title in enumerate(titles) if title.startswith(name)) for name in order]
    assert found == sorted(found)
    in_channel = [m for m in ann.service.workspace.messages[bot.project.channel].values() if not m.ephemeral_to]
    assert [m.ts for m in in_channel if not m.is_reply] == [thread.ts]


def test_a_message_that_looks_the_same_is_not_sent_again(bot: BotUnderTest, slack: StandIn, ann: Person) -> None:
    started(bot, ann)
    before = len(slack.calls.of("chat.update"))
    deployment = deployment_of(bot)
    bot.store.write(lambda unit: repaint_all(unit, bot.project, deployment, bot.services.clock()))
    assert eventually(lambda: not behind(bot))
    assert len(slack.calls.of("chat.update")) == before


def test_a_clicked_message_is_repainted_without_spending_an_update(
    bot: BotUnderTest, slack: StandIn, ann: Person
) -> None:
    thread = started(bot, ann)
    section = thread.sees("Testing")
    ann.presses("Done", in_=section, beside="Run all migrations on test database")
    assert section.becomes("✓ 1 done")
    assert eventually(lambda: not behind(bot))
    updated = [call.args["ts"] for call in slack.calls.of("chat.update")]
    assert section.ts not in updated


def test_a_dashboard_whose_answer_was_lost_is_posted_once(make_bot: MakeBot, slack: StandIn, ann: Person) -> None:
    bot = make_bot(waiting=Waiting(4)).connected()
    slack.faults.lost_answer("chat.postMessage", times=2)
    started(bot, ann)
    room = slack.workspace.messages[bot.project.channel]
    roots = [m.text for m in room.values() if not m.is_reply and not m.ephemeral_to]
    assert len(roots) == 1
    replies = [m.text.split(":")[0] for m in room.values() if m.is_reply and not m.ephemeral_to]
    assert len(replies) == len(set(replies))


def test_a_deleted_message_is_posted_anew(bot: BotUnderTest, slack: StandIn, ann: Person) -> None:
    thread = started(bot, ann)
    section = thread.sees("Testing")
    with slack.workspace.changing():
        del slack.workspace.messages[bot.project.channel][section.ts]
    ann.presses("Done", in_=section, beside="Run all migrations on test database")
    fresh = thread.sees("Testing", timeout=10)
    assert fresh.ts != section.ts
    assert "✓ 1 done" in fresh.text()


def test_updates_stay_below_slacks_limits_when_slack_counts(
    make_bot: MakeBot, slack: StandIn, ann: Person, bo: Person
) -> None:
    waiting = Waiting(4)
    slack.rates.enabled, slack.rates.clock = True, waiting.seconds
    bot = make_bot(rates=Rates(posts_a_second=1), waiting=waiting).connected()
    thread = started(bot, ann)
    for label in ("Peer review of all migration files", "Check for potential performance issues"):
        bo.presses("Done", in_=thread.sees("Code Review"), beside=label)
    assert eventually(lambda: not behind(bot), 40)
    assert slack.calls.busiest_minute("chat.update") <= 50
    assert [call for call in slack.calls.entries if call.outcome == "ratelimited"] == []


def test_slack_down_while_people_click_then_everything_is_right(make_bot: MakeBot, slack: StandIn, ann: Person) -> None:
    """Clicks come in by the socket; here the Web API alone is broken for a while."""
    bot = make_bot(waiting=Waiting(4)).connected()
    thread = started(bot, ann)
    section = thread.sees("Testing")
    slack.faults.broken("*", times=6)
    ann.presses("Done", in_=section, beside="Run all migrations on test database")
    assert section.becomes("✓ 1 done", timeout=30)
    assert eventually(lambda: not behind(bot), 40)


def test_the_dashboard_is_pinned_while_it_is_open(bot: BotUnderTest, ann: Person) -> None:
    dashboard = started(bot, ann).messages()[0].becomes("📌 pinned")
    ann.chooses("More …", "Abort …", in_=dashboard)
    assert ann.modal("Abort").fill("Why?", "wrong range").submit() is None
    dashboard.becomes("aborted")
    assert eventually(lambda: "📌 pinned" not in dashboard.text())


@pytest.mark.parametrize("refusal", ["already_pinned", "missing_scope"])
def test_a_pin_that_slack_refuses_is_no_fault(bot: BotUnderTest, slack: StandIn, ann: Person, refusal: str) -> None:
    slack.faults.refused("pins.add", refusal)
    started(bot, ann)
    assert eventually(lambda: slack.calls.of("pins.add"))
    row = f"{deployment_of(bot).id}:pin"
    assert eventually(lambda: bot.store.read(lambda reader: said_row(reader, row).state) == "sent")


def test_what_somebody_pins_with_an_emoji_goes_into_the_record_once(bot: BotUnderTest, ann: Person, bo: Person) -> None:
    thread = started(bot, ann)
    dashboard = thread.messages()[0]
    said = bo.says("replica lag went to 4 s", in_thread=thread)
    elsewhere = bo.says("lunch?")
    ann.reacts("pushpin", on=elsewhere)
    ann.reacts("eyes", on=said)
    ann.reacts("pushpin", on=said)
    ann.hears("The note of bo is in the record of deployment 1")
    dashboard.becomes("1 note in the record")
    bo.reacts("pushpin", on=said)
    bo.hears("in the record already")
    notes = bot.store.read(lambda reader: reader.decisions.by_item(deployment_of(bot).id)[WHOLE])
    assert [(one.reason, one.who, one.for_whom) for one in notes] == [("replica lag went to 4 s", "U0ANN", "U0BO")]
