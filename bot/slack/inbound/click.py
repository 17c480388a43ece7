"""One act of a person as Slack sent it: the same shape for buttons, forms, commands, mentions and replayed clicks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.slack.messages.buttons import ADDS, MENU, Target, decode, encode
from bot.usecases.act import Act
from bot.usecases.books.rows import PendingClick
from bot.usecases.verb import Verb

Values = Mapping[str, str | tuple[str, ...]]
_PLACE = ("home_team", "channel", "message_ts", "thread_ts")


@dataclass(frozen=True)
class Click:
    """`verb` is a `Verb`'s word or anything an old message may still carry. `at` is when Slack's request came.

    `values` are a form's, by field (block_id). `channel`, `message_ts` and `thread_ts` say where it happened, where
    known; `ephemeral` that the message is one only this person sees. `event_id` names an event that may come twice.
    """

    verb: str
    target: Target
    who: str
    home_team: str
    at: datetime
    values: Values = field(default_factory=dict)
    channel: str = ""
    message_ts: str = ""
    thread_ts: str = ""
    ephemeral: bool = False
    event_id: str = ""

    def act(self, team: str) -> Act:
        return Act(who=self.who, at=self.at, team=team or self.home_team, home_team=self.home_team)

    def text(self, name: str) -> str:
        """A form's one value; empty where it has none."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else (value[0] if value else "")

    def ticked(self) -> tuple[str, ...]:
        """Everything chosen in fields of several choices, in the form's order."""
        return tuple(text for value in self.values.values() if isinstance(value, tuple) for text in value)


@dataclass(frozen=True)
class Asked:
    """Words typed after the command's name or the bot's. `trigger_id` is empty where no form can be opened.

    `place` is who typed them where, as a click without a verb.
    """

    words: tuple[str, ...]
    place: Click
    trigger_id: str = ""

    def click(self, verb: str, target: Target, **values: str) -> Click:
        """The same as a click."""
        given = {name: value for name, value in values.items() if value}
        return replace(self.place, verb=verb, target=target, values=given)


def kept(click: Click, click_id: str, missing: Mapping[str, tuple[str, ...]]) -> PendingClick:
    """The click as a row that waits for a membership."""
    payload = {
        "target": encode(click.target),
        "values": json.dumps(dict(click.values)),
        "ephemeral": "yes" if click.ephemeral else "",
        **{name: getattr(click, name) for name in _PLACE},
    }
    return PendingClick(click_id, click.verb, payload, click.who, missing, click.at)


def revived(pending: PendingClick) -> Click:
    """The click that `kept` wrote."""
    payload = pending.payload
    values = json.loads(payload.get("values", "{}"))
    return Click(
        verb=pending.verb,
        target=decode(payload.get("target", "")),
        who=pending.who,
        at=pending.at,
        values={name: tuple(value) if isinstance(value, list) else value for name, value in values.items()},
        ephemeral=bool(payload.get("ephemeral")),
        **{name: payload.get(name, "") for name in _PLACE},
    )


def from_action(body: Mapping[str, Any], at: datetime) -> Click:
    """A pressed button or a chosen menu entry (`block_actions`)."""
    action = body["actions"][0]
    verb, target = _meant(action, (body.get("view") or {}).get("private_metadata", ""))
    container = body.get("container") or {}
    message = body.get("message") or {}
    return Click(
        verb=verb,
        target=target,
        who=body["user"]["id"],
        home_team=home_team(body),
        at=at,
        values={"person": action["selected_user"]} if action.get("selected_user") else {},
        channel=container.get("channel_id") or (body.get("channel") or {}).get("id", ""),
        message_ts=container.get("message_ts") or message.get("ts", ""),
        thread_ts=container.get("thread_ts") or message.get("thread_ts", ""),
        ephemeral=bool(container.get("is_ephemeral")),
    )


def _meant(action: Mapping[str, Any], metadata: str) -> tuple[str, Target]:
    """What a button or a menu entry means.

    The menu of verbs carries the verb in `extra`; a menu of items or lists its id alone, its block_id the deployment; a
    picker of people in a form nothing, the form's metadata the target.
    """
    verb = str(action.get("action_id", ""))
    chosen = str((action.get("selected_option") or {}).get("value") or "")
    value = chosen or str(action.get("value") or "")
    if verb == MENU:
        return decode(value).extra, replace(decode(value), extra="")
    if chosen == ADDS:
        return Verb.ADD_LINE, replace(decode(str(action.get("block_id", ""))), extra="")
    if verb == Verb.MORE_ABOUT and "=" not in chosen:
        return verb, replace(decode(str(action.get("block_id", ""))), item=chosen, extra="")
    if verb == Verb.SEE_SECTION and "=" not in chosen and chosen:
        return verb, replace(decode(str(action.get("block_id", ""))), section=chosen, extra="")
    return verb, decode(value or metadata)


def from_submission(body: Mapping[str, Any], at: datetime) -> Click:
    """A submitted form (`view_submission`): its callback_id is the verb, its private_metadata the target.

    A form may ask for the deployment itself, in a field of that name; a start's metadata names the project.
    """
    view = body["view"]
    target, values = decode(view.get("private_metadata", "")), _values_of(view)
    chosen = values.get("deployment")
    if isinstance(chosen, str) and not target.deployment:
        target = replace(target, deployment=chosen)
    return Click(
        verb=view["callback_id"],
        target=target,
        who=body["user"]["id"],
        home_team=home_team(body),
        at=at,
        values=values,
    )


def from_elsewhere(body: Mapping[str, Any], at: datetime) -> Click:
    """A shortcut, an event or anything else that means no verb: whose it is, and where it happened."""
    event, message = body.get("event") or {}, body.get("message") or {}
    return Click(
        verb="",
        target=Target(),
        who=str(event.get("user") or (body.get("user") or {}).get("id", "")),
        home_team=home_team(body),
        at=at,
        channel=str(event.get("channel") or (body.get("channel") or {}).get("id", "")),
        message_ts=str(message.get("ts") or ""),
        thread_ts=str(event.get("thread_ts") or message.get("thread_ts") or ""),
    )


def home_team(body: Mapping[str, Any]) -> str:
    """The person's own workspace: `user.team_id`; another than the bot's for people of Slack Connect channels."""
    user = body.get("user")
    own = user.get("team_id") if isinstance(user, Mapping) else body.get("user_team")
    return str(own or (body.get("team") or {}).get("id") or body.get("team_id") or "")


def _values_of(view: Mapping[str, Any]) -> dict[str, str | tuple[str, ...]]:
    """What was filled in, by field (block_id), as texts; what was left empty is left out."""
    state = (view.get("state") or {}).get("values") or {}
    filled = ((name, _value(element)) for name, elements in state.items() for element in elements.values())
    return {name: value for name, value in filled if value}


def _value(element: Mapping[str, Any]) -> str | tuple[str, ...]:
    if "selected_options" in element:
        return tuple(option["value"] for option in element["selected_options"] or ())
    if element.get("selected_option"):
        return str(element["selected_option"]["value"])
    for name in ("value", "selected_user", "selected_date", "selected_time", "selected_conversation"):
        if element.get(name):
            return str(element[name])
    return tuple(element.get("selected_users") or ())
