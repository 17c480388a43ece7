"""`gonogo check files --no-scratch`, the command as people type it, against squawk on the same files.

Both sides are processes of their own and run in turns, so that a busy machine slows both. Figures are CPU time, that of
children too: medians, and medians of the pairs' ratios. Bars: ten files 0.3 s; 1,000 pending 4 × squawk; a file
of 800 costs 1.3 × of one of 200.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

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
_ROW = "({n}, 'thing {n}', {n}.25, NULL)"
# All files are parsed, and what they declare is followed.
_DECLARED = """
import sys
from checks.migrations import read_directory
from checks.contexts import FilesContext
assert FilesContext(read_directory(sys.argv[1])).declared.existing
"""


def run() -> list[Figure]:
    """CPU time of the command and of squawk, on sets of several sizes, and on one file of 5 MB."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        root = Path(name)
        sets = {count: _written(root, count) for count in (10, 200, 800, 1000)}
        return [
            *_pair("ten files", sets[10], 10),
            *_pair("1,000 pending", sets[1000], 1000),
            *_pair("10 pending of 1,000", sets[1000], 10),
            *_linear("check files", lambda count: _gonogo(sets[count], count)),
            *_linear("all that is declared", lambda count: [sys.executable, "-c", _DECLARED, str(sets[count])]),
            *_large(root / "large"),
        ]


def _written(root: Path, count: int) -> Path:
    folder = root / str(count)
    folder.mkdir()
    for number in range(1, count + 1):
        (folder / f"{number:05d}_create_thing_{number}.sql").write_text(_TEXT.format(n=number), encoding="utf-8")
    return folder


def _pair(label: str, folder: Path, pending: int) -> list[Figure]:
    """With squawk on the files that are pending, as many as ours."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_cpu(_gonogo(folder, pending)))
        theirs.append(_cpu(_squawk(folder, pending)))
    return [
        (f"{label}: gonogo check files", 1000 * statistics.median(ours), "ms"),
        (f"{label}: squawk on the pending ones", 1000 * statistics.median(theirs), "ms"),
        (f"{label}: gonogo / squawk", statistics.median(o / t for o, t in zip(ours, theirs, strict=True)), "×"),
    ]


def _linear(label: str, command: Callable[[int], list[str]]) -> list[Figure]:
    """What a file costs beyond the first ten, among 200 and among 800."""
    rounds = [[_cpu(command(count)) for count in (10, 200, 800)] for _ in range(ROUNDS)]
    at_200 = [(some - few) / 190 for few, some, _ in rounds]
    at_800 = [(many - few) / 790 for few, _, many in rounds]
    return [
        (f"{label}: a file of 200", 1000 * statistics.median(at_200), "ms"),
        (f"{label}: a file of 800", 1000 * statistics.median(at_800), "ms"),
        (f"{label}: of 800 / of 200", statistics.median(at_800) / statistics.median(at_200), "×"),
    ]


def _large(folder: Path) -> list[Figure]:
    """A table and its rows, 1,000 a statement, as `pg_dump --rows-per-insert` writes them."""
    folder.mkdir()
    inserts = [",\n".join(_ROW.format(n=n) for n in range(first, first + 1000)) for first in range(0, 150_000, 1000)]
    text = "".join(f"INSERT INTO things (id, name, size, gone) VALUES\n{rows};\n" for rows in inserts)
    table = "-- What there is.\nCREATE TABLE things (id bigint PRIMARY KEY, name text, size numeric, gone date);\n"
    (folder / "00001_things.sql").write_text(table + text, encoding="utf-8")
    found = _pair(f"one file of {len(text) / 1e6:.1f} MB", folder, 1)
    return [*found, ("one large file: memory of gonogo, at most", _megabytes(_gonogo(folder, 1)), "MB")]


def _gonogo(folder: Path, pending: int) -> list[str]:
    total = sum(1 for _ in folder.iterdir())
    through = ["--applied-through", f"{total - pending:05d}"] if pending < total else []
    return [_script("gonogo"), "check", "files", "--no-scratch", "--migrations", str(folder), *through]


def _squawk(folder: Path, pending: int) -> list[str]:
    return [_script("squawk"), "--reporter", "json", *sorted(str(path) for path in folder.iterdir())[-pending:]]


def _script(name: str) -> str:
    return shutil.which(name, path=sysconfig.get_path("scripts")) or name


def _cpu(command: Sequence[str]) -> float:
    """Seconds of CPU of a process and its children, with compiled modules, as an installation has them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _run(command: Sequence[str]) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    loud = [line for line in done.stdout.splitlines() if line.startswith(("failed", "warning", "could-not-run"))]
    if loud or (command[0] == _script("gonogo") and done.returncode):
        raise AssertionError(f"the bench's clean set is not silent: {[*loud, done.stderr[-300:]][0]}")


def _megabytes(command: Sequence[str]) -> float:
    told = subprocess.run([sys.executable, "-c", _PEAK, *command], capture_output=True, text=True, check=True)
    return float(told.stdout) / 1024


_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], capture_output=True, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
