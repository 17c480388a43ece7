"""`gonogo checklist` and `gonogo checks`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.checklist.reader import parse
from bot.resources import templates_folder
from checks.catalogue import CATALOGUE
from tests.cli.cli_samples import gonogo

SHIPPED = templates_folder() / "checklists" / "migration-deployment.md"


def test_the_shipped_checklist_has_no_problem() -> None:
    result = gonogo("checklist", "lint", SHIPPED)
    assert result.stdout == "168 items in 20 sections; no problem\n"
    assert result.exit_code == 0


def test_every_fault_is_told_with_file_line_and_mend(tmp_path: Path) -> None:
    path = tmp_path / "list.md"
    path.write_text(
        "# Ours\n\n## Deployment\n\n- [ ] One <!-- id: a; check: sintax -->\n- [ ] Two <!-- id: a; fase: x -->\n"
    )
    result = gonogo("checklist", "lint", path)
    assert result.exit_code == 1
    *problems, total = result.stdout.splitlines()
    assert [problem.split(": ")[0] for problem in problems] == [f"{path}:5", f"{path}:6", f"{path}:6"]
    assert "There is no check 'sintax'. Nearest: syntax." in problems[0]
    assert total == "2 items in 1 sections; 3 errors"


def test_what_will_surprise_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text("# Ours\n\n## Go live\n\n- [x] One\n- [ ] Two <!-- required: go -->\n")
    result = gonogo("checklist", "lint", "list.md")
    assert result.exit_code == 0
    ticked, *late, total = result.stdout.splitlines()
    assert ticked.startswith("list.md:5: warning: This box is ticked")
    assert "required for go, but its phase, deploy, opens only after go" in late[0]
    assert total == "2 items in 1 sections; 4 warnings"


def test_a_probe_of_the_settings_is_a_check(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text("# Ours\n\n## Deployment\n\n- [ ] Warm the cache <!-- check: cache-warm -->\n")
    assert gonogo("checklist", "lint", "list.md").exit_code == 1
    (tmp_path / "gonogo.toml").write_text('[probes.cache-warm]\nhttp = "http://cache.example/"\n')
    assert gonogo("checklist", "lint", "list.md").exit_code == 0


def test_what_cannot_be_read_as_text_is_a_fault_too(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_bytes(b"# Liste\n\n- [ ] f\xfcr alle\n")
    result = gonogo("checklist", "lint", "list.md")
    assert result.exit_code == 1
    assert "list.md:3" in result.stdout


@pytest.mark.parametrize(("kind", "count"), [("development", 49), ("staging", 80), ("production", 123)])
def test_show_counts_and_names_every_item(kind: str, count: int) -> None:
    result = gonogo("checklist", "show", SHIPPED)
    assert f"{count} count in {kind}" in result.stdout
    checklist = parse(SHIPPED.read_bytes())
    lines = result.stdout.splitlines()
    assert all(f"  {item.label}" in lines for item in checklist.items)
    [numbering] = [line for line in lines if line.startswith("      numbering · ")]
    assert numbering.startswith("      numbering · prepare · needed for go · check sequential-numbering")
    assert numbering.endswith(" · carried by file")


def test_show_of_a_kind_leaves_out_what_does_not_apply() -> None:
    shown = gonogo("checklist", "show", SHIPPED, "--kind", "development").stdout
    assert "Deployment / Production Deployment" not in shown
    assert "Docker Compose configured" in shown


def test_show_says_where_a_person_confirms_what_a_check_found(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text("# Ours\n\n## Before\n\n- [ ] Reviewed <!-- check: syntax; by: person -->\n")
    assert "check syntax · a person confirms" in gonogo("checklist", "show", "list.md").stdout


def test_show_without_a_file_shows_the_one_in_use(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text("# Ours\n\n## Deployment\n\n- [ ] Warm the cache\n")
    (tmp_path / "gonogo.toml").write_text('[workspace]\nchannel = "C0DEPLOYS"\n[checklist]\nfile = "list.md"\n')
    assert "Warm the cache" in gonogo("checklist", "show").stdout


def test_the_catalogue_is_listed_whole() -> None:
    lines = gonogo("checks").stdout.splitlines()
    listed = {line.split()[0]: line for line in lines[:-1]}
    assert set(CATALOGUE) <= set(listed)
    assert all(check.title in listed[check.id] for check in CATALOGUE.values())
    assert lines[-1] == f"{len(listed)} checks; `gonogo checks ID` explains one"


@pytest.mark.parametrize("check_id", sorted(CATALOGUE))
def test_each_check_is_explained(check_id: str) -> None:
    result = gonogo("checks", check_id)
    assert result.exit_code == 0
    for word in ("needs:", "decides:", "costs:", "mend:"):
        assert word in result.stdout
    check = CATALOGUE[check_id]
    assert check.decides in result.stdout
    assert check.fix in result.stdout


def test_a_check_names_the_lines_that_it_answers() -> None:
    shown = gonogo("checks", "syntax").stdout
    assert "  Pre-Deployment / Development Environment / Review all migration files for syntax errors" in shown
    assert "gonogo answers it in Slack" in gonogo("checks", "own-window").stdout
