"""The main job by hand: start, tick, ask, sign, go, complete, and the notice; each sees what they should."""

from __future__ import annotations

import threading
from collections.abc import Callable

from bot.demo import acts
from bot.demo.standin import Message, Person
from tests.journeys.routine import NEEDED_TO_COMPLETE, gone, prepared, signed, started, tick, yes_button
from tests.journeys.troupe import Troupe


def test_a_production_deployment_by_five_people(play: Troupe) -> None:
    dashboard = started(play)
    prepared(play, dashboard)
    signed(play)
    gone(play, dashboard)
    for label in NEEDED_TO_COMPLETE:
        tick(play.person("ann"), dashboard, "Production Deployment", label)
    dashboard.becomes("7 of 7", timeout=20)
    ann = play.person("ann")
    ann.presses("Complete …", in_=dashboard)
    form = ann.modal()
    form.fill("Notes", "No errors.")
    assert form.submit() is None
    notice = play.person("pia").sees("#releases", "completed", timeout=20)
    assert "00008–00010" in notice.text()
    dashboard.becomes("verifying", timeout=20)
    record = dashboard.thread.sees("Record at completion", timeout=20)
    assert record.posted.files
    play.person("pia").presses("Acknowledge", in_=notice)


def pressing(person: Person, label: str, copy: Message) -> Callable[[], object]:
    return lambda: person.presses("Done", in_=copy, beside=label)


def test_two_people_on_one_section_at_the_same_moment_lose_nothing(play: Troupe) -> None:
    dashboard = started(play)
    section = acts.section_of(dashboard, "Pre-Deployment Checks")
    before = int(section.lines()[0].split(" of 7 settled")[0].split()[-1])
    labels = ["Database backup completed", "Backup verified and restorable", "Rollback plan prepared"]
    copies = [section.old_copy() for _ in labels]
    for person, label, copy in zip(("bo", "ann", "devi"), labels, copies, strict=True):
        threading.Thread(target=pressing(play.person(person), label, copy)).start()
    section.becomes(f"{before + 3} of 7", timeout=20)


def test_a_double_click_settles_once_and_is_answered(play: Troupe) -> None:
    dashboard = started(play)
    section = acts.section_of(dashboard, "Code Review")
    old = section.old_copy()
    for _ in range(2):
        play.person("bo").presses("Done", in_=old, beside="Peer review")
    play.person("bo").hears("was done already", timeout=20)
    section.becomes("1 of 8", timeout=20)


def test_an_old_go_is_judged_by_today_s_state(play: Troupe) -> None:
    dashboard = started(play)
    old = dashboard.old_copy()
    play.person("ann").types("/deploy abort")
    form = play.person("ann").modal(timeout=20)
    form.fill(form.labels()[0], "wrong branch").submit()
    dashboard.becomes("aborted", timeout=20)
    play.person("ann").presses("Run checks", in_=old)
    play.person("ann").hears("aborted", timeout=20)


def test_an_unknown_button_gets_an_answer(play: Troupe) -> None:
    dashboard = started(play)
    play.slack.click("ann", dashboard, "button_of_yore", "x")
    play.person("ann").hears("older version", timeout=20)


def test_the_deployer_s_own_approval_is_refused_with_the_reason(play: Troupe) -> None:
    dana = play.person("dana")
    dana.types("/deploy start production 00008-00010")
    dashboard = dana.sees("#deploys", "Production · migrations 00008–00010", timeout=20)
    dana.presses("Ask now", in_=dashboard)
    message = dashboard.thread.sees("Backend engineer", timeout=20)
    play.person("dana").presses(yes_button(message), in_=message)
    dana.hears("nobody approves their own", timeout=20)
