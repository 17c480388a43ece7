"""The rules of online-safety in words: what a statement costs on a table in use, and what to type instead.

Locks: PostgreSQL manual, "Explicit Locking"; ALTER TABLE, "Notes". `{table}` stands for the object. A rule that squawk
has, too, has its name. Which statements they are about: `online_reading`; those from
require-concurrent-index-creation on are found by squawk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from checks.result import ERROR, WARNING

# What a rule claims, so that a run in scratch can be asked: work while others wait, work on rows, a lock alone. What
# breaks or fails later is seen nowhere in scratch.
WORK, CHANGE, LOCK, LATER = "work", "change", "lock", "later"


@dataclass(frozen=True)
class OnlineRule:
    """`costs` while it runs, `instead` the next thing to type; an error blocks for as long as the table is large."""

    costs: str
    instead: str
    severity: str = ERROR
    claims: str = WORK


_SEPARATE = "ADD CONSTRAINT … NOT VALID here, VALIDATE CONSTRAINT in the next file"
_BY_BATCHES = "add the column without it, fill it in batches, then SET DEFAULT"
_COPY = "add a new column, fill it in batches, switch over"
_CHECKED = "ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID, VALIDATE it in the next file, then SET NOT NULL"

RULES: Mapping[str, OnlineRule] = {
    "adding-foreign-key-constraint": OnlineRule(
        "blocks writes on {table} and on the table that it refers to while all rows are compared", _SEPARATE
    ),
    "constraint-missing-not-valid": OnlineRule(
        "blocks reads and writes on {table} while all rows are checked", _SEPARATE
    ),
    "disallowed-unique-constraint": OnlineRule(
        "blocks reads and writes on {table} while the index is built",
        "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … UNIQUE USING INDEX",
    ),
    "adding-serial-primary-key-field": OnlineRule(
        "blocks reads and writes on {table} while the key's index is built",
        "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … PRIMARY KEY USING INDEX",
    ),
    "adding-exclusion-constraint": OnlineRule(
        "blocks reads and writes on {table} while the index is built",
        "nothing does the same online: outside of working hours, or on a table that is still empty",
    ),
    "adding-required-field": OnlineRule(
        "fails as soon as {table} has a row, and breaks every INSERT that does not know the column",
        "give the column a constant DEFAULT, or add it without NOT NULL and fill it first",
        claims=LATER,
    ),
    "adding-field-with-default": OnlineRule(
        "rewrites {table}, with reads and writes blocked: the value differs from row to row", _BY_BATCHES
    ),
    "adding-not-nullable-field": OnlineRule("blocks reads and writes on {table} while all rows are checked", _CHECKED),
    "changing-column-type": OnlineRule("rewrites {table} and its indexes with reads and writes blocked", _COPY),
    "ban-alter-domain-with-add-constraint": OnlineRule(
        "blocks writes on every table with the domain while all rows are checked", _SEPARATE
    ),
    "attaching-partition": OnlineRule(
        "scans {table} with reads and writes blocked: no validated CHECK says what the bounds say",
        "first ADD CONSTRAINT … CHECK with the bounds, NOT VALID, and VALIDATE it in the next file; the key NOT NULL",
    ),
    "scanning-default-partition": OnlineRule(
        "scans the default partition {table} with reads and writes blocked, for rows of the new one",
        "first give it a CHECK that leaves the new bounds out, NOT VALID, and VALIDATE it in the next file",
    ),
    "dropping-replica-identity": OnlineRule(
        "leaves {table} without a replica identity: where it is published, every UPDATE and DELETE fails",
        "ALTER TABLE … REPLICA IDENTITY USING INDEX, or FULL, before it",
        WARNING,
        LATER,
    ),
    "refresh-without-concurrently": OnlineRule(
        "blocks reads of {table} until it is filled", "REFRESH MATERIALIZED VIEW CONCURRENTLY", WARNING
    ),
    "update-of-every-row": OnlineRule(
        "changes every row of {table} in one transaction: writes to them wait, and the table doubles",
        "fill in batches outside of the migration; with a WHERE that says which rows",
        WARNING,
        CHANGE,
    ),
    "lock-table": OnlineRule(
        "takes a lock on {table} by hand, to the end of the transaction", "SET lock_timeout before", WARNING, LOCK
    ),
    "lock-timeout": OnlineRule(
        "waits for its lock on {table} for as long as it takes, and whoever uses it later waits behind it",
        "SET lock_timeout = '5s' at the top of the file; where the role or the runner sets it: "
        '[checks.online-safety] lock_timeout = "set by the runner"',
        WARNING,
        LOCK,
    ),
    "require-concurrent-index-creation": OnlineRule(
        "blocks writes on {table} while the index is built",
        "CREATE INDEX CONCURRENTLY, in a file of its own and outside of a transaction",
    ),
    "require-concurrent-index-deletion": OnlineRule(
        "waits for every transaction on the index's table, and blocks reads and writes on it meanwhile",
        "DROP INDEX CONCURRENTLY, in a file of its own and outside of a transaction",
        WARNING,
        LOCK,
    ),
    "require-concurrent-reindex": OnlineRule(
        "blocks writes on {table}, and reads through the index, while it is built anew", "REINDEX … CONCURRENTLY"
    ),
    "require-concurrent-partition-detach": OnlineRule(
        "blocks reads and writes on {table} and its partition",
        "ALTER TABLE … DETACH PARTITION … CONCURRENTLY",
        WARNING,
        LOCK,
    ),
    "renaming-table": OnlineRule(
        "breaks every session that still uses the old name {table}",
        "release the application first, or leave a view under the old name",
        WARNING,
        LATER,
    ),
    "renaming-column": OnlineRule(
        "breaks every session that still uses the old name of the column of {table}",
        "add a new column, write to both, switch over, drop the old one later",
        WARNING,
        LATER,
    ),
    "renaming-object": OnlineRule(
        "breaks every session that still uses the old name {table}", "release the application first", WARNING, LATER
    ),
    "ban-drop-view": OnlineRule(
        "breaks whoever still reads {table}",
        "take it out of the application first, and drop it a release later",
        WARNING,
        LATER,
    ),
}

# The same rules where the statement says more, or less.
VALIDATED_TOO_SOON = OnlineRule(
    "checks all rows of {table} while others wait: what its transaction locked before is held until it ends",
    "VALIDATE CONSTRAINT in the next file",
)
CHECK_OF_NEW_COLUMN = OnlineRule(
    RULES["constraint-missing-not-valid"].costs, "ADD COLUMN without it, " + _SEPARATE.removesuffix(" here")
)
KEY_MAY_BE_NULL = OnlineRule(
    "blocks reads and writes on {table} while all rows are checked: the key's columns may be null", _CHECKED
)
LIMITED_DOMAIN = OnlineRule(
    "rewrites {table}, with reads and writes blocked: the domain has a constraint",
    "a column of the type that the domain is over, with a CHECK that is NOT VALID at first",
)
MAY_BE_VOLATILE = OnlineRule(
    "rewrites {table}, with reads and writes blocked, if the function of its default is VOLATILE", _BY_BATCHES, WARNING
)
TYPE_UNKNOWN = OnlineRule(
    "rewrites {table} with reads and writes blocked, unless the types are binary alike; no file tells the present one",
    _COPY + "; if the type only gets wider, ignore it with that reason",
    WARNING,
)
NOT_IN_UTC = OnlineRule(
    "rewrites {table} and its indexes with reads and writes blocked, unless the session's TimeZone is UTC",
    "SET timezone = 'UTC' before it, where the values are meant so; else " + _COPY,
    WARNING,
    LATER,
)
TYPE_INDEXED = OnlineRule(
    "builds an index of {table} anew with reads and writes blocked",
    "drop the index before it, and CREATE INDEX CONCURRENTLY in a later file",
)
TYPE_CHECKED = OnlineRule(
    "blocks reads and writes on {table} while all rows are checked: a CHECK names the column",
    "drop the CHECK before it, and add it NOT VALID after it; VALIDATE CONSTRAINT in the next file",
)
MAY_SCAN_PARTITION = OnlineRule(
    "scans {table} with reads and writes blocked, unless a validated CHECK says what the bounds say",
    RULES["attaching-partition"].instead,
    WARNING,
)
INDEX_OF_PARTITIONED = OnlineRule(
    RULES["require-concurrent-index-creation"].costs,
    "CREATE INDEX … ON ONLY it, CREATE INDEX CONCURRENTLY on each partition, then ALTER INDEX … ATTACH PARTITION",
)


class Read(NamedTuple):
    """A rule that a statement breaks: `name` as `off` and `squawk-ignore` know it, `location` in bytes of the file."""

    name: str
    table: str
    rule: OnlineRule
    location: int | None = None


def broken(name: str, table: str, rule: OnlineRule | None = None, at: int | None = None) -> Read:
    """The rule of that name, or in the words of `rule`."""
    return Read(name, table, rule or RULES[name], at)


def rewrites(words: str, instead: str) -> OnlineRule:
    """`words` stands for the statement: VACUUM FULL, CLUSTER, SET LOGGED."""
    return OnlineRule(words + " rewrites {table} with reads and writes blocked", instead)


# Read by ourselves, since it takes more than the statement; style; what other checks decide better (concurrently,
# transaction-control, destructive-statements, naming-conventions, syntax); and what is harmless on any size of table.
_OFF = """
    adding-foreign-key-constraint constraint-missing-not-valid disallowed-unique-constraint
    adding-serial-primary-key-field adding-required-field adding-field-with-default adding-not-nullable-field
    changing-column-type ban-alter-domain-with-add-constraint
    prefer-robust-stmts prefer-bigint-over-int prefer-bigint-over-smallint prefer-identity prefer-repack
    prefer-text-field prefer-timestamp-tz require-lock-timeout require-statement-timeout
    require-enum-value-ordering ban-char-field ban-concurrent-index-creation-in-transaction
    ban-create-domain-with-constraint ban-drop-column ban-drop-constraint ban-drop-database ban-drop-default
    ban-drop-function ban-drop-not-null ban-drop-table ban-drop-type ban-truncate-cascade
    ban-uncommitted-transaction identifier-too-long transaction-nesting
"""
RULES_OFF = tuple(_OFF.split())
