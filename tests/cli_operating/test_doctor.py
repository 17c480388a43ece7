"""`gonogo doctor` against the stand-in and a real PostgreSQL: each single fault gets its sentence and its mend."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from operating_samples import gonogo, make_team

from bot.demo.standin import StandIn
from bot.demo.standin.standin import DEFAULT_SCOPES
from bot.doctor.examination import examine
from bot.doctor.finding import Level
from bot.doctor.running import mount_of
from bot.settings import load_file
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.catalogue import examples
from bot.storage import Store, process_lock
from bot.usecases.books.rows import Said
from tests.outbox import said_row
from tests.postgres import MONITOR_PASSWORD, TestDatabase

HISTORY = (
    "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL,"
    " installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL,"
    " execution_time bigint NOT NULL);"
)
SETTINGS = """
[workspace]
channel = "C0DEPLOYS"
admins = ["U0ANN"]

[scratch]
server = "none"

[migrations]
directory = "migrations"

[environments.production]
database = "env:PRODUCTION_DATABASE_URL"
stakeholders = ["C0RELEASES"]
on_call = ["@dba-team"]

[roles.dba]
members = ["@dba-team"]

[roles.backend]
members = ["U0BO", "U0ANN"]
"""


COMMIT = ("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--allow-empty", "-m", "first")


@dataclass
class Place:
    """A healthy installation, in which each test breaks one thing."""

    slack: StandIn
    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def settings(self, **changes: str) -> None:
        """Writes the settings with some text replaced: `settings(U0BO="U0ZED")`."""
        text = SETTINGS
        for old, new in changes.items():
            text = text.replace(old, new)
        (self.folder / "gonogo.toml").write_text(text)

    def variable(self, name: str, value: str) -> None:
        self.monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def served() -> Iterator[StandIn]:
    standin = StandIn.start(channels=("deploys", "releases"))
    for name in ("ann", "bo", "dana", "dev"):
        standin.add_person(name, {"ann": "Ann Keller", "bo": "Bo Larsen"}.get(name, ""), id=f"U0{name.upper()}")
    standin.add_person("gus", "Gus Guest", is_restricted=True)
    standin.add_person("eve", "Eve Elsewhere", channels=[], team_id="T0OTHER")
    standin.add_person("old", "Old Hand", deleted=True)
    standin.add_group("dba-team", ["dana", "dev"])
    standin.add_group("empty-team", [])
    standin.add_channel("outside", bot=False)
    standin.add_channel("secret", private=True, bot=False)
    standin.add_channel("attic").archived = True
    yield standin
    threading.Thread(target=standin.stop, daemon=True).start()


@pytest.fixture
def healthy(
    served: StandIn, database: TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    app, team = served.workspace.app, served.workspace.team
    database.execute(f"{HISTORY} GRANT SELECT ON _sqlx_migrations TO {database.monitor_role};")
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "00001_a.sql").write_text("SELECT 1;")
    for name, value in {**served.environment(), "PRODUCTION_DATABASE_URL": database.monitor}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/nowhere")
    place = Place(served, tmp_path, monkeypatch)
    place.settings()
    yield place
    app.scopes, app.app_scopes, team.plan = list(DEFAULT_SCOPES), ["connections:write"], "paid"
    served.faults.clear()


def doctor() -> Result:
    return gonogo("doctor")


def findings(result: Result, level: str) -> list[tuple[str, str]]:
    """(sentence, mend) of the findings of one level, the area before the sentence."""
    lines = result.stdout.splitlines()
    found = []
    for number, line in enumerate(lines):
        if line.startswith(f"{level} "):
            mend = re.match(r"\s+→ (.*)", lines[number + 1])
            found.append((re.sub(r"\s+", " ", line.removeprefix(level)).strip(), mend[1] if mend else ""))
    return found


def only_fault(result: Result) -> tuple[str, str]:
    assert result.exit_code == 1, result.output
    faults = findings(result, "fault")
    assert len(faults) == 1, result.stdout
    return faults[0]


def test_a_healthy_installation_has_no_fault(healthy: Place) -> None:
    result = doctor()
    assert result.exit_code == 0, result.output
    told = [sentence for sentence, _ in findings(result, "ok")]
    assert "Slack the bot token is that of gonogo in the workspace Acme" in told
    assert "Slack all 15 scopes of the manifest are granted" in told
    assert "channels the bot is in #deploys (C0DEPLOYS, deployments)" in told
    assert any(one.startswith("production PostgreSQL 18") for one in told)
    assert "production the migration history public._sqlx_migrations can be read" in told
    assert "roles Database administrator: 2 can sign" in told
    assert result.stdout.splitlines()[-1].startswith("0 faults, 2 warnings, ")
    assert [sentence for sentence, _ in findings(result, "warning")] == [
        "scratch there is no scratch server: no check can try the migrations before they run",
        "bot there is no state yet (gonogo.db)",
    ]


def test_wrong_token(healthy: Place) -> None:
    healthy.variable("SLACK_BOT_TOKEN", "xoxb-standin-wrong")
    sentence, mend = only_fault(doctor())
    assert sentence == "Slack Slack does not take SLACK_BOT_TOKEN (invalid_auth)"
    assert "Bot User OAuth Token" in mend


def test_wrong_app_token(healthy: Place) -> None:
    healthy.variable("SLACK_APP_TOKEN", "xapp-standin-wrong")
    sentence, mend = only_fault(doctor())
    assert "does not take SLACK_APP_TOKEN (invalid_auth)" in sentence
    assert "connections:write" in mend


def test_missing_scopes_are_named(healthy: Place) -> None:
    healthy.slack.workspace.app.scopes = [one for one in DEFAULT_SCOPES if one not in ("pins:write", "dnd:read")]
    sentence, mend = only_fault(doctor())
    assert sentence == "Slack the bot token lacks the scopes dnd:read, pins:write"
    assert "Reinstall" in mend


def test_a_missing_scope_that_hides_people_is_one_fault(healthy: Place) -> None:
    healthy.slack.workspace.app.scopes = [one for one in DEFAULT_SCOPES if one != "users:read"]
    assert only_fault(doctor())[0].endswith("lacks the scope users:read")


def test_slack_is_asked_whether_it_takes_every_message_where_that_is_wanted(healthy: Place) -> None:
    assert "examples" not in doctor().stdout
    result = gonogo("doctor", "--slack")
    assert result.exit_code == 0, result.output
    assert f"Slack takes all {len(list(examples()))} examples of messages and forms" in result.stdout


def test_an_example_that_slack_refuses_is_named_with_what_is_wrong_in_it(healthy: Place) -> None:
    """As a message would be after Slack narrows a limit: here its header is too long."""
    long = Rendered("x", [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}])
    form = {"type": "modal", "title": {"type": "plain_text", "text": "Go"}, "blocks": [{"type": "table"}]}
    drawn = [("dashboard, held", lambda: long), ("go, clear", lambda: form)]
    healthy.monkeypatch.setattr("bot.slack.messages.catalogue.examples", lambda: iter(drawn))
    told = [sentence for sentence, _ in findings(gonogo("doctor", "--slack"), "fault")]
    start = "Slack Slack refuses an example of gonogo's messages: "
    assert told[0] == f"{start}dashboard, held: must be less than 151 characters at /0/text/text"
    assert told[1].startswith(f"{start}go, clear: unsupported type: table at /blocks/0")


def test_a_slack_that_does_not_validate_is_a_warning(healthy: Place) -> None:
    healthy.slack.faults.refused("blocks.validate", "unknown_method")
    told = [sentence for sentence, _ in findings(gonogo("doctor", "--slack"), "warning")]
    assert "Slack Slack did not validate the examples of messages (unknown_method)" in told


def test_slack_is_down(healthy: Place) -> None:
    healthy.monkeypatch.setattr("time.sleep", lambda _: None)
    with healthy.slack.faults.outage():
        result = doctor()
    assert "Slack does not answer" in only_fault(result)[0]
    assert any("production PostgreSQL" in sentence for sentence, _ in findings(result, "ok"))


@pytest.mark.parametrize(
    ("old", "channel", "words", "mend"),
    [
        ("C0DEPLOYS", "C0OUTSIDE", "the bot is not in #outside (C0OUTSIDE, deployments)", "/invite @gonogo"),
        ("C0RELEASES", "C0OUTSIDE", "the bot is not in #outside (C0OUTSIDE, stakeholders of", "/invite @gonogo"),
        ("C0DEPLOYS", "C0SECRET", "shows no channel C0SECRET (deployments): channel_not_found", "/invite @gonogo"),
        ("C0RELEASES", "C0ATTIC", "#attic (C0ATTIC, stakeholders of production) is archived", "another channel"),
    ],
)
def test_channels(healthy: Place, old: str, channel: str, words: str, mend: str) -> None:
    healthy.settings(**{old: channel})
    sentence, to_do = only_fault(doctor())
    assert words in sentence
    assert mend in to_do


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("U0ZED", "U0ZED (roles.backend) is nobody whom Slack knows"),
        ("U0GUS", "gus U0GUS (roles.backend) is a guest, and guests can neither approve nor act"),
        ("U0OLD", "old U0OLD (roles.backend) is deactivated"),
        ("U0EVE", "eve U0EVE (roles.backend) belongs to another workspace"),
    ],
)
def test_people(healthy: Place, user: str, words: str) -> None:
    healthy.settings(U0BO=user)
    sentence, mend = only_fault(doctor())
    assert words in sentence
    assert mend == "write the id of somebody else, or take it out"


def test_groups(healthy: Place) -> None:
    healthy.settings(**{"@dba-team": "@dba-tem"})
    assert only_fault(doctor()) == (
        "people Slack knows no user group @dba-tem (roles.dba)",
        "did you mean '@dba-team'?",
    )
    healthy.settings(**{"@dba-team": "@empty-team"})
    told = [sentence for sentence, _ in findings(doctor(), "fault")]
    assert told[0] == "people nobody is in @empty-team (roles.dba)"
    assert told[1].endswith("cannot be filled: 0 can sign, and it needs 1")
    healthy.settings()
    healthy.slack.workspace.team.plan = "free"
    sentence, mend = only_fault(doctor())
    assert "user groups need a paid Slack plan, and the settings name @dba-team" in sentence
    assert mend.startswith("name people by their user ids")


def test_a_role_that_one_person_holds_is_a_warning(healthy: Place) -> None:
    healthy.settings(**{'"U0BO", "U0ANN"': '"U0BO"'})
    warned = dict(findings(doctor(), "warning"))
    sentence = "roles Backend engineer has nobody to spare: when bo deploys, another approver has to second"
    assert warned[sentence] == "add one more to members of [roles.backend]"


def test_names_get_the_id_to_write(healthy: Place) -> None:
    healthy.settings(U0BO="bo larsen", C0RELEASES="#releases", U0ANN="Nobody Known")
    result = doctor()
    told = dict(findings(result, "fault"))
    [backend] = [sentence for sentence in told if "roles.backend.members[0]: 'bo larsen' is a name" in sentence]
    assert re.match(r"settings gonogo.toml:\d+: ", backend)
    assert told[backend] == 'write "U0BO", which is Bo Larsen'
    [released] = [sentence for sentence in told if "environments.production.stakeholders[0]: '#releases'" in sentence]
    assert told[released] == 'write "C0RELEASES", which is #releases'
    assert any("'Nobody Known' is neither a user id" in sentence for sentence in told)
    assert len(told) == 4


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("postgresql://reader:s3cret@127.0.0.1:1/shop", ": 127.0.0.1, port 1"),
        ("host=/nowhere port=7 password=s3cret", ": /nowhere, port 7"),
        ("postgresql://127.0.0.1:1/s3cret@db.internal/shop", ""),  # a password with a / reads as host and port
    ],
)
def test_where_nothing_answers_is_named(healthy: Place, address: str, place: str) -> None:
    healthy.variable("PRODUCTION_DATABASE_URL", address)
    result = doctor()
    sentence = f"production nothing answers at the address of production{place}"
    assert only_fault(result) == (sentence, "check host and port; does it run?")
    assert "s3cret" not in result.output


def test_wrong_password(healthy: Place, database: TestDatabase) -> None:
    address = database.server.conninfo_for(database.name, database.monitor_role, "no such secret")
    healthy.variable("PRODUCTION_DATABASE_URL", address)
    result = doctor()
    assert only_fault(result) == ("production production refuses the password", "check the password, ~/.pgpass")
    assert "secret" not in result.output


def test_no_grant_on_the_history_table(healthy: Place, database: TestDatabase) -> None:
    database.execute(f"REVOKE SELECT ON _sqlx_migrations FROM {database.monitor_role}")
    sentence, mend = only_fault(doctor())
    assert "may not read the migration history public._sqlx_migrations" in sentence
    assert mend == f"GRANT SELECT ON public._sqlx_migrations TO {database.monitor_role};"
    database.execute(mend)
    assert doctor().exit_code == 0


def test_a_history_in_a_schema_of_its_own(healthy: Place, database: TestDatabase) -> None:
    database.execute('CREATE SCHEMA "My App"; ALTER TABLE _sqlx_migrations SET SCHEMA "My App"')
    _, mend = only_fault(doctor())
    assert mend == f'GRANT USAGE ON SCHEMA "My App" TO {database.monitor_role};'
    database.execute(mend)
    assert doctor().exit_code == 0


def test_no_statistics(healthy: Place, database: TestDatabase) -> None:
    database.execute(f"REVOKE pg_monitor FROM {database.monitor_role}")
    try:
        assert only_fault(doctor())[1] == f"GRANT pg_monitor TO {database.monitor_role};"
    finally:
        database.execute(f"GRANT pg_monitor TO {database.monitor_role}")


def test_a_history_of_another_tool_is_named(healthy: Place, database: TestDatabase) -> None:
    """`[migrations] tool` says Flyway, and the database has the table of sqlx."""
    healthy.settings(**{'directory = "migrations"': 'directory = "migrations"\ntool = "flyway"'})
    told = [sentence for sentence, _ in findings(doctor(), "warning")]
    where = "public._sqlx_migrations of another tool, which is read in its place"
    assert f"production there is no history of flyway, but {where}" in told
    healthy.settings(**{'directory = "migrations"': 'directory = "migrations"\ntool = "psql"'})
    database.execute("DROP TABLE _sqlx_migrations")
    assert "psql keeps no migration history" in doctor().output


def test_a_superuser(healthy: Place, database: TestDatabase) -> None:
    healthy.variable("PRODUCTION_DATABASE_URL", database.admin)
    result = doctor()
    assert result.exit_code == 0
    [(sentence, mend)] = [one for one in findings(result, "warning") if one[0].startswith("production")]
    assert sentence.startswith("production postgres is a superuser: gonogo only reads")
    assert "gonogo-role.sql" in mend


def test_a_role_that_may_write_or_cannot_see_sequences(healthy: Place, database: TestDatabase) -> None:
    database.execute(f"GRANT INSERT ON _sqlx_migrations TO {database.monitor_role}; CREATE SEQUENCE numbers;")
    warned = [one for one in findings(doctor(), "warning") if one[0].startswith("production")]
    assert "may also write the migration history public._sqlx_migrations" in warned[0][0]
    assert warned[1][1] == f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {database.monitor_role};"


def test_a_variable_that_is_not_set(healthy: Place) -> None:
    healthy.monkeypatch.delenv("PRODUCTION_DATABASE_URL")
    sentence, mend = only_fault(doctor())
    assert "the environment variable PRODUCTION_DATABASE_URL is not set" in sentence
    assert mend.startswith("export PRODUCTION_DATABASE_URL=")


def test_no_secret_is_ever_printed(healthy: Place, database: TestDatabase) -> None:
    for address in (database.monitor, database.monitor.replace("127.0.0.1", "nowhere.invalid"), "postgres://a:b@c@d/x"):
        healthy.variable("PRODUCTION_DATABASE_URL", address)
        printed = doctor().output
        for secret in (MONITOR_PASSWORD, "p%40ss", "a:b", healthy.slack.bot_token, healthy.slack.app_token):
            assert secret not in printed


def test_two_environments_of_one_database(healthy: Place) -> None:
    with (healthy.folder / "gonogo.toml").open("a") as file:
        file.write('[environments.staging]\ndatabase = "env:PRODUCTION_DATABASE_URL"\n')
    warned = [sentence for sentence, _ in findings(doctor(), "warning")]
    assert "production production and staging are one and the same database" in warned


def test_the_scratch_server_is_started(healthy: Place, database: TestDatabase) -> None:
    healthy.settings(**{'server = "none"': 'server = "embedded"'})
    assert "scratch a scratch server of PostgreSQL 18 starts" in [one for one, _ in findings(doctor(), "ok")]
    healthy.settings(**{'server = "none"': 'server = "env:SCRATCH_DATABASE_URL"'})
    healthy.variable("SCRATCH_DATABASE_URL", database.monitor)
    told = dict(findings(doctor(), "fault"))
    assert told[f"scratch {database.monitor_role} may create no database there"].endswith("CREATEDB;")
    assert "scratch the scratch server is the server of production: gonogo will refuse it" in told


def test_a_dyno_throws_its_disk_away(healthy: Place) -> None:
    healthy.variable("DYNO", "worker.1")
    sentence, mend = only_fault(doctor())
    assert "this is a Heroku dyno (DYNO is set)" in sentence
    assert "gonogo backup" in mend


@pytest.mark.parametrize(("ahead", "words"), [(90, " s ahead of"), (-90, " s behind")])
def test_a_clock_that_is_off(healthy: Place, ahead: int, words: str) -> None:
    import os

    found = examine(None, os.environ, lambda: datetime.now(UTC) + timedelta(seconds=ahead))
    warned = [one for one in found if one.severity == Level.WARNING and "clock is" in one.message]
    assert [one.object for one in warned] == ["clock", "production"]
    assert all(words in one.message for one in warned)


def test_a_bot_that_runs_and_one_that_is_deaf(healthy: Place) -> None:
    store = Store.open(healthy.folder / "gonogo.db")
    now = datetime.now(UTC)
    heard = json.dumps({"connected": "yes", "last_message": "2026-11-22T14:03:07.123Z"})
    store.write(lambda unit: unit.heartbeats.beat("socket", now, heard))
    with process_lock(healthy.folder / "gonogo.db"):
        told = [sentence for sentence, _ in findings(doctor(), "ok")]
        assert "bot connected to Slack; last message 2026-11-22 14:03 UTC" in told
        assert any(sentence.startswith("bot gonogo runs as process ") for sentence in told)
        store.write(lambda unit: unit.heartbeats.beat("socket", now, json.dumps({"connected": "no"})))
        assert only_fault(doctor())[0] == "bot not connected to Slack; no message yet"
        store.write(lambda unit: unit.heartbeats.beat("socket", now - timedelta(hours=1), heard))
        assert "no sign of life" in only_fault(doctor())[0]
    warned = [sentence for sentence, _ in findings(doctor(), "warning")]
    assert any(sentence.startswith("bot no gonogo runs on this state file; it was last alive") for sentence in warned)
    store.close()


def test_messages_that_were_given_up(healthy: Place) -> None:
    store = Store.open(healthy.folder / "gonogo.db")
    now = datetime.now(UTC)

    def give_up(unit) -> None:  # type: ignore[no-untyped-def]
        unit.outbox.say(Said("k", "post", "lane", "notice", {"channel": "C0GONE"}), now)
        unit.said.mark_dead(said_row(unit, "k").id, "channel_not_found")

    store.write(give_up)
    store.close()
    warned = [sentence for sentence, _ in findings(doctor(), "warning")]
    assert "bot 1 message given up, the newest for: channel_not_found" in warned


def test_a_state_file_of_another_gonogo(healthy: Place) -> None:
    (healthy.folder / "gonogo.db").write_bytes(b"not a database at all" * 100)
    assert "cannot be read" in only_fault(doctor())[0]


def test_a_deployment_that_was_changed_beside_gonogo(healthy: Place, tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    make_team(tmp_path / "team")
    state = healthy.folder / "gonogo.db"
    state.write_bytes((tmp_path / "team" / "gonogo.db").read_bytes())
    assert ("bot every row of 1 deployment is as the journal tells", "") in findings(doctor(), "ok")
    with sqlite3.connect(state) as other:
        other.execute("UPDATE deployment SET owner = 'U0BO'")
    assert any("owner is U0BO, and journal row" in sentence for sentence, _ in findings(doctor(), "fault"))


def with_key(healthy: Place, name: str = "gonogo-key.pem") -> str:
    """Settings that name a new key; its fingerprint as people read it."""
    made = gonogo("key", "new", "--output", name)
    (healthy.folder / "gonogo.toml").write_text(f'{SETTINGS}\n[record]\nkey = "{name}"\nanchor = ["./a", "{{head}}"]\n')
    return re.findall(r"Fingerprint (\w{16})", made.stdout)[0]


def test_no_key_is_a_hint_and_one_that_others_may_read_a_fault(healthy: Place) -> None:
    result = doctor()
    assert result.exit_code == 0
    told = dict(findings(result, "ok"))
    assert told["proof heads, exports and records are not signed"].startswith("`gonogo key new` makes a key")
    fingerprint = with_key(healthy)
    assert f"proof heads, exports and records are signed by {fingerprint}" in dict(findings(doctor(), "ok"))
    (healthy.folder / "gonogo-key.pem").chmod(0o640)
    key = healthy.folder / "gonogo-key.pem"
    said = f"proof others may use the private key {key} (its mode is 640)"
    assert only_fault(doctor()) == (said, f"chmod 600 {key}")


def test_a_key_that_cannot_be_read(healthy: Place) -> None:
    with_key(healthy)
    (healthy.folder / "gonogo-key.pem").unlink()
    sentence, mend = only_fault(doctor())
    assert sentence.endswith("record.key: the key's file cannot be read (No such file or directory)")
    assert mend == "mend the path, or make a key: `gonogo key new`"


def test_heads_of_another_key_and_heads_that_were_written_anew(healthy: Place, tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    first = with_key(healthy)
    team = make_team(tmp_path / "team")
    team.key = load_file(healthy.folder / "gonogo.toml", {}).signing_key
    team.go()
    state = healthy.folder / "gonogo.db"
    state.write_bytes((tmp_path / "team" / "gonogo.db").read_bytes())
    assert not [said for level in ("fault", "warning") for said, _ in findings(doctor(), level) if "head" in said]
    with sqlite3.connect(state) as other:
        other.execute("UPDATE journal SET signature = substr(signature, 2) || 'A' WHERE signature IS NOT NULL")
    said = dict(findings(doctor(), "fault"))
    assert "proof deployment 1: the head in journal row 3 is not the one signed" in said
    with_key(healthy, "second.pem")
    warned = dict(findings(doctor(), "warning"))
    assert f"proof 1 head of earlier deployments signed by {first}, which is not this key" in warned


def test_a_head_that_no_anchor_took(healthy: Place, tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    team = make_team(tmp_path / "team")

    chain = team.deployment().chain
    team.write(lambda unit: unit.anchors.want(unit.journal.head(chain)))
    team.write(lambda unit: unit.anchors.put_off(unit.anchors.due(datetime.now(UTC)), None, "exit code 1: no route"))
    (healthy.folder / "gonogo.db").write_bytes((tmp_path / "team" / "gonogo.db").read_bytes())
    warned = dict(findings(doctor(), "warning"))
    assert "restart gonogo: it tries again" in warned["proof 1 head not anchored, the last for: exit code 1: no route"]


def test_no_settings_at_all(healthy: Place) -> None:
    (healthy.folder / "gonogo.toml").unlink()
    sentence, mend = only_fault(doctor())
    assert sentence == "settings gonogo.toml: there is no such file"
    assert mend.startswith("`gonogo init` writes one")


def test_an_empty_file_and_no_tokens_at_once(healthy: Place) -> None:
    (healthy.folder / "gonogo.toml").write_text("")
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        healthy.monkeypatch.delenv(name)
    result = doctor()
    told = findings(result, "fault")
    assert [sentence for sentence, _ in told] == [
        "settings gonogo.toml: workspace: is missing",
        "settings SLACK_APP_TOKEN: is not set",
        "settings SLACK_BOT_TOKEN: is not set",
    ]
    assert all(mend for _, mend in told)


def test_the_mend_is_what_was_meant_not_what_stands_behind_a_semicolon(healthy: Place) -> None:
    (healthy.folder / "list.md").write_text("# Ours\n\n## Deploy\n\n- [ ] One <!-- check: nope -->\n")
    text = SETTINGS.replace('admins = ["U0ANN"]', 'admins = ["U0ANN"]\ntimezone = "Berlin; or so"')
    (healthy.folder / "gonogo.toml").write_text(f'{text}[roles.qa]\nitem = "Run schema validation script"\n')
    told = dict(findings(doctor(), "fault"))
    assert told["settings gonogo.toml:5: workspace.timezone: 'Berlin; or so' is not a time zone"].startswith(
        "write its"
    )
    [twice] = [sentence for sentence in told if "names 2 items" in sentence]
    assert "(id schema-validation-script); Deployment / Production Deployment /" in twice
    assert told[twice] == "Use the id."
    (healthy.folder / "gonogo.toml").write_text(f'{SETTINGS}[checklist]\nfile = "list.md"\n')
    told = dict(findings(doctor(), "fault"))
    mend = "`gonogo checks` lists them; a probe of gonogo.toml is one too."
    assert told["settings list.md:5: There is no check 'nope'."] == mend


def test_a_state_file_that_is_none(healthy: Place) -> None:
    (healthy.folder / "gonogo.db").write_text("no database, though long enough to be looked at as one by its reader")
    sentence, mend = only_fault(doctor())
    assert sentence.startswith("bot the state file ")
    assert sentence.endswith(" cannot be read: file is not a database")
    assert mend == "restore a backup"


def test_every_mistake_at_once(healthy: Place) -> None:
    (healthy.folder / "gonogo.toml").write_text(
        """
[workspace]
channel = "#deploys"
timezone = "Berlin"
[migrations]
directory = "nowhere"
[environments.prod]
database = "postgres://u:secret@h/d"
after = "stagin"
windows = ["Tuesday 9-5"]
[roles.dba]
members = ["Ann Keller", "U0BO"]
quorum = 0
[probes.x]
comand = ["./x"]
"""
    )
    healthy.variable("SLACK_APP_TOKEN", "xoxb-swapped")
    result = doctor()
    assert result.exit_code == 1
    told = "\n".join(f"{sentence} → {mend}" for sentence, mend in findings(result, "fault"))
    settings = ("workspace.channel", "timezone", "migrations.directory", "environments.prod.kind", "prod.database")
    more = ("prod.after", "windows[0]", "roles.dba.members[0]", "roles.dba.quorum", "probes.x", "SLACK_APP_TOKEN")
    for setting in (*settings, *more):
        assert setting in told, told
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ("/dev/sda1 / ext4 rw 0 0\ntmpfs /data tmpfs rw 0 0\n", "tmpfs"),
        ("/dev/sda1 / ext4 rw 0 0\ntmpfs /dat tmpfs rw 0 0\n", "ext4"),
        ("srv:/x /data/deep\\040folder nfs4 rw 0 0\n/dev/sda1 / ext4 rw 0 0\n", "ext4"),
        ("", ""),
    ],
)
def test_the_kind_of_disk(tmp_path: Path, mounts: str, kind: str) -> None:
    (tmp_path / "mounts").write_text(mounts)
    assert mount_of(Path("/data/gonogo"), tmp_path / "mounts") == kind


def test_a_repository_of_migrations(healthy: Place, tmp_path: Path) -> None:
    repository = tmp_path / "shop"
    for command in (["init", "-q", "-b", "main", str(repository)], ["-C", str(repository), *COMMIT]):
        subprocess.run(["git", *command], check=True)
    healthy.settings(**{'directory = "migrations"': f'directory = "db"\nrepository = "{repository}"\nref = "main"'})
    assert "migrations the repository answers and has main" in [one for one, _ in findings(doctor(), "ok")]
    healthy.settings(**{'directory = "migrations"': f'directory = "db"\nrepository = "{repository}"\nref = "gone"'})
    assert only_fault(doctor()) == ("migrations the repository answers and has no ref 'gone'", "mend [migrations] ref")


def test_own_words_are_tried_too(healthy: Place) -> None:
    notices = healthy.folder / "words" / "notice"
    notices.mkdir(parents=True)
    (notices / "go.j2").write_text("*{{ what }}* is under way.")
    healthy.settings(**{'admins = ["U0ANN"]': 'admins = ["U0ANN"]\ntemplates = "words"'})
    assert re.search(r"^ok +words +all of .*words can be said$", doctor().stdout, re.MULTILINE)
    (notices / "go.j2").write_text("*{{ wat }}* is under way.")
    assert re.search(r"^fault +words +words/notice/go.j2:1: there is no fact 'wat'$", doctor().stdout, re.MULTILINE)
