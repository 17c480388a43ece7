"""An export holds everything and verifies alone; whatever is changed in it is found at its place."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from operating_samples import FILES, Team, gonogo, pin_files

from bot.core import verify as verifier
from bot.core.decision import CheckResult, CheckRun, Purpose
from bot.core.deployment import Outcome
from bot.core.verify import verify
from bot.record.exports import _safe
from bot.usecases.checking.record_result import record_result
from bot.usecases.lifecycle.complete import complete
from bot.usecases.signoffs.decide import sign
from bot.usecases.situation.judging import subject_of
from bot.usecases.tick import note, tick
from checks.result import Status

HOSTILE = '=HYPERLINK("http://evil") <script>alert(1)</script> | שלום'


def check_answers(team: Team, check: str, status: Status) -> None:
    """A check answers, as the pool records it."""
    found = team.deployment()

    def work(unit: Any) -> None:
        unit.results.queue(found.id, [check], Purpose.ASKED, "b1", "U0ANN", team.started)
        [run] = unit.results.claim(team.act("U0ANN").at, team.act("U0ANN", 3).at, 1)
        assert isinstance(run, CheckRun)
        at = team.act("U0ANN", 2).at
        result = CheckResult(unit.new_id(), run.id, found.id, check, status, "2 files, no gaps", at, inputs_hash="i1")
        record_result(unit, team.project, team.act("U0ANN", 2), run, result)

    team.write(work)


@pytest.fixture
def whole(team: Team) -> Team:
    """A deployment with files, ticks, a note, a check, a sign-off, a go and a completion."""
    pin_files(team)
    team.run(tick, "U0BO", "rollback-plan")
    team.run(note, "U0ANN", "rollback-plan", HOSTILE)
    check_answers(team, "sequential-numbering", Status.PASSED)
    team.run(sign, "U0DANA", "dba", subject_of(team.deployment()), "looked at both", minutes=3)
    team.go()
    team.run(complete, "U0ANN", Outcome.PARTIAL, "00009 waits for the owner", minutes=9)
    return team


def exported(team: Team) -> dict[str, Any]:
    result = gonogo("export", "1", "--format", "json", "--output", "e.json")
    assert result.exit_code == 0, result.output
    read: dict[str, Any] = json.loads(Path("e.json").read_text())
    return read


def verified(export: dict[str, Any], *arguments: str) -> tuple[int, list[str]]:
    Path("e.json").write_text(json.dumps(export))
    result = gonogo("verify", "e.json", *arguments)
    return result.exit_code, result.stdout.splitlines()


def test_an_export_is_self_contained(whole: Team) -> None:
    export = exported(whole)
    assert [base64.b64decode(file["base64"]) for file in export["files"]] == list(FILES.values())
    assert [entry["body"] for entry in export["journal"]["entries"]] == whole.journal()
    assert export["people"] == {"U0ANN": "Ann Keller", "U0BO": "Bo Larsen", "U0DANA": "Dana Okafor"}
    assert [one["reason"] for one in export["decisions"]] == [None, HOSTILE]
    [check] = export["checks"]
    assert (check["check_id"], check["status"], check["summary"]) == (
        "sequential-numbering",
        "passed",
        "2 files, no gaps",
    )
    assert [(one["role"], one["decision"], one["reason"]) for one in export["sign_offs"]] == [
        ("dba", "approve", "looked at both")
    ]
    assert export["deployment"]["completion"]["notes"] == "00009 waits for the owner"
    assert [head["moment"] for head in export["heads"]] == ["at go", "at completion"]
    assert "Rollback plan prepared" in export["checklist"]["text"]


def test_without_a_head_it_is_consistent_with_one_it_is_complete(whole: Team) -> None:
    export = exported(whole)
    code, lines = verified(export)
    assert code == 0
    assert lines[0].startswith("internally consistent (give --head")
    assert "complete" not in lines[0].partition("(")[0]
    go, completion = (head["hash"] for head in export["heads"])
    rows = len(export["journal"]["entries"])
    assert verified(export, "--head", completion) == (
        0,
        [f"complete up to its last row, {rows}  deployment 1: {rows} journal rows, 2 files", f"  head {completion}"],
    )
    code, lines = verified(export, "--head", go[:12].upper())
    assert (code, lines[0].split("  ")[0]) == (0, f"complete up to row {rows - 1} of {rows}, consistent after it")


def test_it_needs_neither_settings_nor_state_nor_gonogo(whole: Team, tmp_path: Path) -> None:
    exported(whole)
    for path in tmp_path.glob("gonogo*"):
        path.unlink()
    assert gonogo("verify", "e.json").exit_code == 0
    (tmp_path / "alone.py").write_text(Path(verifier.__file__).read_text())
    script = "import alone; v = alone.verify(alone.read_export(open('e.json').read())); print(v.broken, v.entries > 5)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); {script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "() True\n"


def entry(export: dict[str, Any], event: str) -> dict[str, Any]:
    found: dict[str, Any] = next(e for e in export["journal"]["entries"] if f'"event":"{event}"' in e["body"])
    return found


def change_body(export: dict[str, Any]) -> str:
    found = entry(export, "signed")
    found["body"] = found["body"].replace("U0DANA", "U0BO")
    return f"journal row {found['seq']}: its text is not the one that was hashed"


def take_a_row_out(export: dict[str, Any]) -> str:
    found = entry(export, "signed")
    export["journal"]["entries"].remove(found)
    return f"journal row {found['seq']}: row {found['seq'] + 1} stands here"


def write_all_anew(export: dict[str, Any]) -> str:
    found = entry(export, "signed")
    found["prev"] = "0" * 64
    return f"journal row {found['seq']}: it does not follow from the row before"


def change_a_reason(export: dict[str, Any]) -> str:
    text = next(one for one in export["private_texts"] if one["text"] == "looked at both")
    text["text"] = "looked at one"
    return f"private text {text['digest'][:12]}: it is not the text that was written (journal row "


def change_a_name(export: dict[str, Any]) -> str:
    text = next(one for one in export["private_texts"] if one["text"] == "Dana Okafor")
    text["text"] = "Bo Larsen"
    return "it is not the text that was written"


def change_the_sql(export: dict[str, Any]) -> str:
    export["files"][1]["base64"] = base64.b64encode(b"DROP TABLE o;").decode()
    return "file 00009_paid.sql: its bytes are not those that were approved"


def leave_a_file_out(export: dict[str, Any]) -> str:
    del export["files"][0]
    return "the fingerprint is not that of the files"


def another_fingerprint(export: dict[str, Any]) -> str:
    export["files"] = []
    export["deployment"]["fingerprint"] = "0" * 64
    return "fingerprint is 0000"


def approve_something_else(export: dict[str, Any]) -> str:
    export["sign_offs"][0]["subject"] = "0" * 64
    return f"sign_offs {export['sign_offs'][0]['id']}: subject is 0000"


def forge_a_sign_off(export: dict[str, Any]) -> str:
    export["sign_offs"].append({**export["sign_offs"][0], "id": "z", "role": "management", "who": "U0ANN"})
    return "sign_offs z: no journal row tells of it"


def hide_a_decision(export: dict[str, Any]) -> str:
    hidden = export["decisions"].pop(0)["id"]
    return f"decisions {hidden}: it is missing, and journal row {entry(export, 'item-done')['seq']} tells of it"


def change_a_note(export: dict[str, Any]) -> str:
    export["decisions"][1]["reason"] = "all good"
    return "reason is all good, and journal row"


def change_an_answer(export: dict[str, Any]) -> str:
    export["checks"][0]["status"] = "failed"
    return "status is failed, and journal row"


def change_the_checklist(export: dict[str, Any]) -> str:
    export["checklist"]["text"] += "\n- [ ] and this"
    return "the checklist is not the revision"


def change_the_result(export: dict[str, Any]) -> str:
    export["deployment"]["result"] = "success"
    return "result is success, and journal row"


def another_deployment(export: dict[str, Any]) -> str:
    export["deployment"]["number"] = 2
    return "the journal is that of T0ACME/default/1, and the deployment is T0ACME/default/2"


def lose_a_part(export: dict[str, Any]) -> str:
    del export["files"][0]["sha"]
    return "files: a part is missing or of another shape (KeyError: 'sha')"


TAMPERINGS: list[Callable[[dict[str, Any]], str]] = [
    *(change_body, take_a_row_out, write_all_anew, change_a_reason, change_a_name, change_the_sql, leave_a_file_out),
    *(another_fingerprint, approve_something_else, forge_a_sign_off, hide_a_decision, change_a_note, change_an_answer),
    *(change_the_checklist, change_the_result, another_deployment, lose_a_part),
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_whatever_is_changed_is_found_at_its_place(whole: Team, tamper: Callable[[dict[str, Any]], str]) -> None:
    export = exported(whole)
    words = tamper(export)
    code, lines = verified(export)
    assert code == 1
    assert lines[0].startswith("BROKEN  deployment ")
    assert any(words in line for line in lines), lines


def test_rows_cut_off_at_the_end_are_found_by_the_head_alone(whole: Team) -> None:
    export = exported(whole)
    completion = export["heads"][-1]["hash"]
    del export["journal"]["entries"][-1]
    export["deployment"] |= {"state": "deploying", "result": None, "completed_at": None, "completion": None}
    export["heads"].pop()
    bodies = "".join(row["body"] for row in export["journal"]["entries"])
    export["private_texts"] = [one for one in export["private_texts"] if one["digest"] in bodies]
    assert verified(export)[0] == 0
    code, lines = verified(export, "--head", completion)
    assert code == 1
    assert f"no row has the head {completion[:12]} (8 characters or more): rows after row" in lines[1]
    assert verified(export, "--head", completion[:7])[0] == 1


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_byte_of_the_journal_can_be_changed(whole: Team, data: st.DataObject) -> None:
    export = json.loads(Path("e.json").read_text()) if Path("e.json").exists() else exported(whole)
    row = data.draw(st.sampled_from(export["journal"]["entries"]))
    key = data.draw(st.sampled_from(["body", "hash", "prev"]))
    at = data.draw(st.integers(0, len(row[key]) - 1))
    other = data.draw(st.characters(categories=["Ll", "Nd"], max_codepoint=127).filter(lambda c: c != row[key][at]))
    before = row["seq"]
    row[key] = row[key][:at] + other + row[key][at + 1 :]
    broken = verify(export).broken
    assert any(re.match(rf"journal row ({before}|{before + 1}): ", sentence) for sentence in broken) or key == "hash"
    assert broken


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON export"),
        ("[1]", "this is no export of gonogo"),
        ('{"format": "gonogo-export/9"}', "this export is gonogo-export/9"),
        ('{"format": "gonogo-export/1", "format": "gonogo-export/1"}', "a name is given twice"),
        ("[" * 100_000, "no JSON export"),
        ("\x00\xff", "no JSON export"),
    ],
)
def test_what_is_no_export(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "x.json").write_text(text, encoding="latin-1")
    result = gonogo("verify", tmp_path / "x.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("part", ["journal", "deployment", "files", "private_texts"])
def test_an_export_without_its_parts(whole: Team, part: str) -> None:
    export = exported(whole)
    for lacking in ({key: value for key, value in export.items() if key != part}, {**export, part: [3]}):
        Path("e.json").write_text(json.dumps(lacking))
        result = gonogo("verify", "e.json")
        assert (result.exit_code, "lacks its deployment, journal, files" in result.stderr) == (1, True)


def test_an_export_of_empty_parts_is_broken_not_a_crash(tmp_path: Path) -> None:
    parts = {
        "format": "gonogo-export/3",
        "deployment": {},
        "journal": {"entries": []},
        "files": [],
        "private_texts": [],
    }
    (tmp_path / "x.json").write_text(json.dumps(parts))
    result = gonogo("verify", tmp_path / "x.json")
    assert (result.exit_code, result.stdout.splitlines()[0][:6]) == (1, "BROKEN")
    assert gonogo("verify", tmp_path / "none.json").exit_code == 1


def test_the_checklist_filled_in(whole: Team) -> None:
    record = gonogo("export", "1").stdout
    assert re.search(r"- \[x\] Rollback plan prepared", record)
    assert "**Status**: [ ] Success [x] Partial" in record
    page = gonogo("export", "1", "--format", "html").stdout
    assert "☑ Rollback plan prepared" in page
    assert "<!-- id:" not in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_the_journal_for_a_spreadsheet(whole: Team) -> None:
    rows = list(csv.DictReader(io.StringIO(gonogo("export", "1", "--format", "csv").stdout)))
    assert [row["event"] for row in rows][:3] == ["started", "rows-kept", "files-read"]
    [noted] = [row for row in rows if row["event"] == "item-note"]
    assert (noted["name"], noted["reason"]) == ("Ann Keller", f"'{HOSTILE}")
    assert {"row", "at", "who", "facts", "hash"} < set(noted)


FORMULAS = (
    "=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "﹣1",
    " =1",
    "\t=1",
    "\n@x",
    "\u3000＝1",
    "\u200b=1",
    "\ufeff-1",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_spelling_of_a_formula_runs_in_a_spreadsheet(text: str) -> None:
    assert _safe(text).startswith("'")


@given(st.text(), st.sampled_from("=+-@＝＋－＠"), st.text())
def test_whatever_stands_before_a_formula_is_text_or_the_cell_is(before: str, sign: str, after: str) -> None:
    """A cell that is no text begins, past everything that a spreadsheet looks past, with no sign of a formula."""
    shown = _safe(before + sign + after)
    past = shown.lstrip().removeprefix("'")
    assert shown.startswith("'") or past[:1] not in set("=+-@＝＋－＠")
    assert not set(shown) & set("\u202e\u2066\u200e\u200f\u061c\0")


FOOLING = "ok \u202e\u2066\u200f\u061c evil"


def test_what_steers_the_eye_is_told_in_every_export_and_the_value_stays(team: Team) -> None:
    team.run(note, "U0ANN", "rollback-plan", FOOLING)
    export = exported(team)
    raw = Path("e.json").read_text()
    assert not set(raw) & set(FOOLING[3:7])
    assert "ok \\u202e\\u2066\\u200f\\u061c evil" in raw
    assert FOOLING in {one["text"] for one in export["private_texts"]}
    for form in ("csv", "md", "html"):
        text = gonogo("export", "1", "--format", form).stdout
        assert "ok \ufffd\ufffd\ufffd\ufffd evil" in text
        assert not set(text) & set(FOOLING[3:7])
    assert verified(export)[0] == 0


def test_forgetting_leaves_the_chain_whole(whole: Team) -> None:
    head = exported(whole)["heads"][-1]["hash"]
    asked = gonogo("forget", "dana")
    assert asked.exit_code == 0
    assert asked.stdout.startswith("Would erase 2 texts by U0DANA, ")
    assert "Nothing was changed: add --yes" in asked.stdout
    assert gonogo("forget", "dana", "--yes").stdout.startswith("Erased 2 texts by U0DANA")
    export = exported(whole)
    assert {"Dana Okafor", "looked at both"}.isdisjoint(one["text"] for one in export["private_texts"])
    assert "Dana" not in Path("e.json").read_text()
    assert export["sign_offs"][0]["reason"] == "[removed]"
    code, lines = verified(export, "--head", head)
    assert (code, lines[-1]) == (0, "  2 private texts were removed on request; the rows that held them are whole")
    assert "looked at both" not in gonogo("export", "1").stdout


def test_forgetting_takes_notes_evidence_and_what_others_wrote(whole: Team) -> None:
    whole.run(note, "U0BO", "rollback-plan", "ask Ann Keller about 00009", minutes=10)
    assert "1 of others that name them" in gonogo("forget", "U0ANN", "--yes").stdout
    text = json.dumps(exported(whole))
    assert all(words not in text for words in ("Ann Keller", "HYPERLINK", "waits for the owner"))
    assert "Bo Larsen" in text
    assert verified(exported(whole))[0] == 0
    assert gonogo("forget", "U0ANN", "--yes").stdout.startswith("Erased 0 texts by U0ANN, 0 of others")


def test_a_typed_range_has_no_files_and_verifies(team: Team) -> None:
    export = exported(team)
    assert [file["name"] for file in export["files"]] == ["00008 (as typed)", "00009 (as typed)"]
    assert verified(export)[0] == 0


def test_an_export_replaces_an_older_one_whole(whole: Team) -> None:
    exported(whole)
    exported(whole)
    assert Path("e.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in Path().glob("*unfinished*")] == []
    refused = gonogo("export", "1", "--output", "nowhere/e.md")
    assert (refused.exit_code, "cannot be written" in refused.stderr) == (1, True)
