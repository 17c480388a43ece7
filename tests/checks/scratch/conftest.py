from __future__ import annotations

import pytest

from checks.scratchdb.database import BINARIES, EMBEDDED
from tests.postgres import POSTGRES_15, database, database15, postgres, postgres15

__all__ = ["database", "database15", "postgres", "postgres15"]


@pytest.fixture(params=[EMBEDDED, pytest.param(f"{BINARIES}{POSTGRES_15}", marks=pytest.mark.postgres15)])
def server(request: pytest.FixtureRequest) -> str:
    """The scratch server: PostgreSQL 18 of the wheel, and Debian's 15 where it is installed."""
    if request.param != EMBEDDED and not (POSTGRES_15 / "postgres").exists():
        pytest.skip("PostgreSQL 15 is not installed: apt-get install postgresql-15")
    return str(request.param)
