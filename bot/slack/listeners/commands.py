"""The slash command, and the same words after a mention of the bot."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App

from bot.slack.listeners import answers
from bot.slack.listeners.answers import Answering
from bot.slack.listeners.asked import Asked, Reply
from bot.slack.messages import help as help_message
from bot.slack.messages.help import Help
from bot.slack.services import Services
from bot.usecases.verb import Verb

RUNNING = "The checks are running; the sections in the thread show their answers."
ASKED = "Asked."


def _help(services: Services, _asked: Asked) -> Reply:
    return Reply(help_message.render(Help(services.command)))


COMMANDS: Mapping[str, Answering] = {
    "start": answers.start,
    "status": answers.standing,
    "blockers": answers.blocking,
    "checks": answers.act(Verb.RUN_CHECKS, RUNNING),
    "ask": answers.act(Verb.ASK_NOW, ASKED),
    "go": answers.form(Verb.GO),
    "mine": answers.mine,
    "plan": answers.plan,
    "complete": answers.form(Verb.COMPLETE),
    "abort": answers.form(Verb.ABORT),
    "hold": answers.form(Verb.HOLD),
    "rollback": answers.form(Verb.ROLL_BACK),
    "troubleshoot": answers.form(Verb.TROUBLESHOOT),
    "delegate": answers.delegate,
    "history": answers.history,
    "help": _help,
    "join": answers.act(Verb.JOIN, "You are a deployer now."),
    "park": answers.act(Verb.PARK, "Parked."),
    "unpark": answers.act(Verb.UNPARK, "It holds the environment again."),
    "retry": answers.act(Verb.RETRY, "It goes on."),
    "close": answers.act(Verb.CLOSE, "Closed."),
    "lift": answers.act(Verb.LIFT, "The environment is free."),
    "takeover": answers.form(Verb.TAKE_OVER),
    "window": answers.form(Verb.SET_WINDOW),
    "range": answers.form(Verb.GIVE_RANGE),
    "breakglass": answers.form(Verb.BREAK_GLASS),
}


def register(app: App, services: Services) -> None:
    @app.command(re.compile(".*"))
    def typed(ack: Ack, body: dict[str, Any]) -> None:
        reply = answer(services, asked_by(services, body))
        if reply.message is None:
            ack()
        else:
            ack(text=reply.message.text, blocks=reply.message.blocks, response_type="ephemeral")


def asked_by(services: Services, body: Mapping[str, Any]) -> Asked:
    """What a slash command asks. Slack sends no thread: it takes no slash commands there."""
    return Asked(
        words=tuple(str(body.get("text") or "").split()),
        who=str(body["user_id"]),
        home_team=str(body.get("team_id") or ""),
        at=services.clock(),
        channel=str(body.get("channel_id") or ""),
        trigger_id=str(body.get("trigger_id") or ""),
    )


def answer(services: Services, asked: Asked) -> Reply:
    """The command's answer; for a word that is none the nearest command."""
    word = asked.words[0].lower() if asked.words else "help"
    known = COMMANDS.get(word)
    if known is not None:
        return known(services, asked)
    near = difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.5)
    return Reply(help_message.render(Help(services.command, wrong=asked.words[0][:40], nearest="".join(near))))
