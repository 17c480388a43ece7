"""A small migration runner in the manner of `sqlx migrate run`, for the sample project.

    python -m bot.demo.sample.runner --database-url env:DATABASE_URL --source migrations

A file is one transaction, together with its row in `_sqlx_migrations`, unless its first line is `-- no-transaction`;
such a file is sent whole, so that it can hold one statement only, as with sqlx. Exit codes: 0 done, 1 a file or the
history stopped it, 2 wrong use or no connection.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import psycopg

from bot.demo.sample import history
from bot.demo.sample.addresses import AddressFault, connect, from_option
from bot.demo.sample.history import SourceFault, SourceFile, Statement, read_folder, split

APPLICATION = "shop-migrate"
_LOCK_POLL = 0.2


Say = Callable[[str], None]


class MigrationFailed(Exception):
    """The server refused a file; the message is file, line, SQLSTATE and the server's words."""


@click.command(help="Apply the migrations of a folder, as sqlx would.")
@click.option("--database-url", default="env:DATABASE_URL", show_default=True, help="An address, or env:NAME.")
@click.option("--source", type=click.Path(path_type=Path), required=True, help="The folder with the files.")
@click.option("--target-version", type=int, help="Stop after this version.")
@click.option("--revert-to", type=int, help="Run down files until this version is the last one applied.")
@click.option("--statement-delay", type=float, default=0.0, help="Seconds to rest before each statement, for a demo.")
@click.option("--pause-after", type=int, help="Wait for a line on standard input after this version, for a demo.")
def main(
    database_url: str,
    source: Path,
    target_version: int | None,
    revert_to: int | None,
    statement_delay: float,
    pause_after: int | None,
) -> None:
    try:
        with connect(from_option(database_url), APPLICATION) as connection:
            if revert_to is not None:
                revert(connection, source, revert_to, statement_delay)
            else:
                run(connection, source, target_version, statement_delay, pause_after, ahead=history.clock_shift())
    except AddressFault as fault:
        _stop(f"error: {fault}", 2)
    except (SourceFault, MigrationFailed) as fault:
        _stop(f"error: {fault}", 1)
    except psycopg.Error as error:
        _stop(f"error: {_server_words(error)}", 1)


def say(line: str) -> None:
    """Prints a line at once: whoever watches the runner reads from a pipe."""
    print(line, flush=True)


def run(
    connection: psycopg.Connection,
    source: Path,
    target_version: int | None = None,
    delay: float = 0.0,
    pause_after: int | None = None,
    say: Say = say,
    ahead: float = 0.0,
) -> int:
    """Applies what the history lacks, in order; the number of files applied. Keeps its lock while connected.

    `ahead` are the seconds of the try-out's clock, by which its rows are dated.

    Raises SourceFault where folder and history contradict each other, MigrationFailed where the server refuses a file.
    """
    _take_lock(connection, say)
    history.create(connection)
    ups, _ = read_folder(source)
    applied = history.read(connection)
    history.compare(applied, ups)
    pending = [file for version, file in ups.items() if version not in applied]
    if target_version is not None:
        pending = [file for file in pending if file.version <= target_version]
    for file in pending:
        say(f"Applied {file.version}/migrate {file.description} ({_apply(connection, file, delay, ahead):.1f}ms)")
        if file.version == pause_after:
            say(f"Paused after {file.version}; a line on standard input goes on")
            sys.stdin.readline()
    if not pending:
        say("Nothing to apply")
    return len(pending)


def revert(connection: psycopg.Connection, source: Path, target: int, delay: float = 0.0, say: Say = say) -> int:
    """Runs the down files of what is applied beyond `target`, newest first; the number of files run."""
    _take_lock(connection, say)
    ups, downs = read_folder(source)
    applied = history.read(connection)
    history.compare(applied, ups)
    versions = sorted((version for version in applied if version > target), reverse=True)
    missing = [version for version in versions if version not in downs]
    if missing:
        raise SourceFault(f"migration {missing[0]} has no .down.sql file; nothing was reverted")
    for version in versions:
        file = downs[version]
        say(f"Applied {version}/revert {file.description} ({_revert(connection, file, delay):.1f}ms)")
    if not versions:
        say("Nothing to revert")
    return len(versions)


def _apply(connection: psycopg.Connection, file: SourceFile, delay: float, ahead: float) -> float:
    took = _timed(lambda: _execute(connection, file, delay, partial(history.insert, ahead=ahead)))
    history.set_execution_time(connection, file.version, took)
    return took / 1e6


def _revert(connection: psycopg.Connection, file: SourceFile, delay: float) -> float:
    return _timed(lambda: _execute(connection, file, delay, lambda c, f: history.delete(c, f.version))) / 1e6


def _execute(
    connection: psycopg.Connection,
    file: SourceFile,
    delay: float,
    record: Callable[[psycopg.Connection, SourceFile], None],
) -> None:
    if not file.in_transaction:
        time.sleep(delay)
        _send(connection, file, Statement(file.text, 1))
        record(connection, file)
        return
    with connection.transaction():
        for statement in split(file):
            time.sleep(delay)
            _send(connection, file, statement)
        record(connection, file)


def _send(connection: psycopg.Connection, file: SourceFile, statement: Statement) -> None:
    try:
        connection.execute(statement.text.encode())
    except psycopg.Error as error:
        line = statement.line + _lines_before(statement.text, error.diag.statement_position)
        raise MigrationFailed(f"{file.path.name}:{line}: {_server_words(error)}") from error


def _lines_before(text: str, position: str | None) -> int:
    """Lines between the start of the text and the server's position, which counts characters from 1."""
    if position is not None:
        return text.count("\n", 0, int(position) - 1)
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("--")), 0)


def _server_words(error: psycopg.Error) -> str:
    words = error.diag.message_primary or "the connection was lost"
    detail = f" ({error.diag.message_detail})" if error.diag.message_detail else ""
    return f"{words}{detail} [{error.sqlstate or type(error).__name__}]"


def _take_lock(connection: psycopg.Connection, say: Say) -> None:
    if history.try_lock(connection):
        return
    say("Another runner is at work here; waiting for it")
    # Asking again, as a waiting statement would deadlock with the other's CREATE INDEX CONCURRENTLY.
    while not history.try_lock(connection):
        time.sleep(_LOCK_POLL)


def _timed(act: Callable[[], None]) -> int:
    start = time.perf_counter_ns()
    act()
    return time.perf_counter_ns() - start


def _stop(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
