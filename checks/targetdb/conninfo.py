"""Addresses of databases: URL, `key=value`, `service=NAME` or `env:NAME`, read without ever showing one.

A password with an unescaped `@`, `%`, `/` or space comes back in libpq's own messages, sometimes as the host name,
so nothing of an address or of such a message is repeated: sentences name the database as people call it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from checks.base import CannotRun, DatabaseAddress

_ENVIRONMENT = "env:"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOST = re.compile(r"[A-Za-z0-9._:%-]*|/[^@]*|@[A-Za-z0-9._/-]+")
_DRIVER_SCHEME = re.compile(r"postgres(?:ql)?\+\w+(?=://)")
_ENCODE = "in a URL write @ as %40, % as %25, / as %2F, : as %3A and a space as %20; in key=value quote with '…'"


class CannotConnect(CannotRun):
    """No connection. `reason` is one of: address, refused, host, password, login, database, timeout, slots,
    starting, ssl, hba, options, other. Neither text holds anything of the address.

    `place` is `HOST, port N` where nothing answers, if that is safe to say; the console alone shows it.
    """

    def __init__(self, reason: str, sentence: str, hint: str = "", place: str = "") -> None:
        super().__init__(sentence, hint)
        self.reason = reason
        self.place = place


def resolve(address: DatabaseAddress, environ: Mapping[str, str] | None = None) -> str:
    """The conninfo itself, looked up for `env:NAME`. Raises CannotConnect where the variable is not set."""
    text = address.conninfo.strip()
    if not text.startswith(_ENVIRONMENT):
        return text
    variable = text.removeprefix(_ENVIRONMENT)
    shown = variable if _VARIABLE.fullmatch(variable) else "of that name"
    found = (os.environ if environ is None else environ).get(variable, "").strip()
    if not found:
        sentence = f"no address for {address.name}: the environment variable {shown} is not set"
        raise CannotConnect("address", sentence, f"export {shown}=postgresql://…")
    return found


def parse(address: DatabaseAddress, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The parameters of an address. Raises CannotConnect where it is unreadable or looks wrongly escaped."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    text = resolve(address, environ)
    if not text:
        hint = f"set the database of {address.name} to a URL, service=NAME or env:NAME"
        raise CannotConnect("address", f"the address of {address.name} is empty", hint)
    if scheme := _DRIVER_SCHEME.match(text):
        sentence = f"the address of {address.name} starts with {scheme.group()}://, which is not libpq's"
        raise CannotConnect("address", sentence, "write postgresql://…")
    try:
        parameters = conninfo_to_dict(text)
    except (psycopg.Error, ValueError):
        raise _unreadable(address) from None
    if _wrongly_escaped(text, str(parameters.get("host", ""))):
        raise _unreadable(address)
    return {key: str(value) for key, value in parameters.items() if value is not None}


def _wrongly_escaped(text: str, host: str) -> bool:
    authority = text.partition("://")[2].partition("?")[0]
    hosts_fit = all(_HOST.fullmatch(part) for part in host.split(","))
    return not hosts_fit or authority.count("@") > 1


def _unreadable(address: DatabaseAddress) -> CannotConnect:
    sentence = f"the address of {address.name} cannot be read as a URL or key=value line"
    return CannotConnect("address", sentence, _ENCODE)
