from __future__ import annotations

from dataclasses import replace

import pytest
from audience_team import NIGHT, MakeBot, Moved, Told
from bot_under_test import project_of

from bot.core.team import Audience
from bot.demo.standin import Person, StandIn


@pytest.fixture
def pia(slack: StandIn) -> Person:
    return slack.add_person("pia", "Pia Rossi", id="U0PIA", tz="Europe/Berlin")


@pytest.fixture
def clock() -> Moved:
    return Moved()


@pytest.fixture
def told(make_bot: MakeBot, slack: StandIn, pia: Person, clock: Moved) -> Told:
    project = project_of(slack)
    audiences = (
        Audience("support", (slack.add_channel("support").id,), "support", frozenset({"start", "completion"})),
        Audience("management", (slack.add_channel("board").id,), "management"),
        Audience("product", (pia.user.id,)),
    )
    environments = {
        **project.environments,
        "production": replace(project.environments["production"], audiences=audiences, two_person=False),
    }
    changed = replace(project, environments=environments, quiet_hours=NIGHT)
    return Told(make_bot(project=changed, clock=clock.now, waiting=clock).connected(), clock)
