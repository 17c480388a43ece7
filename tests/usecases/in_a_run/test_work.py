"""Whose work it is: given, claimed, taken, given back; seen by whom it concerns, told once, ended with the item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from bot.core.checklist.items import Phase
from bot.core.refusal import NotYetKnown, Refused
from bot.slack.messages.blocks import spoken
from bot.slack.messages.direct import home
from bot.slack.messages.direct import work as drawn
from bot.slack.messages.thread.item_line import item_text
from bot.slack.messages.thread.section import render_all
from bot.usecases import tick, views, work
from bot.usecases.books.rows import GIVEN, Live
from bot.usecases.facts import ItemFacts
from bot.usecases.lifecycle import custody
from bot.usecases.signoffs import asking, delegate
from bot.usecases.standing_facts import HomeFacts, WorkWord
from bot.usecases.verb import Verb
from bot.usecases.who_waits import is_still_true
from tests.slack.messages.slack_limits import elements, shown
from tests.usecases.team import ANN, BO, DANA, DEVI, GUEST, MO, Team

PLAN = "rollback-plan"
LABEL = "Rollback plan prepared"
PLACE = (PLAN, "")


@pytest.fixture
def deployment(team: Team) -> str:
    return team.starts()


def gives(team: Team, deployment: str, to: str = BO, place: tuple[str, str] = PLACE, who: str = ANN) -> str:
    return team.does(work.give, who, deployment, *place, to, "").text


def line(team: Team, deployment: str, item: str = PLAN) -> str:
    """The line as it is read in the thread."""
    return spoken(str(item_text(_item(team, deployment, item))))


def _item(team: Team, deployment: str, item: str) -> ItemFacts:
    place = (team.project, deployment, team.now)
    lists = team.store.read(lambda reader: views.sections(reader, *place))
    return next(one for each in lists for one in each.items if one.id == item)


def acts(team: Team, deployment: str, who: str) -> set[Verb]:
    detail = team.store.read(lambda reader: views.item_detail(reader, team.project, deployment, PLAN, who, team.now))
    return {Verb.CLAIM, Verb.TAKE, Verb.GIVE_BACK, Verb.ASSIGN} & set(detail.acts)


def at_home(team: Team, who: str) -> HomeFacts:
    return team.store.read(lambda reader: views.home(reader, {"default": team.project}, who, team.now))


def mine(team: Team, who: str) -> list[str]:
    return [one.title for one in at_home(team, who).work]


def messages(team: Team, deployment: str, who: str) -> list[tuple[WorkWord, str]]:
    """What the person was told in their DM, message by message, as it reads today."""

    def read(reader: Any) -> list[tuple[WorkWord, str]]:
        lives = [live for live in reader.outbox.wanted(deployment) if (live.kind, live.channel) == (GIVEN, who)]
        facts = [views.given(reader, team.project, live, team.now) for live in lives]
        return [(one.word, shown(drawn.render(one))) for one in facts]

    return team.store.read(read)


def buttons(place: Any) -> list[str]:
    return [each["text"]["text"] for each in elements(place) if each["type"] == "button"]


def wanted(team: Team, deployment: str) -> list[Live]:
    return team.store.read(lambda reader: [one for one in reader.outbox.wanted(deployment) if one.kind == GIVEN])


def told(team: Team, who: str) -> list[str]:
    said = [*team.said("private"), *team.said("given-back")]
    return [str(facts["text"]).split("\n")[0] for facts in said if facts["user"] == who]


def test_what_is_given_is_seen_on_its_line_by_its_receiver_and_in_the_record(team: Team, deployment: str) -> None:
    assert gives(team, deployment) == ""
    assert "given to Bo" in line(team, deployment)
    assert mine(team, BO) == [LABEL]
    assert mine(team, ANN) == []
    for place in (dict(home.view(at_home(team, BO))), home.mine_render(at_home(team, BO))):
        assert "Given to you by Ann" in shown(place)
        assert shown(place).count(LABEL) == 1
        assert buttons(place)[:4] == ["Done", "I'm on it", "Not me", "Give to …"]
    assert messages(team, deployment, BO)[0][0] is WorkWord.OPEN
    record = team.store.read(lambda reader: views.record_text(reader, team.project, deployment, team.now))
    assert f"Ann gave Bo to do: {LABEL}" in record
    assert "  - work: given to Bo by Ann 2026-11-23 10:00 UTC" in record
    assert gives(team, deployment) == f"“{LABEL}” is with Bo already."


def test_it_ends_with_the_item_whoever_settled_it_and_is_back_when_it_reopens(team: Team, deployment: str) -> None:
    gives(team, deployment)
    team.does(tick.tick, DEVI, deployment, PLAN)
    assert mine(team, BO) == []
    assert "given to" not in line(team, deployment)
    ((word, text),) = messages(team, deployment, BO)
    assert word is WorkWord.DONE
    assert "✓ *done*" in text
    assert "Devi" in text
    assert "I'm on it" not in text
    with pytest.raises(Refused, match="settled: there is nothing left to do"):
        gives(team, deployment, MO)
    team.does(tick.undo, DEVI, deployment, PLAN)
    assert mine(team, BO) == [LABEL]
    assert messages(team, deployment, BO)[0][0] is WorkWord.OPEN
    team.does(custody.abort, ANN, deployment, "a hotfix goes first")
    assert mine(team, BO) == []
    assert messages(team, deployment, BO)[0][0] is WorkWord.ENDED


def test_every_tick_paints_what_its_receiver_was_told(team: Team, deployment: str) -> None:
    gives(team, deployment)
    (before,) = wanted(team, deployment)
    team.does(tick.tick, DEVI, deployment, "window")
    assert wanted(team, deployment)[0].wanted == before.wanted
    team.does(tick.tick, DEVI, deployment, PLAN)
    (after,) = wanted(team, deployment)
    assert (after.wanted, after.urgency) == (before.wanted + 1, 0)


def test_a_claim_is_seen_with_its_age_and_a_second_one_says_whose_it_is(team: Team, deployment: str) -> None:
    team.does(work.claim, BO, deployment, *PLACE)
    assert "Bo is on it since" in line(team, deployment)
    assert mine(team, BO) == [LABEL]
    assert wanted(team, deployment) == []
    assert team.does(work.claim, BO, deployment, *PLACE).text == f"You are on “{LABEL}” already."
    team.later(minutes=20)
    second = team.does(work.claim, DEVI, deployment, *PLACE)
    assert second.text == f"Bo is on “{LABEL}” since 20 min."
    assert [offer["verb"] for offer in second.offers] == [Verb.TAKE]
    assert mine(team, DEVI) == []
    assert acts(team, deployment, DEVI) == {Verb.TAKE, Verb.ASSIGN}
    team.does(work.take, DEVI, deployment, *PLACE)
    assert (mine(team, BO), mine(team, DEVI)) == ([], [LABEL])
    assert told(team, BO) == [f"Devi is on “{LABEL}” now: you need not do it."]


def test_an_old_claim_is_nobodys_block(team: Team, deployment: str) -> None:
    team.does(work.claim, BO, deployment, *PLACE)
    team.later(hours=23)
    assert "Bo was on it" in line(team, deployment)
    assert acts(team, deployment, DEVI) == {Verb.CLAIM, Verb.ASSIGN}
    assert team.does(work.claim, DEVI, deployment, *PLACE).text == ""
    assert "Devi is on it since" in line(team, deployment)


def test_not_me_tells_who_gave_it_and_nobody_else(team: Team, deployment: str) -> None:
    gives(team, deployment)
    team.does(work.claim, BO, deployment, *PLACE)
    ((word, text),) = messages(team, deployment, BO)
    assert word is WorkWord.OPEN
    assert "You are on it since" in text
    team.does(work.give_back, BO, deployment, *PLACE)
    assert told(team, ANN) == [f"Bo gave “{LABEL}” back: it is nobody's now."]
    assert mine(team, BO) == []
    assert "Bo" not in line(team, deployment)
    with pytest.raises(Refused, match="not yours"):
        team.does(work.give_back, BO, deployment, *PLACE)
    (back,) = team.said("given-back")
    assert is_true(team, back)
    gives(team, deployment)
    assert not is_true(team, back), "in the morning nobody hears of what somebody has by then"
    assert [word for word, _ in messages(team, deployment, BO)] == [WorkWord.GIVEN_BACK, WorkWord.OPEN]
    assert team.events(deployment)[-4:] == ["work-given", "work-claimed", "work-given-back", "work-given"]


def is_true(team: Team, facts: Mapping[str, Any]) -> bool:
    return team.store.read(lambda reader: is_still_true(reader, team.project, "given-back", facts, team.now))


def test_given_on_it_is_the_others_and_both_hear_of_it(team: Team, deployment: str) -> None:
    gives(team, deployment)
    gives(team, deployment, DEVI, who=MO)
    ((word, text),) = messages(team, deployment, BO)
    assert word is WorkWord.MOVED
    assert "not yours any more: given to Devi" in text
    assert told(team, BO) == [f"Mo gave “{LABEL}” on to Devi: you need not do it."]
    assert mine(team, DEVI) == [LABEL]
    team.does(work.give, ANN, deployment, *PLACE, ANN, "")
    assert "Ann is on it since" in line(team, deployment)
    assert len(wanted(team, deployment)) == 2


def test_a_list_is_one_message_and_a_line_of_it_may_be_somebody_elses(team: Team, deployment: str) -> None:
    section = team.situation(deployment).item(PLAN).section_id
    title = "Pre-Deployment Checks"
    team.does(work.claim, DEVI, deployment, *PLACE)
    gives(team, deployment, place=("", section))
    assert len(wanted(team, deployment)) == 1
    assert ("given to Bo" in line(team, deployment, "window"), "Devi" in line(team, deployment)) == (False, True)
    place = (team.project, deployment, section, team.now)
    (first,) = team.store.read(lambda reader: render_all(views.section(reader, *place)))
    assert "settled · given to Bo" in shown(first)
    assert mine(team, BO) == [title]
    (mine_now,) = at_home(team, BO).work
    assert PLAN not in {item.id for item in mine_now.items}
    assert "window" in {item.id for item in mine_now.left}
    assert f"*{title}* · given to you by Ann" in messages(team, deployment, BO)[0][1]
    with pytest.raises(Refused, match="came to you with its list"):
        team.does(work.give_back, BO, deployment, "window", "")
    team.does(work.give_back, BO, deployment, "", section)
    assert mine(team, BO) == []
    assert told(team, ANN) == [f"Bo gave “{title}” back: it is nobody's now."]
    with pytest.raises(Refused, match="That list is not part"):
        gives(team, deployment, place=("", "nowhere"))


def test_a_list_is_settled_when_its_lines_are(team: Team, deployment: str) -> None:
    section = team.situation(deployment).item(PLAN).section_id
    gives(team, deployment, place=("", section))
    situation = team.situation(deployment)
    for item in (one for one in situation.checklist.items if one.section_id == section):
        if item.id in situation.states and not situation.states[item.id].settled:
            team.does(tick.tick, DEVI, deployment, item.id)
    assert mine(team, BO) == []
    ((word, text),) = messages(team, deployment, BO)
    assert word is WorkWord.DONE
    assert "settled, all " in text


def test_a_roles_work_is_seen_by_its_holders_until_one_is_on_it(team: Team, deployment: str) -> None:
    team.has("U0DORA", dba_team={DANA, "U0DORA"})
    team.does(work.give, ANN, deployment, *PLACE, "", "dba")
    assert (mine(team, DANA), mine(team, "U0DORA"), mine(team, BO)) == ([LABEL], [LABEL], [])
    assert "given to DBA" in line(team, deployment)
    (word, text) = messages(team, deployment, "U0DORA")[0]
    assert word is WorkWord.OPEN
    assert "Given to DBA by Ann" in text
    assert "I'm on it" in text
    assert "Not me" not in text
    team.does(work.claim, DANA, deployment, *PLACE)
    assert messages(team, deployment, DANA)[0][0] is WorkWord.OPEN
    assert "not yours any more: Dana is on it since" in messages(team, deployment, "U0DORA")[0][1]
    assert mine(team, "U0DORA") == []


def test_a_delegate_sees_the_roles_work_and_its_sign_off_and_who_is_away_does_not(team: Team, deployment: str) -> None:
    team.does(delegate.delegate, DANA, "dba", DEVI, team.now + timedelta(days=2))
    team.does(work.give, ANN, deployment, *PLACE, "", "dba")
    assert (mine(team, DANA), mine(team, DEVI)) == ([], [LABEL])
    team.does(asking.ask_now, ANN, deployment)
    for place in (dict(home.view(at_home(team, DEVI))), home.mine_render(at_home(team, DEVI))):
        assert "*DBA approval* · asked of you for Dana" in shown(place)
        assert "Approve as DBA" in buttons(place)
    assert not at_home(team, DANA).needs_me


def test_who_sleeps_is_told_in_the_morning_and_who_gave_it_hears_so(team: Team) -> None:
    team.project = replace(team.project, quiet_hours=(time(9), time(11)))
    deployment = team.starts()
    assert gives(team, deployment) == "In quiet hours, so told in the morning: Bo."
    at = team.now
    behind = team.store.read(lambda reader: {one.id for one in reader.live.behind(at)})
    (live,) = wanted(team, deployment)
    assert live.id not in behind
    assert live.id in team.store.read(lambda reader: {one.id for one in reader.live.behind(at + timedelta(hours=1))})


def test_only_who_can_do_it_is_given_it(team: Team, deployment: str) -> None:
    with pytest.raises(Refused, match=r"Guest cannot do this, so it was not given\. They would be told: Guests can"):
        gives(team, deployment, GUEST)
    with pytest.raises(NotYetKnown) as missing:
        gives(team, deployment, "U0NEW")
    assert missing.value.people == ("U0NEW",)
    with pytest.raises(Refused, match="for somebody who does not deploy"):
        team.does(work.claim, ANN, deployment, "peer-review", "")
    with pytest.raises(Refused, match="Choose a person or a role"):
        team.does(work.give, ANN, deployment, *PLACE, "", "")
    with pytest.raises(Refused, match="Choose a person or a role"):
        team.does(work.give, ANN, deployment, *PLACE, BO, "dba")
    with pytest.raises(Refused, match="Guests can read"):
        gives(team, deployment, who=GUEST)
    team.has(dba_team=set())
    with pytest.raises(Refused, match="Nobody is known who holds this role"):
        team.does(work.give, ANN, deployment, *PLACE, "", "dba")
    assert wanted(team, deployment) == []


def test_a_list_that_is_given_ahead_says_when_and_stays_out_of_the_thread(team: Team, deployment: str) -> None:
    section, _ = team.situation(deployment).sections(Phase.VERIFY)[0]
    there = on_screen(team, deployment)
    gives(team, deployment, place=("", section.id))
    assert on_screen(team, deployment) == there
    (one,) = at_home(team, BO).work
    assert one.can_wait
    assert "not due yet" in messages(team, deployment, BO)[0][1]


def on_screen(team: Team, deployment: str) -> set[tuple[str, str]]:
    lives = team.store.read(lambda reader: reader.outbox.wanted(deployment))
    return {(live.kind, live.subject) for live in lives if live.kind != GIVEN}
