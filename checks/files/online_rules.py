"""What squawk's rules cost on a table in use, and what to type instead; and blocking statements without a rule there.

Locks: PostgreSQL manual, "Explicit Locking"; ALTER TABLE, "Notes". `{table}` stands for the object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checks.result import ERROR, WARNING
from checks.sql.statements import Statement
from checks.sql.tree import is_on, of_kind, relation_name


@dataclass(frozen=True)
class OnlineRule:
    """`costs` while it runs, `instead` the next thing to type; an error blocks for as long as the table is large."""

    costs: str
    instead: str
    severity: str = ERROR


RULES: Mapping[str, OnlineRule] = {
    "require-concurrent-index-creation": OnlineRule(
        "blocks writes on {table} while the index is built",
        "CREATE INDEX CONCURRENTLY, in a file of its own and outside of a transaction",
    ),
    "require-concurrent-index-deletion": OnlineRule(
        "blocks reads and writes on the index's table, and waits for every transaction on it",
        "DROP INDEX CONCURRENTLY, in a file of its own and outside of a transaction",
    ),
    "require-concurrent-reindex": OnlineRule(
        "blocks writes on {table}, and reads through the index, while it is built anew", "REINDEX … CONCURRENTLY"
    ),
    "require-concurrent-partition-detach": OnlineRule(
        "blocks reads and writes on {table} and its partition", "ALTER TABLE … DETACH PARTITION … CONCURRENTLY", WARNING
    ),
    "adding-foreign-key-constraint": OnlineRule(
        "blocks writes on {table} and on the table that it refers to while all rows are compared",
        "ADD CONSTRAINT … NOT VALID here, VALIDATE CONSTRAINT in the next file",
    ),
    "constraint-missing-not-valid": OnlineRule(
        "blocks reads and writes on {table} while all rows are checked",
        "ADD CONSTRAINT … NOT VALID here, VALIDATE CONSTRAINT in the next file",
    ),
    "disallowed-unique-constraint": OnlineRule(
        "blocks reads and writes on {table} while the index is built",
        "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … UNIQUE USING INDEX",
    ),
    "adding-serial-primary-key-field": OnlineRule(
        "blocks reads and writes on {table} while the key's index is built",
        "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … PRIMARY KEY USING INDEX",
    ),
    "adding-required-field": OnlineRule(
        "fails as soon as {table} has a row, and breaks every INSERT that does not know the column",
        "give the column a constant DEFAULT, or add it without NOT NULL and fill it first",
    ),
    "adding-field-with-default": OnlineRule(
        "rewrites {table}, with reads and writes blocked: the value differs from row to row",
        "add the column without it, fill it in batches, then SET DEFAULT",
    ),
    "adding-not-nullable-field": OnlineRule(
        "blocks reads and writes on {table} while all rows are checked",
        "ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID, VALIDATE it in the next file, then SET NOT NULL",
    ),
    "changing-column-type": OnlineRule(
        "rewrites {table} and its indexes with reads and writes blocked, unless the types are binary alike",
        "add a new column, fill it in batches, switch over; if the type only gets wider, ignore it with that reason",
    ),
    "ban-alter-domain-with-add-constraint": OnlineRule(
        "blocks writes on every table with the domain while all rows are checked",
        "ADD CONSTRAINT … NOT VALID here, VALIDATE CONSTRAINT in the next file",
    ),
    "renaming-table": OnlineRule(
        "breaks every session that still uses the old name {table}",
        "release the application first, or leave a view under the old name",
        WARNING,
    ),
    "renaming-column": OnlineRule(
        "breaks every session that still uses the old name of the column of {table}",
        "add a new column, write to both, switch over, drop the old one later",
        WARNING,
    ),
    "ban-drop-view": OnlineRule(
        "breaks whoever still reads {table}",
        "take it out of the application first, and drop it a release later",
        WARNING,
    ),
}
_VALIDATED_TOO_SOON = OnlineRule(
    "blocks reads and writes on {table} while all rows are checked: NOT VALID and VALIDATE share a transaction",
    "VALIDATE CONSTRAINT in the next file",
)

# Style; what other checks decide better (concurrently, transaction-control, destructive-statements, naming-conventions,
# syntax); and what is harmless on any size of table.
_OFF = """
    prefer-robust-stmts prefer-bigint-over-int prefer-bigint-over-smallint prefer-identity prefer-repack
    prefer-text-field prefer-timestamp-tz require-lock-timeout require-statement-timeout
    require-enum-value-ordering ban-char-field ban-concurrent-index-creation-in-transaction
    ban-create-domain-with-constraint ban-drop-column ban-drop-constraint ban-drop-database ban-drop-default
    ban-drop-function ban-drop-not-null ban-drop-table ban-drop-type ban-truncate-cascade
    ban-uncommitted-transaction identifier-too-long transaction-nesting
"""
RULES_OFF = tuple(_OFF.split())


def rule_for(rule: str, statement: Statement | None, message: str, help_text: str) -> OnlineRule:
    """Ours, or squawk's own words for a rule that it has learned since."""
    if rule == "constraint-missing-not-valid" and statement is not None and "VALIDATE" in statement.text.upper():
        commands = of_kind(statement.tree.get("cmds"), "AlterTableCmd")
        if any(command["subtype"] == "AT_ValidateConstraint" for command in commands):
            return _VALIDATED_TOO_SOON
    return RULES.get(rule) or OnlineRule(message, help_text, WARNING)


_REWRITES = {
    "AT_SetLogged": "SET LOGGED",
    "AT_SetUnLogged": "SET UNLOGGED",
    "AT_SetTableSpace": "SET TABLESPACE",
    "AT_SetAccessMethod": "SET ACCESS METHOD",
}


def own_rules(statement: Statement) -> Iterator[tuple[str, str, OnlineRule]]:
    """Rule, table and cost of statements that hold a lock for as long as the table is large."""
    tree = statement.tree
    match statement.kind:
        case "VacuumStmt" if is_on(tree.get("options"), "full"):
            named = [relation_name(each["relation"]) for each in of_kind(tree.get("rels"), "VacuumRelation")]
            yield "vacuum-full", ", ".join(named) or "every table", _whole("VACUUM FULL", "plain VACUUM, or pg_repack")
        case "ClusterStmt":
            table = relation_name(tree["relation"]) if "relation" in tree else "every clustered table"
            yield "cluster", table, _whole("CLUSTER", "pg_repack")
        case "RefreshMatViewStmt" if not tree.get("concurrent") and not tree.get("skipData"):
            yield "refresh-without-concurrently", relation_name(tree["relation"]), _REFRESH
        case "UpdateStmt" if "whereClause" not in tree:
            yield "update-of-every-row", relation_name(tree["relation"]), _UPDATE
        case "LockStmt":
            for relation in of_kind(tree["relations"], "RangeVar"):
                yield "lock-table", relation_name(relation), _LOCK
        case "AlterTableStmt":
            for command in of_kind(tree.get("cmds"), "AlterTableCmd"):
                if words := _REWRITES.get(command["subtype"]):
                    yield "rewrite", relation_name(tree["relation"]), _whole(words, "outside of working hours")


def _whole(words: str, instead: str) -> OnlineRule:
    return OnlineRule(words + " rewrites {table} with reads and writes blocked", instead)


_REFRESH = OnlineRule("blocks reads of {table} until it is filled", "REFRESH MATERIALIZED VIEW CONCURRENTLY", WARNING)
_LOCK = OnlineRule("takes a lock on {table} by hand, to the end of the transaction", "SET lock_timeout before", WARNING)
_UPDATE = OnlineRule(
    "changes every row of {table} in one transaction: writes to them wait, and the table doubles",
    "fill in batches outside of the migration; with a WHERE that says which rows",
    WARNING,
)
