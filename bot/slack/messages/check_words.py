"""A check's answer in words: symbol, verdict, title, summary, when."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.decision import CheckResult
from bot.slack.messages.mrkdwn import Safe, bold, day_and_time, user
from checks.result import Status

SYMBOLS: Mapping[Status, str] = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.WARNING: "⚠",
    Status.EVIDENCE: "◐",
    Status.NOT_APPLICABLE: "–",
    Status.COULD_NOT_RUN: "?",
}
_WORDS: Mapping[Status, str] = {
    Status.NOT_APPLICABLE: "n/a",
    Status.COULD_NOT_RUN: "could not run",
}


def verdict_word(verdict: Status) -> str:
    """`passed`, `could not run`."""
    return f"{SYMBOLS[verdict]} {_WORDS.get(verdict, str(verdict))}"


def verdict_head(result: CheckResult, titles: Mapping[str, str]) -> Safe:
    """`✗ failed  *Restore drill* · restore stopped · today 14:03, 0.4 s`."""
    title = bold(titles.get(result.check_id) or result.check_id, 100)
    took = f", {result.took_ms / 1000:.1f} s" if result.took_ms else ""
    return Safe(
        f"{verdict_word(result.status)}  {title} · {user(result.summary, 1000)} · {day_and_time(result.at)}{took}"
    )
