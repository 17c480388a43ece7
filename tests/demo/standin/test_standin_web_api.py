"""The Web API through slack_sdk's own client: what it does, and how it refuses."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from standin_bot import button, section

from bot.demo.standin import Person, StandIn
from bot.demo.standin.standin import DEFAULT_SCOPES

CHANNEL = "C0DEPLOYS"


def error_of(call: Any, **args: Any) -> str:
    with pytest.raises(SlackApiError) as refusal:
        call(**args)
    return str(refusal.value.response["error"])


def post(client: WebClient, text: str = "hello", **more: Any) -> str:
    return str(client.chat_postMessage(channel=CHANNEL, text=text, **more)["ts"])


def test_a_post_is_read_back_as_slack_keeps_it(client: WebClient, ann: Person) -> None:
    metadata = {"event_type": "outbox", "event_payload": {"key": "k-1"}}
    blocks = [section("a < b & c, <@U1>", button("Tom & Jerry", "b", "a&b"))]
    ts = post(client, "fish & chips <!channel> <b>", blocks=blocks, metadata=metadata)
    message = client.conversations_history(channel=CHANNEL)["messages"][0]
    assert message["text"] == "fish &amp; chips <!channel> &lt;b&gt;"
    assert message["blocks"][0]["text"]["text"] == "a &lt; b &amp; c, <@U1>"
    assert message["blocks"][0]["block_id"]
    assert message["blocks"][0]["accessory"]["text"] == {"type": "plain_text", "text": "Tom &amp; Jerry", "emoji": True}
    assert message["blocks"][0]["accessory"]["value"] == "a&b"
    assert "metadata" not in message
    found = client.conversations_replies(channel=CHANNEL, ts=ts, include_all_metadata=True)["messages"]
    assert found[0]["metadata"] == metadata
    assert ann.sees("#deploys", "a < b & c").posted.text == "fish &amp; chips <!channel> &lt;b&gt;"


def test_times_are_unique_and_increase(client: WebClient) -> None:
    times = [post(client) for _ in range(20)]
    assert times == sorted(set(times))


def test_a_thread_knows_its_replies(client: WebClient, ann: Person) -> None:
    parent = post(client, "parent")
    first = post(client, "first", thread_ts=parent)
    second = post(client, "second", thread_ts=first)
    thread = client.conversations_replies(channel=CHANNEL, ts=parent)["messages"]
    assert [message["text"] for message in thread] == ["parent", "first", "second"]
    assert thread[0]["reply_count"] == 2
    assert thread[0]["latest_reply"] == second
    assert [m["text"] for m in client.conversations_history(channel=CHANNEL)["messages"]] == ["parent"]
    assert ann.sees("#deploys", "parent").thread.sees("second").thread.ts == parent
    link = client.chat_getPermalink(channel=CHANNEL, message_ts=second)["permalink"]
    assert link.endswith(f"/archives/C0DEPLOYS/p{second.replace('.', '')}?thread_ts={parent}&cid=C0DEPLOYS")


def test_pages_go_on_with_a_cursor(client: WebClient) -> None:
    for number in range(5):
        post(client, f"message {number}")
    read = []
    for page in client.conversations_history(channel=CHANNEL, limit=2):
        read.append(([message["text"][-1] for message in page["messages"]], page["has_more"]))
    assert read == [(["4", "3"], True), (["2", "1"], True), (["0"], False)]


def test_update_of_text_alone_takes_the_blocks_away(client: WebClient, ann: Person) -> None:
    ts = post(client, "x", blocks=[section("a block")])
    message = ann.sees("#deploys", "a block")
    client.chat_update(channel=CHANNEL, ts=ts, text="only text")
    assert message.text() == "only text"
    assert message.blocks() == []


def test_update_keeps_metadata_and_limits_its_text(client: WebClient) -> None:
    metadata = {"event_type": "outbox", "event_payload": {}}
    ts = post(client, metadata=metadata)
    client.chat_update(channel=CHANNEL, ts=ts, text="x" * 4000)
    assert error_of(client.chat_update, channel=CHANNEL, ts=ts, text="x" * 4001) == "msg_too_long"
    found = client.conversations_replies(channel=CHANNEL, ts=ts, include_all_metadata=True)["messages"][0]
    assert (found["metadata"], len(found["text"])) == (metadata, 4000)
    assert found["edited"]["user"] == "U0GONOGO"


def test_others_messages_are_not_ours_to_change(client: WebClient, ann: Person) -> None:
    ts = ann.says("mine").ts
    assert error_of(client.chat_update, channel=CHANNEL, ts=ts, text="x") == "cant_update_message"
    assert error_of(client.chat_update, channel=CHANNEL, ts="1.000001", text="x") == "message_not_found"


def test_ephemerals_are_for_one_person_and_not_to_be_changed(client: WebClient, ann: Person, ben: Person) -> None:
    ts = client.chat_postEphemeral(channel=CHANNEL, user=ann.id, text="psst")["message_ts"]
    assert ann.told() == ["psst"]
    assert ben.told() == []
    assert client.conversations_history(channel=CHANNEL)["messages"] == []
    assert error_of(client.chat_update, channel=CHANNEL, ts=ts, text="x") == "message_not_found"


def test_who_is_not_in_the_channel(slack: StandIn, client: WebClient, ann: Person) -> None:
    elsewhere = slack.add_channel("random", bot=False)
    secret = slack.add_channel("secret", members=["ann"], private=True, bot=False)
    slack.add_person("cat", channels=[])
    assert error_of(client.chat_postMessage, channel=elsewhere.id, text="x") == "not_in_channel"
    assert error_of(client.conversations_history, channel=elsewhere.id) == "not_in_channel"
    assert error_of(client.chat_postMessage, channel=secret.id, text="x") == "channel_not_found"
    assert error_of(client.chat_postEphemeral, channel=CHANNEL, user="U0CAT", text="x") == "user_not_in_channel"
    slack.archive("deploys")
    assert error_of(client.chat_postMessage, channel=CHANNEL, text="x") == "is_archived"


REFUSALS: dict[str, dict[str, Any]] = {
    "no_text": {"channel": CHANNEL, "text": ""},
    "channel_not_found": {"channel": "C0NOWHERE", "text": "x"},
    "thread_not_found": {"channel": CHANNEL, "text": "x", "thread_ts": "1.000001"},
    "invalid_blocks_format": {"channel": CHANNEL, "blocks": "[nonsense"},
    "invalid_blocks": {"channel": CHANNEL, "blocks": [section("")]},
    "msg_blocks_too_long": {"channel": CHANNEL, "blocks": [section("x" * 2990) for _ in range(5)]},
    "invalid_metadata_format": {"channel": CHANNEL, "text": "x", "metadata": {"event_type": "x"}},
    "invalid_arguments": {"channel": "", "text": "x"},
}


@pytest.mark.filterwarnings("ignore:The top-level `text` argument")
@pytest.mark.parametrize("error", REFUSALS)
def test_slack_names_what_is_wrong(client: WebClient, error: str) -> None:
    assert error_of(client.chat_postMessage, **REFUSALS[error]) == error


def test_wrong_tokens(slack: StandIn) -> None:
    assert error_of(WebClient(base_url=slack.api_url).auth_test) == "not_authed"
    assert error_of(WebClient("xoxb-other", base_url=slack.api_url).auth_test) == "invalid_auth"
    assert error_of(WebClient(slack.app_token, base_url=slack.api_url).auth_test) == "not_allowed_token_type"
    wrong = WebClient(slack.bot_token, base_url=slack.api_url)
    assert error_of(wrong.api_call, api_method="apps.connections.open") == "not_allowed_token_type"
    assert error_of(wrong.api_call, api_method="chat.shout") == "unknown_method"


def test_scopes_of_the_manifest_are_what_the_app_may_do() -> None:
    with StandIn.start(["chat:write", "channels:read"]) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        with pytest.raises(SlackApiError) as refusal:
            client.users_info(user="U0ANN")
        answer = refusal.value.response
        assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")
        assert answer["provided"] == "chat:write,channels:read"
        assert answer.headers["x-oauth-scopes"] == "chat:write,channels:read"
        assert error_of(client.conversations_list, types="public_channel,private_channel") == "missing_scope"
        assert [channel["name"] for channel in client.conversations_list()["channels"]] == ["deploys"]


def test_the_scopes_of_the_documentation_serve_what_the_bot_does(client: WebClient) -> None:
    with StandIn.start() as slack:
        ann = slack.add_person("ann")
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        assert client.auth_test().headers["x-oauth-scopes"].split(",") == DEFAULT_SCOPES
        assert client.users_info(user=ann.id)["user"]["name"] == "ann"
        assert client.conversations_history(channel=CHANNEL)["messages"] == []
        direct = client.conversations_open(users=ann.id)["channel"]["id"]
        assert error_of(client.conversations_info, channel=direct) == "missing_scope"


def test_people_and_groups(slack: StandIn, client: WebClient, ann: Person) -> None:
    slack.shift = 1_800_000_000 - slack.workspace.now()  # Friday 15 January 2027, 08:00 UTC
    slack.add_person("gus", is_restricted=True, channels=["deploys"])
    slack.add_person("eve", team_id="T0OTHER")
    slack.add_group("dba-team", ["ann"])
    users = {user["name"]: user for user in client.users_list()["members"]}
    assert (users["ann"]["tz"], users["ann"]["tz_offset"], users["ann"]["is_restricted"]) == (
        "Europe/Berlin",
        3600,
        False,
    )
    assert users["gus"]["is_restricted"]
    assert (users["eve"]["team_id"], users["eve"]["is_stranger"]) == ("T0OTHER", True)
    group = client.usergroups_list()["usergroups"][0]
    assert (group["handle"], group["user_count"]) == ("dba-team", 1)
    assert client.usergroups_users_list(usergroup=group["id"])["users"] == ["U0ANN"]
    assert "U0GUS" in client.conversations_members(channel=CHANNEL)["members"]
    assert client.conversations_info(channel=CHANNEL)["channel"]["is_ext_shared"] is True


def test_a_free_workspace_has_no_groups() -> None:
    with StandIn.start(plan="free") as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        assert error_of(client.usergroups_list) == "paid_teams_only"
        assert error_of(client.usergroups_users_list, usergroup="S1") == "paid_teams_only"


def test_direct_messages(client: WebClient, ann: Person) -> None:
    channel = client.conversations_open(users=ann.id)["channel"]["id"]
    assert channel.startswith("D")
    client.chat_postMessage(channel=channel, text="one")
    client.chat_postMessage(channel=ann.id, text="two")
    assert ann.told() == ["one", "two"]
    assert len(client.conversations_history(channel=channel)["messages"]) == 2


def test_a_file_goes_up_in_three_steps(slack: StandIn, client: WebClient, ann: Person) -> None:
    parent = post(client, "parent")
    answer = client.files_upload_v2(
        channel=CHANNEL, thread_ts=parent, filename="record.md", content="# Record", title="The record"
    )
    shared = ann.sees("#deploys", "parent").thread.sees("(file: The record)")
    assert shared.json()["files"][0]["id"] == answer["file"]["id"]
    address = f"{slack.service.base_url}/files/{answer['file']['id']}/record.md"
    with urllib.request.urlopen(address) as response:
        assert response.read() == b"# Record"
    elsewhere = slack.add_channel("random", bot=False)
    assert error_of(client.files_upload_v2, channel=elsewhere.id, content="x") == "not_in_channel"


def test_forms_and_json_are_the_same(slack: StandIn, client: WebClient, ann: Person) -> None:
    body = json.dumps({"channel": CHANNEL, "text": "as JSON", "blocks": [section("as JSON")]}).encode()
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json; charset=utf-8"}
    urllib.request.urlopen(urllib.request.Request(f"{slack.api_url}chat.postMessage", body, headers)).close()
    client.api_call(
        "chat.postMessage", data={"channel": CHANNEL, "text": "x", "blocks": json.dumps([section("a form")])}
    )
    assert [message.text() for message in ann.sees("#deploys").thread.messages()] == ["a form"]
    assert ann.sees("#deploys", "as JSON")


def test_pins_and_reactions(slack: StandIn, client: WebClient, ann: Person) -> None:
    target = {"channel": CHANNEL, "timestamp": post(client)}
    client.pins_add(**target)
    assert error_of(client.pins_add, **target) == "already_pinned"
    client.reactions_add(name="eyes", **target)
    assert error_of(client.reactions_add, name="eyes", **target) == "already_reacted"
    shown = ann.sees("#deploys")
    assert shown.text() == "hello\n📌 pinned\n:eyes: 1"
    assert shown.json()["reactions"] == [{"name": "eyes", "users": ["U0GONOGO"], "count": 1}]
    client.pins_remove(**target)
    assert error_of(client.pins_remove, **target) == "no_pin"
    client.reactions_remove(name="eyes", **target)
    assert error_of(client.reactions_remove, name="eyes", **target) == "no_reaction"
    assert shown.text() == "hello"
    slack.leaves("gonogo", "deploys")
    assert error_of(client.pins_add, **target) == "not_in_channel"


def test_quiet_hours_are_told_in_the_persons_zone(slack: StandIn, client: WebClient, ann: Person) -> None:
    slack.shift = 1_800_000_000 - slack.workspace.now()  # Friday 15 January 2027, 08:00 UTC
    slack.add_person("eve", quiet=("20:00", "08:00"), tz="America/New_York")
    quiet = client.dnd_teamInfo(users="U0EVE,U0ANN")["users"]
    assert quiet["U0ANN"]["dnd_enabled"] is False
    start, end = quiet["U0EVE"]["next_dnd_start_ts"], quiet["U0EVE"]["next_dnd_end_ts"]
    assert (start, end) == (1_800_000_000 - 7 * 3600, 1_800_000_000 + 5 * 3600)  # 20:00 to 08:00 in New York
    assert client.dnd_info(user="U0EVE")["next_dnd_end_ts"] == end
