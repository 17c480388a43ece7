"""Names as they can be typed: quoted where PostgreSQL asks for it, and only there.

The rule is that of `quote_ident`: lower-case letters, digits and underscores need no quotes, unless the word is a
keyword that is more than unreserved (PostgreSQL manual, "Identifiers and Key Words", and appendix C). In a query it is
`quote_ident` itself, or `oid::regclass`.
"""

from __future__ import annotations

import re
from functools import cache

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def quoted(name: str) -> str:
    """`orders`; `Order`, `user` and `two words` in quotes."""
    if _PLAIN.fullmatch(name) and name not in _keywords():
        return name
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str, name: str) -> str:
    """`billing.orders`, each part in quotes where it needs them; the name alone where no schema is given ("")."""
    return f"{quoted(schema)}.{quoted(name)}" if schema else quoted(name)


@cache
def _keywords() -> frozenset[str]:
    from pglast import keywords

    return frozenset(keywords.RESERVED_KEYWORDS | keywords.COL_NAME_KEYWORDS | keywords.TYPE_FUNC_NAME_KEYWORDS)
