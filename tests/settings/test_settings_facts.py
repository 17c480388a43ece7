"""What core sees of a settings file."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest
from settings_samples import FULL, MINIMAL, loaded, write

from bot.core.checklist.items import Kind, RoleKind
from bot.core.team import Audience, Freeze, Window
from bot.settings import SettingsError, config_path
from checks.base import DatabaseAddress, ScratchLimits, ScratchStart
from checks.probes import check_for


def test_a_channel_and_two_tokens_are_enough(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINIMAL)
    project = settings.projects()["default"]
    assert (project.channel, project.command, project.timezone) == ("C0DEPLOYS", "/deploy", "UTC")
    assert {name: environment.kind for name, environment in project.environments.items()} == {
        "development": Kind.DEVELOPMENT,
        "staging": Kind.STAGING,
        "production": Kind.PRODUCTION,
    }
    assert not any(environment.has_database for environment in project.environments.values())
    assert not project.has_migrations
    assert "# Migration Deployment Checklist" in project.checklist_text
    assert settings.database_path == tmp_path / "gonogo.db"


def test_without_databases_and_files_no_check_of_either_can_run(tmp_path: Path) -> None:
    production = loaded(tmp_path, MINIMAL).projects()["default"].environments["production"]
    assert not any(not check.startswith("own-") for check in production.checks)


def test_what_scratch_begins_with_is_a_file_the_target_or_a_named_database(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text("CREATE TABLE users ();")
    table = '[environments.staging]\ndatabase = "env:STAGING_DATABASE_URL"\n[scratch]\nbaseline = '
    found = {
        value: loaded(tmp_path, f'{MINIMAL}\n{table}"{value}"\nbaseline_version = "7"\n')
        for value in ("schema.sql", "target", "env:STAGING_DATABASE_URL")
    }
    starts = {value: settings.inputs("default", "staging").scratch_start for value, settings in found.items()}
    [file, target, named] = starts.values()
    assert file == ScratchStart(file="schema.sql", version="7") == found["schema.sql"].files("default").scratch_start
    assert target is not None and target.address == found["target"].inputs("default", "staging").target
    assert found["target"].files("default").scratch_start == ScratchStart(version="7")
    assert named is not None and named.address is not None and target.address is not None
    assert (named.address.kind, named.address.conninfo) == ("replica", target.address.conninfo)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('baseline = "nowhere.sql"', "there is no file 'nowhere.sql'"),
        ('baseline = "postgresql://u:pw@h/db"', "an address does not belong in this file"),
        ('baseline_version = "7"', "is of no baseline"),
    ],
)
def test_a_beginning_that_is_not_there_is_told(tmp_path: Path, lines: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, f"{MINIMAL}\n[scratch]\n{lines}\n")
    assert told in str(caught.value.faults[0]) and "pw" not in str(caught.value.faults[0])


def test_a_clone_is_let_in_and_the_server_itself_is_not(tmp_path: Path) -> None:
    """Its identity is that of production: what is compared then is when the server was started."""
    sources = loaded(tmp_path, FULL.replace("[scratch]", "[scratch]\nallow_clone = true")).files("default")
    assert sources.options["scratch_may_be_clone"] is True and sources.forbidden_scratch


def test_people_are_left_alone_at_night_unless_the_team_says_otherwise(tmp_path: Path) -> None:
    silent = loaded(tmp_path, MINIMAL).projects()["default"]
    assert silent.quiet_hours == (time(20), time(8))
    assert (silent.working_days, silent.holidays) == (frozenset(range(5)), ())
    anytime = MINIMAL + 'quiet_hours = "none"\nworking_days = "Mon-Sun"\nholidays = "none"\n'
    awake = loaded(tmp_path, anytime).projects()["default"]
    assert (awake.quiet_hours, awake.working_days, awake.holidays) == (None, frozenset(range(7)), None)


def test_everything_configured_arrives(tmp_path: Path) -> None:
    project = loaded(tmp_path, FULL).projects()["default"]
    assert project.quiet_hours == (time(20), time(8))
    assert (project.admins, project.deployers, project.contacts) == (
        ("U0ADMIN",),
        ("@backend",),
        ("U0LU", "@db-oncall"),
    )
    assert (project.working_days, project.holidays) == (frozenset({6, 0, 1, 2, 3}), ("DE-BY", "US"))
    assert project.freshness == {"backup": 12 * 3600}
    assert project.has_migrations
    assert project.check_titles["smoke-tests"] == "smoke tests"
    production = project.environments["production"]
    assert production.windows == (
        Window(frozenset({1, 2, 3}), time(9), time(16), "Tue-Thu 09:00-16:00"),
        Window(frozenset(range(7)), time(22), time(4), "daily 22:00-04:00"),
    )
    assert production.freezes == (Freeze(date(2026, 12, 18), date(2027, 1, 4), "year end"),)
    assert (production.after, production.timezone, production.rollback_reserve_minutes) == (
        "staging",
        "America/New_York",
        30,
    )
    assert (production.audiences, production.on_call, production.break_glass, production.two_person) == (
        (Audience("stakeholders", ("C0RELEASES",)),),
        ("@db-oncall",),
        ("@dba-team",),
        False,
    )
    assert project.environments["preview"].kind is Kind.DEVELOPMENT
    assert project.environments["staging"].timezone == "Europe/Berlin"


def test_roles_are_tied_to_their_items(tmp_path: Path) -> None:
    roles = loaded(tmp_path, FULL).projects()["default"].roles
    assert (roles["dba"].item, roles["dba"].kind, roles["dba"].quorum) == ("sign-off-dba", RoleKind.APPROVE, 2)
    assert roles["dba"].members == ("U0DBA1", "@dba-team")
    assert (roles["security"].kind, roles["security"].enabled) == (RoleKind.REVIEW, False)
    assert roles["security"].when_facts
    assert not roles["dba"].when_facts


def test_checks_run_where_their_needs_are_met(tmp_path: Path) -> None:
    environments = loaded(tmp_path, FULL).projects()["default"].environments
    assert {"syntax", "applies-to-scratch", "smoke-tests", "can-connect"} <= environments["production"].checks
    assert {"syntax", "applies-to-scratch", "error-rate"} <= environments["preview"].checks
    assert not {"can-connect", "smoke-tests"} & environments["preview"].checks
    with_database = {name for name, place in environments.items() if "schema-matches" in place.checks}
    assert with_database == {"staging", "production"}, "without `after` it compares with what the files make"


def test_a_probe_answers_the_line_it_names(tmp_path: Path) -> None:
    settings = loaded(tmp_path, FULL)
    project = settings.projects()["default"]
    by_label = {"smoke-tests": "smoke tests", "error-rate": "application error rates"}
    from bot.core.checklist.reader import parse

    items = {item.id: item.label for item in parse(project.checklist_text).items}
    for item, probes in project.probes.items():
        assert all(by_label[probe] in items[item] for probe in probes)
    assert len(project.probes) == 2


def test_the_secret_side_goes_to_the_checks(tmp_path: Path) -> None:
    sources = loaded(tmp_path, FULL).inputs("default", "production")
    assert sources.target == DatabaseAddress(
        "production", "postgresql://gonogo:pr0d@db.example:5432/shop", "production"
    )
    assert sources.compare_with is not None
    assert sources.compare_with.name == "staging"
    assert {address.name for address in sources.forbidden_scratch} == {"staging", "production"}
    assert sources.scratch_server == "host=scratch.example user=scratch dbname=postgres"
    assert (sources.migrations_directory, sources.tool) == (tmp_path / "db/migrations", "sqlx")
    smoke = sources.probes[0]
    assert (smoke.id, smoke.command, smoke.options["timeout"]) == ("smoke-tests", ("./smoke.sh", "{environment}"), 120)
    assert [probe.id for probe in loaded(tmp_path, FULL).inputs("default", "preview").probes] == ["error-rate"]
    inputs = sources.inputs()
    assert (inputs.target, inputs.scratch_server) == (sources.target, sources.scratch_server)
    assert inputs.scratch_limits == ScratchLimits(time=600, disk=10 * 1024**3)


def test_every_sort_of_probe_is_taken(tmp_path: Path) -> None:
    text = """
        [probes.up]
        item = "Verify all services operational"
        http = ["https://shop.example/{environment}", "https://pay.example/"]
        status = 204
        headers = { Authorization = "Bearer env:TOKEN" }
        [probes.dumps]
        item = "Database backup completed"
        path = "/var/backups/*.dump"
        max_age = "26h"
        [probes.tests]
        item = "Run integration tests"
        junit = "reports/*.xml"
        [probes.full]
        item = "Final backup before deployment"
        command = ["pgbackrest", "info", "--output=json"]
        reader = "pgbackrest"
        env = ["PGBACKREST_REPO"]
    """
    probes = {probe.id: probe for probe in loaded(tmp_path, MINIMAL + text).inputs("default", "production").probes}
    addresses = ["https://shop.example/{environment}", "https://pay.example/"]
    assert (probes["up"].http, probes["up"].options["addresses"]) == (addresses[0], addresses)
    assert probes["dumps"].options == {"directory": str(tmp_path), "path": "/var/backups/*.dump", "max_age": 26 * 3600}
    assert probes["tests"].options["junit"] == "reports/*.xml"
    assert probes["full"].options["env"] == {"PGBACKREST_REPO": "env:PGBACKREST_REPO"}
    assert [check_for(probe).needs.value for probe in probes.values()] == ["http", "command", "command", "command"]


def test_options_of_checks_and_the_history_table_are_passed_on(tmp_path: Path) -> None:
    migrations = '[migrations]\ndirectory = "db/migrations"\nhistory_table = "ops.history"\n'
    text = migrations + '[checks.stated-range]\nrange = "1-3"\n'
    settings = loaded(tmp_path, MINIMAL + text)
    places = {"folder": str(tmp_path), "migrations_directory": str(tmp_path / "db/migrations")}
    expected = {"stated-range": {"range": "1-3"}, "history_table": "ops.history", **places}
    assert settings.files("default").options == expected
    assert settings.inputs("default", "staging").options == {**expected, "environment": "staging"}


def test_a_repository_keeps_the_folder_relative(tmp_path: Path) -> None:
    text = (
        MINIMAL + '[migrations]\nrepository = "git@git.example:shop.git"\nref = "main"\ndirectory = "db/migrations"\n'
    )
    sources = loaded(tmp_path, text).inputs("default", "production")
    assert (sources.repository, sources.ref, sources.migrations_directory) == (
        "git@git.example:shop.git",
        "main",
        Path("db/migrations"),
    )


def test_each_project_has_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "billing").mkdir()
    billing = """
        [workspace]
        channel = "C0BILLING"
        [migrations]
        directory = "sql"
        [environments.production]
        database = "service=billing"
        two_person = false
    """
    write(tmp_path / "billing", billing, "gonogo.toml")
    (tmp_path / "billing/sql").mkdir()
    settings = loaded(tmp_path, FULL + '[projects.billing]\nfile = "billing/gonogo.toml"\n')
    assert list(settings.projects()) == ["default", "billing"]
    project = settings.projects()["billing"]
    assert (project.name, project.channel, project.command, project.deployers) == (
        "billing",
        "C0BILLING",
        "/ship",
        ("@backend",),
    )
    assert list(project.environments) == ["production"]
    sources = settings.inputs("billing", "production")
    assert sources.migrations_directory == tmp_path / "billing/sql"
    assert sources.target is not None
    assert sources.target.conninfo == "service=billing"
    assert len(sources.forbidden_scratch) == 3


def test_the_file_is_named_by_option_variable_or_habit() -> None:
    assert config_path("a.toml", {"GONOGO_CONFIG": "b.toml"}) == Path("a.toml")
    assert config_path(None, {"GONOGO_CONFIG": "b.toml"}) == Path("b.toml")
    assert config_path(None, {}) == Path("gonogo.toml")


def test_unknown_names_are_key_errors(tmp_path: Path) -> None:
    settings = loaded(tmp_path, FULL)
    with pytest.raises(KeyError):
        settings.inputs("default", "qa")
    with pytest.raises(KeyError):
        settings.inputs("billing", "production")


def test_a_stand_in_takes_a_faster_pace(tmp_path: Path) -> None:
    text = MINIMAL + "[slack]\nposts_per_second = 5\nupdates_per_minute = 500\n"
    api = {"SLACK_API_URL": "http://127.0.0.1:9000/api"}
    slack = loaded(tmp_path, text, api).slack
    assert (slack.api_url, slack.posts_per_second, slack.updates_per_minute) == ("http://127.0.0.1:9000/api/", 5, 500)
    slack = loaded(tmp_path, text, {**api, "GONOGO_PACE": "20/1200"}).slack
    assert (slack.posts_per_second, slack.updates_per_minute) == (20, 1200)


def test_audiences_hear_in_their_own_words_of_the_environments_that_are_meant(tmp_path: Path) -> None:
    text = (
        MINIMAL + '[environments.staging]\n[environments.production]\nstakeholders = ["C0RELEASES"]\n'
        '[audiences.support]\nchannels = ["C0SUPPORT", "U0PIA"]\nevents = ["start", "completion"]\n'
        '[audiences.board]\nchannels = ["C0BOARD"]\nenvironments = ["staging", "production"]\nwords = "management"\n'
        '[audiences.sales]\nchannels = ["C0SALES"]\n'
    )
    environments = loaded(tmp_path, text).projects()["default"].environments
    board = Audience("board", ("C0BOARD",), "management")
    assert environments["staging"].audiences == (board,)
    assert environments["production"].audiences == (
        Audience("stakeholders", ("C0RELEASES",)),
        Audience("support", ("C0SUPPORT", "U0PIA"), "support", frozenset({"start", "completion"})),
        board,
        Audience("sales", ("C0SALES",)),
    )
