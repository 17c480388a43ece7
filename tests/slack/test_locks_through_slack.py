"""A lock as people meet it: typed, refused, seen everywhere, taken away by somebody else."""

from __future__ import annotations

from bot_under_test import BotUnderTest, behind, eventually, started

from bot.demo.standin import Person


def known(bot: BotUnderTest, *people: Person) -> None:
    """Slack has said who they are, and who is in the channel: a click waits for neither."""
    channel = bot.project.channel
    for person in people:
        assert eventually(lambda one=person: bot.store.read(lambda reader: reader.people.person(one.id)))
        assert eventually(
            lambda one=person: bot.store.read(lambda reader: reader.people.in_channel(channel, one.id).fetched_at)
        )


def test_a_locked_environment_refuses_a_start_and_who_needs_it_unlocks_with_a_reason(
    bot: BotUnderTest, ann: Person, bo: Person
) -> None:
    known(bot, ann, bo)
    told = bo.types("/deploy lock production moving it until Bo is back until tomorrow 09:00") or ""
    assert "production is locked until" in told
    refused = ann.types("/deploy start production 00008-00010") or ""
    assert "Nothing was started: production is locked by bo: moving it until Bo is back, until" in refused
    assert "Ask bo, or wait until then." in refused
    status = ann.types("/deploy status") or ""
    assert "🔒 production is locked by bo" in status
    ann.opens_home()
    ann.home("🔒 production is locked by bo: moving it until Bo is back, until")
    ann.presses("Unlock", in_=ann.hears("Nothing was started"))
    form = ann.modal("Unlock")
    form.fill("Why?", "payments are down")
    assert form.submit() is None
    ann.hears("production is free. bo is told.")
    assert "has started" in (ann.types("/deploy start production 00008-00010") or "")


def test_the_dashboard_says_so_at_once_and_until_when(bot: BotUnderTest, ann: Person, bo: Person) -> None:
    started(bot, ann)
    known(bot, bo)
    bo.types("/deploy lock production moving the cluster until tomorrow 09:00")
    shown = ann.sees("#deploys", "not now  production is locked by bo: moving the cluster, until").text()
    assert "Ask bo, or wait until then" in shown
    assert "<!date" not in shown
    bo.types("/deploy unlock production")
    assert eventually(lambda: not behind(bot))
    assert "is locked by" not in ann.sees("#deploys", "migrations 00008–00010").text()


def test_a_lock_without_its_parts_opens_the_form(bot: BotUnderTest, bo: Person) -> None:
    known(bot, bo)
    assert bo.types("/deploy lock production moving the cluster") is None
    form = bo.modal("Lock")
    assert (form.value("Environment"), form.value("Why")) == ("production", "moving the cluster")
    form.fill("Until", "soon")
    assert form.submit() == {
        "Until": "Until “soon” is no time. Write until 18:00, tomorrow 09:00, Friday, or 2026-12-01 09:00."
    }
    form.fill("Until", "Friday")
    assert form.submit() is None
    bo.hears("production is locked until Fri")
