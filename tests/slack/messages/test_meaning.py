"""What a tired person reads, and what their click carries."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.core.checklist.items import Requirement
from bot.core.deployment import State
from bot.core.item import ItemWord
from bot.slack.messages import samples
from bot.slack.messages.blocks import option, spoken
from bot.slack.messages.buttons import MENU, Target, decode
from bot.slack.messages.direct import asked, private, status
from bot.slack.messages.forms import everything, going, item
from bot.slack.messages.thread import dashboard, notice, phase, section, sign_off
from bot.slack.messages.words import ITEM_SYMBOLS, RUNNING, SIGN_OFF_SYMBOLS, bar
from bot.usecases.facts import AskedWord, SignOffWord
from bot.usecases.standing_facts import DashboardFacts
from bot.usecases.verb import Verb
from tests.slack.messages.slack_limits import elements, mentions, shown, texts


def _element(drawn: object, action: str) -> dict[str, object]:
    return next(each for each in elements(drawn) if each["action_id"] == action)


def read(state: str) -> list[str]:
    """The lines of a dashboard as a person reads them; a button beside a line stands behind it."""
    lines = []
    for block in dashboard.render(dashboard.EXAMPLES[state]).blocks:
        if block["type"] == "section":
            beside = f"   [{block['accessory']['text']['text']}]" if "accessory" in block else ""
            lines += [spoken(line) for line in f"{block['text']['text']}{beside}".splitlines()]
        elif block["type"] == "context":
            lines += [spoken(each["text"]) for each in block["elements"]]
        elif block["type"] == "rich_text":
            lines.append(block["elements"][0]["elements"][0]["text"])
    return lines


READ = {
    "preparing": [
        "Production · migrations 00008–00010 · loyalty tiers",
        "no. 12 · preparing · Ann Keller · window 11-24 16:03 UTC–17:33 UTC",
        "✗ failed  Database backup completed: 50 h old (at most 24 h)",
        "take one: pg_dump …, then run the check   [Run check]",
        "◐ waiting  Check for potential performance issues: 1 statement to look at: 00009 builds an index without "
        "CONCURRENTLY",
        "CREATE INDEX CONCURRENTLY   [Done]",
        "○ open  Rollback plan prepared · given to Bo Larsen   [Done]",
        "◐ waiting for  DBA @dba-team · backend U0BO",
        "⟳ running  checks run: 7 of 14 have answered",
        "⚠ 00009 holds ACCESS EXCLUSIVE on orders (41 GB) and rewrites it: maintenance mode needed",
        "⚠ management has one member, and that is a deployer · add somebody to [roles.management]",
        "████████████░░░░░░ 10 of 15 needed for go",
    ],
    "reading": ["⟳ running  the migration files and the history are being read"],
    "waiting for sign-offs": [
        "✓ All else is settled; only people are missing (asked 11-24 14:03 UTC).",
        "◐ waiting for  DBA @dba-team · backend U0BO",
        "███████████████░░░ 13 of 15 needed for go",
    ],
    "rejected": [
        "✗ in the way  Database administrator rejected: orders is locked for minutes",
        "change it, or have it cleared in the thread",
        "✗ not now  Outside of the deployment windows; the next one starts Tue 24 Nov 09:00",
    ],
    "ready": ["✓ To go: nothing is missing", "██████████████████ 15 of 15 needed for go"],
    "go asked": [
        "Go is asked by Ann Keller 11-24 14:03 UTC. First what is out of date runs again: Backup age, Statement risk.",
        "⟳ running  checks run: 1 of 3 have answered",
    ],
    "go just said": [
        "no. 12 · deploying · Ann Keller · go 11-24 16:03 UTC",
        "Next: start it yourself; gonogo only watches.",
        "sqlx migrate run --source db/migrations",
        "○ open  Run smoke tests   [Done]",
        "░░░░░░░░░░░░░░░░░░ 0 of 3 applied · 3 of 6 needed to complete",
    ],
    "deploying": [
        "⚠ pid 4711 (shop) waits 12 s for AccessShareLock on orders, blocked by pid 4700",
        "⟳ running  CREATE INDEX orders_open_idx 63 % (building index: scanning table)",
        "████████████░░░░░░ 2 of 3 applied · 3 of 6 needed to complete",
    ],
    "applied": ["✓ To complete: nothing is missing", "██████████████████ 3 of 3 applied · 6 of 6 needed to complete"],
    "held": [
        "✋ Held by Dana Okafor: index build failed",
        "orders_open_idx is INVALID since 16:12; 00009 has no row in the history table",
        "Type this next, on the database:",
        "DROP INDEX CONCURRENTLY public.orders_open_idx;",
    ],
    "verifying": [
        "no. 12 · verifying, Success · Ann Keller · completed 11-24 17:03 UTC",
        "For you now: ○ 1 open: Run smoke tests. Watching it, in the thread, has the lists.",
        "✓ 9 settled by machines · next look 11-25 09:03 UTC · closes by itself 2026-12-22",
        "█░░░░░░░░░░░░░░░░░ 1 of 12 looks done",
    ],
    "verifying, nothing due": [
        "Nothing wants anybody now.",
        "✓ 9 settled by machines · next look 11-25 09:03 UTC · closes by itself 2026-12-22",
    ],
    "continued in another": ["Continued in deployment 13: that one is watched"],
    "parked": [
        "Parked by Ann Keller: a hotfix goes first. It comes back by itself after deployment 13 of Bo Larsen. "
        "Its state and its approvals are kept."
    ],
    "closed": [
        "Closed by Ann Keller: the last week was quiet · 12-24 14:03 UTC",
        "The record is in the thread.",
    ],
    "aborted": ["Aborted by Ann Keller: a hotfix goes first · 11-24 14:03 UTC"],
}


@pytest.mark.parametrize("state", READ)
def test_what_a_person_reads_in_each_state(state: str) -> None:
    """What it says stands there, in this order; the first state as a whole."""
    lines = read(state)
    assert [line for line in lines if line in READ[state]] == READ[state], lines
    assert state != "preparing" or lines == READ[state]


@pytest.mark.parametrize("state", dashboard.EXAMPLES)
def test_no_dashboard_contradicts_itself(state: str) -> None:
    """One bar at most, one bold act at most, no hash; nothing is missing only where nothing is."""
    facts, lines, drawn = dashboard.EXAMPLES[state], read(state), dashboard.render(dashboard.EXAMPLES[state])
    assert sum("░" in line or "█" in line for line in lines) <= 1
    assert len([each for each in elements(drawn) if each.get("style") == "primary"]) <= 1
    assert not re.search(r"[0-9a-f]{8}", "\n".join(lines))
    all_done = facts.needed_done == facts.needed_total and not facts.blockers
    assert ("nothing is missing" in "\n".join([*lines, drawn.text])) == (all_done and facts.step != "")


def test_only_who_is_asked_is_mentioned() -> None:
    preparing = dashboard.EXAMPLES["preparing"]
    assert mentions(dashboard.render(preparing)) == ["U0BO"]
    unasked = replace(preparing, sign_offs=tuple(replace(each, asked=False) for each in preparing.sign_offs))
    assert mentions(dashboard.render(unasked)) == []
    assert "backend Bo Larsen" in shown(dashboard.render(unasked))


def test_the_next_act_is_bold_and_stands_where_it_is() -> None:
    """In the row below; or beside the first line, where only a person can say it; or nowhere while others decide."""

    def bold(facts: DashboardFacts) -> list[str]:
        drawn = elements(dashboard.render(facts))
        return [f"{each['action_id']} {decode(each['value']).item}" for each in drawn if each.get("style")]

    assert bold(dashboard.EXAMPLES["preparing"]) == ["run_checks "]
    assert bold(dashboard.EXAMPLES["waiting for sign-offs"]) == []
    by_hand = replace(dashboard.EXAMPLES["preparing"], next_act=None, items={samples.PLAN.id: samples.PLAN})
    assert bold(by_hand) == ["tick rollback-plan"]


def test_a_line_whose_check_runs_is_not_asked_of_anybody() -> None:
    running = replace(samples.PLAN, running=True, act=None)
    facts = replace(dashboard.EXAMPLES["preparing"], items={samples.PLAN.id: running})
    assert "Rollback plan prepared" not in shown(dashboard.render(facts))


def test_what_is_missing_is_grouped_by_who_can_mend_it() -> None:
    said = spoken(status.blockers_render(dashboard.EXAMPLES["preparing"]).blocks[1]["text"]["text"]).splitlines()
    assert said == [
        "Bo Larsen",
        "○ Rollback plan prepared: open",
        "◐ Backend engineer: review is missing",
        "Anybody of the team: Done",
        "◐ Check for potential performance issues: waiting for a person's yes, 1 statement to look at → CREATE INDEX "
        "CONCURRENTLY",
        "A check tells: Run check",
        "✗ Database backup completed: failed, 50 h old (at most 24 h) → take one: pg_dump …, then run the check",
        "@dba-team",
        "◐ Database administrator: approval is missing",
    ]


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


def test_the_bar_of_a_held_deployment_is_of_the_files_that_its_words_count() -> None:
    facts = replace(dashboard.EXAMPLES["held"], applied=3, needed_done=1, needed_total=6)
    assert "██████████████████ 3 of 3 applied" in str(dashboard.render(facts).blocks)


def test_held_shows_the_finding_and_the_statement_to_type() -> None:
    drawn = dashboard.render(dashboard.EXAMPLES["held"])
    assert "✋ *Held* by Dana Okafor: index build failed\norders_open_idx is INVALID" in shown(drawn)
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
    given = replace(optional, id="given", label="Test rollback procedures", assigned=samples.GIVEN_TO_BO)
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


def test_the_card_alone_names_files_the_riskiest_statement_and_what_did_not_pass() -> None:
    titled = replace(samples.WAITING_DBA, deployment=replace(samples.PREPARING, title="loyalty tiers"))
    drawn = sign_off.render(titled)
    lines = [line for block in drawn.blocks[:-1] for line in block["text"]["text"].splitlines()]
    assert lines == [
        "*Database administrator approval*   ◐ waiting · one of @dba-team, not Ann Keller",
        "*Production · loyalty tiers* · migrations 00008–00010 · 9c1f4e6b",
        "*00008* add loyalty tier · ALTER TABLE customers (2 GB) ADD COLUMN: no rewrite, no scan, "
        "ACCESS EXCLUSIVE for a moment",
        "▸ *riskiest:* *00009* index open orders · CREATE INDEX on orders (41 GB): blocks writes until it ends",
        "*00010* create daily revenue · new materialized view daily_revenue: no lock on what is there",
        "staging took 24 min from go to completion · <https://git.example/shop/commit/4be1a02d|commit 4be1a02d> · "
        "12 of 14 checks passed",
        '✗ failed  Restore drill: restore stopped: role "app" does not exist · 🟠 overridden by Bo Larsen',
        "? could not run  Statement statistics: pg_stat_statements is not installed",
        "○ 2 open that go needs: Backup verified and restorable, Rollback plan prepared",
        "*To look at:* locks, rewrites, table sizes",
    ]
    yes = _element(drawn, "sign")
    assert yes["text"] == {"type": "plain_text", "text": "Approve as DBA"}
    assert decode(str(yes["value"])) == Target(samples.PREPARING.id, role="dba", subject=samples.SUBJECT)


def test_a_card_that_nobody_tried_says_so_and_what_staging_has_not_run() -> None:
    said = shown(sign_off.render(sign_off.EXAMPLES["nobody tried"]))
    assert "What they lock was not tried: no scratch server is configured" in said
    assert "staging has not run 00008, 00010" in said
    assert "riskiest" not in said


def test_nothing_can_be_decided_before_the_files_are_read() -> None:
    drawn = sign_off.render(sign_off.EXAMPLES["reading"])
    assert {each["action_id"] for each in elements(drawn)} == {"see_sql", "see_subject"}


def test_what_did_not_pass_is_read_before_what_did() -> None:
    said = shown(everything.subject_view(everything.SUBJECT_EXAMPLES["three files"]))
    order = [said.index(words) for words in ("Restore drill", "Statement risk", "Rollback plan prepared", "Backup age")]
    assert max(order[:3]) < order[3]


_CLOSED = [state for state, facts in asked.EXAMPLES.items() if facts.word is not AskedWord.OPEN]


@pytest.mark.parametrize("state", _CLOSED)
def test_what_is_decided_or_closed_decides_nothing_any_more(state: str) -> None:
    deciding = {"sign", "second", "reject", "not_required"}
    assert not deciding & {each["action_id"] for each in elements(asked.render(asked.EXAMPLES[state]))}


def test_who_decided_reads_so_where_they_pressed() -> None:
    drawn = asked.render(asked.EXAMPLES["approved by you"])
    assert "*Database administrator approval*   ✓ You approved" in shown(drawn)
    assert _element(drawn, "withdraw")
    assert "✓ Dana Okafor approved as DBA" in shown(asked.render(asked.EXAMPLES["approved by another"]))


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
    drawn = notice.render(notice.EXAMPLES["under way"])
    assert drawn.text.splitlines() == [
        "Loyalty tiers · under way in production since 11-24 14:03 UTC",
        "It should take about 30 minutes. You hear again when it is done.",
        "• add loyalty tier to customers",
        "• index open orders",
        "• daily revenue for the dashboard",
    ]
    assert not re.search(r"\.sql|[0-9a-f]{8}", drawn.text), "no file names, no hashes"
    assert "Questions: Ann Keller, or <#C0DEPLOYS>" in shown(drawn)
    assert decode(str(_element(drawn, "acknowledge")["value"])).notice == notice.EXAMPLES["under way"].notice_id


def test_the_names_of_who_acknowledged_take_the_place_of_the_button() -> None:
    drawn = notice.render(notice.EXAMPLES["acknowledged"])
    assert re.search(r"✓ acknowledged by Pia Rossi <!date[^>]+>, Otto Braun <!date", shown(drawn))
    assert [block["type"] for block in drawn.blocks if "acknowledge" in str(block)] == ["section"]
    nobody = notice.render(notice.EXAMPLES["planned"])
    assert "acknowledged" not in shown(nobody)


def test_what_was_done_and_taken_back_is_corrected() -> None:
    corrected = shown(notice.render(notice.EXAMPLES["done, and then taken back"]))
    assert "*Loyalty tiers* · was done in production" in corrected
    assert "*Correction:* it was taken back" in corrected
    assert "Acknowledge" not in corrected


def test_a_row_of_an_older_version_is_still_told() -> None:
    assert private.render({"text": "Asked.", "thread_ts": "1.2", "user": "U1"}).text == "Asked."


def test_an_answer_may_offer_its_button_anew() -> None:
    again = _element(private.render(private.EXAMPLES["changed"]), "sign")
    assert decode(str(again["value"])).subject == "5" * 64


def test_an_option_too_long_for_slack_is_refused_here() -> None:
    with pytest.raises(ValueError, match="1 to 150"):
        option("words", "v" * 151)


def test_a_status_never_says_nothing_is_missing_while_the_bar_is_not_full() -> None:
    facts = dashboard.EXAMPLES["verifying, nothing due"]
    assert "To close: nothing wants anybody now; 1 of 12 looks done" in shown(status.render((facts,), {}))
    unknown = replace(dashboard.EXAMPLES["ready"], needed_done=14)
    assert "To go: 1 line open; 14 of 15 needed for go" in shown(status.render((unknown,), {}))


def test_what_closing_waits_for_is_said_by_whom_and_what_comes_by_itself() -> None:
    said = shown(status.blockers_render(status.BLOCKERS_EXAMPLES["watched"]))
    assert "*@dba-team*\n◐ The glass that Dana broke is not reviewed yet, due 01 Dec 2026" in said
    assert "*By itself*\n◐ It is watched until Tue 22 Dec 09:00 CET, then it closes by itself" in said


def test_a_condition_that_the_label_says_is_not_said_twice() -> None:
    item = replace(samples.MAINTENANCE, condition="if needed", evidence="")
    assert (
        shown(everything.section_view(replace(samples.SECTION, items=(item,)))).count("if needed") == 2
    )  # label and menu


def test_the_picker_carries_deployment_and_act() -> None:
    menu = _element(private.picker_render(*private.PICKER_EXAMPLES["two"]), MENU)
    chosen = decode(menu["options"][1]["value"])  # type: ignore[index]
    assert (chosen.deployment, chosen.extra) == ("d1", "complete")
