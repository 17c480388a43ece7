"""Every fault at once, each with file, line, setting and mend."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from settings_samples import FULL, MINIMAL, TOKENS, faults, sentences, write

from bot.settings import SettingsError, load, load_file

CASES = Path(__file__).with_name("fault_cases.txt").read_text(encoding="utf-8").split("\n\n")[1:]
FAULTY = [(text, sentence.strip()) for text, sentence in (case.split("\n=> ") for case in CASES)]


@pytest.mark.parametrize(("text", "sentence"), FAULTY, ids=[text.replace("\n", " ")[:60] for text, _ in FAULTY])
def test_each_fault_is_one_sentence_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    found = sentences(tmp_path, MINIMAL + text + "\n")
    assert len(found) == 1, found
    assert sentence in found[0]
    assert "hunter2" not in found[0]


def test_all_faults_come_at_once_and_in_order(tmp_path: Path) -> None:
    text = (
        "[workspace]\n"
        'channel = "#deploys"\n'
        'timezone = "Berlin"\n'
        'comand = "/deploy"\n'
        "[environments.production]\n"
        'after = "staging"\n'
        'windows = ["Tue 9-16"]\n'
        'database = "env:NOT_THERE"\n'
        "[roles.dba]\n"
        'item = "nothing of the kind"\n'
        "[projects.billing]\n"
        'file = "billing.toml"\n'
    )
    write(tmp_path, '[environments.prod]\nkind = "x"\n', "billing.toml")
    found = sentences(tmp_path, text, {"SLACK_BOT_TOKEN": ""})
    places = [sentence.split(": ")[0:2] for sentence in found]
    assert places == [
        ["billing.toml:2", "environments.prod.kind"],
        ["gonogo.toml:2", "workspace.channel"],
        ["gonogo.toml:3", "workspace.timezone"],
        ["gonogo.toml:4", "workspace.comand"],
        ["gonogo.toml:6", "environments.production.after"],
        ["gonogo.toml:7", "environments.production.windows[0]"],
        ["gonogo.toml:8", "environments.production.database"],
        ["gonogo.toml:10", "roles.dba.item"],
        ["SLACK_BOT_TOKEN", "is not set; it begins with xoxb- and stands on the app's page, OAuth & Permissions, "
         "Bot User OAuth Token"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("[workspace]\nchannel = C0DEPLOYS\n", "gonogo.toml:2:11: ", 'text needs quotes: "…"'),
        ('[workspace]\nchannel = "C0DEPLOYS\n', "gonogo.toml:2:21: ", "without its closing quotes"),
        (MINIMAL + 'channel = "C0DEPLOYS"\n', "gonogo.toml:3", "given twice"),
        (MINIMAL + "[workspace]\n", "gonogo.toml:3:", "this table is given twice"),
        (MINIMAL + "two_person\n", "gonogo.toml:3:", 'write name = "value"'),
    ],
)
def test_wrong_toml_names_line_and_column(tmp_path: Path, text: str, place: str, words: str) -> None:
    [found] = sentences(tmp_path, text)
    assert found.startswith(place)
    assert "this is not TOML" in found
    assert words in found


def test_a_missing_file_says_what_to_do_and_names_the_tokens_too(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        load(tmp_path / "gonogo.toml", {})
    first, *rest = map(str, error.value.faults)
    assert "there is no such file; `gonogo init` writes one" in first
    assert [fault.split(":")[0] for fault in rest] == ["SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"]


def test_an_empty_file_names_what_is_missing(tmp_path: Path) -> None:
    [found] = sentences(tmp_path, "")
    assert found == (
        'gonogo.toml: workspace: is missing; write [workspace] and below it channel = "C0…", '
        "the id of the channel for deployments"
    )


def test_a_folder_or_latin_1_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path, TOKENS)
    path = write(tmp_path, MINIMAL)
    path.write_bytes(b'[workspace]\n# f\xfcr alle\nchannel = "C0DEPLOYS"\n')
    with pytest.raises(SettingsError, match=r":2: is not UTF-8 here"):
        load(path, TOKENS)


def test_windows_line_ends_and_a_byte_order_mark_are_taken(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode() + b"[roles.dba]\r\nqorum = 1\r\n")
    with pytest.raises(SettingsError, match=r":4: roles\.dba\.qorum"):
        load(path, TOKENS)


def test_a_faulty_checklist_is_told_in_its_own_lines(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text(
        "# Ours\n\n## Deploy\n\n- [ ] One <!-- id: a -->\n- [ ] Two <!-- id: a; chek: x -->\n"
    )
    found = sentences(tmp_path, MINIMAL + '[checklist]\nfile = "list.md"\n')
    assert found
    assert all(sentence.startswith("list.md:") for sentence in found)
    assert any("list.md:6: There is no annotation 'chek'" in sentence for sentence in found)


def test_a_check_named_in_the_checklist_may_be_a_probe(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text("# Ours\n\n## Deployment\n\n- [ ] Warm the cache <!-- check: cache-warm -->\n")
    text = MINIMAL + '[checklist]\nfile = "list.md"\n'
    [found] = sentences(tmp_path, text)
    assert "There is no check 'cache-warm'" in found
    assert sentences(tmp_path, text + '[probes.cache-warm]\nhttp = "http://cache.example/"\n') == []


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1", "holds the app-level token; it must begin with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1", "holds the bot token; it must begin with xapp-"),
        ("SLACK_BOT_TOKEN", "xoxp-1", "holds a user token"),
        ("SLACK_BOT_TOKEN", '"xoxb-1"', "without quotes or spaces"),
        ("SLACK_BOT_TOKEN", "", "is not set"),
        ("SLACK_API_URL", "127.0.0.1:8080", "is no web address"),
        ("GONOGO_PACE", "fast", "is no pace"),
    ],
)
def test_variables_are_judged_without_being_shown(tmp_path: Path, variable: str, value: str, words: str) -> None:
    [found] = sentences(tmp_path, MINIMAL, {variable: value})
    assert found.startswith(f"{variable}: ")
    assert words in found


def test_commands_without_slack_need_no_tokens_and_only_their_own_database(tmp_path: Path) -> None:
    path = write(tmp_path, FULL)
    settings = load_file(path, {"STAGING_DATABASE_URL": "postgresql://u@h/d"})
    target = settings.inputs("default", "staging").target
    assert target is not None
    assert target.conninfo == "postgresql://u@h/d"
    with pytest.raises(SettingsError, match="PRODUCTION_DATABASE_URL is not set"):
        settings.inputs("default", "production")


def test_faults_name_the_file_as_it_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "x = 1\n" + MINIMAL)
    with pytest.raises(SettingsError) as error:
        load(None, {**os.environ, **TOKENS})
    assert str(error.value).startswith("gonogo.toml:1: x: is not a setting")


def test_the_sample_with_everything_is_sound(tmp_path: Path) -> None:
    assert faults(tmp_path, FULL) == ()
