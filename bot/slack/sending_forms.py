"""Opening, stacking and repainting forms: the only calls a listener makes, with two seconds and no retries."""

from __future__ import annotations

import logging
from typing import Any

from slack_sdk import WebClient

from bot.slack.calling import CallResult, Done, Refusal, attempt
from bot.slack.messages.blocks import modal, sections
from bot.slack.messages.mrkdwn import user

log = logging.getLogger(__name__)
View = dict[str, Any]
TOO_LATE = "Slack did not open the form in time. Nothing was recorded: press again."
NOTICE = "told"


def open_form(client: WebClient, trigger_id: str, view: View) -> str:
    """Opens a form over nothing; gives the sentence for the person where Slack did not open it."""
    return _failure(attempt(lambda: client.views_open(trigger_id=trigger_id, view=view)))


def push_form(client: WebClient, trigger_id: str, view: View) -> str:
    """Opens a form over the one that was clicked, at most three high."""
    return _failure(attempt(lambda: client.views_push(trigger_id=trigger_id, view=view)))


def repaint_form(client: WebClient, view_id: str, view: View) -> None:
    """Draws a form anew that may have been closed meanwhile."""
    result = attempt(lambda: client.views_update(view_id=view_id, view=view))
    if not isinstance(result, Done):
        log.info("a form could not be drawn anew: %s", result)


def notice_view(text: str, title: str = "gonogo") -> View:
    """A sentence as a form without a submit, told over the form that was clicked."""
    lines = [str(user(line, 1000)) for line in text.splitlines() if line.strip()]
    return modal(title, sections(lines), callback_id=NOTICE)


def _failure(result: CallResult) -> str:
    if isinstance(result, Done):
        return ""
    log.warning("Slack did not open a form: %s", result)
    if isinstance(result, Refusal) and "trigger" not in result.error:
        return f"Slack did not open the form ({result.error}). Nothing was recorded: press again."
    return TOO_LATE
