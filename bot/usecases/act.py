"""Who acts and when, and what an act leaves behind: an entry in the chain, what is wanted on screen, what is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.attention import Hours, country_for, quiet_until
from bot.core.checklist.items import Item, Phase
from bot.core.deployment import ENDED, Deployment
from bot.core.journal import Entry, to_text
from bot.core.team import Environment, Project
from bot.usecases.books.rows import ASKED, GIVEN, HOURS, NOTICE, Said
from bot.usecases.books.units import Reader, Unit
from bot.usecases.situation.snapshot import Situation


@dataclass(frozen=True)
class Act:
    """One act of one person. `at` is the time of the act, `entered_at` of its entry (they differ at the console).

    `team` is the bot's workspace, `home_team` the person's own as the verified request said. `os_user` is whose account
    typed it at the console.
    """

    who: str
    at: datetime
    team: str
    home_team: str = ""
    entered_at: datetime | None = None
    console: bool = False
    os_user: str = ""

    @property
    def entered(self) -> datetime:
        return self.entered_at or self.at


@dataclass(frozen=True)
class Answer:
    """What the person is told privately; empty where the repaint of the clicked message says it.

    `offers` are buttons below it: a verb with what it is about (deployment, role, subject, extra) and its words.
    """

    text: str = ""
    deployment_id: str | None = None
    offers: tuple[Mapping[str, str], ...] = ()


def chronicle(
    unit: Unit,
    deployment: Deployment,
    act: Act,
    event: str,
    facts: Mapping[str, object] | None = None,
    *,
    reason: str = "",
    **private: str,
) -> Entry:
    """Append one entry: who, what, when; the display name, the reason and other free text go to the side table."""
    person = unit.people.person(act.who)
    body: dict[str, object] = {"who": act.who, **(facts or {})}
    if act.console:
        body |= {"entered_at_console": to_text(act.entered), **({"os_user": act.os_user} if act.os_user else {})}
    named = {"name": person.name} if person else {}
    texts = named | {key: text for key, text in {"reason": reason, **private}.items() if text}
    return unit.journal.append(deployment.chain, event, act.at, body, texts)


def terms_of(place: Environment) -> dict[str, object]:
    """What of the settings says how strict a deployment is: entries at start and at go tell it."""
    return {"after": place.after or "", "two_person": int(place.two_person)}


def head(unit: Unit, deployment: Deployment) -> str:
    """The hash of the newest entry."""
    entry = unit.journal.head(deployment.chain)
    return entry.hash if entry else ""


def printed_head(unit: Unit, project: Project, deployment: Deployment) -> str:
    """The head as printed at go, completion and closing; where the team has an anchor, it waits for that."""
    entry = unit.journal.head(deployment.chain)
    if entry and project.is_anchored:
        unit.anchors.want(entry)
    return entry.hash if entry else ""


def is_announced(reader: Reader, deployment: Deployment) -> bool:
    """Whether the channel was told of it: a start that asks history what is pending waits for the answer."""
    return any(live.kind == "dashboard" for live in reader.outbox.wanted(deployment.id))


def want_dashboard(unit: Unit, project: Project, deployment: Deployment, at: datetime, *, urgent: bool = False) -> None:
    """Ask for the channel's one message to be painted anew, where the deployment is announced."""
    if is_announced(unit, deployment):
        unit.outbox.want(deployment.id, "dashboard", "", project.channel, at, urgent=urgent)


def want_items(unit: Unit, situation: Situation, items: Iterable[Item], at: datetime, *, urgent: bool = False) -> None:
    """Ask for the messages in which these items stand: their phases', and their sections'.

    A section is posted only once it has something for a person; the publisher cuts it into parts. What the hour after
    completion told has lines of it too.
    """
    deployment, channel, shown = situation.deployment, situation.project.channel, tuple(items)
    for phase in dict.fromkeys(item.phase(situation.kind) for item in shown):
        if phase is not None and not phase.on_demand:
            want_phase(unit, situation, phase, at)
    for section_id in dict.fromkeys(item.section_id for item in shown):
        unit.outbox.want(deployment.id, "section", section_id, channel, at, urgent=urgent)
    if deployment.completed_at is not None:
        for live in unit.outbox.wanted(deployment.id):
            if live.kind == HOURS:
                unit.outbox.want(deployment.id, live.kind, live.subject, live.channel, at, urgent=urgent)
    want_given(unit, situation, shown, at, urgent=urgent)


def want_hour(unit: Unit, deployment: Deployment, at: datetime) -> None:
    """Ask for what the hour after this completion has to tell, in the owner's direct messages."""
    unit.outbox.want(deployment.id, HOURS, to_text(deployment.completed_at or at), deployment.owner, at)


def want_given(unit: Unit, situation: Situation, items: Iterable[Item], at: datetime, *, urgent: bool = False) -> None:
    """Ask for what people were told of these items when they were given them."""
    places = {(item.id, item.section_id) for item in items}
    about = {one.id for one in situation.assignments if any(one.covers(*place) for place in places)}
    for live in unit.outbox.wanted(situation.deployment.id) if about else ():
        if live.kind == GIVEN and live.subject.partition(":")[0] in about:
            unit.outbox.want(live.deployment_id, live.kind, live.subject, live.channel, at, urgent=urgent)


def want_phase(unit: Unit, situation: Situation, phase: Phase, at: datetime) -> None:
    """Ask for the message of a phase, a line a section."""
    unit.outbox.want(situation.deployment.id, "phase", phase, situation.project.channel, at)


def want_sign_off(
    unit: Unit, project: Project, deployment: Deployment, role: str, at: datetime, *, urgent: bool = False
) -> None:
    """Ask for the message of one role, and for what it asked of people."""
    unit.outbox.want(deployment.id, "sign-off", role, project.channel, at, urgent=urgent)
    for live in unit.outbox.wanted(deployment.id):
        if live.kind == ASKED and live.subject.startswith(f"{role}:"):
            unit.outbox.want(deployment.id, live.kind, live.subject, live.channel, at, urgent=urgent)


def want_cards(unit: Unit, deployment: Deployment, at: datetime) -> None:
    """Ask for everything on screen that shows what checks say: what is decided, and the risk that notices speak of."""
    for live in unit.outbox.wanted(deployment.id):
        if live.kind in {"sign-off", ASKED, NOTICE}:
            unit.outbox.want(deployment.id, live.kind, live.subject, live.channel, at)


def repaint_all(unit: Unit, project: Project, deployment: Deployment, at: datetime) -> None:
    """Ask for every message of the deployment that is on screen already."""
    for live in unit.outbox.wanted(deployment.id):
        unit.outbox.want(deployment.id, live.kind, live.subject, live.channel, at, part=live.part)
    want_dashboard(unit, project, deployment, at)


def post_in_thread(unit: Unit, project: Project, deployment: Deployment, act: Act, event: str, **facts: object) -> None:
    """Post a phase change once in the thread: who, when, and the journal's head."""
    body = {"channel": project.channel, "in_thread": True, "event": event, "at": to_text(act.at), **facts}
    key = f"{deployment.id}:phase:{event}:{to_text(act.at)}"
    unit.outbox.say(Said(key, "post", f"thread:{deployment.id}", "phase", body, deployment.id), act.at)


def pin_dashboard(unit: Unit, project: Project, deployment: Deployment, at: datetime) -> None:
    """The dashboard is pinned in the channel while the deployment is open; the pin goes once it has ended."""
    word = "unpin" if deployment.state in ENDED else "pin"
    facts = {"channel": project.channel, "in_thread": True}
    said = Said(f"{deployment.id}:{word}", "pin", f"pin:{deployment.id}", word, facts, deployment.id)
    unit.outbox.say(said, at)


def hours_of(reader: Reader, project: Project, user: str) -> Hours:
    """When this person may be written to; whom nobody knows yet lives in the team's zone."""
    person, own = reader.people.person(user), reader.people.hours(user)
    zone = person.zone if person else project.timezone
    quiet = own.quiet or project.quiet_hours
    return Hours(zone, quiet, project.working_days, country_for(zone, project.holidays), own.silent)


def team_hours(situation: Situation) -> Hours:
    """When the team of this environment works, by its wall; nobody's night is meant."""
    project, zone = situation.project, situation.environment.timezone
    return Hours(zone, None, project.working_days, country_for(zone, project.holidays))


def morning_for(reader: Reader, situation: Situation, user: str, at: datetime) -> datetime | None:
    """When the person may be written to again; None where they may be now."""
    return quiet_until(hours_of(reader, situation.project, user), at)


def direct(
    unit: Unit,
    deployment: Deployment,
    user: str,
    template: str,
    key: str,
    at: datetime,
    not_before: datetime | None,
    **facts: object,
) -> bool:
    """Send a DM once; `not_before` keeps it out of the person's quiet hours. Said again without it, it goes at once."""
    body = {
        "user": user,
        "deployment": deployment.id,
        "label": deployment.label,
        "environment": deployment.environment,
        "range": deployment.range_words,
        "about": deployment.title_words,
        **facts,
    }
    said = Said(key, "direct", f"dm:{user}", template, body, deployment.id, not_before=not_before)
    if unit.outbox.say(said, at):
        return True
    return not_before is None and unit.outbox.hasten(key)


def tell_privately(
    unit: Unit,
    user: str,
    key: str,
    text: str,
    at: datetime,
    *offers: Mapping[str, str],
    not_before: datetime | None = None,
) -> None:
    """A plain sentence to one person by DM, once, with what they may press next."""
    facts = {"user": user, "text": text, "offers": [dict(offer) for offer in offers]}
    unit.outbox.say(Said(key, "direct", f"dm:{user}", "private", facts, not_before=not_before), at)


def unit_name(unit: Reader, user_id: str) -> str:
    """The display name as last fetched, or the id."""
    person = unit.people.person(user_id)
    return person.name if person else user_id
