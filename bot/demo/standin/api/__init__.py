"""The Web API without HTTP: a method, a token and arguments give Slack's answer."""

from __future__ import annotations

from bot.demo.standin.api import chat, conversations, marks, views
from bot.demo.standin.api.call import Call, Method
from bot.demo.standin.model import JSON, SlackError
from bot.demo.standin.service import Service


def open_connection(call: Call) -> JSON:
    """apps.connections.open: a websocket address that works once."""
    ticket = call.service.sockets.issue_ticket()
    return {"url": f"{call.service.socket_url}/?ticket={ticket}&app_id={call.app.id}"}


METHODS: dict[str, Method] = {
    "apps.connections.open": Method(open_connection, token="app"),
    **chat.METHODS,
    **conversations.METHODS,
    **marks.METHODS,
    **views.METHODS,
}


def answer(service: Service, name: str, token: str | None, args: JSON) -> JSON:
    """Does a method and gives Slack's answer, errors included. Limited when the rate is exceeded."""
    try:
        method = _method(name)
        call = Call(service, args)
        _authorise(call, method, token)
        if method.tier is not None:
            service.rates.check_tier(name, method.tier)
        with service.workspace.lock:
            return {"ok": True, **method.do(call)}
    except SlackError as refusal:
        return refusal.answer()


def _method(name: str) -> Method:
    if name not in METHODS:
        raise SlackError("unknown_method", req_method=name)
    return METHODS[name]


def _authorise(call: Call, method: Method, token: str | None) -> None:
    app = call.app
    if not token:
        raise SlackError("not_authed")
    if token not in (app.bot_token, app.app_token):
        raise SlackError("invalid_auth")
    if (token == app.app_token) != (method.token == "app"):
        raise SlackError("not_allowed_token_type")
    if method.scope is not None:
        call.demand(method.scope)
