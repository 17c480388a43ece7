"""With the longest realistic content every message stays within Slack's limits, and says what it left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.checklist.reader import parse
from bot.core.deployment import Outcome, State
from bot.core.item import ItemWord
from bot.resources import templates_folder
from bot.slack.inbound.verbs import VERBS
from bot.slack.messages import samples
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.buttons import Target
from bot.slack.messages.direct import asked, digest, home, hour, personal, private, status
from bot.slack.messages.forms import completion, everything, going, hard_day, item, planning, reason, sql
from bot.slack.messages.thread import dashboard, notice, phase, section, sign_off
from bot.usecases.facts import AskedWord, PhaseFacts, SignOffWord
from bot.usecases.form_facts import ActForm, FileChange, MovedFiles, StartForm
from bot.usecases.standing_facts import Past
from bot.usecases.verb import Verb
from tests.slack.messages import longest
from tests.slack.messages.slack_limits import accepted, characters, foreign_tokens, mentions, shown

NINE_THOUSAND = 9000
SHORT = {State.PARKED, State.CLOSED, State.ABORTED}
"""Their dashboards list nothing."""


@pytest.mark.parametrize("state", list(State))
def test_dashboard(state: State) -> None:
    drawn = dashboard.render(longest.dashboard(state, Outcome.ROLLED_BACK))
    accepted(drawn)
    assert foreign_tokens(drawn) == []
    assert characters(drawn) <= NINE_THOUSAND
    assert state in SHORT or re.search(r"and \d+ more", shown(drawn))


@pytest.mark.parametrize("word", list(SignOffWord))
def test_sign_off(word: SignOffWord) -> None:
    drawn = sign_off.render(longest.sign_off(word))
    accepted(drawn)
    assert foreign_tokens(drawn) == []
    assert "and 32 more" in shown(drawn)
    assert mentions(drawn) == []


def test_digest() -> None:
    drawn = digest.render(longest.digest())
    accepted(drawn)
    assert foreign_tokens(drawn) == []
    assert characters(drawn) <= NINE_THOUSAND
    assert "and 8 more · App Home" in shown(drawn)
    assert "and 4 more · the thread has all" in shown(drawn)
    assert mentions(drawn) == []


@pytest.mark.parametrize("word", list(AskedWord))
def test_asked(word: AskedWord) -> None:
    drawn = asked.render(longest.asked(word))
    accepted(drawn)
    assert foreign_tokens(drawn) == []
    assert characters(drawn) <= NINE_THOUSAND
    assert mentions(drawn) == []


@pytest.mark.parametrize("items", [1, 15, 19, 20, 21, 45, 300])
def test_section(items: int) -> None:
    facts = longest.section(items)
    parts = section.parts(facts)
    assert [each.id for part in parts for each in part.items] == [each.id for each in facts.items]
    for drawn in section.render_all(facts):
        accepted(drawn)
        assert foreign_tokens(drawn) == []
        assert characters(drawn) <= NINE_THOUSAND


def test_every_section_of_the_shipped_checklist_is_one_message() -> None:
    file = templates_folder() / "checklists" / "migration-deployment.md"
    checklist = parse(file.read_text(encoding="utf-8"), file.name)
    assert len(checklist.items) == 168
    for found in checklist.sections:
        items = tuple(replace(longest.item(n), id=each.id, label=each.label) for n, each in enumerate(found.items))
        drawn = section.render_all(replace(longest.section(0), id=found.id, title=found.title, items=items))
        assert len(drawn) == 1, found.path
        assert characters(drawn[0]) <= NINE_THOUSAND


def test_checks_that_answer_move_no_item_to_another_message() -> None:
    facts = longest.section(45)
    quiet = replace(facts, items=tuple(replace(each, evidence="", hint="", by=None, at=None) for each in facts.items))
    groups = [[each.id for each in part.items] for part in section.parts(facts)]
    assert groups == [[each.id for each in part.items] for part in section.parts(quiet)]


_VIEWS: dict[str, Callable[[], Rendered | dict[str, Any]]] = {
    "item": lambda: item.view(longest.item_detail()),
    "see everything": lambda: everything.subject_view(longest.subject()),
    "SQL": lambda: sql.view(longest.sql()),
    "go": lambda: going.go_view(longest.go_form()),
    "break-glass": lambda: hard_day.break_glass_view(longest.go_form()),
    "home": lambda: home.view(longest.home()),
    "tick many": lambda: item.many_view(longest.section(300, ItemWord.OPEN)),
    "tick 1,000": lambda: item.many_view(longest.section(1000, ItemWord.OPEN)),
    "blockers": lambda: status.blockers_render(longest.dashboard(State.PREPARING)),
    "status": lambda: status.render((longest.dashboard(State.PREPARING),) * 30, {}),
    "list": lambda: everything.section_view(longest.section(300)),
    "tick many of a phase": lambda: item.many_of_phase_view(
        PhaseFacts(samples.PREPARING, samples.SECTION.phase, (longest.section(30, ItemWord.OPEN),) * 20)
    ),
    "lists of a phase": lambda: phase.render_lists(
        PhaseFacts(samples.PREPARING, samples.SECTION.phase, (longest.section(30),) * 70)
    ),
    "everything": lambda: everything.view(samples.PREPARING, (longest.section(20),) * 1),
    "completion": lambda: completion.view(
        replace(
            completion.EXAMPLES["open"],
            deployed_by=", ".join(longest.NAMES.values()),
            environment=longest.LINE,
            versions=longest.LINE,
            notes=longest.LONG * 2,
            open_required=(longest.LINE,) * 40,
            applied=tuple(each.name for each in longest.files(300)),
            not_applied=tuple(each.name for each in longest.files(300)),
        )
    ),
    "start": lambda: planning.start_view(
        StartForm(tuple(f"{longest.LABEL} {n}"[:70] for n in range(120)), "", True, longest.LINE, (longest.LINE,) * 40)
    ),
    "roll back": lambda: hard_day.roll_back_view(
        hard_day.RollBackForm(
            samples.DEPLOYING,
            ("down", "forward", "restore"),
            loses=longest.LONG,
            lost="1234567 d 23 h",
            down_files=longest.LONG,
            cancel_statement=longest.LONG,
        )
    ),
    "troubleshoot": lambda: hard_day.troubleshoot_view(
        samples.DEPLOYING, tuple((f"t{n}", longest.LABEL) for n in range(12))
    ),
    "add to record": lambda: reason.record_view(
        reason.AddToRecord(longest.LINE, longest.LONG * 3, "1.2", (samples.PREPARING,))
    ),
    "notice": lambda: notice.render(
        replace(
            notice.EXAMPLES["done"],
            reason=longest.LONG,
            owner=longest.HEBREW,
            announced_at=samples.NOON,
            deployment=replace(
                samples.DEPLOYING,
                title=longest.LINE[:80],
                environment=longest.LINE,
                facts=replace(samples.DEPLOYING.facts, changes="\n".join([longest.LINE] * 60)),
            ),
            acknowledged=tuple((person.name, samples.NOON) for person in longest.PEOPLE),
        )
    ),
    "phase": lambda: phase.render(
        {
            **phase.EXAMPLES["no-go"],
            "missing": [{"sentence": longest.LINE, "who": list(longest.NAMES.values())} for _ in range(60)],
        }
    ),
    "private": lambda: private.render({"text": "\n".join([longest.LINE] * 60)}),
    "rejected": lambda: personal.rejected({**personal.EXAMPLES["rejected"][1], "title": longest.LABEL}),
    "signed": lambda: personal.signed(
        {**personal.EXAMPLES["signed"][1], "about": longest.LINE, "missing": [longest.LINE] * 60}
    ),
    "held": lambda: personal.held(
        {
            **personal.EXAMPLES["held"][1],
            "by": longest.HEBREW,
            "reason": longest.LONG,
            "finding": longest.LONG,
            "statement": longest.LONG * 3,
        }
    ),
    "check failed": lambda: personal.check_failed(
        {**personal.EXAMPLES["check failed"][1], "line": longest.LABEL, "summary": longest.LONG, "hint": longest.LONG}
    ),
    "hour": lambda: hour.render(replace(hour.EXAMPLES["some"], items=longest.section(60).items)),
}


@pytest.mark.parametrize("draw", list(_VIEWS.values()), ids=list(_VIEWS))
def test_others(draw: Callable[[], Rendered | dict[str, Any]]) -> None:
    drawn = draw()
    accepted(drawn)
    assert foreign_tokens(drawn) == []


@pytest.mark.parametrize("verb", [verb for verb, row in VERBS.items() if row.why])
def test_reason_forms(verb: str) -> None:
    target = Target("d" * 32, item="i" * 120, subject=longest.item_detail().seen)
    why = VERBS[verb].why
    assert why
    drawn = reason.view(Verb(verb), why, target, longest.LINE, (longest.LONG,) * 40)
    accepted(drawn)
    assert foreign_tokens(drawn) == []


def test_everything_shows_all_168_items() -> None:
    sections = tuple(replace(longest.section(9), id=f"s{n}", title=f"Section {n}") for n in range(20))
    drawn = everything.view(samples.PREPARING, sections)
    accepted(drawn)
    assert shown(drawn).count("✗ *failed*") == 180


def test_every_line_of_many_files_is_on_a_page() -> None:
    facts = longest.sql(12)
    pages = [sql.view(replace(facts, page=page)) for page in range(9)]
    drawn = {page["private_metadata"]: page for page in pages}
    assert len(drawn) > 2
    ran = "".join(_code(page) for page in drawn.values())
    assert ran == "".join(text for _, text in facts.files)
    assert [file.name for file, _ in facts.files if file.name not in "".join(map(shown, pages))] == []


def _code(view: dict[str, Any]) -> str:
    texts = [block["elements"][0]["elements"][0]["text"] for block in view["blocks"] if block["type"] == "rich_text"]
    return "".join(texts)


def test_the_difference_of_many_moved_files() -> None:
    changes = tuple(FileChange(f"{n:05}_{'x' * 60}.up.sql", "changed", longest.LONG * 10) for n in range(300))
    drawn = going.moved_view(Verb.USE_NEW_FILES, MovedFiles(samples.HELD, "e" * 64, changes))
    accepted(drawn)
    assert foreign_tokens(drawn) == []
    assert "more file" in shown(drawn)


def test_a_plan_that_finds_everything() -> None:
    lists = ("blockers", "by_hand", "obstacles", "warnings", "findings", "asked")
    facts = {"environment": longest.LABEL, "range": "1–300", "held_by": longest.LINE, "files": 300, "checks": 140}
    drawn = private.plan_render({**facts, **{name: [longest.LINE] * 300 for name in lists}})
    accepted(drawn)
    assert foreign_tokens(drawn) == []
    assert re.search(r"and \d+ more", shown(drawn))


def test_a_long_history_and_a_busy_person() -> None:
    waits = {longest.LABEL + str(number): timedelta(days=3) for number in range(20)}
    one = Past(
        longest.dashboard(State.CLOSED, Outcome.PARTIAL).deployment, timedelta(days=30), timedelta(hours=9), waits
    )
    for drawn in (status.past_render((one,) * 15, {}), home.mine_render(longest.home())):
        accepted(drawn)
        assert foreign_tokens(drawn) == []


def test_an_act_and_a_window_with_long_words() -> None:
    act = ActForm(samples.DEPLOYING, longest.item(1).id[:60], longest.LABEL, "a" * 60, longest.LINE, longest.LONG * 3)
    window = planning.WindowForm(samples.PREPARING, samples.NOON, "Europe/Berlin", (longest.LINE,) * 40, 1440, 999)
    for drawn in (
        item.act_view(act),
        planning.window_view(window),
        planning.range_view(samples.READING),
        planning.title_view(samples.READING),
    ):
        accepted(drawn)
        assert foreign_tokens(drawn) == []
