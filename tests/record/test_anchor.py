"""Each head is given to the team's own command until it takes it; what it answered is in the chain."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.background import jobs
from bot.background.backstage import Backstage
from bot.background.jobs import MOST_TRIES, anchor_once
from bot.cli.proof import lines
from bot.core.deployment import Outcome
from bot.core.verify import verify
from bot.settings.inputs import AnchorCommand
from bot.storage import StoreFault
from bot.usecases.evidence import evidence
from bot.usecases.lifecycle import complete
from tests.record.conftest import logged_by
from tests.usecases.team import ANN, Team, project

BUSY = 'echo x >> tries; [ "$(wc -l < tries)" -gt 2 ] || { echo busy, password=hunter22 >&2; exit 75; }\n'
KEEP = 'echo "kept $1 of $2 at $3"\n'


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "gonogo.db", replace(project(), is_anchored=True))


def anchor(team: Team, script: str) -> Callable[[], bool]:
    """One turn of the thread that anchors, with this script as the team's command."""
    folder = team.file.parent
    (folder / "anchor.sh").write_text(f"#!/bin/sh\n{script}")
    (folder / "anchor.sh").chmod(0o755)
    command = AnchorCommand(("./anchor.sh", "{head}", "{chain}", "{seq}"), folder)
    backstage = Backstage(
        team.store, {"default": team.project}, lambda *_: None, lambda: team.now, folder, anchor=command
    )
    return lambda: anchor_once(backstage, command)


def gone(team: Team) -> str:
    production = team.starts()
    team.goes(production)
    return production


def exported(team: Team, deployment: str) -> Any:
    found = team.store.read(lambda reader: evidence(reader, reader.deployments.get(deployment)))
    return json.loads(json.dumps(found))


def test_an_anchor_that_fails_twice_is_asked_until_it_answers(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    production, turn = gone(team), anchor(team, BUSY + KEEP)
    assert turn()
    assert not turn(), "it rests before it is asked again"
    team.later(seconds=1)
    assert turn()
    team.later(seconds=1)
    assert not turn(), "and then twice as long"
    team.later(seconds=1)
    assert turn()
    assert not turn()
    assert (team.file.parent / "tries").read_text().split() == ["x"] * 3
    export = exported(team, production)
    (head,) = export["heads"]
    kept = f"kept {head['hash']} of {export['journal']['chain']} at {head['seq']}"
    assert head["anchored"] == kept
    verdict = verify(export, export["journal"]["entries"][-1]["hash"])
    assert verdict.broken == ()
    assert f"head at go anchored: {kept[:57]}…" in lines(verdict)
    said = [record.getMessage() for record in logged_by(jobs.__name__, caplog)]
    assert [one.partition(" was not anchored: ")[2] for one in said] == ["exit code 75: busy, password=•••"] * 2


def test_an_answer_that_was_not_kept_is_asked_for_again(team: Team) -> None:
    """At least once: another process holds the state while the answer comes."""
    production, turn = gone(team), anchor(team, "echo x >> tries\n" + KEEP)
    with closing(sqlite3.connect(team.file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreFault, match="busy"):
            turn()
        other.rollback()
    assert turn()
    assert (team.file.parent / "tries").read_text().split() == ["x"] * 2
    export = exported(team, production)
    assert sum('"event":"anchored"' in entry["body"] for entry in export["journal"]["entries"]) == 1


def test_go_completion_and_closing_are_anchored_and_nothing_waits_for_it(team: Team) -> None:
    production = gone(team)
    team.does(complete.complete, ANN, production, Outcome.PARTIAL, "00009 waits")
    team.does(complete.close, ANN, production, "the rest is somebody else's")
    assert [one["moment"] for one in exported(team, production)["heads"]] == ["at go", "at completion", "at closing"]
    turn = anchor(team, "echo taken\n")
    assert [turn(), turn(), turn(), turn()] == [True, True, True, False]
    assert [one["anchored"] for one in exported(team, production)["heads"]] == ["taken"] * 3


def test_what_was_answered_cannot_be_changed_or_taken_out(team: Team) -> None:
    production = gone(team)
    anchor(team, KEEP)()
    for change in (lambda head: head.update(anchored="kept"), lambda head: head.pop("anchored")):
        export = exported(team, production)
        change(export["heads"][0])
        assert verify(export).broken == ("the heads are not those of the journal",)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 1\n", "exit code 1:"),
        ("echo no >&2; kill -9 $$\n", "exit code -9: no"),
    ],
)
def test_an_anchor_that_never_answers_is_given_up_and_a_start_tries_again(
    team: Team, caplog: pytest.LogCaptureFixture, script: str, words: str
) -> None:
    production, turn = gone(team), anchor(team, script)
    waited = team.now
    for _ in range(MOST_TRIES):
        assert turn()
        team.now += timedelta(hours=1)
    assert not turn()
    assert team.now - waited == timedelta(hours=MOST_TRIES)
    assert logged_by(jobs.__name__, caplog)[-1].levelno == logging.ERROR
    (row,) = team.store.read(lambda reader: reader.anchors.given_up())
    assert (row.error or "").strip().startswith(words)
    assert "anchored" not in exported(team, production)["heads"][0]
    assert team.row(production).state == "deploying"
    team.store.write(lambda unit: unit.anchors.try_again())
    assert anchor(team, KEEP)()
    assert "anchored" in exported(team, production)["heads"][0]


def test_a_long_answer_is_cut_and_no_secret_of_ours_is_kept(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-planted-7")
    production = gone(team)
    script = 'echo "token ${SLACK_BOT_TOKEN:-none} xoxb-planted-7"; yes "a line of a long answer" | head -c 100000\n'
    anchor(team, script)()
    answer = exported(team, production)["heads"][0]["anchored"]
    assert answer.startswith("token none •••\na line of a long answer\n")
    assert 16_000 < len(answer) <= 16 * 1024
    assert answer.endswith("a line of a long answer")


def test_a_command_that_is_not_there_is_a_sentence(team: Team) -> None:
    production, turn = gone(team), anchor(team, KEEP)
    (team.file.parent / "anchor.sh").unlink()
    assert turn()
    team.later(seconds=1)
    row = team.store.read(lambda reader: reader.anchors.due(team.now))
    assert row is not None
    assert row.error == f"there is no program ./anchor.sh in {team.file.parent}"
    assert "anchored" not in exported(team, production)["heads"][0]
