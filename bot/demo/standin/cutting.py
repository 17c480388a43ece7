"""Breaking a connection as a network does: no closing frame, no answer."""

from __future__ import annotations

from typing import Any

from starlette.types import Receive


def transport_behind(receive: Receive) -> Any | None:
    """The connection under an ASGI `receive` of uvicorn; None behind middleware that wraps it."""
    owner = getattr(receive, "__self__", None)
    seen = 0
    while owner is not None and seen < 5:
        transport = getattr(owner, "transport", None)
        if transport is not None:
            return transport
        inner = getattr(owner, "_receive", None)
        owner, seen = getattr(inner, "__self__", None), seen + 1
    return None


def cut_off(receive: Receive) -> bool:
    """Aborts the connection; False when it could not be reached."""
    transport = transport_behind(receive)
    if transport is None:
        return False
    transport.abort()
    return True
