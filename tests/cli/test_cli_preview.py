"""`gonogo preview`, and a team's own words: what is wrong with them is named before anybody reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.slack.messages.templates import use_own
from tests.cli.cli_samples import gonogo

SETTINGS = """
[workspace]
channel = "C0DEPLOYS"
command = "/ship"
templates = "words"

[environments.production]
stakeholders = ["C0RELEASES"]

[audiences.sales]
channels = ["C0SALES"]
"""
FAULTS = {
    "notice/start.j2": ("*{{ what }}*\n{{ ownr }}", ":2: there is no fact 'ownr'; did you mean 'owner'?"),
    "notice/held.j2": ("{% if minutes < 0 %}\n{{ nobody }}\n{% endif %}hi", ":2: there is no fact 'nobody'"),
    "notice/go.j2": ("hi\n{% if %}", ":2: Expected an expression"),
    "notice/abort.j2": ("hi\n{{ what | shout }}", ":2: No filter named 'shout'."),
    "phase/go.j2": ("{{ by.__class__.__mro__ }}", ":1: access to attribute '__class__' of 'str' object is unsafe."),
    "phase/held.j2": ("{{ lipsum.__globals__ }}", ":1: there is no fact 'lipsum'"),
    "phase/closed.j2": (
        '{% include "../../../gonogo.toml" %}',
        ":1: there is no file '../../../gonogo.toml' to include",
    ),
    "notice/rollback.j2": ("{{ what.fine }}", ":1: 'str object' has no attribute 'fine'"),
    "direct/signed.j2": ("{{ reason }}", ": it says nothing"),
    "direct/held.j2": ("long " * 601, ": a paragraph of it has 3,004 characters; Slack takes 3,000 at most"),
    "notice/begin.j2": ("hi", ": it replaces no message"),
    "notice/sails/start.j2": ("hi", ": it replaces no message; did you mean"),
    "notice/sales/start.j2": ("{{ nobody }}", ":1: there is no fact 'nobody'"),
    "notice/start.txt": ("hi", ": it replaces no message; did you mean 'notice/start.j2'?"),
}


@pytest.fixture(autouse=True)
def _ours_again() -> Iterator[None]:
    """Own words hold for the life of a process, which here runs other tests too."""
    yield
    use_own(None)


def words(name: str, text: str) -> None:
    Path("gonogo.toml").write_text(SETTINGS)
    file = Path("words") / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_each_fault_is_named_with_file_and_line_all_at_once() -> None:
    for name, (text, _) in FAULTS.items():
        words(name, text)
    result = gonogo("preview", "notice")
    assert result.exit_code == 2
    *told, total = result.stderr.splitlines()
    assert total == f"gonogo: {len(FAULTS)} faults in the settings"
    for name, (_, sentence) in FAULTS.items():
        [said] = [line for line in told if line.startswith(f"words/{name}:")]
        assert said.startswith(f"words/{name}{sentence}")


def test_a_folder_that_is_not_there_is_named() -> None:
    Path("gonogo.toml").write_text(SETTINGS)
    assert "gonogo.toml:5: workspace.templates: there is no folder 'words'" in gonogo("preview").stderr


def test_the_bot_does_not_start_with_words_that_cannot_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    words("notice/start.j2", "{{ ownr }}")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1-1-a")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1-A-1-a")
    result = gonogo("run")
    assert result.exit_code == 2
    assert "words/notice/start.j2:1: there is no fact 'ownr'" in result.stderr
    assert not Path("gonogo.db").exists()


def test_own_words_are_shown_with_who_reads_them() -> None:
    words("notice/start.j2", "Heads up: *{{ what }}* goes to {{ environment }}.\n\n{% include 'notice/tail.j2' %}")
    words("notice/tail.j2", "Ask {{ owner }}.")
    words("notice/sales/start.j2", "Sell *{{ what }}* soon.")
    words("README.md", "Our words.")
    shown = gonogo("preview", "Notice")
    assert shown.exit_code == 0, shown.stderr
    assert (
        "── notice, planned · read by stakeholders of production ──\n"
        "  Heads up: Loyalty tiers goes to production.\n  Ask Ann Keller.\n  [Acknowledge]\n"
    ) in shown.stdout
    assert "── notice, sales, planned · read by sales of production ──\n  Sell Loyalty tiers soon.\n" in shown.stdout
    assert "── notice, sales, aborted · read by sales of production ──\n  Loyalty tiers · does not take" in shown.stdout
    assert "/ship start production" in gonogo("preview", "help").stdout


def test_without_settings_it_shows_what_ships_and_each_form() -> None:
    shown = gonogo("preview").stdout
    assert "── notice, management, planned ──\n  Loyalty tiers · planned for production, " in shown
    assert "── completion, success ──\n  Complete\n" in shown
    assert "  Status: ( ) Success  ( ) Partial\n" in shown
    assert "<!date" not in shown


def test_a_name_that_none_has_is_answered_with_the_nearest() -> None:
    result = gonogo("preview", "notise")
    assert result.exit_code == 1
    assert result.stderr == "gonogo: no message is called notise; did you mean 'notice'?\n"


def test_as_json_it_prints_what_slack_is_sent() -> None:
    found = json.loads(gonogo("preview", "direct", "--json").stdout)
    assert {"direct, held", "direct, signed"} <= {one["name"] for one in found}
    for one in found:
        assert one["blocks"]
        assert one["text"]
