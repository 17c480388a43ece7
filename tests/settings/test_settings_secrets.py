"""Passwords and tokens never show: not in a repr, a log line, JSON, or the sentence of a fault."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from urllib.parse import quote

import pydantic_core
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from settings_samples import MINIMAL, TOKENS, write

from bot.core.signing import SigningKey
from bot.settings import SettingsError, load

TEXT = MINIMAL + '[environments.production]\ndatabase = "env:PRODUCTION_DATABASE_URL"\n'
HARD = st.text("abcXYZ019@%/:?#[]& '\"\\=+;,é ", min_size=1, max_size=20)
# A mark that no sentence of ours holds tells a leak from a coincidence.
PASSWORDS = st.tuples(HARD, HARD).map("zqxj".join)
GIVEN_ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
PASTED = [
    "environments.production.database",
    "environments.production.after",
    "environments.production.timezone",
    "environments.production.on_call",
    "environments.production.kind",
    "environments.production.windows",
    "roles.dba.item",
    "probes.smoke-tests.item",
    "probes.smoke-tests.http",
    "migrations.repository",
    "migrations.directory",
    "scratch.server",
    "checklist.file",
    "database.path",
    "record.key",
    "record.anchor",
    "projects.billing.file",
    "freshness.backup",
]


def shown(thing: object) -> str:
    """Everything that a careless line of code might print of it."""
    record = logging.LogRecord("gonogo", logging.INFO, __file__, 1, "%s %r", (thing, thing), None)
    as_json = json.dumps(pydantic_core.to_jsonable_python(thing, fallback=repr, serialize_unknown=True))
    return "\n".join((str(thing), repr(thing), record.getMessage(), as_json, f"{thing}"))


@GIVEN_ONE_FOLDER
@given(password=PASSWORDS)
def test_a_well_written_password_reaches_the_checks_and_nothing_else(tmp_path: Path, password: str) -> None:
    address = f"postgresql://gonogo:{quote(password, safe='')}@db.example/shop"
    loaded = load(write(tmp_path, TEXT), {**TOKENS, "PRODUCTION_DATABASE_URL": address})
    sources = loaded.inputs("default", "production")
    assert sources.target is not None
    assert sources.target.conninfo == address
    for thing in (loaded, loaded.projects(), loaded.slack, repr(sources), repr(sources.target)):
        assert "zqxj" not in shown(thing)


@GIVEN_ONE_FOLDER
@given(password=PASSWORDS, wanted=st.sampled_from(["postgresql://gonogo:{}@db.example/shop", "host=h password={}"]))
def test_an_unescaped_password_is_refused_or_taken_but_never_shown(tmp_path: Path, password: str, wanted: str) -> None:
    environ = {**TOKENS, "PRODUCTION_DATABASE_URL": wanted.format(password)}
    try:
        loaded = load(write(tmp_path, TEXT), environ)
    except SettingsError as error:
        [fault] = error.faults
        assert "PRODUCTION_DATABASE_URL" in str(fault)
        assert "zqxj" not in shown(error)
        assert "zqxj" not in shown(fault)
        assert error.__cause__ is None
    else:
        assert "zqxj" not in shown(loaded)


@GIVEN_ONE_FOLDER
@given(password=PASSWORDS, key=st.sampled_from(PASTED))
def test_a_password_pasted_into_the_file_is_not_repeated(tmp_path: Path, password: str, key: str) -> None:
    address = json.dumps(f"postgresql://gonogo:{quote(password)}@db.example/shop", ensure_ascii=False)
    value = f"[{address}]" if key.endswith(("on_call", "windows")) else address
    table, _, name = key.rpartition(".")
    try:
        loaded = load(write(tmp_path, f"{MINIMAL}[{table}]\n{name} = {value}\n"), TOKENS)
    except SettingsError as error:
        assert "zqxj" not in shown(error)
    else:
        assert key == "database.path", loaded


def test_tokens_are_secret(tmp_path: Path) -> None:
    tokens = {"SLACK_BOT_TOKEN": "xoxb-zqxj-1", "SLACK_APP_TOKEN": "xapp-zqxj-2"}
    loaded = load(write(tmp_path, MINIMAL), tokens)
    assert loaded.slack.bot_token.get_secret_value() == "xoxb-zqxj-1"
    assert loaded.slack.app_token.get_secret_value() == "xapp-zqxj-2"
    assert "zqxj" not in shown(loaded) + shown(loaded.slack)


def test_the_key_that_signs_is_read_and_never_shown(tmp_path: Path) -> None:
    pem = SigningKey.make().private_pem()
    text = f'{MINIMAL}[record]\nkey = "env:PROOF_KEY"\n'
    loaded = load(write(tmp_path, text), {**TOKENS, "PROOF_KEY": pem})
    key = loaded.signing_key()
    assert key is not None
    assert key.private_pem() == pem
    for thing in (loaded, key, loaded.signing_key):
        assert pem.splitlines()[1][:20] not in shown(thing)
    with pytest.raises(SettingsError) as error:
        load(write(tmp_path, text), {**TOKENS, "PROOF_KEY": pem.replace("PRIVATE", "SECRET")})
    assert pem.splitlines()[1][:20] not in shown(error.value)


@pytest.mark.parametrize("value", ["xoxb zqxj", "xapp-zqxj", "zqxj"])
def test_a_wrong_token_is_not_repeated(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(write(tmp_path, MINIMAL), {**TOKENS, "SLACK_BOT_TOKEN": value})
    assert "zqxj" not in shown(error.value)
