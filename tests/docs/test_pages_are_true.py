"""What README and docs name exists: commands, options, scopes, layers, states, links."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import tomllib
from functools import cache
from pathlib import Path

import click
import yaml

from bot.__main__ import COMMANDS, main
from bot.core.checklist.items import Kind
from bot.core.checklist.reader import parse
from bot.core.deployment import MOVES
from bot.slack.inbound.verbs import VERBS
from bot.usecases.verb import Verb
from docs.generator.markdown import anchor
from tests.docs.literate import PAGES, ROOT, Block, blocks

TYPED = {row.command.name for row in VERBS.values() if row.command}
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
RULES = (ROOT / "docs" / "deployment-rules.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
_INLINE = re.compile(r"(?<!`)`(gonogo [^`\n]+)`")
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def _typed_lines() -> list[tuple[str, str]]:
    """Each `gonogo …` of the pages, in text and in console blocks, with its page."""
    found = [(page.name, line) for page, text in TEXTS.items() for line in _INLINE.findall(text)]
    shown = [(page.name, one) for page in PAGES for block in blocks(page) for one in _shown(block)]
    return sorted({*found, *((page, one) for page, one in shown if one.startswith("gonogo "))})


def _shown(block: Block) -> list[str]:
    """The commands of a console, of a shell, and of the steps of a pipeline."""
    steps = re.findall(r"^ *(?:- )?(gonogo [^&\n]+)", block.text, re.MULTILINE)
    return steps if block.language in ("yaml", "sh") else [one for one, _ in block.sessions()]


def test_each_command_and_its_options_exist() -> None:
    lines = _typed_lines()
    assert len(lines) > 40
    assert [f"{page}: {line}" for page, line in lines if not _can_be_typed(line)] == []


def _can_be_typed(line: str) -> bool:
    words = shlex.split(line.partition("|")[0])[1:]
    command: click.Command = main
    context = click.Context(main)
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        found = command.get_command(context, words.pop(0))
        if found is None:
            return False
        command = found
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    return {word.split("=")[0] for word in words if word.startswith("--")} <= known | {"--help"}


def test_the_readme_names_every_command_of_the_machine() -> None:
    assert set(re.findall(r"`gonogo ([\w-]+)`", README)) == set(COMMANDS)


def test_the_readme_names_every_command_of_slack() -> None:
    rows = re.findall(r"^\| (`/deploy .+?) \|", README, re.MULTILINE)
    assert sorted(re.findall(r"`/deploy (\w+)", " ".join(rows))) == sorted(TYPED)


def test_every_slash_command_is_one() -> None:
    typed = [
        (page.name, word) for page, text in TEXTS.items() for word in re.findall(r"(?:/deploy|@gonogo) (\w+)", text)
    ]
    assert len(typed) > 20
    assert [(page, word) for page, word in typed if word not in TYPED] == []


def test_every_scope_of_the_manifest_has_its_reason() -> None:
    manifest = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
    rows = re.findall(r"^\| `([\w.]+:?\w*)` \| (\S.+?) \|$", README.split("### Scopes")[1], re.MULTILINE)
    scopes = [scope for scope, _ in rows if scope in manifest["oauth_config"]["scopes"]["bot"]]
    assert scopes == manifest["oauth_config"]["scopes"]["bot"]


def test_the_buttons_of_the_shown_dashboard_are_called_so() -> None:
    shown = "\n".join(block.text for block in blocks(ROOT / "README.md") if block.language == "text")
    labels = set(re.findall(r"\[([^\]]+)\]", shown)) - {"More … ▾", "Open a list … ▾", "Approve as DBA"}
    assert labels and labels <= {verb.words for verb in Verb}


def test_the_readme_counts_the_checklist() -> None:
    shipped = ROOT / "templates" / "checklists" / "migration-deployment.md"
    checklist = parse(shipped.read_bytes(), shipped.name)
    lists, items, production = len(checklist.sections), len(checklist.items), checklist.count(Kind.PRODUCTION)
    assert f"{lists} lists, {items} items, of which {production} apply in production" in README


class TestLayers:
    """The tables of docs/architecture.md are import-linter's contracts."""

    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]

    def test_layers(self) -> None:
        rows = re.findall(r"^\| (\d+) \| (.+) \|$", ARCHITECTURE, re.MULTILINE)
        layers = [one for one in self.contracts if one["type"] == "layers"]
        wanted = [[part.strip() for part in layer.split("|")] for layer in layers[0]["layers"]]
        assert [_names(cell) for _, cell in rows] == wanted
        assert len(layers) == 1

    def test_rules(self) -> None:
        table = ARCHITECTURE.split("| rule | these | never import |")[1].split("\n\n")[0]
        rows = re.findall(r"^\| ([^|`]+) \| (`.+) \| (`.+) \|$", table, re.MULTILINE)
        forbidden = [one for one in self.contracts if one["type"] == "forbidden"]
        wanted = [(one["name"], one["source_modules"], one["forbidden_modules"]) for one in forbidden]
        assert [(name, _names(these), _names(never)) for name, these, never in rows] == wanted

    def test_every_package_has_its_room(self) -> None:
        rooms = ARCHITECTURE.split("## Rooms")[1].split("## Layers")[0]
        packages = {file.parent.name for file in (ROOT / "bot").glob("*/__init__.py")}
        assert {name for name in packages if f"`bot/{name}`" not in rooms} == set()

    def test_every_table_of_the_state_is_named(self) -> None:
        schema = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "migrations").glob("*.sql"))
        tables = set(re.findall(r"CREATE TABLE (\w+)", schema))
        section = ARCHITECTURE.split("## State")[1].split("\n## ")[0]
        assert {name for name in tables if f"`{name}`" not in section} == set()


def test_the_words_of_the_code_are_its_classes() -> None:
    table = ARCHITECTURE.split("| people say | the code says | what it is |")[1].split("\n\n")[0]
    told = {name for row in table.splitlines()[2:] for name in _names(row.split("|")[2])}
    files = [file for package in ("bot", "checks") for file in (ROOT / package).rglob("*.py")]
    classes = set(
        re.findall(r"^class (\w+)", "\n".join(file.read_text(encoding="utf-8") for file in files), re.MULTILINE)
    )
    assert len(told) > 12
    assert told <= classes


def test_the_states_and_their_ways_are_those_of_the_code() -> None:
    table = RULES.split("| state | goes to |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| (\w[\w-]+) \| ([\w, –-]+) \|$", table, re.MULTILINE)
    told = {state: {to for to in re.split(r", ", goes) if to != "–"} for state, goes in rows}
    assert told == {str(state): {str(to) for to in moves} for state, moves in MOVES.items()}


def _links() -> list[tuple[Path, str]]:
    plain = {page: _FENCE.sub("", text) for page, text in TEXTS.items()}
    return [(page, link) for page, text in plain.items() for link in re.findall(r"\]\(([^)\s]+)\)", text)]


def test_each_link_leads_somewhere() -> None:
    links = [(page, link) for page, link in _links() if not link.startswith("https://")]
    assert len(links) > 300
    assert [f"{page.name}: {link}" for page, link in links if not _leads_somewhere(page, link)] == []


def _leads_somewhere(page: Path, link: str) -> bool:
    """A picture may not be made yet (`make screenshot`)."""
    path, _, fragment = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return target.suffix == ".png"
    return not fragment or fragment in _anchors(target)


@cache
def _anchors(page: Path) -> frozenset[str]:
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return frozenset(anchor(heading) for heading in headings)


def test_every_input_of_the_action_is_documented_with_its_default() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    table = page.partition("| input |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (.+) \|$", table, re.MULTILINE)
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    assert [name for name, _ in rows] == list(inputs)
    defaults = {name: f"`{about['default']}`" for name, about in inputs.items() if about["default"]}
    assert {name: told for name, told in rows if told.startswith("`")} == defaults
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert f"`{hooks[0]['entry']}`" in page


def test_what_a_pipeline_is_shown_is_yaml() -> None:
    pipelines = [block for page in PAGES for block in blocks(page) if block.language == "yaml"]
    assert len(pipelines) >= 3
    assert all(isinstance(yaml.safe_load(block.text), dict) for block in pipelines)


def test_every_page_is_linked_from_the_readme() -> None:
    named = {page.relative_to(ROOT).as_posix() for page in PAGES} - {"README.md"}
    assert {page for page in named if f"({page}" not in README} == set()


def test_no_page_names_a_place_of_one_machine() -> None:
    private = re.compile(r"(?<![\w.])/(?:home|root|Users)/\w|https?://\S+/simple\b", re.IGNORECASE)
    assert [page.name for page, text in TEXTS.items() if private.search(text)] == []


def test_what_make_demo_prints_is_what_it_prints() -> None:
    source = (ROOT / "bot" / "demo" / "serving.py").read_text(encoding="utf-8")
    shown = README.split("$ make demo\n")[1].split("```")[0].splitlines()
    address, *rest = shown[1:]
    assert address.removesuffix("http://127.0.0.1:8080") in source
    assert [line for line in rest if f'"{line}"' not in source] == []
    assert shown[0].replace(".venv", "$(VENV)") in (ROOT / "Makefile").read_text(encoding="utf-8")


def _names(cell: str) -> list[str]:
    return re.findall(r"`([\w.]+)`", cell)


def _place(dotted: str) -> object:
    """What a dotted name means: a module, then its names. Raises for what is not there."""
    words = dotted.split(".")
    modules = [".".join(words[:count]) for count in range(1, len(words))]
    module = max((name for name in modules if Path(ROOT, *name.split(".")).with_suffix(".py").exists()), key=len)
    found: object = importlib.import_module(module)
    for name in words[len(module.split(".")) :]:
        found = getattr(found, name)
    return found


def test_each_rule_has_one_home_that_is_there() -> None:
    section = ARCHITECTURE.partition("## Where is the rule about …")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| ([^|`]+) \| `([\w.]+)` \|$", section, re.MULTILINE))
    assert len(rows) >= 30
    assert len(rows) == len(set(rows.values())) == section.count("\n| ") - 2
    places = {what: _place(where) for what, where in rows.items()}
    assert not [what for what, place in places.items() if place is None]


def test_the_security_page_names_tests_that_exist() -> None:
    """Each row of who tries what has one; what holds it may be named by the name of its function."""
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    rows = page.partition("## Who may try what")[2].partition("\n## ")[0].split("\n| ")[3:]
    assert len(rows) > 10
    named = [re.findall(r"`([\w/]+\.py)`", row.rpartition(" | ")[2]) for row in rows]
    assert [row for row, tests in zip(rows, named, strict=True) if not tests] == []
    assert [test for tests in named for test in tests if not (ROOT / "tests" / test).exists()] == []
