"""A deployment of a team with a key and an anchor, through Slack: what an auditor can prove of it years later."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.demo import acts
from bot.demo.standin import Message
from tests.journeys.routine import completed, deploying
from tests.journeys.troupe import TEAM, Troupe, troupe

ANCHOR = '#!/bin/sh\necho x >> tries; [ "$(wc -l < tries)" -gt 2 ] || exit 1\necho "notary has $1"\n'
RECORD = '\n[record]\nkey = "gonogo-key.pem"\nanchor = ["./anchor.sh", "{head}"]\n'


def gonogo(*arguments: str) -> str:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def proving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Troupe]:
    monkeypatch.chdir(tmp_path)
    gonogo("key", "new")
    Path("anchor.sh").write_text(ANCHOR)
    Path("anchor.sh").chmod(0o755)
    with troupe(tmp_path, TEAM + RECORD) as playing:
        yield playing


def anchored() -> list[str]:
    export = json.loads(gonogo("export", "1", "--format", "json"))
    return [head["anchored"].removeprefix("notary has ") for head in export["heads"] if "anchored" in head]


def posted(play: Troupe, dashboard: Message) -> bytes:
    """The record in the thread, as somebody downloads it."""
    shown = dashboard.thread.sees("Record at completion", timeout=20)
    content = play.slack.workspace.files[shown.posted.files[0]].content
    assert content is not None
    return content


def test_what_slack_shows_is_what_an_auditor_proves(
    proving: Troupe, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    dashboard = deploying(proving)
    completed(proving, dashboard)
    Path("record.md").write_bytes(posted(proving, dashboard))
    acts.wait_until(lambda: len(anchored()) == 2, "both heads being anchored")
    Path("public.pem").write_text(gonogo("key", "show"))
    gonogo("export", "1", "--format", "json", "--output", "export.json")
    heads = json.loads(Path("export.json").read_text())["heads"]
    assert [head["hash"] for head in heads] == anchored()
    assert all(head["hash"] in dashboard.thread.text() for head in heads)
    assert len(Path("tries").read_text().split()) == 4

    told = gonogo("verify", "record.md", "--key", "public.pem", "--against", "export.json", "--head", heads[1]["hash"])
    assert "as it was written  record.md: " in told
    assert "posted in the thread: journal row " in told
    assert "head at go anchored: notary has " in told
    assert told.count("signed by ") == 4
    changed = Path("record.md").read_text().replace("as it was", "as planned")
    Path("changed.md").write_text(changed)
    done = CliRunner().invoke(main, ["verify", "changed.md", "--against", "export.json"])
    assert (done.exit_code, done.stdout.count("BROKEN")) == (1, 1)
    holds_no_key(proving, capfd, caplog)


def holds_no_key(play: Troupe, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """The private half, as text, as bytes and in hex: in no message, file, call, log, export or state."""
    pem = Path("gonogo-key.pem").read_text()
    text = "".join(pem.splitlines()[1:-1])
    seed = base64.b64decode(text)[-32:]
    forms = [text.encode(), text[22:].encode(), seed, seed.hex().encode(), base64.b64encode(seed)]
    printed = capfd.readouterr()
    files = [file.content or b"" for file in play.slack.workspace.files.values()]
    calls = [repr(call).encode() for call in play.slack.calls.entries]
    shown = [play.slack.transcript(channel).encode() for channel in ("#deploys", "#releases")]
    kept = [file.read_bytes() for file in Path().iterdir() if file.is_file() and file.name != "gonogo-key.pem"]
    logged = [printed.out.encode(), printed.err.encode(), caplog.text.encode(), repr(play.bot).encode()]
    assert len(calls) > 50
    assert len(kept) > 5
    assert forms[0] in Path("gonogo-key.pem").read_bytes()
    for place in (*files, *calls, *shown, *kept, *logged):
        assert not any(form in place for form in forms)
