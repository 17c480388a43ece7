"""What Slack sends comes in here: one file a surface, each only parses, judges through `dispatch`, and answers."""

from slack_bolt import App

from bot.slack.listeners import buttons, commands, errors, events, forms, shortcuts
from bot.slack.services import Services


def register(app: App, services: Services) -> None:
    """Every surface, each with a last listener for what it does not know, so that nothing is mute."""
    buttons.register(app, services)
    forms.register(app, services)
    commands.register(app, services)
    shortcuts.register(app, services)
    events.register(app, services)
    errors.register(app, services)
