"""Nothing to deploy, back from parking, the way back and what mends it: what is opened, said, held and offered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.background.backstage import Backstage
from bot.background.check_inputs import inputs_of
from bot.core.deployment import Outcome, State
from bot.core.item import ItemWord
from bot.core.journal import to_text
from bot.core.refusal import Refused
from bot.core.signoff import RoleWord
from bot.settings.inputs import Sources
from bot.slack.messages.thread import dashboard as dashboard_message
from bot.usecases import views
from bot.usecases.lifecycle import complete, custody, roll_back, start
from bot.usecases.verb import Verb
from tests.outbox import said_facts
from tests.usecases.team import ANN, BO, DANA, Team, files, project

DOWNS = {**files("00008", "00009"), "00008_change.down.sql": b"-- undo", "00009_change.down.sql": b"-- undo"}
NOTHING = "production has 00008–00009 already: there is nothing to deploy"


@pytest.fixture
def watched(tmp_path: Path) -> Team:
    """A team with files, whose environments have a database: history says what is pending."""
    settings = project()
    places = {name: replace(place, has_database=True) for name, place in settings.environments.items()}
    return Team(tmp_path / "gonogo.db", replace(settings, environments=places))


def on_screen(team: Team, deployment: str) -> set[str]:
    return {live.kind for live in team.store.read(lambda reader: reader.outbox.wanted(deployment))}


def told(team: Team, template: str) -> list[Mapping[str, Any]]:
    return team.store.read(lambda reader: said_facts(reader, template))


def begun(team: Team, who: str = ANN) -> str:
    return team.does(start.start, who, "production").deployment_id or ""


def gone_and_applied(team: Team) -> str:
    """Deploying, and history has both files."""
    deployment = begun(team)
    team.reads(deployment, DOWNS, history=team.history("00007", pending=("00008", "00009")))
    team.goes(deployment)
    team.reads(deployment, DOWNS, history=team.history("00007", "00008", "00009"))
    return deployment


def rolled_back(team: Team) -> str:
    deployment = gone_and_applied(team)
    team.does(roll_back.roll_back, ANN, deployment, "down", "checkout is slow")
    team.reads(deployment, DOWNS, history=team.history("00007", pending=("00008", "00009")))
    team.does(complete.complete, ANN, deployment, Outcome.ROLLED_BACK, "both undone")
    return deployment


def test_where_nothing_is_pending_only_the_starter_hears_of_it(watched: Team) -> None:
    deployment = begun(watched)
    assert not on_screen(watched, deployment), "nobody knows yet whether it is one"
    watched.reads(deployment, {}, files=None, history=watched.history("00007"), nothing=NOTHING)
    row = watched.row(deployment)
    assert (row.state, row.holds_environment) == (State.ABORTED, False)
    assert not on_screen(watched, deployment)
    assert not told(watched, "phase")
    (said,) = told(watched, "private")
    assert (said["user"], said["text"]) == (ANN, f"{NOTHING}. Nothing was opened, and nobody else was told.")
    assert "aborted" in watched.events(deployment)
    home = watched.store.read(lambda reader: views.home(reader, {"default": watched.project}, BO, watched.now))
    assert not home.recent


def test_a_deployment_that_is_one_is_announced_with_its_range(watched: Team) -> None:
    deployment = begun(watched)
    watched.reads(deployment, DOWNS, history=watched.history("00007", pending=("00008", "00009")))
    assert on_screen(watched, deployment) == {"dashboard", "notice", "phase", "section"}
    watched.reads(deployment, DOWNS, history=watched.history("00007", pending=("00008", "00009")))
    assert [one.state for one in watched.store.read(lambda reader: reader.notices.of(deployment))] == ["start"]


def test_one_whose_history_nobody_can_read_is_announced_all_the_same(watched: Team) -> None:
    deployment = begun(watched)
    watched.reads(deployment, {}, files=None)
    assert "dashboard" in on_screen(watched, deployment)


def parked_for_a_hotfix(team: Team) -> str:
    first = begun(team)
    team.reads(first, DOWNS, history=team.history("00007", pending=("00008", "00009")))
    team.signs(first, "dba", "backend")
    team.does(custody.park, ANN, first, "hotfix")
    hotfix = begun(team, BO)
    team.reads(hotfix, files("00010"), history=team.history("00007", pending=("00010",)))
    team.does(custody.abort, BO, hotfix, "it went in by hand")
    assert team.row(first).state is State.PREPARING
    return first


def test_what_a_hotfix_applied_is_out_of_the_range_and_the_rest_is_decided_anew(watched: Team) -> None:
    first = parked_for_a_hotfix(watched)
    old = watched.situation(first).subject
    left = {name: body for name, body in DOWNS.items() if name.startswith("00009")}
    history = watched.history("00007", "00008", pending=("00009",))
    watched.reads(first, left, history=history, taken_out=("00008",))
    row = watched.row(first)
    assert (row.range_words, row.moved_fingerprint) == ("00009", None)
    assert watched.situation(first).subject != old
    assert watched.role(first, "dba").word is RoleWord.WAITING
    assert told(watched, "phase")[-1]["event"] == "range-cut"
    watched.reads(first, left, history=history)
    assert told(watched, "phase")[-1]["event"] == "range-cut", "said once"
    assert [said["event"] for said in told(watched, "phase")].count("range-cut") == 1


def test_back_from_parking_approvals_stand_where_the_range_is_what_it_was(watched: Team) -> None:
    first = parked_for_a_hotfix(watched)
    watched.reads(first, DOWNS, history=watched.history("00007", "00010", pending=("00008", "00009")))
    assert watched.role(first, "dba").met


def test_where_the_hotfix_applied_all_of_it_the_parked_one_ends_and_everybody_hears(watched: Team) -> None:
    first = parked_for_a_hotfix(watched)
    watched.reads(first, {}, history=watched.history("00007", "00008", "00009"), nothing=NOTHING)
    assert watched.row(first).state is State.ABORTED
    assert told(watched, "phase")[-1]["reason"] == NOTHING
    assert (told(watched, "private")[-1]["user"], told(watched, "private")[-1]["text"]) == (ANN, f"{NOTHING}.")


def test_one_parked_by_the_bot_says_so(watched: Team) -> None:
    deployment = gone_and_applied(watched)
    watched.does(complete.complete, ANN, deployment, Outcome.PARTIAL, "as it was")
    later = begun(watched, BO)
    watched.does(roll_back.roll_back, ANN, deployment, "down", "slow")
    assert watched.row(later).state is State.PARKED
    (parked,) = [said for said in told(watched, "phase") if said["event"] == "parked"]
    assert (parked["by"], parked["reason"]) == ("gonogo", "deployment 1 is rolled back")


def shown(team: Team, deployment: str) -> str:
    drawn = dashboard_message.render(team.dashboard(deployment))
    return drawn.text + "\n" + str(drawn.blocks)


def test_rolling_back_the_dashboard_speaks_of_the_way_back(watched: Team) -> None:
    deployment = gone_and_applied(watched)
    watched.project = replace(watched.project, tool="sqlx", migrations_folder="db/migrations")
    watched.does(roll_back.roll_back, ANN, deployment, "down", "checkout is slow")
    words = shown(watched, deployment)
    assert "0 of 2 undone" in words
    assert "2 down files: 00009_change.down.sql, 00008_change.down.sql" in words
    assert "sqlx migrate revert --source db/migrations --target-version 00007" in words
    assert "nothing is missing" not in words
    assert '"primary"' not in words.replace("'", '"'), "Complete is not the next act"
    watched.reads(deployment, DOWNS, history=watched.history("00007", "00008", pending=("00009",)))
    assert "1 of 2 undone" in shown(watched, deployment)
    assert watched.blockers(deployment) == ["00008 is still in the history"]
    watched.reads(deployment, DOWNS, history=watched.history("00007", pending=("00008", "00009")))
    assert watched.dashboard(deployment).buttons[0] is Verb.COMPLETE
    words = shown(watched, deployment)
    assert "2 of 2 undone" in words
    assert "Everything is undone" in words
    assert "primary" in words


def test_what_a_late_migration_applied_is_undone_too_and_its_cancel_is_shown(watched: Team) -> None:
    deployment = begun(watched)
    watched.reads(deployment, DOWNS, history=watched.history("00007", pending=("00008", "00009")))
    watched.goes(deployment)
    one = watched.history("00007", "00008", pending=("00009",))
    watched.reads(deployment, DOWNS, history=one, cancel="SELECT pg_cancel_backend(4711);")
    watched.does(roll_back.roll_back, ANN, deployment, "down", "checkout is slow")
    assert "0 of 1 undone" in shown(watched, deployment)
    assert "SELECT pg_cancel_backend(4711);" in shown(watched, deployment)
    watched.reads(deployment, DOWNS, history=watched.history("00007", "00008", "00009"))
    assert "0 of 2 undone" in shown(watched, deployment)
    assert "pg_cancel_backend" not in shown(watched, deployment)


def test_the_corrective_deployment_takes_the_environment_over(watched: Team) -> None:
    deployment = rolled_back(watched)
    assert watched.dashboard(deployment).buttons[0] is Verb.START_CORRECTIVE
    corrective = watched.does(start.start_corrective, BO, deployment).deployment_id or ""
    assert watched.row(deployment).lifted
    assert watched.row(corrective).holds_environment
    assert "lifted" in watched.events(deployment)
    assert told(watched, "phase")[-1]["event"] == "corrected"
    assert Verb.START_CORRECTIVE not in watched.dashboard(deployment).buttons
    with pytest.raises(Refused, match="holds production no longer"):
        watched.does(start.start_corrective, DANA, deployment)


def test_a_plain_start_is_the_corrective_one_too_and_gives_the_environment_back_where_it_was_none(
    watched: Team,
) -> None:
    deployment = rolled_back(watched)
    corrective = begun(watched, BO)
    assert watched.row(deployment).lifted
    watched.reads(corrective, {}, files=None, history=watched.history("00007"), nothing=NOTHING)
    assert watched.row(corrective).state is State.ABORTED
    assert watched.row(deployment).holds_environment, "held until something mends it"
    again = begun(watched, BO)
    watched.reads(again, DOWNS, history=watched.history("00007", pending=("00008", "00009")))
    watched.does(custody.abort, BO, again, "the fix is not merged")
    assert told(watched, "phase")[-1]["goes_to"] == "1"
    assert watched.row(deployment).holds_environment


def test_a_start_that_is_refused_lifts_nothing(watched: Team) -> None:
    deployment = rolled_back(watched)
    with pytest.raises(Refused, match="is no migration range"):
        watched.does(start.start, BO, "production", "8, 9 and 10")
    assert watched.row(deployment).holds_environment


def test_the_estimate_is_what_staging_took_for_the_same_files(watched: Team) -> None:
    staging = watched.does(start.start, ANN, "staging").deployment_id or ""
    watched.reads(staging, DOWNS, history=watched.history("00007", pending=("00008", "00009")))
    watched.goes(staging)
    watched.now += timedelta(minutes=7)
    watched.reads(staging, DOWNS, history=watched.history("00007", "00008", "00009"))
    watched.later(hours=3)
    watched.completes(staging)
    production = begun(watched)
    watched.reads(production, DOWNS, history=watched.history("00007", pending=("00008", "00009")))
    row = watched.row(production)
    assert (row.facts.expected, row.facts.expected_of) == ("7", "staging took for the same files")


@pytest.mark.parametrize(
    ("tool", "own", "command"),
    [
        ("sqlx", "", "sqlx migrate run --source 'db files' --target-version 00009"),
        ("golang-migrate", "", "migrate -path 'db files' -database \"$DATABASE_URL\" goto 00009"),
        ("goose", "", "goose -dir 'db files' postgres \"$DATABASE_URL\" up-to 00009"),
        ("dbmate", "", "dbmate --migrations-dir 'db files' up"),
        ("diesel", "", "diesel migration run --migration-dir 'db files'"),
        ("prisma", "", "prisma migrate deploy"),
        ("liquibase", "", "liquibase update"),
        ("flyway", "./deploy.sh {environment} {range}", "./deploy.sh production 00008-00009"),
        ("no tool", "", ""),
    ],
)
def test_the_runners_command_is_shown_until_all_is_applied(watched: Team, tool: str, own: str, command: str) -> None:
    place = replace(watched.project.environments["production"], runner=own)
    places = {**watched.project.environments, "production": place}
    watched.project = replace(watched.project, migrations_folder="db files", environments=places)
    deployment = begun(watched)
    history = replace(watched.history("00007", pending=("00008", "00009")), tool=tool)
    watched.reads(deployment, DOWNS, history=history)
    assert watched.dashboard(deployment).runner_command == ""
    watched.goes(deployment)
    assert watched.dashboard(deployment).runner_command == command
    assert next(said for said in told(watched, "phase") if said["event"] == "go")["runner"] == command
    watched.reads(deployment, DOWNS, history=watched.history("00007", "00008", "00009"))
    assert watched.dashboard(deployment).runner_command == ""


MACHINES = frozenset({"migrations-completed", "schema-matches", "performance"})


def with_checks(team: Team, **production: Any) -> Team:
    """Databases that these three checks can ask."""
    places = {name: replace(place, checks=MACHINES) for name, place in team.project.environments.items()}
    places["production"] = replace(places["production"], **production)
    team.project = replace(team.project, environments=places)
    return team


def queued(team: Team, deployment: str) -> set[str]:
    return {run.check_id for run in team.store.read(lambda reader: reader.results.runs(deployment))}


def test_production_without_staging_asks_nothing_of_staging_and_goes(watched: Team) -> None:
    deployment = begun(with_checks(watched, after=None))
    watched.reads(deployment, DOWNS, history=watched.history("00007", pending=("00008", "00009")))
    assert not MACHINES & queued(watched, deployment)
    state = watched.situation(deployment).states["staging-migrations"]
    assert state.word is ItemWord.NOT_APPLICABLE
    assert state.why == "no staging environment is configured: `after` of [environments.production]"
    watched.goes(deployment)
    assert watched.row(deployment).state is State.DEPLOYING


def test_with_staging_its_checks_ask_it_with_the_baseline_of_its_own_deployment(watched: Team, tmp_path: Path) -> None:
    staging = watched.does(start.start, ANN, "staging").deployment_id or ""
    watched.reads(staging, DOWNS, history=watched.history("00007", pending=("00008", "00009")))
    watched.goes(staging)
    went = watched.now
    watched.store.write(lambda unit: unit.troubles.keep_baseline(staging, '{"of": "staging"}', watched.now))
    watched.completes(staging)
    production = begun(with_checks(watched))
    watched.reads(production, DOWNS, history=watched.history("00007", pending=("00008", "00009")))
    assert {f"{check}@staging" for check in MACHINES} <= queued(watched, production)
    stage = Backstage(watched.store, {"default": watched.project}, lambda *_: None, lambda: watched.now, tmp_path)
    inputs = inputs_of(stage, production, Sources("default", "staging"))
    assert (inputs.baseline, inputs.since) == ({"of": "staging"}, to_text(went))
    assert inputs_of(stage, production, Sources("default", "production")).baseline is None


def test_what_only_the_run_can_answer_is_not_asked_at_go(watched: Team) -> None:
    staging = with_checks(watched).does(start.start, ANN, "staging").deployment_id or ""
    watched.reads(staging, DOWNS, history=watched.history("00007", pending=("00008", "00009")))
    watched.goes(staging)
    assert not MACHINES & queued(watched, staging), "it would fail in the first second"
    watched.reads(staging, DOWNS, history=watched.history("00007", "00008", "00009"))
    assert queued(watched, staging) >= MACHINES
