"""Only a token, an app token and a channel: it works, from the first command to the completed record."""

from __future__ import annotations

from bot.demo.standin import Message, Person
from tests.journeys.routine import NEEDED_FOR_GO, NEEDED_TO_COMPLETE, PEERS_SAY, tick, yes_button
from tests.journeys.troupe import Troupe

GATING = ("Database administrator", "Backend engineer", "DevOps engineer", "Management")


def started(ann: Person) -> Message:
    ann.types("/deploy start production")
    form = ann.modal(timeout=20)
    form.fill("Migrations", "00008-00010").submit()
    return ann.sees("#deploys", "Production · migrations 00008–00010", timeout=20)


def test_two_people_with_nothing_configured_deploy_to_production(bare: Troupe) -> None:
    ann, bo = bare.person("ann"), bare.person("bo")
    dashboard = started(ann)
    for section, labels in NEEDED_FOR_GO.items():
        for label in labels if section != "Staging Environment" else ():
            tick(ann, dashboard, section, label)
    for label in PEERS_SAY:
        tick(bo, dashboard, "Code Review", label)
    for title in GATING:
        asked = dashboard.thread.sees(title, timeout=20)
        bo.presses(yes_button(asked), in_=asked)
    dashboard.becomes("nothing is missing", timeout=20)
    ann.presses("Go …", in_=dashboard)
    assert ann.modal().submit() is None
    dashboard.becomes("deploying", timeout=20)
    for label in NEEDED_TO_COMPLETE:
        tick(ann, dashboard, "Production Deployment", label)
    dashboard.becomes("7 of 7", timeout=20)
    ann.presses("Complete …", in_=dashboard)
    assert ann.modal().fill("Notes", "First one.").submit() is None
    dashboard.becomes("verifying", timeout=20)
    assert dashboard.thread.sees("Record at completion", timeout=20).posted.files


def test_nobody_configured_still_means_not_oneself(bare: Troupe) -> None:
    ann = bare.person("ann")
    dashboard = started(ann)
    ann.presses("Ask now", in_=dashboard)
    asked = dashboard.thread.sees("Backend engineer", timeout=20)
    ann.presses(yes_button(asked), in_=asked)
    ann.hears("nobody approves their own", timeout=20)
