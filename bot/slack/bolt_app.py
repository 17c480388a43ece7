"""The Bolt app: no request and no start needs Slack, and each listener answers once it has committed."""

from __future__ import annotations

import logging

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.slack.listeners import register
from bot.slack.services import Services
from bot.slack.waiting import replay


def build_app(services: Services, signing_secret: str = "") -> App:
    """The app over Socket Mode; over HTTP where a signing secret is given, which then every request must match."""
    # Bolt logs the whole body of a request whose signature is wrong.
    logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.WARNING)

    def authorize(team_id: str | None) -> AuthorizeResult:
        return services.who.authorize(team_id)

    reading = services.clients.reading
    app = App(
        client=WebClient(base_url=reading.base_url, ssl=reading.ssl, timeout=reading.timeout),
        process_before_response=True,
        authorize=authorize,
        request_verification_enabled=bool(signing_secret),
        signing_secret=signing_secret,
    )
    register(app, services)
    services.directory.on_refreshed(lambda: replay(services))
    return app
