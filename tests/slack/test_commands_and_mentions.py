"""The slash command, the same words in the thread, App Home; and locks, which are typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time

from bot_under_test import BotUnderTest, behind, completed, deployment_of, eventually, project_of, started

from bot.demo.standin import Person, StandIn
from bot.slack.inbound.commands import mention

MakeBot = Callable[..., BotUnderTest]
NIGHT = (time(20), time(8))


def known(bot: BotUnderTest, *people: str) -> None:
    for person in people:
        user_id = f"U0{person.upper()}"
        assert eventually(lambda user_id=user_id: bot.store.read(lambda reader: reader.people.person(user_id)))


def test_help_and_the_nearest_command(bot: BotUnderTest, ann: Person) -> None:
    assert "/deploy start production" in (ann.types("/deploy") or "")
    typo = ann.types("/deploy blokers") or ""
    assert "There is no command “blokers”" in typo
    assert "/deploy blockers" in typo


def test_the_commands_name_is_a_setting(make_bot: MakeBot, slack: StandIn, ann: Person) -> None:
    slack.workspace.app.commands["/migrate"] = dict(slack.workspace.app.commands["/deploy"])
    make_bot(project=replace(project_of(slack), command="/migrate")).connected()
    assert "/migrate start production" in (ann.types("/migrate help") or "")


def test_start_without_a_range_asks_for_it_in_a_form(bot: BotUnderTest, ann: Person) -> None:
    known(bot, "ann")
    assert ann.types("/deploy start staging") is None
    form = ann.modal("Start a deployment")
    assert form.value("Environment") == "staging"
    form.fill("Migrations", "not a range")
    assert form.submit() is not None
    form.fill("Migrations", "00008-00010")
    assert form.submit() is None
    ann.sees("#deploys", "Staging · migrations 00008–00010")


def test_a_start_while_another_holds_the_environment_shows_the_way_in(
    bot: BotUnderTest, ann: Person, bo: Person
) -> None:
    started(bot, ann)
    known(bot, "bo")
    told = bo.types("/deploy start production 00011") or ""
    assert "held by deployment 1" in told
    assert "[Join] [Take over …] [Park it] [Open the thread]" in told
    bo.presses("Join", in_=bo.hears("held by deployment 1"))
    bo.hears("You are a deployer of deployment 1 now")


def test_an_unknown_environment_is_named_with_the_known_ones(bot: BotUnderTest, ann: Person) -> None:
    known(bot, "ann")
    assert "Known: staging, production" in (ann.types("/deploy start prod 00008") or "")


def test_a_command_without_a_target_means_the_only_open_one_else_asks(bot: BotUnderTest, ann: Person) -> None:
    started(bot, ann)
    assert "Peer review of all migration files" in (ann.types("/deploy blockers") or "")
    ann.types("/deploy start staging 00008-00010")
    ann.sees("#deploys", "Staging · migrations 00008–00010")
    assert "Which deployment?" in (ann.types("/deploy abort") or "")
    ann.chooses("Choose a deployment …", "2 · Staging", in_=ann.hears("Which deployment?"))
    ann.modal("Abort").fill("Why?", "not today").submit()
    ann.hears("Deployment 2 is aborted")


def test_a_command_without_a_target_means_the_one_before_completion(bot: BotUnderTest, ann: Person) -> None:
    started(bot, ann, "/deploy start production 00008-00010")
    completed(bot)
    ann.types("/deploy start staging 00008-00010")
    ann.sees("#deploys", "Staging · migrations 00008–00010")
    ann.types("/deploy abort")
    assert "Staging" in ann.modal("Abort").text()
    assert "Give a reason for closing early" in (ann.types("/deploy close") or "")


def test_a_number_names_the_deployment(bot: BotUnderTest, ann: Person) -> None:
    started(bot, ann)
    assert "Production" in (ann.types("/deploy status 1") or "")
    assert "There is no deployment 7." in (ann.types("/deploy status 7") or "")
    assert "Production" in (ann.types("/deploy mine") or "")
    assert "Production" in (ann.types("/deploy history") or "")


def test_checks_where_none_is_configured_are_refused_with_what_to_do(bot: BotUnderTest, ann: Person) -> None:
    started(bot, ann)
    assert "Tick it by hand" in (ann.types("/deploy checks") or "")


def test_a_mention_in_the_thread_is_the_command_for_its_deployment(bot: BotUnderTest, ann: Person, bo: Person) -> None:
    thread = started(bot, ann)
    ann.types("/deploy start staging 00008-00010")
    ann.sees("#deploys", "Staging · migrations 00008–00010")
    bo.says("@gonogo blockers", in_thread=thread)
    answer = bo.hears("Peer review of all migration files")
    assert answer.posted.thread_ts == thread.ts
    assert "Production" in answer.text()
    assert "Staging" not in answer.text()


def test_a_mention_that_needs_a_form_gives_the_button_that_opens_it(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.says("@gonogo abort", in_thread=thread)
    ann.presses("Abort …", in_=ann.hears("a form opens"))
    assert ann.modal("Abort").submit() is not None


def test_an_event_that_comes_again_is_answered_once(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    event = {"type": "app_mention", "user": "U0ANN", "text": "<@U0GONOGO> blockers", "channel": bot.project.channel}
    body = {"event_id": "Ev1", "team_id": "T0ACME", "event": {**event, "thread_ts": thread.ts}}
    for _ in range(3):
        mention(bot.services, body)
    ann.hears("Peer review")
    assert sum("Peer review" in told for told in ann.told()) == 1


def test_quiet_says_what_holds_and_keeps_hours_of_ones_own(make_bot: MakeBot, slack: StandIn, ann: Person) -> None:
    slack.change_person("ann", tz="Europe/Berlin")
    team = replace(project_of(slack), quiet_hours=NIGHT, working_days=frozenset({6, 0, 1, 2, 3}), holidays=("DE-BY",))
    bot = make_bot(project=team).connected()
    known(bot, "ann")
    told = ann.types("/deploy quiet") or ""
    assert "You are written to Sun–Thu 08:00–20:00, Europe/Berlin; not on public holidays of Germany (BY)." in told
    assert "/deploy quiet 19:00-08:00 keeps your own" in told
    assert "Kept. You are written to Sun–Thu 08:30–19:00, Europe/Berlin" in (
        ann.types("/deploy quiet 19:00 - 8:30") or ""
    )
    slack.change_person("ann", display_name="Ann K.")
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.names())["U0ANN"] == "Ann K.")
    assert "/deploy quiet off gives the team's back" in (ann.types("/deploy quiet") or "")
    assert "The team's hours hold for you again. You are written to Sun–Thu 08:00–20:00" in (
        ann.types("/deploy quiet off") or ""
    )


def test_hours_that_are_none_get_a_sentence(bot: BotUnderTest, ann: Person) -> None:
    known(bot, "ann")
    assert "“at night” are no hours: write /deploy quiet 19:00-08:00" in (ann.types("/deploy quiet at night") or "")
    assert "“25:00” is no time of day: write it like 16:00." in (ann.types("/deploy quiet 25:00-08:00") or "")
    assert "From and to are the same time" in (ann.types("/deploy quiet 08:00-08:00") or "")
    assert bot.store.read(lambda reader: reader.people.hours("U0ANN")).quiet is None


def test_app_home_has_the_form_of_ones_own_quiet_hours(bot: BotUnderTest, ann: Person) -> None:
    known(bot, "ann")
    home = ann.opens_home()
    ann.home("You are written to every day at any hour, UTC.")
    ann.presses("Quiet hours …", in_=home)
    form = ann.modal("Quiet hours")
    assert form.fill("Quiet from", "seven").submit() is not None
    assert form.fill("Quiet from", "19:00").fill("Quiet until", "8:30").submit() is None
    ann.home("You are written to every day 08:30–19:00, UTC.")
    ann.presses("Quiet hours …", in_=home)
    assert ann.modal("Quiet hours").fill("Quiet from", "").fill("Quiet until", "").submit() is None
    ann.home("You are written to every day at any hour, UTC.")


def test_app_home_shows_what_is_open_and_follows(bot: BotUnderTest, ann: Person) -> None:
    started(bot, ann)
    ann.opens_home()
    assert "Production · migrations 00008–00010" in ann.home("Open deployments")
    ann.types("/deploy abort")
    ann.modal("Abort").fill("Why?", "not today").submit()
    assert eventually(lambda: not bot.store.read(lambda reader: reader.deployments.open()))
    ann.opens_home()
    ann.home("No deployment is open")


def test_the_shortcut_is_answered(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    message = ann.says("replica lag went to 4 s", in_thread=thread)
    assert ann.uses_shortcut("Add to the record", on=message) is None
    assert eventually(lambda: ann.has_modal() or any("shortcut" in told for told in ann.told()))
    assert deployment_of(bot).number == 1


def test_a_direct_message_is_a_command_too(bot: BotUnderTest, ann: Person) -> None:
    started(bot, ann)
    ann.says("status", in_="@gonogo")
    assert "Production" in ann.sees("@gonogo", "To go:").text()


def test_a_title_in_quotes_stands_beside_range_and_project(bot: BotUnderTest, ann: Person) -> None:
    """A telephone makes quotes curly."""
    ann.types("/deploy start production 00008-00010 “loyalty tiers”")
    ann.sees("#deploys", "00008–00010")
    (deployment,) = bot.store.read(lambda reader: reader.deployments.open())
    assert (deployment.title, deployment.first_version, deployment.last_version) == ("loyalty tiers", "00008", "00010")
    ann.types("/deploy title")
    form = ann.modal("What is it about?")
    assert form.value("What is it about?") == "loyalty tiers"
    form.fill("What is it about?", "loyalty, at last")
    assert form.submit() is None
    assert bot.store.read(lambda reader: reader.deployments.get(deployment.id)).title == "loyalty, at last"


def known_here(bot: BotUnderTest, *people: Person) -> None:
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
    known_here(bot, ann, bo)
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
    known_here(bot, bo)
    bo.types("/deploy lock production moving the cluster until tomorrow 09:00")
    shown = ann.sees("#deploys", "not now  production is locked by bo: moving the cluster, until").text()
    assert "Ask bo, or wait until then" in shown
    assert "<!date" not in shown
    bo.types("/deploy unlock production")
    assert eventually(lambda: not behind(bot))
    assert "is locked by" not in ann.sees("#deploys", "migrations 00008–00010").text()


def test_a_lock_without_its_parts_opens_the_form(bot: BotUnderTest, bo: Person) -> None:
    known_here(bot, bo)
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
