"""Slack's text: what is kept, and what a person reads of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient
from standin_bot import button, mrkdwn, plain, section

from bot.demo.standin import Person, StandIn
from bot.demo.standin.model import Team, User
from bot.demo.standin.mrkdwn import escape, normalise, readable, unescape
from bot.demo.standin.standin import app_of
from bot.demo.standin.workspace import Workspace

NOON = 1_794_916_800  # Tuesday 17 November 2026, 12:00 UTC


def workspace() -> Workspace:
    made = Workspace(app_of(), Team(), clock=lambda: NOON)
    made.add_user(User("U1", "ann", "Ann Lee", tz="Europe/Berlin"))
    made.add_channel("deploys", ["U1"])
    made.add_group("dba-team", ["U1"])
    return made


READ = {
    "<@U1> in <#C0DEPLOYS>, <!subteam^S0DBATEAM>": "@Ann Lee in #deploys, @dba-team",
    "<!channel> <!here>": "@channel @here",
    "<https://example.com|the plan> <https://example.com>": "the plan https://example.com",
    "*Production* · _open_, ~old~": "Production · open, old",
    "my_table_name and 2*3*4": "my_table_name and 2*3*4",
    "`*not bold*` and ```SELECT *\nFROM a_b```": "*not bold* and SELECT *\nFROM a_b",
    "a &lt;b&gt; &amp;amp; c": "a <b> &amp; c",
    f"at <!date^{NOON}^{{time}}|x>": "at 13:00",
    f"<!date^{NOON}^{{date_long}} {{time_secs}}|x>": "Tuesday, November 17, 2026 13:00:00",
    f"<!date^{NOON - 86400}^{{date_short_pretty}}, {{date_num}}|x>": "yesterday, 2026-11-16",
    f"<!date^{NOON + 9 * 86400}^{{date_pretty}}, {{ago}}|x>": "November 26, 2026, in 9 days",
    "<!date^soon^{time}|later today>": "later today",
    "<@U404>": "@U404",
}


@pytest.mark.parametrize("text", READ)
def test_people_read_words(text: str) -> None:
    world = workspace()
    assert readable(normalise(text), world, world.users["U1"]) == READ[text]


@given(st.text())
def test_what_is_kept_is_kept_as_it_is(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert escape(escape(text)) == escape(text)


@given(st.text().filter(lambda text: "&" not in text))
def test_plain_text_reads_as_it_was_written(text: str) -> None:
    assert unescape(escape(text)) == text


def test_plain_text_is_shown_literally(client: WebClient, ann: Person) -> None:
    token = "<!date^1794916800^{time}|x> <@U0ANN> *so*"
    blocks = [{"type": "section", "text": plain(token)}, {"type": "context", "elements": [mrkdwn("*<@U0ANN>*")]}]
    client.chat_postMessage(channel="C0DEPLOYS", text="x", blocks=blocks)
    assert ann.sees("#deploys").text() == f"{token}\n@Ann Lee"


def test_the_transcript_reads_like_the_channel(slack: StandIn, client: WebClient, ann: Person) -> None:
    slack.shift = NOON - slack.workspace.now()
    blocks = [section("*Production* · 00008–00010"), {"type": "actions", "elements": [button("Go …", "go")]}]
    client.chat_postMessage(channel="C0DEPLOYS", text="x", blocks=blocks)
    ann.says("ready, <b>", in_thread=ann.sees("#deploys"))
    client.chat_postEphemeral(channel="C0DEPLOYS", user=ann.id, text="3 items missing")
    assert slack.transcript("#deploys", viewer="ann") == "\n".join(
        [
            "#deploys",
            "",
            "── Tuesday 17 November 2026 ──",
            "",
            "13:00  gonogo",
            "       Production · 00008–00010",
            "       [Go …]",
            "  │",
            "  │ 13:00  Ann Lee",
            "  │        ready, <b>",
            "",
            "13:00  gonogo (only Ann Lee sees this)",
            "       3 items missing",
        ]
    )
    assert slack.transcript("#deploys", viewer="ann") == ann.transcript()
    slack.add_person("ben")
    assert "3 items" not in slack.transcript("#deploys", viewer="ben")
