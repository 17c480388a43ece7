"""A private channel's deployment is shown to that channel's members alone, whatever is asked and wherever."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from bot_under_test import BotUnderTest, behind, deployment_of, eventually, project_of

from bot.core.team import EVERYBODY
from bot.demo.standin import Person, StandIn
from bot.demo.standin.people.message import Message
from bot.slack.inbound.opening import opener_of
from bot.slack.inbound.verbs import VERBS
from bot.slack.messages.buttons import Target, encode
from bot.usecases.sight import CHECKING_CHANNEL, HIDDEN
from bot.usecases.verb import Verb

MakeBot = Callable[..., BotUnderTest]
VAULT = "#vault"
SECRETS = ("00008–00010", "archives/", "Ann Keller", "Test partition creation")
"""What tells of the deployment: its range, the way to it, who runs it, a line of its list."""
ANYBODYS = frozenset({Verb.START, Verb.PLAN, Verb.HELP, Verb.DELEGATE})
"""Verbs that read, and are about no deployment."""
READING = [
    verb
    for verb, row in VERBS.items()
    if verb not in ANYBODYS and (opener_of(row) or row.shows or (row.command and row.command.answer))
]
OUTSIDE = ("eve", "gus", "uma")
"""Full member elsewhere, guest elsewhere, and a member whose seat Slack has not told yet."""


@pytest.fixture
def vault(slack: StandIn, make_bot: MakeBot) -> BotUnderTest:
    """A bot whose one deployment runs in a private channel; everybody is known to it."""
    slack.add_person("eve", "Eve Elsewhere")
    slack.add_person("gus", "Gus Guest", channels=["#deploys"], is_restricted=True)
    slack.add_person("uma", "Uma Unknown")
    slack.add_person("rita", "Rita Restricted", channels=[], is_restricted=True)
    channel = slack.add_channel("vault", ["ann", "bo", "dana", "uma", "rita"], private=True)
    bot = make_bot(project=project_of(slack, channel=channel.id)).connected()
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person("U0RITA")))
    ann = slack.person("ann")
    assert "has started" in (ann.types("/deploy start production 00008-00010", in_=VAULT) or "")
    assert eventually(lambda: not behind(bot), 60)
    return bot


def forgets_umas_seat(bot: BotUnderTest) -> None:
    bot.directory.stop()
    bot.store.write(lambda unit: unit.people.doubt_seat(bot.project.channel, "U0UMA"))


def target_of(bot: BotUnderTest) -> Target:
    item = bot.store.read(lambda reader: reader.checklists.text(deployment_of(bot).revision))
    assert SECRETS[3] in item
    return Target(deployment_of(bot).id, "partition-creation-tested", "pre-deployment/testing", "dba")


def presses(slack: StandIn, who: Person, message: Message, verb: str, target: Target) -> str:
    """Presses it, and closes what opens; what they were shown by it."""
    before = set(slack.workspace.views)
    if verb == Verb.MORE_ABOUT:
        option = {"text": {"type": "plain_text", "text": "x"}, "value": target.item}
        menu = {"type": "static_select", "action_id": str(verb)}
        warning = message.as_seen_by(who.user).act(encode(Target(target.deployment)), menu, option)
    else:
        warning = slack.click(who.user.name, message, verb, encode(target))
    assert warning is None, (verb, warning)
    opened = [view.body for view_id, view in slack.workspace.views.items() if view_id not in before]
    slack.workspace.modals.pop(who.id, None)
    return json.dumps(opened, ensure_ascii=False)


def private_of(slack: StandIn, who: Person) -> str:
    """Everything that only this person was ever sent, as Slack has it."""
    seen = [*who._private(), *(view for view in slack.workspace.views.values() if view.user == who.id)]
    bodies = [one.posted.blocks or one.posted.text if isinstance(one, Message) else one.body for one in seen]
    return json.dumps(bodies, ensure_ascii=False)


def dashboard_in(slack: StandIn, where: str = VAULT) -> Message:
    return slack.person("ann").sees(where, "migrations 00008–00010")


def settled(bot: BotUnderTest) -> bool:
    return eventually(lambda: not bot.store.read(lambda reader: reader.said.open(datetime.now(UTC), 10)), 30)


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_button_menu_entry_or_form_shows_it_to_who_is_not_in_the_channel(
    vault: BotUnderTest, slack: StandIn, name: str
) -> None:
    forgets_umas_seat(vault)
    who, message, target = slack.person(name), dashboard_in(slack), target_of(vault)
    for verb in VERBS:
        presses(slack, who, message, verb, target)
    assert settled(vault)
    assert [secret for secret in SECRETS if secret in private_of(slack, who)] == []
    assert (CHECKING_CHANNEL if name == "uma" else HIDDEN) in "\n".join(who.told())


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_command_or_mention_shows_it_to_who_is_not_in_the_channel(
    vault: BotUnderTest, slack: StandIn, name: str
) -> None:
    forgets_umas_seat(vault)
    who = slack.person(name)
    for word in [row.command.name for row in VERBS.values() if row.command]:
        for more in ("", " 1", " production"):
            who.types(f"/deploy {word}{more}")
            who.says(f"{word}{more}", in_="@gonogo")
    slack.service.settle()
    assert settled(vault)
    assert [secret for secret in SECRETS if secret in private_of(slack, who)] == []
    assert len(vault.store.read(lambda reader: reader.deployments.recent(9))) == 1


@pytest.mark.parametrize("name", ["bo", "rita"])
def test_a_member_and_a_guest_of_the_channel_are_shown_all_of_it(
    vault: BotUnderTest, slack: StandIn, name: str
) -> None:
    who, message, target = slack.person(name), dashboard_in(slack), target_of(vault)
    shown = {}
    for verb in READING:
        row = VERBS[verb]
        told = len(who.told())
        pressed = presses(slack, who, message, verb, target) if opener_of(row) or row.shows else ""
        if row.command and (row.command.answer or row.shows):
            pressed += who.types(f"/deploy {row.command.name}", in_=VAULT) or ""
        assert settled(vault)
        shown[verb] = pressed + "\n".join(who.told()[told:])
    refused = {verb for verb, text in shown.items() if HIDDEN in text or CHECKING_CHANNEL in text}
    assert refused == set()
    for verb in (Verb.STATUS, Verb.BLOCKERS, Verb.HISTORY, Verb.SEE_SUBJECT, Verb.GO):
        assert "00008" in shown[verb], (verb, shown[verb])
    assert SECRETS[3] in shown[Verb.SEE_EVERYTHING]
    assert SECRETS[3] in shown[Verb.MORE_ABOUT]


def test_app_home_shows_it_to_members_and_no_longer_to_who_was_removed(vault: BotUnderTest, slack: StandIn) -> None:
    bo, eve = slack.person("bo"), slack.person("eve")
    for person in (bo, eve):
        person.opens_home()
    assert "00008" in bo.home("00008")
    assert "00008" not in eve.home("Open deployments")
    slack.leaves("bo", VAULT)
    assert slack.workspace.wait_for(lambda: "00008" not in bo.home(), 10)
    assert eventually(lambda: bo.types("/deploy blockers 1") == HIDDEN)


def test_app_home_leaves_out_what_is_not_known_until_it_is(vault: BotUnderTest, slack: StandIn) -> None:
    uma = slack.person("uma")
    slack.faults.late("conversations.members", 1.0)
    slack.joins("uma", VAULT)
    slack.service.settle()
    uma.opens_home()
    assert CHECKING_CHANNEL in (uma.types("/deploy status") or "")
    uma.home("00008")
    assert "00008" in (uma.types("/deploy status") or "")


def test_a_picker_offers_a_deployer_who_left_the_channel_nothing(vault: BotUnderTest, slack: StandIn) -> None:
    bo = slack.person("bo")
    assert "You are a deployer" in (bo.types("/deploy join", in_=VAULT) or "")
    message = slack.person("eve").says("replica lag went to 4 s", in_="#deploys")
    bo.uses_shortcut("Add to the record", message)
    assert "00008–00010" in bo.modal().text()
    bo.modal().cancel()
    slack.leaves("bo", VAULT)
    assert eventually(lambda: bo.types("/deploy blockers 1") == HIDDEN)
    bo.uses_shortcut("Add to the record", message)
    assert "no deployment's thread" in bo.modal().text()
    assert "00008–00010" not in bo.types("/deploy mine")


def test_a_public_channels_deployment_is_shown_as_its_channel_shows_it(make_bot: MakeBot, slack: StandIn) -> None:
    slack.add_person("gus", "Gus Guest", channels=["#deploys"], is_restricted=True)
    late = [timedelta()]
    bot = make_bot(clock=lambda: datetime.now(UTC) + late[0]).connected()
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.channel(bot.project.channel)).has(EVERYBODY))
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person("U0ANN")))
    assert "has started" in (slack.person("ann").types("/deploy start production 00008-00010") or "")
    assert "00008" in (slack.person("gus").types("/deploy blockers 1") or "")
    bot.directory.stop()
    late[0] = timedelta(days=7)
    assert "00008" in (slack.person("gus").types("/deploy blockers 1") or "")


def test_a_membership_of_before_the_clock_was_set_back_shows_nothing(slack: StandIn, make_bot: MakeBot) -> None:
    late = [timedelta()]
    channel = slack.add_channel("vault", ["ann", "bo"], private=True)
    clock = lambda: datetime.now(UTC) + late[0]  # noqa: E731
    bot = make_bot(project=project_of(slack, channel=channel.id), clock=clock).connected()
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.channel(channel.id)).fetched_at)
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person("U0ANN")))
    slack.person("ann").types("/deploy start production 00008-00010", in_=VAULT)
    bot.directory.stop()
    late[0] = -timedelta(hours=3)
    assert slack.person("bo").types("/deploy status", in_=VAULT) == CHECKING_CHANNEL
