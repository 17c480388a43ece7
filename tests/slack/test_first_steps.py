"""From the command to the dashboard, the sections and the first ticks, as people see them."""

from __future__ import annotations

from bot_under_test import BotUnderTest

from bot.demo.standin import Person


def test_a_typed_start_is_answered_and_painted(bot: BotUnderTest, ann: Person) -> None:
    told = ann.types("/deploy start production 00008-00010")
    print(told)
    if told and "Checking" in told:
        ann.hears("has started")
    dashboard = ann.sees("#deploys", "Production")
    print(ann.transcript())
    assert "00008–00010" in dashboard.text()
