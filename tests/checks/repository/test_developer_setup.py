"""A developer's machine: compose file, variables, make targets, SQLx's offline data."""

from __future__ import annotations

import hashlib
import json

import pytest

from checks.base import Status
from tests.checks.check_samples import places
from tests.checks.repository.team_repository import TeamRepository

COMPOSE = """services:
  db:
    image: {image}
  app:
    build: .
"""


@pytest.mark.parametrize(
    ("image", "status", "summary"),
    [
        ("postgres:15.18", Status.EVIDENCE, "compose.yaml: postgres:15.18; `docker compose config -q` would check"),
        ('"postgis/postgis:15-3.4"', Status.EVIDENCE, "compose.yaml: postgis/postgis:15-3.4; "),
        ("postgres:${PG:-15}", Status.EVIDENCE, "compose.yaml: postgres:${PG:-15}; "),
        ("postgres", Status.WARNING, "compose.yaml:3: postgres has no version"),
        ("postgres:latest", Status.WARNING, "compose.yaml:3: postgres:latest has no version"),
        ("timescale/timescaledb:2.17-pg16", Status.WARNING, "compose.yaml:3: timescale/timescaledb:2.17-pg16 is Post"),
        ("postgres:17-alpine", Status.WARNING, "compose.yaml:3: postgres:17-alpine is PostgreSQL 17, not 15"),
        ("mysql:8", Status.WARNING, "compose.yaml: no service has an image of PostgreSQL"),
        ("postgres:15\n\tports: []", Status.FAILED, "compose.yaml:4: a tab indents the line, which YAML refuses"),
    ],
)
def test_the_compose_file(image: str, status: Status, summary: str, team: TeamRepository) -> None:
    team.write("compose.yaml", COMPOSE.format(image=image))
    result = team.check("docker-compose", file="compose.yaml", major=15)
    assert (result.status, result.summary[: len(summary)]) == (status, summary)


def test_variables_are_told_by_name_and_no_value_is_shown(
    team: TeamRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.write(".env.example", "# needed\nDATABASE_URL=postgres://user@host/db\nexport TOKEN=\nREGION=eu\nDEBUG=0\n")
    team.write(".env", "DATABASE_URL='postgres://u:geheim42@h/d' # mine\nTOKEN=\"\"\n")
    monkeypatch.delenv("TOKEN", raising=False)
    monkeypatch.setenv("REGION", "geheim43")
    result = team.check("env-example", file=".env.example", optional=["DEBUG"])
    assert (result.status, result.hint) == (Status.FAILED, "set TOKEN in .env")
    assert result.summary == "3 of 4 variables of .env.example set; missing: TOKEN"
    monkeypatch.setenv("TOKEN", "geheim44")
    whole = team.check("env-example", file=".env.example", optional=["DEBUG"])
    assert (whole.status, whole.summary) == (Status.PASSED, "4 of 4 variables of .env.example set")
    assert "geheim" not in repr(result) + repr(whole)


MAKEFILE = """IMAGE := shop
.PHONY: test migrate-up \\
  clean
test migrate-up:: deps
\tgo test ./...
%.o: %.c
build/shop: main.go ; go build
"""


def test_make_targets(team: TeamRepository) -> None:
    team.write("Makefile", MAKEFILE)
    listed = team.check("make-targets", file="Makefile", targets=["test", "migrate-up", "build/shop"])
    assert (listed.status, listed.summary.split(";")[0]) == (
        Status.EVIDENCE,
        "3 targets in Makefile: test, migrate-up, build/shop",
    )
    unlisted = team.check("make-targets", file="Makefile")
    assert unlisted.summary.startswith("3 targets in Makefile: test, migrate-up, clean; ")
    missing = team.check("make-targets", file="Makefile", targets=["test", "clean", "IMAGE"])
    assert (missing.status, places(missing)) == (
        Status.FAILED,
        [("clean", "Makefile", None), ("IMAGE", "Makefile", None)],
    )
    assert missing.summary == "1 of 3 targets there; missing: clean, IMAGE"


def offline(query: str, **changes: object) -> str:
    digest = hashlib.sha256(query.encode()).hexdigest()
    return json.dumps({"db_name": "PostgreSQL", "query": query, "describe": {}, "hash": digest, **changes})


def test_sqlx_offline_data(team: TeamRepository) -> None:
    team.write(".sqlx/query-1.json", offline("SELECT id FROM users WHERE id = $1"))
    team.write(
        ".sqlx/query-2.json", offline("WITH x AS (SELECT 1) INSERT INTO public.orders SELECT * FROM x, pg_class")
    )
    good = team.check("sqlx-offline", folder=".sqlx")
    assert (good.status, good.summary) == (Status.PASSED, "2 offline queries in .sqlx, each whole, its tables there")


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("{", ".sqlx/query-1.json: is no query data of SQLx"),
        ("[]", ".sqlx/query-1.json: is no query data of SQLx"),
        (offline("SELECT 1", hash="0"), ".sqlx/query-1.json: its hash is not that of its query: edited by hand"),
        (offline("SELECT 1 FROM carts"), ".sqlx/query-1.json: asks carts, which no migration makes"),
    ],
)
def test_sqlx_offline_data_that_is_not_right(text: str, summary: str, team: TeamRepository) -> None:
    team.write(".sqlx/query-1.json", text)
    result = team.check("sqlx-offline", folder=".sqlx")
    assert (result.status, result.summary) == (Status.FAILED, summary)


def test_a_folder_without_query_data(team: TeamRepository) -> None:
    result = team.check("sqlx-offline", folder=".sqlx")
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "no query-*.json in .sqlx")
