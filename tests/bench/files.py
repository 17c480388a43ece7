"""The files checks over 1,000 files against squawk alone over the same; bars: 1.5 × with 10 pending, 5 × with all.

Each round runs both one after the other, so that a busy machine slows both; the figure is the median of the rounds.
In process as the bot runs them, reading the folder included; and as a fresh process, as CI does.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from checks.base import Inputs, Result, Status
from checks.files import CHECKS
from checks.migrations import read_directory
from checks.runner import run_checks

FILES = 1000
ROUNDS = 7
Figure = tuple[str, float, str]

_TEXT = """-- Things of kind {n}, and what the pages that list them need.

CREATE TABLE thing_{n} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    status text NOT NULL DEFAULT 'new',
    owner_id bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT thing_{n}_status_check CHECK (status IN ('new', 'old', 'gone'))
);
COMMENT ON TABLE thing_{n} IS 'Things of kind {n}.';
COMMENT ON COLUMN thing_{n}.name IS 'What people call it.';

CREATE INDEX thing_{n}_owner_id_idx ON thing_{n} (owner_id);
CREATE INDEX thing_{n}_created_at_idx ON thing_{n} (created_at) WHERE status = 'new';

CREATE VIEW new_thing_{n} AS
SELECT id, name, created_at FROM thing_{n} WHERE status = 'new';
COMMENT ON VIEW new_thing_{n} IS 'Only the new ones.';
"""


def run() -> list[Figure]:
    """Milliseconds of squawk and of all files checks, and the ratios."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        folder = Path(name)
        for number in range(1, FILES + 1):
            (folder / f"{number:05d}_create_thing_{number}.sql").write_text(_TEXT.format(n=number), encoding="utf-8")
        return [*_figures(folder, "10 pending", f"{FILES - 10:05d}"), *_figures(folder, "all pending", None)]


def _figures(folder: Path, label: str, through: str | None) -> list[Figure]:
    _check(folder, through)
    alone, inside, fresh = [], [], []
    for _ in range(ROUNDS):
        alone.append(_seconds(lambda: _squawk(folder)))
        inside.append(_seconds(lambda: _check(folder, through)))
        fresh.append(_seconds(lambda: _process(folder, through)))
    return [
        (f"{label}: squawk alone on all {FILES} files", 1000 * statistics.median(alone), "ms"),
        (f"{label}: all files checks, in process", 1000 * statistics.median(inside), "ms"),
        (f"{label}: all files checks, a fresh process", 1000 * statistics.median(fresh), "ms"),
        (f"{label}: in process / squawk", _ratio(inside, alone), "×"),
        (f"{label}: fresh process / squawk", _ratio(fresh, alone), "×"),
    ]


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(mine / its for mine, its in zip(ours, theirs, strict=True))


def _seconds(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def _squawk(folder: Path) -> None:
    binary = shutil.which("squawk", path=sysconfig.get_path("scripts")) or "squawk"
    names = sorted(path.name for path in folder.iterdir())
    subprocess.run([binary, "--reporter", "json", *names], cwd=folder, capture_output=True, check=False)


def _check(folder: Path, through: str | None) -> list[Result]:
    inputs = Inputs(migrations=replace(read_directory(folder), applied_through=through))
    results = [result for _, result in run_checks(CHECKS, inputs)]
    loud = [result.summary for result in results if result.status not in (Status.PASSED, Status.NOT_APPLICABLE)]
    if loud:
        raise AssertionError(f"the bench's clean set is not silent: {loud[0]}")
    return results


def _process(folder: Path, through: str | None) -> None:
    command = [sys.executable, "-c", _FRESH, str(folder), through or ""]
    subprocess.run(command, capture_output=True, check=True)


_FRESH = """
import sys
from pathlib import Path
from tests.bench import files
files._check(Path(sys.argv[1]), sys.argv[2] or None)
"""
