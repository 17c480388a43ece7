"""Lines that are added to one deployment: where they may be, what becomes of them, and what they never are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.core.checklist.items import Item
from bot.core.deployment import State
from bot.core.item import ItemWord
from bot.core.refusal import Refused
from bot.core.verify import read_export, verify
from bot.record.exports import export_json
from bot.usecases import adding, tick, views
from bot.usecases.lifecycle import custody
from tests.usecases.team import ANN, BO, DANA, GUEST, Team

WARM = "Warm the cache"


def section_of(team: Team, deployment: str, title: str) -> str:
    found = team.situation(deployment).checklist.sections
    return next(one.id for one in found if one.title.startswith(title))


def adds(team: Team, deployment: str, title: str, required: str, label: str = WARM, who: str = ANN) -> Item:
    team.does(adding.add_line, who, deployment, section_of(team, deployment, title), label, required)
    return next(item for item in team.situation(deployment).checklist.items if item.added)


def record_of(team: Team, deployment: str) -> list[str]:
    text = team.store.read(lambda reader: views.record_text(reader, team.project, deployment, team.now))
    return text.split("\n")


def test_a_line_that_go_needs_blocks_it_until_somebody_says_done(team: Team) -> None:
    deployment = team.starts()
    before, subject = team.situation(deployment).settled_of_all[1], team.situation(deployment).subject
    line = adds(team, deployment, "Pre-Deployment Checks", "go")
    assert "Warm the cache: open" in team.blockers(deployment)
    assert team.situation(deployment).settled_of_all[1] == before + 1
    assert team.situation(deployment).subject == subject, "it is about files, and they are as they were"
    team.does(tick.tick, BO, deployment, line.id)
    assert "Warm the cache: open" not in team.blockers(deployment)
    team.goes(deployment)
    assert team.row(deployment).state is State.DEPLOYING


def test_one_that_is_needed_to_complete_is_waited_for_then(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    line = adds(team, deployment, "Production", "complete")
    assert "Warm the cache: open" in team.blockers(deployment)
    with pytest.raises(Refused, match="A deployer cannot waive a required item"):
        team.does(tick.not_applicable, ANN, deployment, line.id, "no cache here")


def test_its_line_and_the_record_say_who_added_it_and_when(team: Team) -> None:
    deployment = team.starts()
    line = adds(team, deployment, "Pre-Deployment Checks", "no", "Warm *the* cache <!-- x -->", BO)
    team.does(tick.tick, ANN, deployment, line.id)
    rows = record_of(team, deployment)
    at = next(number for number, row in enumerate(rows) if "Warm" in row and row.startswith("- [x]"))
    assert rows[at] == r"- [x] Warm \*the\* cache &lt;! -- x --&gt; *(added 2026-11-23 10:00 UTC by Bo)*"
    assert rows[at + 1] == "  - done by Ann, 2026-11-23 10:00 UTC"
    assert any("Bo added a line: Warm" in row for row in rows)
    assert sum(row.startswith(("- [ ]", "- [x]")) for row in rows) == len(team.situation(deployment).checklist.items)


@pytest.mark.parametrize(
    ("title", "required", "why"),
    [
        ("Production", "go", "comes too late for that: choose needed to complete or optional"),
        ("Short-term Monitoring", "complete", "choose optional"),
        ("Migration Fails", "no", "No line can be added there"),
    ],
)
def test_a_line_waits_for_a_step_that_is_still_to_come(team: Team, title: str, required: str, why: str) -> None:
    deployment = team.starts()
    with pytest.raises(Refused, match=why):
        adds(team, deployment, title, required)


def test_what_is_over_takes_no_more_lines(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    with pytest.raises(Refused, match="whose phase is still to come"):
        adds(team, deployment, "Pre-Deployment Checks", "no")
    team.completes(deployment)
    with pytest.raises(Refused, match="whose phase is still to come"):
        adds(team, deployment, "Production", "no")
    adds(team, deployment, "Short-term Monitoring", "no")


@pytest.mark.parametrize(
    ("label", "why"),
    [
        (" x ", "has 1 characters: write 3 to 150"),
        ("y" * 151, "has 151 characters"),
        ("rollback  plan PREPARED", "has that line already"),
    ],
)
def test_a_line_says_something_new(team: Team, label: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        adds(team, team.starts(), "Pre-Deployment Checks", "no", label)


def test_who_may_not_work_adds_nothing(team: Team) -> None:
    with pytest.raises(Refused, match="Guests"):
        adds(team, team.starts(), "Production", "no", who=GUEST)


def test_a_due_list_has_the_line_when_it_is_due(team: Team) -> None:
    deployment = team.starts()
    line = adds(team, deployment, "Short-term Monitoring", "no")
    team.goes(deployment)
    team.completes(deployment)
    situation = team.situation(deployment)
    like = next(item for item in situation.checklist.items if item.section_id == line.section_id)
    assert situation.due_from(situation.item(line.id)) == situation.due_from(like)
    assert not situation.is_due(situation.item(line.id))


def test_whoever_added_it_takes_it_out_while_nobody_acted_on_it(team: Team) -> None:
    deployment = team.starts()
    line = adds(team, deployment, "Pre-Deployment Checks", "go")
    with pytest.raises(Refused, match="Ann added it: only they take it out"):
        team.does(adding.take_out, BO, deployment, line.id)
    with pytest.raises(Refused, match="the checklist's own"):
        team.does(adding.take_out, ANN, deployment, "rollback-plan")
    team.does(adding.take_out, ANN, deployment, line.id)
    assert not any("Warm" in one for one in team.blockers(deployment))
    line = adds(team, deployment, "Pre-Deployment Checks", "go")
    team.does(tick.note, DANA, deployment, line.id, "which cache?")
    with pytest.raises(Refused, match="acted on it already"):
        team.does(adding.take_out, ANN, deployment, line.id)


def test_it_stays_with_its_deployment(team: Team) -> None:
    first = team.starts()
    line = adds(team, first, "Pre-Deployment Checks", "go")
    team.does(tick.tick, BO, first, line.id)
    team.does(custody.abort, ANN, first, "a hotfix goes first")
    second = team.situation(team.starts())
    assert [item.label for item in second.checklist.items if item.added] == []
    assert team.situation(first).states[line.id].word is ItemWord.DONE


def test_the_export_has_it_and_a_changed_word_is_found(team: Team) -> None:
    deployment = team.starts()
    line = adds(team, deployment, "Pre-Deployment Checks", "go")
    text = team.store.read(lambda reader: export_json(reader, team.row(deployment), None))
    export: dict[str, Any] = dict(read_export(text))
    assert verify(export).broken == ()
    assert export["added_lines"][0]["label"] == WARM
    changed = json.loads(text)
    changed["added_lines"][0]["required"] = "no"
    row = team.events(deployment).index("line-added") + 1
    assert verify(changed).broken == (f"added_lines {line.id}: required is no, and journal row {row} says go",)
    del changed["added_lines"]
    assert "it is missing" in verify(changed).broken[0]


def test_an_export_without_such_lines_is_as_those_of_earlier_versions(team: Team) -> None:
    deployment = team.starts()
    export = json.loads(team.store.read(lambda reader: export_json(reader, team.row(deployment), None)))
    assert "added_lines" not in export
    assert verify(export).broken == ()
