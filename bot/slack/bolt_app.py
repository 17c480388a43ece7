"""The Bolt app: no request and no start needs Slack, and each listener answers once it has committed."""

from __future__ import annotations

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.slack.listeners import register
from bot.slack.services import Services
from bot.slack.waiting import replay


def build_app(services: Services) -> App:
    """The app over Socket Mode."""

    def authorize(team_id: str | None) -> AuthorizeResult:
        return services.who.authorize(team_id)

    reading = services.clients.reading
    app = App(
        client=WebClient(base_url=reading.base_url, ssl=reading.ssl, timeout=reading.timeout),
        process_before_response=True,
        authorize=authorize,
        request_verification_enabled=False,
    )
    register(app, services)
    services.directory.on_refreshed(lambda: replay(services))
    return app
