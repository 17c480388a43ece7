"""Throw-away databases: on a server of our own, or on one that the settings name and that is nobody's environment."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from checks.base import CannotRun, DatabaseAddress, MigrationFile, ScratchLimits
from checks.scratchdb import NAME
from checks.scratchdb.server import Server, leased_server
from checks.sql.mentions import is_about_roles, mentioned_roles
from checks.sql.names import quoted
from checks.sql.reach import ROLES_OF_THE_MACHINE
from checks.targetdb.conninfo import CannotConnect, parse
from checks.targetdb.errors import cannot_connect, cannot_run
from checks.targetdb.session import Connection, connect

EMBEDDED = "embedded"
BINARIES = "bin:"

# A physical copy keeps the identifier; the moment of its start is its own.
_SYSTEM_IDENTIFIER = "SELECT system_identifier::text FROM pg_control_system()"
_RUNNING_SERVER = "SELECT system_identifier || ' ' || pg_postmaster_start_time() FROM pg_control_system()"

# Also those of databases that were copied from it.
_END_SESSIONS = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE starts_with(datname::text, %s)"

_STATEMENT_TIMEOUT = "120s"
_LOCK_TIMEOUT = "10s"
_CONNECT_SECONDS = 20
_MOST_ROLES = 200


@dataclass(frozen=True)
class ScratchDatabase:
    """An empty database and the login that owns it, which is no superuser. `conninfo` is a secret."""

    name: str
    owner: str
    server_version: int
    conninfo: str = field(repr=False)

    def connect(self) -> Connection:
        """An autocommit connection as the owner, with time-outs. Raises CannotConnect."""
        connection = _connect(self.conninfo)
        connection.execute(f"SET statement_timeout = '{_STATEMENT_TIMEOUT}'; SET lock_timeout = '{_LOCK_TIMEOUT}'")
        return connection


@dataclass(frozen=True)
class ScratchServer:
    """Where scratch databases are made. On one that we `started`, roles that files only mention may be made too."""

    admin: DatabaseAddress
    started: Server | None = None

    @contextlib.contextmanager
    def database(self, files: Sequence[MigrationFile] = ()) -> Iterator[ScratchDatabase]:
        """A new database for as long as the block; afterwards it is dropped, with roles made meanwhile on our server.

        `files` are read for roles that they mention or change. Raises CannotRun.
        """
        with self.started.watched() if self.started else contextlib.nullcontext(), self._admin() as admin:
            with _guard():
                before = _roles(admin)
                database = self._create(admin, files, before)
            try:
                yield database
            finally:
                with _guard():
                    self._clear(admin, database, before)

    @contextlib.contextmanager
    def copy(self, database: ScratchDatabase) -> Iterator[ScratchDatabase]:
        """A second database of the same owner with the same in it, for as long as the block.

        Sessions in the first are ended: https://www.postgresql.org/docs/current/manage-ag-templatedbs.html
        """
        name = f"{database.name}_{secrets.token_hex(3)}"
        with self._admin() as admin:
            with _guard():
                admin.execute(_END_SESSIONS, [database.name])
                self._make(admin, name, database.owner, database.name)
            try:
                yield replace(database, name=name, conninfo=make_conninfo(database.conninfo, dbname=name))
            finally:
                with _guard():
                    _drop(admin, name, ())

    def stop(self, database: ScratchDatabase) -> None:
        """Ends at once what runs there, also what traps a cancel: our server, or on another its sessions."""
        if self.started is not None:
            self.started.kill()
            return
        with contextlib.suppress(CannotRun), self._admin() as admin, _guard():
            admin.execute(_END_SESSIONS, [database.name])

    def _clear(self, admin: Connection, database: ScratchDatabase, before: frozenset[str]) -> None:
        """Drops what a run made; a server with very many roles is given up, which is quicker."""
        made = (_roles(admin) if self.started else {database.owner}) - before
        if self.started is not None and len(made) > _MOST_ROLES:
            self.started.kill()
        else:
            _drop(admin, database.name, made)

    def _create(self, admin: Connection, files: Sequence[MigrationFile], before: frozenset[str]) -> ScratchDatabase:
        """A superuser makes a login for the owner; a login that may only create databases owns it itself."""
        name = f"gonogo_{secrets.token_hex(6)}"
        row = admin.execute("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
        is_superuser, may_create = row or (False, False)
        if not (is_superuser or may_create):
            role = quoted(admin.info.user)
            raise CannotRun(f"the login of {NAME} may not create databases", f"ALTER ROLE {role} CREATEDB")
        parameters = parse(self.admin) | {"dbname": name}
        if is_superuser:
            parameters |= {"user": name, "password": secrets.token_urlsafe(18)}
            login = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER PASSWORD {}")
            admin.execute(login.format(sql.Identifier(name), sql.Literal(parameters["password"])))
        owner = parameters["user"] if is_superuser else str(admin.info.user)
        self._make(admin, name, owner)
        if self.started is not None:
            missing = mentioned_roles(files) - before
            _prepare_roles(admin, owner, missing, makes_more=is_about_roles(files))
            _admit(parse(self.admin) | {"dbname": name}, missing)
        return ScratchDatabase(name, owner, admin.info.server_version, make_conninfo(**parameters))

    def _make(self, admin: Connection, name: str, owner: str, template: str = "template0") -> None:
        """On a server of ours by copying files, a quarter of the work; on another that would force a checkpoint.

        https://www.postgresql.org/docs/current/sql-createdatabase.html
        """
        copied = self.started is not None and admin.info.server_version >= 150000
        create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}" + " STRATEGY file_copy" * copied)
        admin.execute(create.format(*map(sql.Identifier, (name, owner, template))))

    def _admin(self) -> Connection:
        return _connect(make_conninfo(**parse(self.admin) | {"application_name": "gonogo/scratch"}))


@contextlib.contextmanager
def open_scratch(
    setting: str,
    forbidden: Iterable[DatabaseAddress] = (),
    may_be_clone: bool = False,
    limits: ScratchLimits | None = None,
) -> Iterator[ScratchServer]:
    """The server that a setting means: `embedded`, `bin:/folder/of/binaries`, or a conninfo.

    One of ours is the block's alone, and held to `limits`. `may_be_clone` admits a physical copy of a forbidden
    environment's server, which shares its system_identifier. Raises CannotRun: nothing configured, no binaries, or a
    server that is one of the forbidden environments' own.
    """
    if not setting:
        raise CannotRun("no scratch server is configured", '[scratch] server = "embedded", or a conninfo')
    if setting == EMBEDDED or setting.startswith(BINARIES):
        bin_dir = None if setting == EMBEDDED else Path(setting.removeprefix(BINARIES))
        with leased_server(bin_dir, limits) as started:
            yield ScratchServer(DatabaseAddress(NAME, started.conninfo, "scratch"), started)
        return
    server = ScratchServer(DatabaseAddress(NAME, setting, "scratch"))
    _refuse_environments(server, forbidden, _RUNNING_SERVER if may_be_clone else _SYSTEM_IDENTIFIER)
    yield server


def _refuse_environments(server: ScratchServer, forbidden: Iterable[DatabaseAddress], identity: str) -> None:
    """A server is known by what it says of itself, whatever name or port it is reached by."""
    with server._admin() as admin:
        own = _ask(admin, identity)
    for address in forbidden:
        try:
            with contextlib.closing(connect(address)) as connection:
                same = _ask(connection, identity) == own
        except CannotConnect as refusal:
            if refusal.reason == "address":
                continue
            sentence = f"cannot tell whether {NAME} is the server of {address.name}: {refusal.sentence}"
            raise CannotRun(sentence, 'use [scratch] server = "embedded"') from None
        if same:
            sentence = f"{NAME} is the server of {address.name}, where nothing may be tried"
            raise CannotRun(sentence, 'use [scratch] server = "embedded", or a server of its own')


def _connect(conninfo: str) -> Connection:
    """Raises CannotConnect, outside of the handler: libpq's text, which may hold a password, stays in no trace."""
    try:
        return psycopg.connect(conninfo, autocommit=True, connect_timeout=_CONNECT_SECONDS)
    except psycopg.Error as fault:
        refusal = cannot_connect(fault, NAME)
    raise refusal


def _ask(connection: Connection, query: str) -> str:
    row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""


@contextlib.contextmanager
def _guard() -> Iterator[None]:
    """Errors of making and dropping databases, in own words."""
    try:
        yield
    except psycopg.Error as fault:
        raise cannot_run(fault, NAME) from None


def _admit(parameters: dict[str, str], roles: frozenset[str]) -> None:
    """Roles that files hand objects to must be able to own them; nobody can tell what they may do elsewhere."""
    if not roles:
        return
    with psycopg.connect(make_conninfo(**parameters), autocommit=True) as connection:
        for role in sorted(roles):
            connection.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(role)))


def _prepare_roles(admin: Connection, owner: str, roles: frozenset[str], makes_more: bool) -> None:
    """Makes roles that files only mention; lets the owner make others where the files are about roles.

    Up to 15 such a login may grant itself every role but a superuser's, so those that reach files and programs are made
    that: https://www.postgresql.org/docs/15/role-attributes.html
    """
    if makes_more:
        if admin.info.server_version < 160000:
            admin.execute("UPDATE pg_authid SET rolsuper = true WHERE rolname = ANY (%s)", [list(ROLES_OF_THE_MACHINE)])
        admin.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(sql.Identifier(owner)))
    for role in sorted(roles):
        admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        grant = sql.SQL("GRANT {} TO {} WITH ADMIN OPTION")
        admin.execute(grant.format(sql.Identifier(role), sql.Identifier(owner)))


def _drop(admin: Connection, database: str, roles: Iterable[str]) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
    for role in sorted(roles):
        with contextlib.suppress(psycopg.Error):
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def _roles(admin: Connection) -> frozenset[str]:
    return frozenset(row[0] for row in admin.execute("SELECT rolname FROM pg_roles"))
