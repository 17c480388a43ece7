"""One story: at every moment of a deployment, hard ones too, all that people read of it says the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.checklist.items import Requirement, RoleKind
from bot.core.deployment import Outcome
from bot.core.team import Role
from bot.usecases import telling, tick, work
from bot.usecases.lifecycle import break_glass, complete, custody, go, hold, roll_back, start
from bot.usecases.signoffs import asking, decide, delegate
from bot.usecases.views.course import TOLD, TOLD_ELSEWHERE
from checks.result import Finding, Status
from tests.record.story import Story, notified, progress, sent, told
from tests.usecases.team import ANN, BO, DANA, DEVI, MO, Team, files, reading, record_reading

EVE = "U0EVE"
ON_THE_LINE: Mapping[str, tuple[bool, str]] = {
    "approved": (True, "approved by"),
    "reviewed": (True, "reviewed by"),
    "seconded": (True, "🟠 seconded by"),
    "acknowledged": (True, "acknowledged by"),
    "notified": (True, "not acknowledged"),
    "rejected": (False, "rejected by"),
    "stale": (False, "stale"),
    "not required": (False, "not required"),
    "turned off": (False, "switched off"),
    "waiting": (False, ""),
}
"""What the thread calls a sign-off: whether the record ticks its line, and what stands on it."""
POSTED = {
    **{event: event for event in ("go", "held", "retried", "continued", "completed", "closed", "aborted", "parked")},
    **{event: event for event in ("unparked", "taken-over", "glass-reviewed")},
    "no-go": "go-refused",
    "trouble": "trouble-seen",
    "rolling-back": "rollback-opened",
    "break-glass": "go",
}


ALL_BUT_NOTICES = (
    "phase",
    "rejected",
    "take-over",
    "rollback-opened",
    "glass-broken",
    "private",
    "record",
)


class Walk:
    """The moments, one after the other; each gives its name and its deployment."""

    def __init__(self, team: Team) -> None:
        self.team = team
        team.has(EVE)
        for item, check in (("backup", "nightly"), ("smoke-tests", "smoke"), ("backup-restorable", "drill")):
            team.has_probe(item, check)
        places = {
            name: replace(one, checks=one.checks | {"sequential-numbering", "fk-index", "fk-types"})
            for name, one in team.project.environments.items()
        }
        told_roles = {
            "product-owner": Role("product-owner", "Product owner", "sign-off-product", RoleKind.ACKNOWLEDGE, (EVE,)),
            "operations": Role("operations", "Operations", "sign-off-operations", RoleKind.ACKNOWLEDGE, (DEVI,)),
            "support": Role("support", "Support", "sign-off-support", RoleKind.ACKNOWLEDGE, enabled=False),
        }
        team.project = replace(team.project, environments=places, roles={**team.project.roles, **told_roles})

    def moments(self) -> Iterator[tuple[str, str]]:
        yield from self.preparing()
        yield from self.deciding()
        yield from self.running()
        yield from self.rolled_back()
        yield from self.broken_glass()

    def preparing(self) -> Iterator[tuple[str, str]]:
        team = self.team
        first = self.first = team.does(start.start, ANN, "production").deployment_id or ""
        yield "reading", first
        seen = reading(files("00008", "00009"), team.now, faults=(Finding("no history", hint="GRANT SELECT"),))
        team.store.write(lambda unit: record_reading(unit, team.project, team.act("gonogo"), first, seen))
        yield "obstacles", first
        team.answers(first, "nightly", Status.FAILED, "newest dump 50 h old", "2026-11-21T08:00:00Z/x")
        yield "a failed check", first
        team.answers(first, "fk-index", Status.EVIDENCE, "3 foreign keys, 1 without an index")
        team.answers(first, "fk-types", Status.PASSED, "3 foreign keys")
        team.answers(first, "sequential-numbering", Status.PASSED, "2 files, 00008–00009, no gaps")
        team.does(tick.note, BO, first, "index-coverage", "the table is tiny")
        yield "waiting for a person", first
        seen_now = frozenset(one.digest for one in team.situation(first).results.values() if one.check_id == "nightly")
        team.does(tick.override, DANA, first, "backup", "taken by hand at 09:50", seen_now)
        yield "an override", first
        team.does(tick.not_applicable, ANN, first, "comments", "no new table")
        team.does(tick.not_applicable, DANA, first, "migrations-on-test-database", "tried by hand")
        team.does(tick.tick, ANN, first, "rollback-plan")
        team.does(tick.undo, ANN, first, "rollback-plan")
        team.does(work.give, ANN, first, "rollback-plan", "", BO, "")
        team.does(work.claim, DANA, first, "", "pre-deployment/testing")
        yield "not applicable, and taken back", first

    def deciding(self) -> Iterator[tuple[str, str]]:
        team, first = self.team, self.first
        team.does(asking.ask_now, ANN, first)
        yield "asked, nobody answered", first
        subject = team.situation(first).subject
        team.does(decide.reject, BO, first, "backend", subject, "index first")
        yield "rejected", first
        team.does(decide.clear_rejection, ANN, first, "backend", "indexed now")
        yield "cleared", first
        team.does(delegate.delegate, DANA, "dba", EVE, team.now + timedelta(days=2))
        team.does(decide.sign, EVE, first, "dba", subject, "looked at both")
        team.does(decide.sign, DEVI, first, "devops", subject)
        team.does(decide.withdraw, DEVI, first, "devops", "not yet")
        yield "on behalf of another, and withdrawn", first
        team.does(decide.not_required, BO, first, "management", subject, "Mo is on a plane")
        yield "a waiver", first
        team.reads(first, files("00008", "00009", body="select 2;"))
        yield "files moved", first
        team.does(hold.use_new_files, ANN, first, team.row(first).moved_fingerprint)
        yield "new files, asked again", first
        team.does(custody.park, ANN, first, "a hotfix goes first")
        yield "parked", first
        team.does(custody.unpark, ANN, first)
        notified(team)
        yield "back, and notified", first
        team.later(minutes=5)
        [notice, *_] = team.store.read(lambda reader: reader.notices.of(first))
        team.does(telling.acknowledge, EVE, notice.id)
        yield "acknowledged", first
        team.settles(first, Requirement.GO)
        team.signs(first)
        yield "nothing is missing", first
        team.does(go.ask_go, ANN, first, team.situation(first).subject)
        yield "go asked", first

    def running(self) -> Iterator[tuple[str, str]]:
        team, first = self.team, self.first
        team.finishes_runs(first)
        yield "deploying", first
        team.does(hold.hold, ANN, first, "index build failed", "orders_idx is INVALID")
        team.does(hold.troubleshoot, ANN, first, "Migration Fails")
        yield "held, with a list opened", first
        team.reads(first, files("00008", "00009", body="select 3;"))
        team.does(hold.use_new_files, ANN, first, team.row(first).moved_fingerprint)
        team.signs(first, "dba")
        team.does(hold.retry, ANN, first)
        yield "continued with changed files", first
        team.does(custody.take_over, BO, first, "Ann is on a train")
        team.later(hours=5)
        team.does(custody.take_over, BO, first, "Ann is still on it")
        yield "taken over", first

    def rolled_back(self) -> Iterator[tuple[str, str]]:
        team, first = self.team, self.first
        team.does(roll_back.roll_back, BO, first, "restore", "checkout fails")
        yield "rolling back", first
        team.does(complete.complete, BO, first, Outcome.ROLLED_BACK, "00009 was taken back")
        notified(team)
        yield "rolled back", first
        team.does(complete.close, BO, first, "a corrective one follows")
        yield "closed early", first
        team.does(complete.lift, BO, first)

    def broken_glass(self) -> Iterator[tuple[str, str]]:
        team = self.team
        last = team.starts(who=DANA, versions=("00010", "00011"))
        team.does(decide.second, MO, last, "dba", team.situation(last).subject)
        yield "seconded", last
        reason = "checkout is down and this index brings it back"
        team.does(break_glass.break_glass, DANA, last, team.situation(last).subject, reason, "production")
        yield "broken glass", last
        team.answers(last, "smoke", Status.FAILED, "login answers 500")
        team.does(complete.complete, DANA, last, Outcome.PARTIAL, "00011 waits")
        yield "completed as Partial", last
        team.does(break_glass.review_glass, MO, last, "was right")
        notified(team)
        yield "verifying, reviewed", last
        for item in team.situation(last).counted:
            if not team.situation(last).states[item.id].settled and team.situation(last).role_of_item(item.id) is None:
                team.does(tick.not_applicable, MO, last, item.id, "not this time")
        yield "all but sign-offs settled", last
        aborted = team.starts("staging", who=BO)
        team.does(custody.abort, BO, aborted, "the wrong branch")
        yield "aborted", aborted


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "gonogo.db")


def test_all_that_people_read_says_the_same(team: Team) -> None:
    walked, said = [], []
    for moment, deployment in Walk(team).moments():
        said += sent(team, *ALL_BUT_NOTICES)
        story = told(team, deployment, said)
        for compare in COMPARED:
            try:
                compare(story)
            except AssertionError as fault:
                raise AssertionError(f"{moment}, {compare.__name__.strip('_')}: {fault}") from fault
        walked.append(moment)
        team.later(minutes=1)
    print(f"{len(walked)} moments: {', '.join(walked)}")
    assert len(walked) >= 20


NAMES = ("Ann", "Bo", "Dana", "Devi", "Eve", "Mo", "gonogo")
ON_DEMAND = re.compile(r"(fails|integrity)-|slow-(?!query-log)|rollback-(?!plan|tested)")
THE_COUNT = "all-items"


def _lines(story: Story) -> None:
    """Thread and record: the same word for every line, by the same person, with the same reason."""
    for item, line in story.items.items():
        there = story.record.lines[item]
        assert there.word == line.word, f"{item}\n{line.said}\n{there.said}"
        assert (item in story.record.ticked) is (line.word in {"done", "overridden"}), item
        shared = [name for name in NAMES if f"\n{name} " in line.said]
        assert all(f"by {name}" in there.said for name in shared), f"{line.said}\n{there.said}"
    never = [item for item in story.record.lines if ON_DEMAND.match(item) and item not in story.items]
    assert never, "some list is always left shut"
    assert all("\n" not in story.record.lines[item].said for item in never), "a list never opened says nothing"


def _sign_offs(story: Story) -> None:
    """Thread and record: the same word for every role, by the same people, for the same reason."""
    for item, role in story.roles.items():
        ticked, words = ON_THE_LINE[role.word]
        said = story.record.lines[item].said
        assert (item in story.record.ticked) is ticked, f"{item} is {role.word}: {said}"
        assert words in said.split("\n")[0], f"{item} is {role.word}: {said}"
        for given in role.facts.given:
            behalf = [f"for {given.on_behalf_of.name}"] if given.on_behalf_of else []
            for part in (given.who.name, *behalf, *filter(None, [given.sign_off.reason])):
                assert part in said, f"{part}: {said}"
                assert part in role.text, f"{part}: {role.text}"
        told_at = role.facts.notified_at
        assert told_at is None or f"notice delivered {told_at:%Y-%m-%d %H:%M} UTC" in said
        assert ("notice delivered" in role.text) is (told_at is not None)


def _counts(story: Story) -> None:
    """Sections with sign-offs, dashboard, App Home, record, the line that counts, the chain: one number."""
    lines = [line.word for item, line in story.items.items() if not ON_DEMAND.match(item) and item != THE_COUNT]
    roles = [ON_THE_LINE[role.word][0] or role.word in {"not required", "turned off"} for role in story.roles.values()]
    settled, total = sum(word in {"done", "overridden", "n/a"} for word in lines) + sum(roles), len(lines) + len(roles)
    assert story.record.settled == f"{settled} of {total}"
    shown = progress(story.dashboard)
    if shown:
        assert total - settled == shown[0].total - shown[0].done + shown[0].others, (shown, settled, total)
        assert (shown[0].done, shown[0].total) in [(one.done, one.total) for one in progress(story.home)]
    said = story.record.lines[THE_COUNT].said
    completed = story.export["deployment"]["completed_at"] is not None
    assert (f"{settled} of {total}" in said) is completed, said
    assert (THE_COUNT in story.record.ticked) is (completed and settled == total)
    left = f"; {total - settled} left open, accepted by "
    assert (left in said) is (completed and settled < total), said
    for body in story.journal:
        if body["event"] == "closed" and story.state.startswith("closed"):
            assert (body["settled"], body["of"]) == (settled, total)
            assert any(post.get("not_done") == total - settled for post in story.posts)


def _phases(story: Story) -> None:
    """A phase's message counts a section's lines as the record tells them, and leaves none out."""
    counted = r"(\d+) (failed|for you|done|n/a|optional, waiting|optional, open|lines?, due)"
    for row, items in story.lists:
        told = {word: int(number) for number, word in re.findall(counted, row.replace("*", ""))}
        assert sum(told.values()) == len(items), row
        words = [story.record.lines[item].word.replace("overridden", "done") for item in items]
        for word in ("failed", "done", "n/a"):
            assert "due" in row or told.get(word, 0) == words.count(word), f"{row}: {words}"


def _hash(story: Story) -> None:
    """What is decided has one name in the thread, the DM, the record and the export."""
    decided = story.record.decided
    assert len(decided) in {0, 8}
    for item, role in story.roles.items():
        assert not decided or f"· {decided}" in role.text, role.text
        for given in role.facts.given:
            assert f"decided {given.sign_off.subject[:8]}" in story.record.lines[item].said.replace(
                "decided: ", "decided "
            ) or (given.sign_off.decision == "acknowledge")
    for row in story.export["sign_offs"]:
        ended = row["withdrawn_at"] or row["stale_at"] or row["cleared_at"]
        assert ended or row["subject"][:8] == decided
    waiting = next((one.text for one in story.roles.values() if one.facts.role.gates and one.word == "waiting"), "")
    if story.is_asked_now and waiting and story.state in {"preparing", "held"}:
        asked = [one for one in story.asked if decided in one]
        assert asked
        numbers = re.compile(r"\d+ of \d+ checks? passed|\d+ open that go needs")
        assert all(numbers.findall(one) == numbers.findall(waiting) for one in asked), (asked, waiting)


def _export(story: Story) -> None:
    """The rows of the JSON export and the record: the same acts, answers, notices, trouble, people."""
    export, record = story.export, story.record
    for row in export["decisions"]:
        assert (
            not row["reason"]
            or row["kind"] in {"undone", "assign"}
            or row["reason"] in record.text
            or (row["id"] not in _last(export))
        ), row
    for row in _newest(export["checks"], "check_id"):
        assert f"evidence: {row['check_id']} {row['status']}: {row['summary']}" in record.text, row
    items = {role.facts.role.name: item for item, role in story.roles.items()}
    for row in export["sign_offs"]:
        said = record.lines[items[row["role"]]].said
        assert export["people"][row["who"]] in said, row
    assert len(re.findall(r"^- Notice: ", record.text, re.MULTILINE)) == len(export["notices"])
    assert len(re.findall(r"^- Notice: .* delivered \d", record.text, re.MULTILINE)) == sum(
        row["delivered_at"] is not None for row in export["notices"]
    )
    for row in export["acknowledgements"]:
        assert f"acknowledged by {export['people'][row['who']]} " in record.text
    for row in export["assignments"]:
        by = export["people"][row["who"]]
        given = f": {by} gave " if row["who"] != row["person"] else f": {by} is on it: "
        assert given in record.text
    for row in export["holds"]:
        assert f": held by {export['people'][row['who']]}: {row['reason']}: found: {row['finding']}" in record.text
        assert (f"{export['people'][row['ended_by']]} left the hold: " in record.text) if row["ended_by"] else True
    for row in export["break_glass"]:
        assert f"The glass was broken by {export['people'][row['who']]}: {row['reason']}" in record.text
    by = next(line for line in record.text.split("\n") if line.startswith("**Deployed By**"))
    assert all(export["people"][row["user_id"]] in by for row in export["deployers"]), by
    outcome = {"success": "Success", "partial": "Partial", "rolled-back": "Rolled Back"}.get(
        export["deployment"]["result"]
    )
    assert (f"[x] {outcome}" in record.text) if outcome else f"— {export['deployment']['state']}" in record.text
    assert story.state.startswith(export["deployment"]["state"].replace("-", " "))
    assert outcome is None or story.state.endswith(outcome)


def _last(export: Mapping[str, Any]) -> set[str]:
    """The decisions that a person would still read: the last of each line, notes, and what stands."""
    return {row["id"] for row in _newest(export["decisions"], "item")} | {
        row["id"] for row in export["decisions"] if row["kind"] == "note"
    }


def _newest(rows: Any, key: str) -> list[Any]:
    return list({row[key]: row for row in sorted(rows, key=lambda one: one["at"])}.values())


def _course(story: Story) -> None:
    """What was posted in the thread when something happened stands in the record, with who and why."""
    events = [body["event"] for body in story.journal]
    assert set(events) <= TOLD.keys() | TOLD_ELSEWHERE
    for post in story.posts:
        assert POSTED[post["event"]] in events
        for part in (post.get("by"), post.get("reason"), post.get("finding")):
            assert not part or part in story.record.text, post
    told_in_record = re.findall(r"^- \d{4}-\d\d-\d\d \d\d:\d\d UTC: ", story.record.text, re.MULTILINE)
    assert len(told_in_record) == sum(event in TOLD for event in events)


COMPARED = (_lines, _phases, _sign_offs, _counts, _hash, _export, _course)


def test_every_act_that_is_journalled_is_told_in_the_record_or_known_to_stand_elsewhere() -> None:
    """As the use cases name them; "went by" events of the bot as a whole have chains of their own."""
    named = set[str]()
    for path in (Path(__file__).parents[2] / "bot" / "usecases").rglob("*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
        chronicles = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "chronicle")
        events = (call.args[3] for call in chronicles)
        named |= {event.value for event in events if isinstance(event, ast.Constant)}
    assert {"titled", "range-cut", "held-again", "started", "closed"} <= named
    assert named - TOLD.keys() - TOLD_ELSEWHERE == set()
