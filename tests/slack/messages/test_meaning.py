"""What a tired person reads, and what their click carries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.checklist.items import Requirement
from bot.core.deployment import State
from bot.core.item import ItemWord
from bot.slack.messages import samples
from bot.slack.messages.blocks import option
from bot.slack.messages.buttons import MENU, Target, decode
from bot.slack.messages.direct import private
from bot.slack.messages.forms import everything, going, item
from bot.slack.messages.thread import dashboard, notice, phase, section, sign_off
from bot.slack.messages.words import ITEM_SYMBOLS, RUNNING, SIGN_OFF_SYMBOLS, bar
from bot.usecases.facts import SignOffWord
from bot.usecases.verb import Verb
from tests.slack.messages.slack_limits import elements, mentions, shown, texts


def _element(drawn: object, action: str) -> dict[str, object]:
    return next(each for each in elements(drawn) if each["action_id"] == action)


def test_the_dashboard_says_what_is_missing_and_by_whom() -> None:
    said = dashboard.render(dashboard.EXAMPLES["preparing"]).blocks[0]["text"]["text"].splitlines()
    assert said[0].startswith("*Production · migrations 00008–00010* · no. 12   preparing, started by Ann Keller")
    assert said[1] == "*To go:* 2 items, 2 sign-offs"
    assert said[2] == "• DBA: @dba-team · backend: <@U0BO>"
    assert said[5] == "████████████░░░░░░ 10 of 15 that go needs  ·  108 others"


def test_only_who_is_asked_is_mentioned() -> None:
    asked = dashboard.EXAMPLES["preparing"]
    assert mentions(dashboard.render(asked)) == ["U0BO"]
    unasked = replace(asked, sign_offs=tuple(replace(each, asked=False) for each in asked.sign_offs))
    assert mentions(dashboard.render(unasked)) == []
    assert "backend: Bo Larsen" in shown(dashboard.render(unasked))


def test_the_first_button_is_the_next_act() -> None:
    drawn = dashboard.render(dashboard.EXAMPLES["ready"])
    buttons = [each for each in elements(drawn) if each["type"] == "button"]
    assert [each["text"]["text"] for each in buttons if each.get("style") == "primary"] == ["Go …"]
    assert decode(str(buttons[0]["value"])).subject == samples.SUBJECT


def test_many_menu_entries_are_a_select_and_few_an_overflow() -> None:
    many = _element(dashboard.render(dashboard.EXAMPLES["preparing"]), MENU)
    few = _element(dashboard.render(dashboard.EXAMPLES["deploying"]), MENU)
    assert (many["type"], few["type"]) == ("static_select", "overflow")
    chosen = decode(few["options"][0]["value"])  # type: ignore[index]
    assert (chosen.deployment, chosen.extra) == (samples.DEPLOYING.id, "roll_back")


def test_using_new_files_carries_the_fingerprint_that_was_seen() -> None:
    moved = replace(samples.PREPARING, moved_fingerprint="e" * 64)
    facts = replace(dashboard.EXAMPLES["preparing"], deployment=moved, buttons=(Verb.USE_NEW_FILES, Verb.STAY))
    drawn = dashboard.render(facts)
    assert decode(str(_element(drawn, "use_new_files")["value"])).subject == "e" * 64
    assert decode(str(_element(drawn, "stay")["value"])).subject == "e" * 64


def test_held_shows_the_finding_and_the_statement_to_type() -> None:
    drawn = dashboard.render(dashboard.EXAMPLES["held"])
    assert "✋ *Held:* index build failed\norders_open_idx is INVALID" in shown(drawn)
    code = next(block for block in drawn.blocks if block["type"] == "rich_text")
    assert code["elements"][0]["elements"][0]["text"] == "DROP INDEX CONCURRENTLY public.orders_open_idx;"


@pytest.mark.parametrize(("done", "total", "full"), [(0, 15, 0), (14, 15, 16), (15, 15, 18), (0, 0, 0), (1, 40, 0)])
def test_the_bar_is_full_only_when_all_is_done(done: int, total: int, full: int) -> None:
    assert bar(done, total) == "█" * full + "░" * (18 - full)


def test_every_state_has_a_symbol_of_its_own_and_a_word() -> None:
    assert len(set(ITEM_SYMBOLS.values())) == len(ItemWord)
    assert set(SIGN_OFF_SYMBOLS) == set(SignOffWord)
    said = shown(everything.section_view(samples.SECTION))
    for word in ItemWord:
        assert f"{ITEM_SYMBOLS[word]} *{word}*" in said


def test_an_item_says_who_when_what_and_what_to_type() -> None:
    drawn = section.render(samples.SECTION)
    failed = drawn.blocks[2]
    assert failed["text"]["text"].splitlines()[0] == "✗ *failed*  Backup verified and restorable · needed for go"
    assert failed["text"]["text"].endswith('restore stopped: role "app" does not exist · create it, or --no-owner')
    assert failed["accessory"]["text"]["text"] == "Run check"
    assert decode(failed["accessory"]["value"]) == Target(samples.PREPARING.id, item="backup-restorable")


def test_a_section_shows_what_is_for_a_person_and_folds_the_rest() -> None:
    optional = replace(
        samples.PLAN, id="optional", label="Run performance tests", required=Requirement.NO, assigned=None
    )
    given = replace(optional, id="given", label="Test rollback procedures", assigned=samples.BO)
    drawn = section.render(replace(samples.SECTION, items=(*samples.SECTION.items, optional, given)))
    said = shown(drawn)
    assert [
        label in said for label in (samples.RESTORE.label, samples.PLAN.label, samples.LOCKS.label, given.label)
    ] == [True] * 4
    assert not [label for label in (samples.BACKUP.label, samples.MAINTENANCE.label, optional.label) if label in said]
    assert "✓ 1 done · – 1 n/a · ○ 1 optional, open" in said
    assert drawn.is_news
    assert decode(str(_element(drawn, "see_section")["value"])).section == samples.SECTION.id


def test_a_section_with_nothing_for_a_person_is_one_line_and_no_news() -> None:
    settled = replace(samples.SECTION, items=(samples.BACKUP, samples.MAINTENANCE))
    drawn = section.render(settled)
    assert [block["text"]["text"] for block in drawn.blocks] == ["*Pre-Deployment Checks*   ✓ 1 done · – 1 n/a"]
    assert not drawn.is_news
    assert not section.render(replace(samples.SECTION, can_wait=True)).is_news, "its checks run unasked"
    ended = replace(samples.SECTION, deployment=replace(samples.PREPARING, state=State.ABORTED))
    assert {each["action_id"] for each in elements(section.render(ended))} == {"see_section"}


def test_a_phase_is_a_line_a_section_and_leads_to_every_item() -> None:
    drawn = phase.render_lists(phase.LISTS_EXAMPLES["getting ready"])
    lines = [
        line for block in drawn.blocks if block["type"] == "section" for line in block["text"]["text"].splitlines()
    ]
    assert lines == [
        "*Getting ready*   ⟳ checks run: 7 of 40 have answered",
        "*Testing*   ✓ 1 done",
        "*Pre-Deployment Checks*   ✗ 1 failed · *2 for you* · ✓ 1 done · – 1 n/a",
    ]
    lists = _element(drawn, "see_section")
    assert [each["value"] for each in lists["options"]] == ["testing", samples.SECTION.id]  # type: ignore[attr-defined]
    assert "due from" in shown(phase.render_lists(phase.LISTS_EXAMPLES["not due yet"]))


def test_a_section_says_that_checks_run_only_while_they_do() -> None:
    answered = shown(section.render(replace(section.EXAMPLES["in work"], running=0)))
    assert "running" not in answered
    assert "⟳ 1 check running" in shown(section.render(section.EXAMPLES["in work"]))
    assert RUNNING not in {*ITEM_SYMBOLS.values(), *SIGN_OFF_SYMBOLS.values()}


def test_more_about_carries_item_and_deployment() -> None:
    drawn = section.render(samples.SECTION)
    menu = _element(drawn, "more_about")
    values = [each["value"] for each in menu["options"]]  # type: ignore[attr-defined]
    assert values[:2] == ["backup-restorable", "rollback-plan"]
    block = next(block for block in drawn.blocks if block["type"] == "actions")
    assert decode(block["block_id"]).deployment == samples.PREPARING.id


def test_a_menus_block_changes_with_the_states_only() -> None:
    def block_id(facts: object) -> str:
        return next(block["block_id"] for block in section.render(facts).blocks if block["type"] == "actions")  # type: ignore[arg-type]

    settled = replace(samples.PLAN, word=ItemWord.DONE)
    changed = replace(samples.SECTION, items=(*samples.SECTION.items[:2], settled, *samples.SECTION.items[3:]))
    assert block_id(samples.SECTION) == block_id(samples.SECTION)
    assert block_id(samples.SECTION) != block_id(changed)


def test_an_id_too_long_for_a_menu_leaves_the_item_with_its_button() -> None:
    long = replace(samples.PLAN, id="i" * 170)
    drawn = section.render(replace(samples.SECTION, items=(long, samples.PLAN)))
    assert len(_element(drawn, "more_about")["options"]) == 1  # type: ignore[arg-type]
    assert decode(str(_element(drawn, "tick")["value"])).item == "i" * 170


def test_the_evidence_line_is_cut_at_200_characters() -> None:
    item = replace(samples.RESTORE, evidence="words " * 100)
    line = section.render(replace(samples.SECTION, items=(item,))).text
    body = section.render(replace(samples.SECTION, items=(item,))).blocks[2]["text"]["text"].splitlines()[1]
    assert line
    assert body.endswith("…")
    assert len(body.split("> · ", 1)[1]) <= 200


def test_a_sign_off_says_what_is_decided() -> None:
    drawn = sign_off.render(samples.WAITING_DBA)
    assert "*Database administrator approval*   ◐ waiting · one of @dba-team, not Ann Keller" in shown(drawn)
    assert "decides 00008–00010 for production, 3 files, 7f3a91c0 · 12 of 14 checks passed" in shown(drawn)
    yes = _element(drawn, "sign")
    assert yes["text"] == {"type": "plain_text", "text": "Approve as DBA"}
    assert decode(str(yes["value"])) == Target(samples.PREPARING.id, role="dba", subject=samples.SUBJECT)


def test_nothing_can_be_decided_before_the_files_are_read() -> None:
    drawn = sign_off.render(sign_off.EXAMPLES["reading"])
    assert {each["action_id"] for each in elements(drawn)} == {"see_subject"}


def test_tick_many_offers_what_is_open_and_ticks_nothing_before() -> None:
    view = item.many_view(item.MANY_EXAMPLES["many"])
    groups = [block["element"] for block in view["blocks"] if block["type"] == "input"]
    assert [len(group["options"]) for group in groups] == [10, 10, 5]
    assert [group for group in groups if "initial_options" in group] == []
    labels = texts(item.many_view(samples.SECTION), "plain_text")
    assert "Rollback plan prepared" in labels
    assert "Database backup completed" not in labels


def test_go_can_only_be_submitted_when_nothing_is_missing() -> None:
    assert "submit" not in going.go_view(going.GO_EXAMPLES["missing"])
    clear = going.go_view(going.GO_EXAMPLES["clear"])
    assert clear["callback_id"] == "go"
    assert decode(clear["private_metadata"]).subject == samples.SUBJECT


def test_overruling_a_check_carries_the_answers_that_were_seen() -> None:
    facts = item.EXAMPLES["failed"]
    view = item.view(facts)
    assert decode(str(_element(view, "override")["value"])).subject == facts.seen
    assert _element(view, "tick")["text"] == {"type": "plain_text", "text": "Done …"}


def test_everything_leads_to_each_item() -> None:
    view = everything.view(*everything.EXAMPLES["two sections"])
    menus = [each for each in elements(view) if each["action_id"] == "more_about"]
    assert [len(menu["options"]) for menu in menus] == [5, 5]


def test_a_stakeholder_reads_no_jargon_and_acknowledges() -> None:
    drawn = notice.render(notice.EXAMPLES["completion"])
    assert drawn.text.splitlines()[0] == "Production: the database change is done."
    assert decode(str(_element(drawn, "acknowledge")["value"])).notice == notice.EXAMPLES["completion"]["notice_id"]


def test_a_row_of_an_older_or_newer_version_is_still_told() -> None:
    assert "window-moved" in notice.render({"event": "window-moved", "colour": "green", "head": None}).text
    assert private.render({"text": "Asked.", "thread_ts": "1.2", "user": "U1"}).text == "Asked."


def test_an_answer_may_offer_its_button_anew() -> None:
    again = _element(private.render(private.EXAMPLES["changed"]), "sign")
    assert decode(str(again["value"])).subject == "5" * 64


def test_an_option_too_long_for_slack_is_refused_here() -> None:
    with pytest.raises(ValueError, match="1 to 150"):
        option("words", "v" * 151)


def test_the_headline_never_says_nothing_is_missing_while_the_bar_is_not_full() -> None:
    facts = replace(dashboard.EXAMPLES["rolled back"], blockers=())
    assert "*To close:* 5 items" in shown(dashboard.render(facts))


def test_a_condition_that_the_label_says_is_not_said_twice() -> None:
    item = replace(samples.MAINTENANCE, condition="if needed", evidence="")
    assert (
        shown(everything.section_view(replace(samples.SECTION, items=(item,)))).count("if needed") == 2
    )  # label and menu


def test_the_picker_carries_deployment_and_act() -> None:
    menu = _element(private.picker_render(*private.PICKER_EXAMPLES["two"]), MENU)
    chosen = decode(menu["options"][1]["value"])  # type: ignore[index]
    assert (chosen.deployment, chosen.extra) == ("d1", "complete")
