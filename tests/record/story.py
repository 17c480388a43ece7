"""What a person reads of one deployment, wherever it is told: thread, dashboard, DM, App Home, record, JSON.

Everything here reads words. Where a message changes its looks, its one reader below changes with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.core.checklist.items import Phase
from bot.record.exports import export_json
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.direct import asked, home
from bot.slack.messages.thread import dashboard, phase, section, sign_off
from bot.slack.messages.words import state_word
from bot.usecases import views
from bot.usecases.books.rows import ASKED, Said
from bot.usecases.facts import AskedWord, PhaseFacts, SignOffFacts
from bot.usecases.situation.judging import load
from tests.slack.messages.slack_limits import shown
from tests.usecases.team import Team

SYMBOL_AND_WORD = re.compile(r"^(\S+) \*?([^* ]+)\*?  (.*?)( · needed .*| · check runs)?$")
NO_LISTS = frozenset({Phase.SIGN_OFF, Phase.TROUBLESHOOT, Phase.ROLLBACK})
LINE = re.compile(r"^- \[(?P<box>[ x])\] (?P<words>.*?) ?<!-- id: (?P<id>[\w-]+)")


@dataclass(frozen=True)
class Line:
    """A line of the checklist as one place tells it. `said` is everything that stands with it."""

    word: str
    said: str


@dataclass(frozen=True)
class Record:
    """The Markdown record in parts."""

    lines: Mapping[str, Line]
    ticked: frozenset[str]
    text: str
    settled: str
    decided: str


@dataclass(frozen=True)
class Role:
    """A sign-off as the thread tells it."""

    facts: SignOffFacts
    word: str
    text: str


@dataclass(frozen=True)
class Story:
    """All that is said of one deployment at one moment."""

    items: Mapping[str, Line]
    lists: Sequence[tuple[str, tuple[str, ...]]]
    roles: Mapping[str, Role]
    dashboard: str
    home: str
    asked: Sequence[str]
    posts: Sequence[Mapping[str, Any]]
    record: Record
    export: Mapping[str, Any]
    state: str
    is_asked_now: bool

    @property
    def journal(self) -> list[dict[str, Any]]:
        return [json.loads(entry["body"]) for entry in self.export["journal"]["entries"]]


@dataclass(frozen=True)
class Progress:
    """`done` of `total` that the next step needs, and how many others are open."""

    done: int
    total: int
    others: int


def progress(text: str) -> list[Progress]:
    found = re.findall(r"(\d+) of (\d+) that \w+ needs(?:\s+·\s+(\d+) others)?", text)
    return [Progress(int(done), int(total), int(others or 0)) for done, total, others in found]


def sent(team: Team, *templates: str) -> list[Said]:
    """Slack takes what was said by these templates, lane by lane; all of it."""

    def work(unit: Any) -> list[Said]:
        rows = [row for row in unit.said.open(team.now + timedelta(days=9), 1000) if row.said.template in templates]
        for row in rows:
            unit.said.mark_sent(row.id, team.now, channel="C0DEPLOYS", ts="1.2")
        return [row.said for row in rows]

    found: list[Said] = []
    while more := team.store.write(work):
        found += more
    return found


def notified(team: Team) -> None:
    """Slack takes every notice as it stands."""

    def work(unit: Any) -> None:
        for deployment in unit.deployments.recent(9):
            for subject in {one.subject for one in unit.notices.of(deployment.id)}:
                unit.notices.deliver(deployment.id, subject, team.now, "https://x/1")

    team.store.write(work)


def told(team: Team, deployment: str, said: Sequence[Said]) -> Story:
    """Read it everywhere, in one snapshot; `said` is all that was posted and sent."""

    def read(reader: Any) -> Story:
        place = (reader, team.project, deployment, team.now)
        facts, row = views.dashboard(*place), reader.deployments.get(deployment)
        in_thread = [item for one in views.sections(*place) for item in one.items]
        situation = load(*place)
        roles = {state.role.item: views.sign_off(*place[:3], state.role.name, team.now) for state in situation.roles}
        phases = [views.phase(*place[:3], named, team.now) for named in Phase if named not in NO_LISTS]
        lists = [
            (_row(one, each.title), tuple(item.id for item in each.items)) for one in phases for each in one.sections
        ]
        lives = [live for live in reader.outbox.wanted(deployment) if live.kind == ASKED]
        asks = [views.asked(reader, team.project, live, team.now) for live in lives]
        people = views.home(reader, {team.project.name: team.project}, row.owner, team.now)
        return Story(
            items={item.id: _line(str(section.item_text(item)), item.label) for item in in_thread},
            lists=lists,
            roles={item: _role(one) for item, one in roles.items()},
            dashboard=shown(dashboard.render(facts)),
            home=shown(dict(home.view(people))),
            asked=[shown(asked.render(one)) for one in asks if one.word is AskedWord.OPEN],
            posts=_of(said, deployment, "phase"),
            record=_record(views.record_text(*place)),
            export=json.loads(export_json(reader, row, None)),
            state=state_word(row),
            is_asked_now=row.asked_at == team.now,
        )

    return team.store.read(read)


def _of(said: Sequence[Said], deployment: str, template: str) -> list[Mapping[str, Any]]:
    return [one.facts for one in said if one.template == template and one.deployment_id == deployment]


def _row(facts: PhaseFacts, title: str) -> str:
    """A section's line of its phase's message."""
    (row,) = (line for line in shown(phase.render_lists(facts)).split("\n") if line.startswith(f"*{title}*   "))
    return row


def _line(text: str, label: str) -> Line:
    found = SYMBOL_AND_WORD.match(text.split("\n", maxsplit=1)[0])
    assert found is not None, text
    assert found[3] == label
    return Line(found[2], text)


def _role(facts: SignOffFacts) -> Role:
    drawn: Rendered = sign_off.render(facts)
    text = shown(drawn)
    first = text.split("\n")[0].rpartition("   ")[2]
    word = re.split(r"[,·]", first.partition(" ")[2])[0].strip()
    return Role(facts, word, text)


def _record(text: str) -> Record:
    lines = dict(_record_lines(text))
    ticked = frozenset(found["id"] for line in text.split("\n") if (found := LINE.match(line)) and found["box"] == "x")
    return Record(lines, ticked, text, _detail(text, "Settled"), _detail(text, "What is decided"))


def _record_lines(text: str) -> Iterator[tuple[str, Line]]:
    """A ticked box says done; else the first words below it, or the label's own, say how it stands."""
    rows = text.split("\n")
    for number, row in enumerate(rows):
        found = LINE.match(row)
        if found is None:
            continue
        below = []
        for one in rows[number + 1 :]:
            if not one.startswith("  - "):
                break
            below.append(one[4:])
        first = re.match(r"(done|failed|waiting|n/a|open)\b", below[0]) if below else None
        word = "done" if found["box"] == "x" else first[1] if first else "open"
        word = "overridden" if below and "🟠 override" in below[0] else word
        yield found["id"], Line(word, "\n".join([found["words"], *below]))


def _detail(text: str, name: str) -> str:
    found = re.search(rf"^- {name}: (.*)$", text, re.MULTILINE)
    return found[1] if found else ""
