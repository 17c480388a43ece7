"""What the bot itself knows of a deployment, and lines that a person answers for over what checks found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.checklist.items import Kind, RoleKind
from bot.core.deployment import Outcome
from bot.core.item import ItemState, ItemWord
from bot.core.refusal import Refused
from bot.core.signoff import RoleWord
from bot.core.team import Audience, Environment, Role
from bot.usecases import telling, tick, views
from bot.usecases.checking import runs
from bot.usecases.lifecycle import complete, roll_back, start
from bot.usecases.situation.own_checks import OWN_CHECKS, OWN_TITLES, available_own_checks
from checks.result import Status
from tests.usecases.team import ANN, BO, DEVI, MO, Team, project

DOCUMENTS = [
    "docs-schema",
    "docs-tables-columns",
    "docs-api",
    "docs-deployment",
    "docs-performance",
    "docs-monitoring",
    "docs-backup",
    "docs-release-notes",
    "docs-changelog",
]


def state(team: Team, deployment: str, item: str) -> ItemState:
    return team.situation(deployment).states[item]


def summaries(team: Team, deployment: str, item: str) -> list[str]:
    situation = team.situation(deployment)
    return [result.summary for result in situation.results_of(situation.checklist.item(item))]


def rolled_back(team: Team, reason: str) -> str:
    deployment = team.starts()
    team.goes(deployment)
    team.does(roll_back.roll_back, ANN, deployment, "restore", reason)
    return deployment


def with_checks(team: Team, *checks: str) -> None:
    """Both environments can run these checks."""
    places = team.project.environments
    able = {name: replace(place, checks=place.checks | set(checks)) for name, place in places.items()}
    team.project = replace(team.project, environments=able)


def test_every_own_check_has_a_title_and_is_offered_somewhere() -> None:
    assert set(OWN_CHECKS) == set(OWN_TITLES)
    everything = project(contacts=("@db-oncall",))
    assert available_own_checks(everything, everything.environments["production"]) == set(OWN_CHECKS)
    assert len(set(OWN_TITLES.values())) == len(OWN_TITLES)


def test_the_reason_given_at_the_opening_of_a_rollback_is_the_reason(team: Team) -> None:
    deployment = rolled_back(team, "checkout fails")
    assert state(team, deployment, "rollback-reason").word is ItemWord.DONE
    assert summaries(team, deployment, "rollback-reason") == ["reason given when the rollback was opened"]
    assert "checkout" not in repr(team.row(deployment).facts), "the words are in the journal, where they can be erased"


def test_without_a_reason_a_note_gives_it(team: Team) -> None:
    deployment = rolled_back(team, "")
    assert state(team, deployment, "rollback-reason").word is ItemWord.OPEN
    team.does(tick.note, ANN, deployment, "rollback-reason", "checkout fails")
    assert summaries(team, deployment, "rollback-reason") == ["reason in 1 note on this line"]


def test_the_notes_of_a_rolled_back_completion_are_a_reason(team: Team) -> None:
    deployment = rolled_back(team, "")
    team.does(complete.complete, ANN, deployment, Outcome.ROLLED_BACK, "checkout failed")
    assert summaries(team, deployment, "rollback-reason") == ["reason in the notes of the completion form"]


def test_a_note_is_shown_and_a_person_still_says_yes(team: Team) -> None:
    deployment = team.starts()
    assert state(team, deployment, "next-steps").word is ItemWord.OPEN
    team.does(tick.note, ANN, deployment, "next-steps", "Drop the old column in March, Bo.")
    assert state(team, deployment, "next-steps").word is ItemWord.WAITING
    assert summaries(team, deployment, "next-steps") == ["1 note on this line"]
    team.does(tick.tick, ANN, deployment, "next-steps")
    assert state(team, deployment, "next-steps").word is ItemWord.DONE


def test_documentation_counts_its_lines_and_is_settled_with_the_last(team: Team) -> None:
    deployment = team.starts()
    assert summaries(team, deployment, "documentation-updated") == []
    for count, item in enumerate(DOCUMENTS, 1):
        team.does(tick.tick, ANN, deployment, item)
        assert summaries(team, deployment, "documentation-updated") == [f"{count} of 9 lines on documentation settled"]
        is_last = count == len(DOCUMENTS)
        assert state(team, deployment, "documentation-updated").word is (ItemWord.DONE if is_last else ItemWord.WAITING)
    team.does(tick.undo, ANN, deployment, DOCUMENTS[0])
    assert summaries(team, deployment, "documentation-updated") == ["8 of 9 lines on documentation settled"]


def test_a_line_that_names_the_check_within_the_section_waits_for_no_other_of_its_kind(team: Team) -> None:
    line = "- [ ] {0} <!-- id: {0}; check: own-documentation -->\n"
    text = "## Documentation\n" + line.format("a") + line.format("b") + "- [ ] c <!-- id: c -->\n"
    team.project = replace(team.project, checklist_text=text, roles={})
    deployment = team.starts("staging")
    team.does(tick.tick, ANN, deployment, "c")
    assert summaries(team, deployment, "a") == ["1 of 1 line on documentation settled"]


@pytest.mark.parametrize(("item", "word"), [("index-coverage", ItemWord.WAITING), ("foreign-keys", ItemWord.DONE)])
def test_a_pass_settles_what_a_machine_can_decide_and_no_more(item: str, word: ItemWord, team: Team) -> None:
    with_checks(team, "fk-index", "fk-types")
    deployment = team.starts()
    for check in ("fk-index", "fk-types"):
        team.answers(deployment, check, Status.PASSED, "3 foreign keys")
    assert state(team, deployment, item).word is word
    team.does(tick.tick, ANN, deployment, item)
    assert state(team, deployment, item).word is ItemWord.DONE


def test_what_does_not_apply_needs_nobody(team: Team) -> None:
    with_checks(team, "fk-index")
    deployment = team.starts()
    team.answers(deployment, "fk-index", Status.NOT_APPLICABLE, "no pending file adds a foreign key")
    assert state(team, deployment, "index-coverage").word is ItemWord.NOT_APPLICABLE


def completed(team: Team) -> str:
    deployment = team.starts()
    team.goes(deployment)
    team.completes(deployment)
    return deployment


def test_a_machine_settles_no_line_before_it_is_due(team: Team) -> None:
    """C8: slow-queries answers for the first hour and for the days after it; what it says of the hour is no day's."""
    with_checks(team, "slow-queries")
    deployment = completed(team)
    team.later(minutes=45)
    team.answers(deployment, "slow-queries", Status.PASSED, "none slower than before")
    assert state(team, deployment, "slow-query-log").word is ItemWord.DONE
    assert state(team, deployment, "week-query-performance").word is ItemWord.OPEN
    with pytest.raises(Refused, match="due from"):
        team.does(runs.run_checks, ANN, deployment, "", "week-query-performance")
    team.later(days=1)
    assert state(team, deployment, "week-query-performance").word is ItemWord.OPEN
    team.answers(deployment, "slow-queries", Status.PASSED, "none slower than before")
    assert state(team, deployment, "week-query-performance").word is ItemWord.DONE
    assert state(team, deployment, "month-slow-queries").word is ItemWord.OPEN


def test_a_failure_still_says_so(team: Team) -> None:
    with_checks(team, "archiving")
    deployment = completed(team)
    team.answers(deployment, "archiving", Status.FAILED, "archiving failed 3 times")
    assert state(team, deployment, "backup-jobs").word is ItemWord.FAILED


def test_a_probe_of_the_team_settles_the_line(team: Team) -> None:
    with_checks(team, "archiving")
    team.has_probe("backup-jobs", "nightly")
    deployment = completed(team)
    team.answers(deployment, "archiving", Status.PASSED, "WAL archived 12 s ago")
    assert state(team, deployment, "backup-jobs").word is ItemWord.OPEN
    team.answers(deployment, "nightly", Status.PASSED, "full 02:10, 41 GB")
    assert state(team, deployment, "backup-jobs").word is ItemWord.DONE


def test_one_contact_is_one(team: Team) -> None:
    team.project = replace(team.project, contacts=("@db-oncall",))
    deployment = team.starts()
    assert summaries(team, deployment, "emergency-contacts") == ["1 contact in the settings: @db-oncall"]


def delivered(team: Team) -> None:
    """Slack shows the notices."""

    def work(unit: Any) -> None:
        for deployment in unit.deployments.recent(9):
            for subject in {one.subject for one in unit.notices.of(deployment.id)}:
                unit.notices.deliver(deployment.id, subject, team.now, "")

    team.store.write(work)


def record_line(team: Team, deployment: str, label: str) -> str:
    text = team.store.read(lambda reader: views.record_text(reader, team.project, deployment, team.now))
    return next(line for line in text.split("\n") if label in line).partition(" <!--")[0]


def test_all_items_completed_is_ticked_only_when_that_is_so(team: Team) -> None:
    deployment = team.starts()
    with pytest.raises(Refused, match="counted, not ticked"):
        team.does(tick.tick, ANN, deployment, "all-items")
    team.goes(deployment)
    team.completes(deployment)
    settled, total = team.situation(deployment).settled_of_all
    words = f"{settled} of {total}; {total - settled} left open, accepted by Ann"
    assert summaries(team, deployment, "all-items") == [words]
    assert state(team, deployment, "all-items").word is ItemWord.OPEN
    assert record_line(team, deployment, "All checklist items completed").startswith("- [ ]")


@pytest.mark.parametrize("line", ["Everything <!-- id: all; check: own-all-items", "All items done <!-- id: all"])
def test_it_is_ticked_once_nothing_is_open(team: Team, line: str) -> None:
    count = f"- [ ] {line}; by: completion -->\n- [ ] The end <!-- id: end; by: completion -->\n"
    text = f"## Go live <!-- phase: verify -->\n- [ ] a <!-- id: a -->\n- [ ] b <!-- id: b -->\n{count}"
    team.project = replace(team.project, checklist_text=text, roles={})
    deployment = team.starts("staging")
    team.goes(deployment)
    team.completes(deployment)
    team.does(tick.tick, ANN, deployment, "a")
    assert summaries(team, deployment, "all") == ["2 of 3; 1 left open, accepted by Ann"]
    assert state(team, deployment, "end").why == "settled by completing"
    team.does(tick.not_applicable, ANN, deployment, "b", "not this time")
    assert summaries(team, deployment, "all") == ["3 of 3"]
    assert record_line(team, deployment, line.split(" <", maxsplit=1)[0]).startswith("- [x]")


def test_the_team_is_notified_when_the_notice_is_delivered_and_closing_does_not_wait_for_it(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    team.completes(deployment)
    assert state(team, deployment, "team-notified").word is ItemWord.OPEN
    assert not any("Team notified" in one or "All checklist" in one for one in blocked(team, deployment))
    delivered(team)
    assert state(team, deployment, "team-notified").word is ItemWord.DONE
    assert summaries(team, deployment, "team-notified") == ["completion notice delivered to 1 of 1 audiences"]


def blocked(team: Team, deployment: str) -> list[str]:
    found = team.store.read(lambda reader: views.blockers(reader, team.project, deployment, team.now))
    return [one.sentence for one in found.blockers]


def test_delivered_is_notified_and_only_a_press_acknowledges(team: Team) -> None:
    owner = Role("product-owner", "Product owner", "sign-off-product", RoleKind.ACKNOWLEDGE, (MO,))
    team.project = replace(team.project, roles={**team.project.roles, "product-owner": owner})
    deployment = team.starts()
    assert record_line(team, deployment, "Product owner notified") == "- [ ] Product owner notified: not notified"
    delivered(team)
    assert team.role(deployment, "product-owner").word is RoleWord.NOTIFIED
    told = "- [x] Product owner notified: notice delivered 2026-11-23 10:00 UTC; "
    assert record_line(team, deployment, "Product owner notified") == f"{told}not acknowledged"
    team.later(minutes=7)
    [notice] = team.store.read(lambda reader: reader.notices.of(deployment))
    team.does(telling.acknowledge, DEVI, notice.id)
    assert team.role(deployment, "product-owner").word is RoleWord.NOTIFIED, "Devi is no product owner"
    team.does(telling.acknowledge, MO, notice.id)
    assert team.role(deployment, "product-owner").word is RoleWord.ACKNOWLEDGED
    line = record_line(team, deployment, "Product owner notified")
    assert line == f"{told}acknowledged by Mo 2026-11-23 10:07 UTC"


def test_who_closes_early_accepts_what_is_open(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    team.completes(deployment)
    team.does(start.join, BO, deployment)
    team.does(complete.close, BO, deployment, "nobody has time")
    assert summaries(team, deployment, "all-items")[0].endswith("left open, accepted by Bo")


def test_the_record_is_called_what_people_look_for(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    team.completes(deployment)
    first = team.told_once(f"{deployment}:record:verifying")
    team.does(complete.close, ANN, deployment, "done")
    last = team.told_once(f"{deployment}:record:closed")
    assert first is not None and last is not None
    assert [row.said.facts["filename"] for row in (first, last)] == ["record-production-1.md"] * 2
    assert first.said.facts["title"] == "Record at completion: production 00008–00009, deployment 1"
    assert last.said.facts["title"] == "Final record: production 00008–00009, deployment 1"


def test_a_contact_has_a_name(team: Team) -> None:
    team.project = replace(team.project, contacts=(BO, "@db-oncall"))
    deployment = team.starts()
    assert summaries(team, deployment, "emergency-contacts") == ["2 contacts in the settings: Bo, @db-oncall"]


def test_a_line_waits_for_a_notice_only_where_somebody_hears_of_it() -> None:
    board = Audience("board", ("C0BOARD",), events=frozenset({"completion"}))
    made = available_own_checks(project(), Environment("production", Kind.PRODUCTION, audiences=(board,)))
    assert {check for check in made if check.startswith("own-notice")} == {"own-notice-completion"}


@pytest.mark.parametrize(
    ("probe", "beside", "word"),
    [
        (Status.PASSED, Status.EVIDENCE, ItemWord.DONE),
        (Status.PASSED, Status.WARNING, ItemWord.WAITING),
        (Status.PASSED, Status.COULD_NOT_RUN, ItemWord.WAITING),
        (Status.EVIDENCE, Status.PASSED, ItemWord.WAITING),
        (Status.WARNING, Status.EVIDENCE, ItemWord.WAITING),
    ],
)
def test_a_probe_of_the_team_decides_a_line_on_which_a_check_only_tells(
    team: Team, probe: Status, beside: Status, word: ItemWord
) -> None:
    with_checks(team, "migration-comments")
    team.has_probe("comments", "comments-read")
    deployment = team.starts()
    team.answers(deployment, "migration-comments", beside)
    assert state(team, deployment, "comments").word is not ItemWord.DONE
    team.answers(deployment, "comments-read", probe)
    assert state(team, deployment, "comments").word is word
