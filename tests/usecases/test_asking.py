"""What is asked of whom, how each message that asked stands, and what an approver is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.background.check_inputs import kept
from bot.core.decision import CheckResult, Purpose
from bot.core.refusal import Refused
from bot.slack.messages.blocks import spoken
from bot.slack.messages.thread.item_line import item_head
from bot.slack.messages.thread.sign_off import render
from bot.usecases import tick, views
from bot.usecases.checking.record_result import record_result
from bot.usecases.facts import AskedWord, Card
from bot.usecases.lifecycle import custody, hold, start
from bot.usecases.signoffs import asking, decide
from checks.base import DatabaseAddress, Inputs
from checks.catalogue import CATALOGUE
from checks.migrations import read_pairs
from checks.result import NOTE, Finding, Status
from checks.runner import run_checks
from tests.postgres import TestDatabase
from tests.usecases.team import ANN, BO, DANA, MO, Team, files


def words(team: Team, deployment: str, role: str = "dba") -> list[AskedWord]:
    return [facts.word for _, facts in team.asked(deployment, role)]


def asked(team: Team) -> str:
    deployment = team.starts()
    team.does(asking.ask_now, ANN, deployment)
    return deployment


def uses(team: Team, deployment: str, body: str) -> None:
    """The files change, and the deployer takes the new ones."""
    team.reads(deployment, files("00008", "00009", body=body))
    team.does(hold.use_new_files, ANN, deployment, team.row(deployment).moved_fingerprint or "")


def test_who_decided_is_told_where_they_were_asked_and_so_are_the_others(team: Team) -> None:
    team.has("U0DORA", dba_team={DANA, "U0DORA"})
    deployment = asked(team)
    assert words(team, deployment) == [AskedWord.OPEN] * 2
    team.signs(deployment, "dba")
    now = dict(team.asked(deployment, "dba"))
    assert (now[DANA].word, now["U0DORA"].word) == (AskedWord.MINE, AskedWord.OTHERS)
    assert now[DANA].mine is not None
    team.does(decide.withdraw, DANA, deployment, "dba")
    assert words(team, deployment) == [AskedWord.OPEN] * 2


def test_a_decision_paints_every_message_that_asked_at_once(team: Team) -> None:
    deployment = asked(team)
    before = team.store.read(lambda reader: {live.id: live.wanted for live in reader.outbox.wanted(deployment)})
    team.signs(deployment, "dba")
    behind = team.store.read(lambda reader: reader.outbox.wanted(deployment))
    painted = {(live.kind, live.subject.split(":")[0]) for live in behind if live.wanted > before[live.id]}
    assert painted == {("asked", "dba"), ("sign-off", "dba"), ("dashboard", "")}
    assert {live.urgency for live in behind if live.kind == "asked" and live.subject.startswith("dba")} == {0}


def test_files_that_change_are_asked_about_in_a_message_of_their_own(team: Team) -> None:
    deployment = asked(team)
    uses(team, deployment, "select 2;")
    assert words(team, deployment) == [AskedWord.REPLACED, AskedWord.OPEN]


def test_files_that_return_are_asked_about_again(team: Team) -> None:
    deployment = asked(team)
    team.signs(deployment, "dba")
    uses(team, deployment, "select 2;")
    uses(team, deployment, "select 1;")
    assert words(team, deployment) == [AskedWord.REPLACED, AskedWord.REPLACED, AskedWord.OPEN]


def test_asking_twice_asks_nobody_twice(team: Team) -> None:
    deployment = asked(team)
    team.does(asking.ask_now, ANN, deployment)
    assert words(team, deployment) == [AskedWord.OPEN]


def test_who_took_a_yes_back_is_asked_anew_once(team: Team) -> None:
    deployment = asked(team)
    team.signs(deployment, "dba")
    team.does(decide.withdraw, DANA, deployment, "dba")
    for _ in range(2):
        team.does(asking.ask_now, ANN, deployment)
    assert words(team, deployment) == [AskedWord.REPLACED, AskedWord.OPEN]


@pytest.mark.parametrize("ends", ["aborted", "waived", "becomes a deployer", "rejected"])
def test_what_is_no_longer_to_be_decided_says_so(team: Team, ends: str) -> None:
    deployment = asked(team)
    subject = team.situation(deployment).subject
    if ends == "aborted":
        team.does(custody.abort, ANN, deployment, "not today")
    elif ends == "waived":
        team.does(decide.not_required, MO, deployment, "dba", subject, "only a comment")
    elif ends == "becomes a deployer":
        team.does(start.join, DANA, deployment)
    else:
        team.does(decide.reject, DANA, deployment, "dba", subject, "locks")
    expected = {
        "aborted": AskedWord.ENDED,
        "waived": AskedWord.OTHERS,
        "becomes a deployer": AskedWord.NOT_ASKED,
        "rejected": AskedWord.MINE,
    }
    assert words(team, deployment) == [expected[ends]]


def test_a_role_that_confirms_by_typing_takes_no_bare_click(team: Team) -> None:
    team.project = replace(
        team.project, roles={**team.project.roles, "dba": replace(team.project.roles["dba"], confirm_typed=True)}
    )
    deployment = asked(team)
    subject = team.situation(deployment).subject
    with pytest.raises(Refused, match="Type the environment's name, production, to confirm") as bare:
        team.does(decide.sign, DANA, deployment, "dba", subject)
    assert bare.value.wants_reason
    with pytest.raises(Refused, match="production, to confirm"):
        team.does(decide.sign, DANA, deployment, "dba", subject, "", "staging")
    team.does(decide.sign, DANA, deployment, "dba", subject, "", " production ")
    assert team.role(deployment, "dba").met


def card(team: Team, deployment: str) -> Card:
    facts = team.store.read(lambda reader: views.sign_off(reader, team.project, deployment, "dba", team.now))
    assert facts.card is not None
    return facts.card


def found(team: Team, deployment: str, status: Status, findings: tuple[Finding, ...], fingerprint: str) -> None:
    def work(unit: Any) -> None:
        unit.results.queue(deployment, ["statement-risk"], Purpose.ASKED, unit.new_id(), None, team.now)
        runs = unit.results.claim(team.now, team.now + timedelta(minutes=5), 1)
        result = CheckResult(
            *(unit.new_id(), runs[0].id, deployment, "statement-risk", status, "2 statements", team.now),
            findings=findings,
            fingerprint=fingerprint,
        )
        record_result(unit, team.project, team.act("gonogo"), runs[0], result)

    team.store.write(work)


SEEN = (
    Finding("00009 holds SHARE on orders and builds an index on it", "orders", "00009_change.sql", 1),
    Finding("CREATE INDEX on orders (41 GB): blocks writes", "orders", "00009_change.sql", 1, severity=NOTE),
    Finding("no lock on any table that is there", file="00008_change.sql", severity=NOTE),
)


def test_the_card_says_what_was_seen_of_these_very_files(team: Team) -> None:
    deployment = asked(team)
    assert card(team, deployment).not_tried == "no check has tried these files"
    found(team, deployment, Status.WARNING, SEEN, team.row(deployment).fingerprint or "")
    shown = card(team, deployment)
    assert [(file.version, file.words, file.observed, file.weight) for file in shown.files] == [
        ("00008", "change", "no lock on any table that is there", None),
        ("00009", "change", "CREATE INDEX on orders (41 GB): blocks writes", 0),
    ]
    assert (shown.not_tried, shown.warnings) == ("", ())
    uses(team, deployment, "select 2;")
    assert [file.observed for file in card(team, deployment).files] == ["", ""], "seen of other files"


def test_the_card_counts_as_the_dashboard_does(team: Team) -> None:
    deployment = asked(team)
    open_items = [one.subject for one in team.dashboard(deployment).blockers if one.kind == "item"]
    assert len(card(team, deployment).open_items) == len(open_items)
    team.has_probe("rollback-plan", "plan")
    team.answers(deployment, "plan", Status.FAILED, "no plan")
    team.does(tick.override, DANA, deployment, "rollback-plan", "agreed by phone", seen(team, deployment))
    shown = card(team, deployment)
    assert [(one.title, one.status, one.overridden_by) for one in shown.not_passed] == [("plan", Status.FAILED, "Dana")]
    assert (shown.checks_passed, shown.checks_total) == (0, 1)
    assert "Rollback plan prepared overridden by Dana" in team.dashboard(deployment).amber
    section = next(one.section_id for one in team.situation(deployment).checklist.items if one.id == "rollback-plan")
    facts = team.store.read(lambda reader: views.section(reader, team.project, deployment, section, team.now))
    line = next(item for item in facts.items if item.id == "rollback-plan")
    assert item_head(line).startswith("🟠 *overridden*  Rollback plan prepared")


def seen(team: Team, deployment: str) -> frozenset[str]:
    return frozenset({team.situation(deployment).results["plan"].digest})


def test_what_staging_took_is_told_and_what_it_never_ran(team: Team) -> None:
    staging = team.starts("staging", who=BO, versions=("00008",))
    team.goes(staging, BO)
    team.later(minutes=24)
    team.completes(staging, BO)
    team.later(minutes=5)
    deployment = asked(team)
    before = card(team, deployment).rehearsal
    assert before is not None
    assert (before.environment, before.took, before.missing) == ("staging", (timedelta(minutes=24),), ("00009",))


def test_the_commit_is_a_link_where_the_team_says_where(team: Team) -> None:
    team.project = replace(team.project, commit_url="https://git.example/shop/commit/{commit}")
    deployment = team.does(start.start, ANN, "production").deployment_id or ""
    team.reads(deployment, files("00008"), source_commit="4be1a02d" * 5)
    shown = card(team, deployment)
    assert shown.commit_link == f"https://git.example/shop/commit/{shown.commit}"


def test_home_says_what_was_decided_and_takes_it_back_there(team: Team) -> None:
    deployment = asked(team)
    team.signs(deployment, "dba")
    home = team.store.read(lambda reader: views.home(reader, {"default": team.project}, DANA, team.now))
    assert [(one.sign_off.role.name, one.word) for one in home.decided] == [("dba", AskedWord.MINE)]
    assert [facts for _, _, facts in home.needs_me if facts] == []
    team.does(decide.withdraw, DANA, deployment, "dba")
    home = team.store.read(lambda reader: views.home(reader, {"default": team.project}, DANA, team.now))
    assert (home.decided, len(home.needs_me)) == ((), 1)


def test_an_approval_that_grew_old_is_asked_for_in_a_new_message(team: Team) -> None:
    deployment = asked(team)
    team.signs(deployment, "dba")
    team.later(days=8)
    team.does(asking.ask_now, ANN, deployment)
    assert words(team, deployment) == [AskedWord.REPLACED, AskedWord.OPEN]


CHANGES = {
    "00002_add_loyalty_tier.sql": "ALTER TABLE users ADD tier text;",
    "00003_widen_totals.sql": "-- why\nALTER TABLE orders ALTER COLUMN total TYPE numeric(20, 2);",
    "00004_index_totals.sql": "-- no-transaction\nCREATE INDEX CONCURRENTLY ON orders (total);",
    "00005_daily_revenue.sql": "CREATE MATERIALIZED VIEW daily_revenue AS SELECT sum(total) FROM orders;",
    "00007_drop_notes.sql": "DROP TABLE users_notes;",
}
RAN = ("statement-risk", "sequential-numbering", "syntax", "destructive-statements")
BEFORE = "CREATE TABLE users (id int); CREATE TABLE users_notes (id int); CREATE TABLE orders (id int, total int);"


def really_checked(team: Team, target: DatabaseAddress) -> str:
    """A deployment of those files whose checks have run on a scratch server and the target."""
    written = {name: body.encode() for name, body in CHANGES.items()}
    migrations = replace(read_pairs([("00001_base.sql", BEFORE.encode()), *written.items()]), applied_through="00001")
    deployment = team.does(start.start, ANN, "production").deployment_id or ""
    team.reads(deployment, written, source_commit="4be1a02d" * 5)
    team.finishes_runs(deployment)
    team.does(asking.ask_now, ANN, deployment)
    inputs = Inputs(migrations=migrations, scratch_server="embedded", target=target)
    checks = [
        CATALOGUE[name] for name in ("statement-risk", "sequential-numbering", "syntax", "destructive-statements")
    ]
    for check, result in run_checks(checks, inputs):

        def work(unit: Any, check: Any = check, result: Any = result) -> None:
            unit.results.queue(deployment, [check.id], Purpose.ASKED, unit.new_id(), None, team.now)
            [run] = unit.results.claim(team.now, team.now + timedelta(minutes=5), 1)
            record_result(unit, team.project, team.act("gonogo"), run, kept(run, check, result, inputs, team.now))

        team.store.write(work)
    return deployment


def test_an_approver_reads_files_risk_and_failed_checks_off_the_card_alone(team: Team, database: TestDatabase) -> None:
    """On a real scratch server and a real target; as text, as it stands in Slack."""
    database.execute(BEFORE)
    database.execute("UPDATE pg_class SET relpages = 5373952 WHERE relname = 'orders'")
    deployment = really_checked(team, database.address)
    facts = team.store.read(lambda reader: views.sign_off(reader, team.project, deployment, "dba", team.now))
    text = "\n".join(spoken(block["text"]["text"]) for block in render(facts).blocks if block["type"] == "section")
    versions_and_words = [f"{name[:5]} {name[6:-4].replace('_', ' ')}" for name in CHANGES]
    assert [words for words in versions_and_words if words not in text] == []
    riskiest = (
        "▸ riskiest: 00003 widen totals · ALTER TABLE orders (41 GB) ALTER COLUMN TYPE: "
        "rewrites it under ACCESS EXCLUSIVE, blocks reads and writes until it ends"
    )
    assert riskiest in text
    assert "CREATE INDEX CONCURRENTLY on orders (41 GB): blocks nobody" in text
    assert "new materialized view daily_revenue: no lock on what is there" in text
    not_passed = [one for one in team.situation(deployment).results.values() if one.status is not Status.PASSED]
    assert {one.check_id for one in not_passed} == {"statement-risk", "sequential-numbering", "destructive-statements"}
    assert [one.check_id for one in not_passed if one.summary.split(":")[-1][:40] not in text] == []
    assert "1 of 4 checks passed" in text
    assert team.situation(deployment).subject[:8] in text
    assert (team.row(deployment).fingerprint or "")[:8] not in text
