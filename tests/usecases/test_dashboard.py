"""What the channel reads through the life of a deployment, and which act is bold: on a real state, as it is drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.checklist.items import Requirement
from bot.core.deployment import History, Outcome
from bot.slack.messages.blocks import spoken
from bot.slack.messages.direct import status
from bot.slack.messages.thread import dashboard
from bot.usecases import tick, views, work
from bot.usecases.lifecycle import complete, custody, go, hold, start
from bot.usecases.signoffs import asking
from bot.usecases.verb import Verb
from checks.result import Status
from tests.usecases.team import ANN, BO, DANA, Team, files


def reads(team: Team, deployment: str) -> str:
    blocks = dashboard.render(team.dashboard(deployment)).blocks
    return spoken("\n".join(block["text"]["text"] for block in blocks if block["type"] == "section"))


def bold(team: Team, deployment: str) -> Verb | None:
    return team.dashboard(deployment).next_act


def completed(team: Team) -> str:
    deployment = team.starts()
    team.goes(deployment)
    team.settles(deployment, Requirement.COMPLETE)
    team.does(complete.complete, ANN, deployment, Outcome.SUCCESS, "")
    return deployment


def test_while_the_files_are_read_nothing_is_missing_and_nothing_is_asked(team: Team) -> None:
    deployment = team.does(start.start, ANN, "production").deployment_id or ""
    said = reads(team, deployment)
    assert "⟳ running  the migration files and the history are being read" in said
    assert "░" not in said
    assert "missing" not in said
    assert (bold(team, deployment), team.dashboard(deployment).buttons) == (None, (Verb.SEE_EVERYTHING,))


def test_a_range_that_nobody_gave_is_the_next_act(team: Team) -> None:
    team.project = replace(team.project, has_migrations=False)
    deployment = team.does(start.start, ANN, "production").deployment_id or ""
    assert bold(team, deployment) is Verb.GIVE_RANGE
    assert reads(team, deployment).startswith("Production · no range yet\n")
    assert "○ open  Review all migration files for syntax errors" in reads(team, deployment)


def test_what_fails_stands_first_with_its_mend_and_its_button(team: Team) -> None:
    team.has_probe("backup", "backup-age")
    deployment = team.starts()
    team.finishes_runs(deployment)
    team.answers(deployment, "backup-age", Status.FAILED, "50 h old (at most 24 h)")
    lines = reads(team, deployment).splitlines()
    assert lines[2] == "✗ failed  Database backup completed: 50 h old (at most 24 h)"
    assert "go needs it" not in "\n".join(lines)
    assert team.dashboard(deployment).items["backup"].act is Verb.RUN_CHECK
    assert bold(team, deployment) is Verb.RUN_CHECKS


def test_several_answers_that_are_wrong_are_all_told(team: Team) -> None:
    """Not the first of them and "(+1 more)"."""
    team.has_probe("backup", "backup-age")
    probes = {**team.project.probes, "backup": ("backup-age", "backup-size")}
    places = {
        name: replace(one, checks=one.checks | {"backup-size"}) for name, one in team.project.environments.items()
    }
    team.project = replace(team.project, probes=probes, environments=places)
    deployment = team.starts()
    team.answers(deployment, "backup-age", Status.EVIDENCE, "9 of 9 kept")
    team.answers(deployment, "backup-size", Status.COULD_NOT_RUN, "no access to the store")
    assert "◐ waiting  Database backup completed: 9 of 9 kept; no access to the store" in reads(team, deployment)
    shown = team.store.read(lambda reader: views.sections(reader, team.project, deployment, team.now))
    (evidence,) = (item.evidence for section in shown for item in section.items if item.id == "backup")
    assert evidence == "no access to the store; 9 of 9 kept"


def test_what_only_people_can_say_is_said_by_them(team: Team) -> None:
    deployment = team.starts()
    team.finishes_runs(deployment)
    assert bold(team, deployment) is None
    assert "Peer review of all migration files\nsomebody who does not deploy presses Done" in reads(team, deployment)
    team.does(work.give, ANN, deployment, "syntax", "", BO, "")
    assert "Review all migration files for syntax errors · given to Bo" in reads(team, deployment)


def test_once_only_people_are_missing_they_are_asked_and_then_waited_for(team: Team) -> None:
    deployment = team.starts()
    team.finishes_runs(deployment)
    team.does(asking.ask_now, ANN, deployment)
    team.settles(deployment, Requirement.GO)
    team.signs(deployment, "backend", "devops")
    said = reads(team, deployment)
    assert "All else is settled; only people are missing (asked" in said
    assert "◐ waiting for  DBA @dba-team · management U0MO" in said
    assert bold(team, deployment) is None
    team.signs(deployment, "dba", "management")
    assert "✓ To go: nothing is missing" in reads(team, deployment)
    assert bold(team, deployment) is Verb.GO


def test_go_that_is_asked_says_what_runs_again(team: Team) -> None:
    deployment = team.starts()
    team.settles(deployment, Requirement.GO)
    team.signs(deployment)
    team.does(go.ask_go, ANN, deployment, team.situation(deployment).subject)
    said = reads(team, deployment)
    assert "Go is asked by Ann" in said
    assert "First what is out of date runs again: migration files and history." in said
    assert team.dashboard(deployment).buttons == (Verb.SEE_EVERYTHING,)


def test_completing_is_bold_only_when_nothing_is_missing(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    history = History(tool="sqlx", applied=("00008",), pending=("00009",))
    team.reads(deployment, files("00008", "00009"), history=history, live=("CREATE INDEX i 63 % (scanning)",))
    said = reads(team, deployment)
    assert "⟳ running  CREATE INDEX i 63 % (scanning)\nNobody is blocked." in said
    assert "█████████░░░░░░░░░ 1 of 2 applied · 1 of 7 needed to complete" in said
    assert bold(team, deployment) is None
    team.settles(deployment, Requirement.COMPLETE)
    assert bold(team, deployment) is Verb.COMPLETE


def test_held_says_who_and_why(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    team.does(hold.hold, DANA, deployment, "checkout is slow")
    assert "✋ Held by Dana: checkout is slow" in reads(team, deployment)
    assert bold(team, deployment) is Verb.RETRY


def test_after_completion_only_what_is_due_is_asked(team: Team) -> None:
    deployment = completed(team)
    said = reads(team, deployment)
    assert "Next look 11-23 10:45 UTC · closes by itself 2026-12-21" in said
    assert "nothing is missing" not in said
    due = team.dashboard(deployment).blockers
    assert due
    for one in due:
        team.does(tick.tick, ANN, deployment, one.subject)
    assert "Nothing wants anybody now." in reads(team, deployment)
    assert bold(team, deployment) is None
    line = spoken(status.render((team.dashboard(deployment),), {}).text)
    assert "To close: nothing wants anybody now; 0 of 12 looks done" in line


def test_on_the_first_morning_its_list_is_due_and_the_hour_s_is_over(team: Team) -> None:
    deployment = completed(team)
    asked = {one.subject for one in team.dashboard(deployment).blockers}
    assert "services-operational" in asked
    assert "week-user-feedback" not in asked
    team.later(days=1)
    asked = {one.subject for one in team.dashboard(deployment).blockers}
    assert "services-operational" not in asked
    assert "week-user-feedback" in asked
    assert "Next look 11-25 09:00 UTC" in reads(team, deployment)


def test_what_is_missing_to_close_is_what_closing_waits_for_and_no_optional_line(team: Team) -> None:
    deployment = completed(team)
    facts = team.store.read(lambda reader: views.blockers(reader, team.project, deployment, team.now))
    assert [one.kind for one in facts.blockers] == ["watch"]


def test_parked_says_by_whom_why_and_what_it_waits_for(team: Team) -> None:
    deployment = team.starts()
    team.does(custody.park, ANN, deployment, "a hotfix goes first")
    assert bold(team, deployment) is Verb.UNPARK
    team.starts(who=BO, versions=("00011",))
    said = reads(team, deployment)
    assert "Parked by Ann: a hotfix goes first. It comes back by itself after deployment 2 of Bo." in said
    assert bold(team, deployment) is None


def test_the_end_is_short(team: Team) -> None:
    closed = completed(team)
    team.does(complete.close, ANN, closed, "the last week was quiet")
    assert "Closed by Ann: the last week was quiet" in reads(team, closed)
    aborted = team.starts(versions=("00010",))
    team.does(custody.abort, ANN, aborted, "not this week")
    assert "Aborted by Ann: not this week" in reads(team, aborted)
    for deployment in (closed, aborted):
        assert team.dashboard(deployment).buttons == (Verb.SEE_EVERYTHING,)
        assert bold(team, deployment) is None
        assert len(reads(team, deployment).splitlines()) <= 4


@pytest.mark.parametrize("title", ["loyalty tiers", ""])
def test_the_headline_has_the_title(team: Team, title: str) -> None:
    deployment = team.does(start.start, ANN, "production", "", title).deployment_id or ""
    team.reads(deployment, files("00008", "00009"))
    words = title or team.row(deployment).title_words
    assert reads(team, deployment).splitlines()[0] == " · ".join(
        filter(None, ("Production", "migrations 00008–00009", words))
    )
