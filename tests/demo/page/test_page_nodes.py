"""What the page says, without a browser: text and blocks as nodes, for the eyes of one person."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.page.blocks import blocks, message_surface, view_surface
from bot.demo.page.message import message
from bot.demo.page.nodes import Node, every, h, words
from bot.demo.page.writing import Writer, markdown
from bot.demo.stage import MovableClock
from bot.demo.standin import StandIn
from bot.demo.standin.blockkit import kept_blocks
from bot.demo.standin.modals import open_modal
from bot.demo.standin.model import JSON, Posted, User
from bot.demo.standin.mrkdwn import normalise, readable

SLACK = StandIn(channels=("deploys",))
ANN = SLACK.add_person("ann", "Ann Keller", tz="Europe/Berlin").user
DEVI = SLACK.add_person("devi", "Devi Patel", tz="Asia/Kolkata").user
SLACK.add_group("dba-team", ["devi"])


def drawn(text: str, viewer: User = ANN) -> Node:
    return h("div", Writer(SLACK.workspace, viewer).mrkdwn(normalise(text)))


def tags(node: Node, tag: str) -> list[str]:
    return [words(each) for each in every(node, tag)]


def message_of(*given_blocks: JSON, viewer: User = ANN, **more: str) -> Node:
    posted = Posted("C0DEPLOYS", "1795341600.000100", SLACK.workspace.app.bot_user, "", kept_blocks(list(given_blocks)))
    for name, value in more.items():
        setattr(posted, name, value)
    return message(SLACK.workspace, viewer, posted)


def plain(text: str) -> JSON:
    return {"type": "plain_text", "text": text}


def test_emphasis_nests_and_code_is_literal() -> None:
    node = drawn("*bold _both_* ~gone~ `*not*` 2*3*4")
    assert tags(node, "strong") == ["bold both"]
    assert tags(node, "em") == ["both"]
    assert tags(node, "s") == ["gone"]
    assert tags(node, "code") == ["*not*"]
    assert words(node) == "bold both gone *not* 2*3*4"


def test_quotations_and_fences_keep_their_lines() -> None:
    node = drawn("said:\n> one\n> two\nafter\n```\nSELECT 1 < 2;\n```")
    assert tags(node, "blockquote") == ["onetwo"]
    assert len(list(every(node, "br"))) == 2  # inside the quotation, and after “after”
    assert tags(node, "pre") == ["SELECT 1 < 2;"]


def test_mentions_of_the_viewer_stand_out() -> None:
    text = f"<@{ANN.id}> <!subteam^{SLACK.workspace.group_named('dba-team').id}>"  # type: ignore[union-attr]
    classes = [(words(each), each[1]["class"]) for each in every(drawn(text, DEVI), "span")]
    assert classes == [("@Ann Keller", "mention"), ("@dba-team", "mention me")]


def test_times_are_in_the_viewer_s_zone() -> None:
    token = "<!date^1795341600^{date_num} {time}|fallback>"
    assert tags(drawn(token, ANN), "time") == ["2026-11-22 11:00"]
    assert tags(drawn(token, DEVI), "time") == ["2026-11-22 15:30"]


def test_a_link_into_the_workspace_stays_on_the_page() -> None:
    workspace = SLACK.workspace
    inside, outside = every(
        drawn(f"<{workspace.url}/archives/C0DEPLOYS/p1795341600000100|it> <https://x.test|out>"), "a"
    )
    assert inside[1]["act"] == {"do": "go-to", "channel": "C0DEPLOYS", "ts": "1795341600.000100", "thread": ""}
    assert outside[1]["href"] == "https://x.test" and "act" not in outside[1]


@given(st.text(alphabet="ab *_~`<>&|@#\n!:y.", max_size=60))
def test_nothing_a_person_reads_is_lost_or_added(text: str) -> None:
    """The page and the plain reading of the stand-in agree on every character that is no mark."""
    letters = [character for character in words(drawn(text)) if character.isalnum()]
    assert letters == [c for c in readable(normalise(text), SLACK.workspace, ANN) if c.isalnum()]


@given(st.text(max_size=80))
def test_every_text_can_be_sent_to_the_browser(text: str) -> None:
    assert json.loads(json.dumps(drawn(text))) == drawn(text)


def test_plain_text_is_literal() -> None:
    button: JSON = {"type": "button", "text": plain("*Go* <!date^1^{time}|x> & <b>"), "action_id": "go", "value": "7"}
    node = message_of({"type": "actions", "elements": [button]})
    press = next(each for each in every(node, "button") if each[1].get("act", {}).get("do") == "press")
    assert words(press) == "*Go* <!date^1^{time}|x> & <b>"
    assert press[1]["act"]["value"] == "7"


def test_only_you_is_said() -> None:
    assert "Only visible to you" in words(message_of({"type": "section", "text": plain("hush")}, ephemeral_to=ANN.id))
    assert "Only visible" not in words(message_of({"type": "section", "text": plain("loud")}))


def test_every_element_that_gonogo_uses_can_be_drawn() -> None:
    option: JSON = {"text": plain("One"), "value": "1"}
    common: JSON = {"action_id": "x"}
    elements: list[JSON] = [
        {"type": "overflow", "options": [option]},
        {"type": "static_select", "placeholder": plain("Pick"), "options": [option]},
        {"type": "users_select", "initial_user": ANN.id},
        {"type": "checkboxes", "options": [option], "initial_options": [option]},
        {"type": "radio_buttons", "options": [option], "initial_option": option},
        {"type": "datepicker", "initial_date": "2026-11-22"},
    ]
    for element in elements:
        node = message_of({"type": "section", "text": plain("beside"), "accessory": {**common, **element}})
        acts = [each for tag in ("button", "select", "input", "div") for each in every(node, tag) if "act" in each[1]]
        assert any(each[1]["act"]["do"] == "choose" for each in acts), element["type"]


def test_a_field_says_what_is_wrong_with_it() -> None:
    field: JSON = {
        "type": "input",
        "block_id": "why",
        "label": plain("Why?"),
        "hint": plain("A sentence."),
        "element": {"type": "plain_text_input", "action_id": "value", "multiline": True, "initial_value": "because"},
    }
    slack, person = SLACK.service, SLACK.person("ann")
    view = open_modal(
        slack.workspace, person.id, {"type": "modal", "title": plain("T"), "submit": plain("S"), "blocks": [field]}
    )
    view.errors = {"why": "Say more."}
    node = h("div", blocks(view_surface(slack.workspace, person.user, view), view.body["blocks"], view))
    (typed,) = every(node, "textarea")
    (label,) = every(node, "label")
    assert (words(typed), words(label), label[1]["for"]) == ("because", "Why?", typed[1]["id"])
    described = {each[1].get("id"): words(each) for each in every(node, "p")}
    assert [described[id] for id in typed[1]["aria-describedby"].split()] == ["Say more.", "A sentence."]
    assert typed[1]["aria-invalid"] == "true"


def test_a_record_is_drawn_and_its_html_is_not_obeyed() -> None:
    node = markdown("# Record\n- [x] done <!-- id: a -->\n- [ ] open <script>alert(1)</script>\n")
    shown = node[1]["innerHTML"]  # type: ignore[index]
    assert "<h1>Record</h1>" in shown and "☑ done" in shown and "☐ open" in shown
    assert "<script>" not in shown and "id: a" not in shown  # type: ignore[operator]


def test_a_surface_names_its_message() -> None:
    posted = Posted("C0DEPLOYS", "1.2", ANN.id, "x", [])
    assert message_surface(SLACK.workspace, ANN, posted).where == {"channel": "C0DEPLOYS", "ts": "1.2"}


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-11-17T09:30", "2026-11-17T09:30"),
        ("2026-11-17T06:00", "2026-11-17T10:00"),
        ("2026-11-17T14:30", "2026-11-18T10:00"),
        ("2026-11-28T19:00", "2026-11-30T10:00"),
        ("2026-12-25T11:00", "2026-12-28T10:00"),
    ],
    ids=["a working morning", "early", "evening in India", "Saturday", "Christmas"],
)
def test_the_try_out_begins_when_everybody_may_be_written_to(tmp_path: Path, now: str, begins: str) -> None:
    berlin, slack = ZoneInfo("Europe/Berlin"), StandIn(channels=())
    slack.move_clock(datetime.fromisoformat(now).replace(tzinfo=berlin).timestamp() - slack.workspace.now())
    clock = MovableClock(tmp_path / "clock", slack, "Europe/Berlin")
    clock.to_working_hours()
    assert f"{clock.now:%Y-%m-%dT%H:%M}" == begins
    assert bool(clock.note) == (now != begins)
