"""A local workspace that stands in for Slack: Web API, Socket Mode, and people who act in it.

with StandIn.start("manifest.json") as slack:       # slack.environment() is what the bot needs
    ann = slack.add_person("ann", tz="Europe/Berlin")
    slack.wait_connected()
    ann.types("/deploy start production")
    dashboard = ann.sees("#deploys", "Production")
    ann.presses("Done", in_=dashboard.thread, beside="Database backup completed")
    print(slack.transcript("#deploys", viewer="ann"))
"""

from __future__ import annotations

from bot.demo.standin.limits import RateLimits, Timings
from bot.demo.standin.people.form import Form, Home
from bot.demo.standin.people.message import Message, Thread
from bot.demo.standin.people.person import Person
from bot.demo.standin.reading import transcript
from bot.demo.standin.service import Faults
from bot.demo.standin.standin import StandIn
from bot.demo.standin.web import make_routes
from bot.demo.standin.workspace import Workspace

__all__ = [
    "Faults",
    "Form",
    "Home",
    "Message",
    "Person",
    "RateLimits",
    "StandIn",
    "Thread",
    "Timings",
    "Workspace",
    "make_routes",
    "transcript",
]
