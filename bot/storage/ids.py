"""Ids made by the bot."""

from __future__ import annotations

import secrets
import time


def new_id() -> str:
    """26 lower-case hex digits: nanoseconds since 1970 and 40 random bits, so that id order is order of making."""
    return f"{time.time_ns():016x}{secrets.token_hex(5)}"
