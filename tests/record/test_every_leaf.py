"""Whatever is changed in an export, taken out of it or put into it, one leaf or row at a time: `verify` notices."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.background import alarm_clock
from bot.background.alarm_clock import look_at_journals
from bot.background.backstage import Backstage
from bot.core.checklist.items import Requirement
from bot.core.deployment import Outcome, State
from bot.core.refusal import Refused
from bot.core.signing import PublicKeys, SigningKey, look_at_export
from bot.core.verify import HEADS, NotAnExport, read_export, verify
from bot.record.exports import export_json
from bot.storage import Store
from bot.usecases import adding, tick, work
from bot.usecases.evidence import broken, evidence, tell_anchored, tell_record
from bot.usecases.lifecycle import break_glass, complete, hold
from bot.usecases.signoffs import decide, delegate
from bot.usecases.telling import acknowledge, add_to_record
from checks.result import Status
from tests.record.conftest import logged_by
from tests.usecases.team import ANN, BO, DANA, DEVI, MO, Team

Change = Callable[[], object]


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "gonogo.db")


def exported(team: Team, deployment: str) -> Any:
    found = team.store.read(lambda reader: evidence(reader, reader.deployments.get(deployment)))
    return json.loads(json.dumps(found, ensure_ascii=False))


def rich(team: Team) -> str:
    """Withdrawn, rejected and cleared, delegated, waived, overridden, held, told, partial, closed early."""
    team.has_probe("numbering", "gaps")
    production = team.starts()
    item = team.situation(production).missing(Requirement.NO)[0].id
    team.answers(production, "gaps", Status.FAILED, "a gap at 00009")
    team.answers(production, "syntax", Status.PASSED, "2 files")
    team.does(tick.not_applicable, BO, production, item, "nothing of the kind here")
    team.does(tick.undo, BO, production, item)
    team.does(work.give, ANN, production, item, "", BO, "")
    team.does(work.give_back, BO, production, item, "")
    team.does(add_to_record, ANN, production, "asked the on-call first")
    seen = frozenset({team.situation(production).results["gaps"].digest})
    team.does(tick.override, DANA, production, "numbering", "00009 was skipped", seen)
    adds_lines(team, production)
    decides(team, production)
    team.project = replace(team.project, is_anchored=True)
    team.goes(production)
    team.does(hold.hold, BO, production, "the graphs look wrong")
    team.does(hold.retry, ANN, production)
    delivered(team)
    notice = team.store.read(lambda reader: reader.notices.of(production))[0]
    team.does(acknowledge, MO, notice.id)
    fields = {"deployed_by": "Ann and Bo", "lessons": "ask earlier"}
    team.does(complete.complete, ANN, production, Outcome.PARTIAL, "00009 waits for its owner", fields)
    team.does(complete.close, ANN, production, "the rest is somebody else's")
    proved(team, production)
    return production


def adds_lines(team: Team, production: str) -> None:
    """One that is done, and one that was taken out again."""
    section = team.situation(production).item("rollback-plan").section_id
    for label in ("Warm the cache", "Empty the cache"):
        team.does(adding.add_line, BO, production, section, label, "go")
    warm, empty = (item.id for item in team.situation(production).checklist.items if item.added)
    team.does(tick.tick, BO, production, warm)
    team.does(adding.take_out, BO, production, empty)


def proved(team: Team, production: str) -> None:
    """The record is posted, and the anchor took every head."""

    def work(unit: Any) -> None:
        tell_record(unit, unit.deployments.get(production), "0" * 64, team.now)
        while row := unit.anchors.due(team.now):
            tell_anchored(unit, row, f"kept as {row.seq}", team.now)

    team.store.write(work)


def decides(team: Team, production: str) -> None:
    subject = team.situation(production).subject
    team.does(decide.sign, MO, production, "management", subject)
    team.does(decide.withdraw, MO, production, "management", "too early")
    team.does(decide.reject, DEVI, production, "devops", subject, "no window yet")
    team.does(decide.clear_rejection, ANN, production, "devops", "there is one now")
    team.does(delegate.delegate, DANA, "dba", DEVI, team.now + timedelta(days=2))
    team.does(decide.sign, DEVI, production, "dba", subject, "as Dana asked")


def glass_broken(team: Team) -> str:
    """Past a rejection, by somebody who then owns it, reviewed by another."""
    production = team.starts()
    subject = team.situation(production).subject
    team.does(decide.reject, MO, production, "management", subject, "not before the release")
    reason = "checkout is down and this index brings it back"
    team.does(break_glass.break_glass, DANA, production, subject, reason, "production")
    team.does(break_glass.review_glass, DEVI, production, "looked at the graphs with her")
    return production


def delivered(team: Team) -> None:
    """Slack took every notice."""

    def work(unit: Any) -> None:
        for deployment in unit.deployments.open():
            for subject in {one.subject for one in unit.notices.of(deployment.id)}:
                unit.notices.deliver(deployment.id, subject, team.now, "https://acme.slack.com/p1")

    team.store.write(work)


def changes(parent: Any, path: str = "") -> Iterator[tuple[str, Change, Change]]:
    """Each leaf as something else, each name and each row taken out, put in twice, or swapped; and the way back."""
    for key, value in list(parent.items() if isinstance(parent, dict) else enumerate(parent)):
        where = f"{path}/{key}"
        if isinstance(value, dict | list) and value:
            yield from changes(value, where)
        else:
            yield where, partial(put, parent, key, other_than(value)), partial(put, parent, key, value)
        if isinstance(parent, dict):
            yield f"{where} taken out", partial(parent.pop, key), partial(put, parent, key, value)
            continue
        yield f"{where} taken out", partial(parent.pop, key), partial(parent.insert, key, value)
        yield f"{where} twice", partial(parent.insert, key, value), partial(parent.pop, key)
        if key and parent[key - 1] != value:
            yield f"{where} swapped", partial(swap, parent, key), partial(swap, parent, key)


def put(parent: Any, key: Any, value: Any) -> None:
    parent[key] = value


def swap(rows: list[Any], at: int) -> None:
    rows[at - 1], rows[at] = rows[at], rows[at - 1]


def other_than(leaf: Any) -> Any:
    if isinstance(leaf, str):
        return f"{leaf}x"
    return leaf + 1 if isinstance(leaf, int) else "x"


def is_noticed(export: Any, head: str) -> bool:
    """Whether something is said. What lacks a part that is read first is refused at once."""
    try:
        return bool(verify(read_export(json.dumps(export)), head).broken)
    except NotAnExport:
        return True


KEY = SigningKey.make()


@pytest.mark.parametrize("lived", [rich, glass_broken])
def test_every_leaf_of_a_signed_export(tmp_path: Path, lived: Callable[[Team], str]) -> None:
    team, keys = Team(tmp_path / "gonogo.db", key=KEY), PublicKeys()
    keys.trust(KEY.public_pem().encode())
    deployment = team.row(lived(team))
    export = json.loads(team.store.read(lambda reader: export_json(reader, deployment, KEY)))
    head = export["journal"]["entries"][-1]["hash"]
    assert (verify(export, head).broken, look_at_export(export, keys).broken) == ((), [])
    tried, unseen, silent = 0, [], []
    for where, change, back in changes(export):
        change()
        tried += 1
        if not is_noticed(export, head):
            unseen.append(where)
            silent += [] if look_at_export(export, keys).broken else [where]
        back()
    print(f"\n{tried - len(silent)} of {tried} changes of a signed export are noticed, {len(unseen)} by the key alone")
    assert not silent
    heads = [f"/heads/{place}/signature" for place, _ in enumerate(export["heads"])]
    whole = ["/signature/key", "/signature/value"]
    assert unseen == [*heads, *(f"{one}{how}" for one in whole for how in ("", " taken out")), "/signature taken out"]


def test_every_leaf_and_every_row_without_a_key(team: Team) -> None:
    """The signed ones have all leaves of a rich life; here is what differs without a signature."""
    export = exported(team, glass_broken(team))
    head = export["journal"]["entries"][-1]["hash"]
    assert verify(export, head).broken == ()
    tried, silent = 0, []
    for where, change, back in changes(export):
        change()
        tried += 1
        silent += [] if is_noticed(export, head) else [where]
        back()
    print(f"\n{tried - len(silent)} of {tried} changes of an export are noticed")
    assert not silent


def written_beside(team: Team, *statements: str) -> None:
    with sqlite3.connect(team.file) as other:
        for statement in statements:
            other.execute(statement)


def test_rows_that_somebody_writes_into_the_state_are_named(team: Team) -> None:
    production = team.starts()
    found = team.row(production)
    assert team.store.read(lambda reader: broken(reader, found)) == ()
    sign_off = "'f', deployment.id, 'dba', 's', 'approve', 'U0DANA', started_at, started_at"
    columns = "id, deployment_id, role, subject, decision, who, at, entered_at"
    forged = f"INSERT INTO sign_off ({columns}) SELECT {sign_off} FROM deployment"
    written_beside(team, forged, "UPDATE deployment SET owner = 'U0BO'")
    owner, signed, about = team.store.read(lambda reader: broken(reader, found))
    assert "owner is U0BO, and journal row" in owner
    assert signed == "sign_offs f: no journal row tells of it"
    assert about.startswith("sign-off dba by U0DANA: it stands, and decided something else")


def test_a_forged_sign_off_keeps_production_from_going(team: Team) -> None:
    production = team.starts()
    team.settles(production, Requirement.GO)
    team.signs(production, "backend", "devops", "management")
    subject = team.situation(production).subject
    columns = "id, deployment_id, role, subject, decision, who, at, entered_at"
    row = f"'f', deployment.id, 'dba', '{subject}', 'approve', 'U0DANA', started_at, started_at"
    written_beside(team, f"INSERT INTO sign_off ({columns}) SELECT {row} FROM deployment")
    assert team.blockers(production) == []
    team.says_go(production)
    assert team.row(production).state is State.PREPARING
    (missing,) = team.said("phase")[-1]["missing"]
    assert missing["sentence"].startswith(
        "The record was changed beside gonogo: sign_offs f: no journal row tells of it"
    )


def test_a_start_names_it_in_the_log(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    team.starts()
    backstage = Backstage(team.store, {"default": team.project}, lambda *_: None, lambda: team.now, team.file.parent)
    look_at_journals(backstage)
    assert logged_by(alarm_clock.__name__, caplog) == []
    written_beside(team, "UPDATE deployment SET owner = 'U0BO'")
    look_at_journals(backstage)
    said = logged_by(alarm_clock.__name__, caplog)[0].getMessage()
    assert said.startswith("deployment 1 was changed beside gonogo: deployment ")
    assert "owner is U0BO, and journal row" in said


def test_broken_glass_does_not_pass_it_either(team: Team) -> None:
    production = team.starts()
    subject = team.situation(production).subject
    written_beside(team, "UPDATE deployment SET starter = 'U0BO'")
    with pytest.raises(Refused, match="starter is U0BO"):
        reason = "checkout is down and this index brings it back"
        team.does(break_glass.break_glass, DANA, production, subject, reason, "production")


def test_what_was_forgotten_verifies_and_what_was_taken_out_does_not(team: Team) -> None:
    production = glass_broken(team)
    team.store.write(lambda unit: unit.erasure.forget(unit.erasure.of(MO), team.now))
    team.store.write(lambda unit: unit.erasure.forget(unit.erasure.of(DANA), team.now))
    export = exported(team, production)
    text = json.dumps(export)
    assert "not before the release" not in text
    assert "checkout is down" not in text
    head = export["journal"]["entries"][-1]["hash"]
    assert verify(export, head).broken == ()
    kept = next(one for one in export["private_texts"] if one["text"])
    kept["text"] = None
    assert any("no journal row says that it was removed" in said for said in verify(export, head).broken)


def test_the_heads_of_an_export_are_those_that_slack_shows(team: Team) -> None:
    export = exported(team, rich(team))
    with sqlite3.connect(team.file) as other:
        rows = other.execute("SELECT facts FROM outbox WHERE template = 'phase' ORDER BY id").fetchall()
    printed = [said["head"] for said in (json.loads(row[0]) for row in rows) if said["event"] in HEADS]
    assert [one["hash"] for one in export["heads"]] == printed


def test_rows_of_an_earlier_gonogo_enter_the_chain_as_they_stand(team: Team) -> None:
    """Then people's words stood in the rows themselves, and no entry told of a row."""
    production = glass_broken(team)
    written_beside(
        team,
        "UPDATE sign_off SET ended_why = 'files changed', stale_at = at",
        "UPDATE break_glass SET skipped = '[\"the window is closed\"]'",
        'UPDATE deployment SET completion = \'{"by":"U0DANA","notes":"as planned"}\'',
    )
    assert exported_faults(team, production)
    written_beside(team, *TAKEN_BACK)
    Store.open(team.file).close()
    assert exported_faults(team, production) == ()
    text = json.dumps(exported(team, production))
    assert all(words in text for words in ("files changed", "the window is closed", "as planned"))


TAKEN_BACK = (
    "DELETE FROM applied_migration WHERE name LIKE '00003%'",
    "DELETE FROM _sqlite_migrations WHERE name LIKE '00003%'",
    "DROP INDEX notice_by_key",
)
"""The migration that links rows, as if it had not been applied yet."""


def exported_faults(team: Team, deployment: str) -> tuple[str, ...]:
    return verify(exported(team, deployment)).broken
