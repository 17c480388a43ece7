"""How the stand-in says no, in Slack's own words."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """A Web API answer `{"ok": false, "error": …}`; `extra` is merged into the answer."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def answer(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.extra}


class Limited(Exception):
    """Too many calls: HTTP 429 with `Retry-After` (whole seconds)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class NotAcknowledged(Exception):
    """The app did not answer an envelope; `reason` is Slack's word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def invalid_arguments(*messages: str) -> SlackError:
    """The general refusal of arguments, with what is wrong in `response_metadata.messages`."""
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {line}" for line in messages]})
