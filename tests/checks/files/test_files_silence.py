"""`-- gonogo: ignore ID reason`: what it covers, that it needs a reason, and that the evidence shows it."""

from __future__ import annotations

import pytest

from checks.base import Inputs, MigrationSet, Result, Status
from tests.checks.check_samples import migrations, on_files, places, run_one
from tests.checks.files.file_case import SHOP

INDEX = "CREATE INDEX orders_user_id_idx ON orders (user_id);"
OTHER = "CREATE INDEX users_email_idx ON users (email);"


def pending(text: str) -> MigrationSet:
    return migrations(SHOP, text, applied_through="00001")


def lint(text: str) -> Result:
    return on_files("online-safety", pending(text))


@pytest.mark.parametrize(
    "text",
    [
        f"-- gonogo: ignore online-safety 200 rows\n{INDEX}",
        f"-- Why.\n-- gonogo: ignore online-safety 200 rows\n-- More.\n{INDEX}",
        f"SELECT 1;\n{INDEX} -- gonogo: ignore online-safety 200 rows",
        "CREATE INDEX i ON orders (\n  user_id -- gonogo: ignore online-safety: 200 rows\n);",
        f"-- What for.\n--gonogo: ignore online-safety — 200 rows\n\n{INDEX}\n{OTHER}",
    ],
)
def test_a_silenced_finding_passes_with_its_reason_in_the_evidence(text: str) -> None:
    result = lint(text)
    assert (result.status, result.findings) == (Status.PASSED, ())
    assert "silenced: 200 rows" in result.summary


@pytest.mark.parametrize(
    "text",
    [
        f"-- gonogo: ignore online-safety\n{INDEX}",
        f"-- gonogo: ignore naming-conventions 200 rows\n{INDEX}",
        f"SELECT 1;\n-- gonogo: ignore online-safety 200 rows\nSELECT 2;\n{INDEX}",
        f"SELECT 1;\n-- gonogo: ignore online-safety 200 rows\n\n{INDEX}",
    ],
)
def test_without_a_reason_or_elsewhere_nothing_is_silenced(text: str) -> None:
    assert lint(text).status is Status.FAILED


def test_what_is_left_is_named_first_and_counted_with_what_is_silenced() -> None:
    result = lint(f"-- gonogo: ignore online-safety 200 rows\n{INDEX}\n{OTHER}")
    assert (result.status, places(result)) == (Status.FAILED, [("users", "00002_b.sql", 3)])
    assert result.summary.startswith("00002_b.sql:3: blocks writes on users")
    assert result.summary.endswith("; 1 silenced: 200 rows")


def test_without_its_errors_a_failure_becomes_a_warning() -> None:
    result = lint(f"-- gonogo: ignore online-safety 200 rows\n{INDEX}\nLOCK TABLE users;")
    assert (result.status, places(result)) == (Status.WARNING, [("users", "00002_b.sql", 3)])


def test_findings_about_a_file_are_silenced_at_its_top_only() -> None:
    text = "SELECT 1; -- gonogo: ignore migration-comments generated file"
    silenced = pending(f"-- gonogo: ignore migration-comments generated\n\n{INDEX}")
    asked = {"migration-comments": {"required": True}}
    assert run_one("migration-comments", Inputs(migrations=silenced, options=asked)).status is Status.PASSED
    assert on_files("file-names", pending(text)).status is Status.PASSED


def test_syntax_errors_can_be_silenced_only_where_they_are() -> None:
    text = "SELECT 1;\n-- gonogo: ignore syntax our fork knows it\nSELEC 2;"
    assert on_files("syntax", pending(text)).status is Status.PASSED
    assert on_files("syntax", pending(f"{text}".replace("SELEC", "\n\nSELEC"))).status is Status.FAILED


def test_scratch_findings_are_silenced_too() -> None:
    silence = "-- gonogo: ignore materialized-views-created filled by the nightly job"
    text = f"{silence}\nCREATE MATERIALIZED VIEW m AS SELECT 1 WITH NO DATA;"
    inputs = Inputs(migrations=migrations(text), scratch_server="embedded")
    result = run_one("materialized-views-created", inputs)
    assert (result.status, result.summary) == (
        Status.PASSED,
        "nothing else found; 1 silenced: filled by the nightly job",
    )


def test_ignore_comments_lists_the_reasons() -> None:
    result = on_files("ignore-comments", pending(f"-- gonogo: ignore online-safety 200 rows\n{INDEX}"))
    assert (result.status, result.summary) == (Status.PASSED, "1 ignore comment: online-safety: 200 rows")
    assert on_files("ignore-comments", pending(INDEX)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("comment", "place", "words"),
    [
        ("ignore online-safety", "online-safety", "without a reason"),
        ("ignore online-safty 200 rows", "online-safty", 'no check is called "online-safty"'),
        ("ignore", "", 'no check is called ""'),
    ],
)
def test_ignore_comments_that_silence_nothing_are_findings(comment: str, place: str, words: str) -> None:
    result = on_files("ignore-comments", pending(f"SELECT 1;\n-- gonogo: {comment}\n{INDEX}"))
    assert (result.status, places(result)) == (Status.WARNING, [(place, "00002_b.sql", 2)])
    assert words in result.summary


def test_squawk_s_own_comments_work() -> None:
    text = f"-- squawk-ignore require-concurrent-index-creation\n{INDEX}"
    assert lint(text).status is Status.PASSED
    assert lint(text.replace("-index-creation", "-reindex")).status is Status.FAILED
