"""The existing objects that a statement changes or locks: what a finding about it should name."""

from __future__ import annotations

from checks.sql import Statement
from checks.tree import Tree, dotted, of_kind, relation_name


def touched(statement: Statement) -> tuple[str, ...]:
    """Names of tables, views, indexes or types, without `public.`; () where a statement names none."""
    tree = statement.tree
    if statement.kind == "DropStmt":
        return tuple(_dropped(each) for each in tree["objects"])
    if statement.kind in ("RenameStmt", "IndexStmt", "AlterTableStmt", "ReindexStmt") and "relation" in tree:
        return (relation_name(tree["relation"]),)
    if statement.kind == "TruncateStmt":
        return tuple(relation_name(relation) for relation in of_kind(tree["relations"], "RangeVar"))
    if statement.kind == "AlterDomainStmt":
        return (dotted(tree["typeName"]),)
    return (relation_name(tree["relation"]),) if "relname" in tree.get("relation", {}) else ()


def _dropped(wrapped: Tree) -> str:
    """Objects are lists of names, type names, functions with arguments, or plain names (schemas)."""
    if "List" in wrapped:
        return dotted(wrapped["List"]["items"])
    if "TypeName" in wrapped:
        return dotted(wrapped["TypeName"]["names"])
    if "ObjectWithArgs" in wrapped:
        return dotted(wrapped["ObjectWithArgs"]["objname"])
    return str(wrapped.get("String", {}).get("sval", ""))
