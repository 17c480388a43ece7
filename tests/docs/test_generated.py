"""Pages made from the code are current, complete and true."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import fastjsonschema
import pytest
from pydantic import TypeAdapter, ValidationError

from bot.core.checklist.reader import parse
from bot.settings import load_file
from bot.settings.probes import built_in_ids
from checks.catalogue import CATALOGUE
from docs.generate import PAGES
from docs.generator.items_page import lines
from docs.generator.markdown import data
from docs.generator.options import asked, unexplained
from docs.generator.settings_page import Setting, settings, tables
from tests.docs.literate import ROOT

DOCS = ROOT / "docs"
SETTINGS = [one for one in settings() if one.table]
GIVEN = ROOT / "tests" / "core" / "data" / "migration-deployment-checklist.md"


def test_every_page_is_current() -> None:
    behind = [name for name, made in PAGES.items() if (DOCS / name).read_text(encoding="utf-8") != made()]
    assert behind == [], "these pages of docs/ lag behind the code: make docs"


class TestSettings:
    def test_every_table_has_its_words(self) -> None:
        assert set(data("settings.toml")) == set(tables())

    def test_every_key_has_its_words_and_no_other(self) -> None:
        words = data("settings.toml")
        documented = {(table, key) for table in tables() for key in words[table] if key != "_about"}
        assert documented == {(one.table, one.key) for one in SETTINGS}

    def test_every_example_is_understood(self) -> None:
        assert len(SETTINGS) > 60
        assert [fault for setting in SETTINGS if (fault := _fault_of_example(setting))] == []

    def test_every_variable_that_the_code_reads_is_there(self) -> None:
        read = set(re.findall(r"[\"']((?:GONOGO|SLACK)_[A-Z_]+)[\"']", "\n".join(_sources(ROOT / "bot"))))
        assert set(data("variables.toml")) == read

    def test_every_option_of_a_check_is_explained(self) -> None:
        assert unexplained() == [], "say in `decides` what the option does, or give it words in docs/data/options.toml"

    def test_no_option_is_explained_that_nobody_asks_for(self) -> None:
        assert set(data("options.toml")) <= set(CATALOGUE)
        assert ("stated-range", "range") in asked()

    def test_the_example_file_has_no_fault(self, tmp_path: Path) -> None:
        text = (DOCS / "example.toml").read_text(encoding="utf-8")
        assert set(tomllib.loads(text)) == {name.split(".")[0] for name in tables()} - {"slack"}
        (tmp_path / "gonogo.toml").write_text(text)
        (tmp_path / "billing.toml").write_text("")
        (tmp_path / "ops").mkdir()
        (tmp_path / "ops" / "checklist.md").write_bytes(_shipped().read_bytes())
        assert set(load_file(tmp_path / "gonogo.toml", {}).projects()) == {"default", "billing"}

    def test_what_is_right_is_right_to_an_editor_and_what_is_wrong_is_not(self) -> None:
        look = fastjsonschema.compile(
            json.loads((ROOT / "templates" / "gonogo.schema.json").read_text(encoding="utf-8"))
        )
        right = (DOCS / "example.toml").read_text(encoding="utf-8")
        smallest = '[workspace]\nchannel = "C0DEPLOYS1"\n'
        for text in (right, smallest):
            look(_as_an_editor_sees(text))
        wrong = (
            "[workspace]\n",
            smallest + "chanel = 1\n",
            smallest + '[migrations]\ndirectory = "m"\ntool = "sqlx2"\n',
        )
        for text in (*wrong, smallest + "[environments.production]\ntwo_person = 1\n", smallest + "[slak]\n"):
            with pytest.raises(fastjsonschema.JsonSchemaValueException):
                look(_as_an_editor_sees(text))

    def test_every_key_and_example_of_the_page_is_in_the_schema(self) -> None:
        schema = _schema()
        found = [*schema["definitions"].values(), schema]
        keys = {key for one in found for key, about in one["properties"].items() if about.get("description")}
        assert {setting.key for setting in SETTINGS} <= keys
        assert "range" in schema["properties"]["checks"]["properties"]["stated-range"]["properties"]

    def test_the_readme_names_every_table(self) -> None:
        section = _section(ROOT / "README.md", "## Settings")
        named = set(re.findall(r"^\| `\[([^\]]+)\]`", section, re.MULTILINE))
        assert named == {table for table in tables() if not table.endswith(".freezes")}


class TestChecks:
    def test_every_check_says_what_it_decides_costs_and_how_to_mend(self) -> None:
        said = {one.id: (one.title, one.decides, one.cost, one.fix) for one in CATALOGUE.values()}
        assert [name for name, words in said.items() if not all(words)] == []

    def test_every_check_has_its_entry(self) -> None:
        entries = re.findall(r"^### (.+)$", (DOCS / "checks.md").read_text(encoding="utf-8"), re.MULTILINE)
        assert sorted(entries) == sorted(built_in_ids())


class TestItems:
    def test_every_item_of_the_given_list_is_there_once_in_its_order(self) -> None:
        given = parse(GIVEN.read_bytes(), GIVEN.name)
        rows = re.findall(r"^\| (\d+) \| (.+?) \| `", (DOCS / "items.md").read_text(encoding="utf-8"), re.MULTILINE)
        assert rows == [(str(number), item.label) for number, item in enumerate(given.items, 1)]
        assert len(rows) == 168

    def test_every_check_it_names_is_one(self) -> None:
        named = set(re.findall(r"checks\.md#([\w-]+)", (DOCS / "items.md").read_text(encoding="utf-8")))
        assert named and named <= set(built_in_ids())

    def test_its_words_are_about_items_that_are_there(self) -> None:
        assert set(data("items.toml")) <= {line.item.id for line in lines()}

    def test_every_probe_is_of_a_sort_that_there_is_and_says_what_to_ask(self) -> None:
        probes = {line.item.id: line for line in lines() if line.probe}
        assert {line.probe for line in probes.values()} <= {"command", "http", "prometheus", "path", "junit"}
        assert [name for name, line in probes.items() if not line.ask] == []

    def test_lines_without_check_and_reason_are_those_that_are_known(self) -> None:
        nobody = {line.item.id for line in lines() if line.sort == "nobody"}
        assert nobody <= UNDECIDED, "name a check in the checklist, or say in docs/data/items.toml why a person decides"


# Lines that a check could decide and none does yet. It only ever gets shorter.
UNDECIDED: frozenset[str] = frozenset()


def _fault_of_example(setting: Setting) -> str:
    """Why the example of a setting's page is not understood; empty where it is."""
    example = data("settings.toml")[setting.table][setting.key]["example"]
    form: Any = setting.field.annotation
    for rule in setting.field.metadata:
        form = Annotated[form, rule]
    try:
        TypeAdapter(form).validate_python(tomllib.loads(f"value = {example}")["value"])
    except (ValidationError, tomllib.TOMLDecodeError) as fault:
        return f"{setting.table}.{setting.key}: {fault}"
    return ""


def _schema() -> Any:
    return json.loads((ROOT / "templates" / "gonogo.schema.json").read_text(encoding="utf-8"))


def _as_an_editor_sees(text: str) -> Any:
    """Days and times are text to a JSON schema."""
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def _sources(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*.py")):
        yield file.read_text(encoding="utf-8")


def _section(page: Path, heading: str) -> str:
    """From a heading to the next of its level."""
    text = page.read_text(encoding="utf-8")
    level = heading.partition(" ")[0]
    return re.split(rf"^{level} ", text.split(f"\n{heading}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def _shipped() -> Path:
    return ROOT / "templates" / "checklists" / "migration-deployment.md"
