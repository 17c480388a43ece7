"""Forms that plan a deployment: its start, which migrations it is about, when it is to go, who decides meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.deployment import Deployment
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, context, section, user
from bot.slack.messages.buttons import Target, button, form
from bot.slack.messages.forms.inputs import date as date_input
from bot.slack.messages.forms.inputs import line, person, pick
from bot.slack.messages.words import listed, titled
from bot.usecases.form_facts import StartForm
from bot.usecases.lifecycle.plan import LONGEST_TITLE
from bot.usecases.locks import LONGEST_REASON
from bot.usecases.verb import Verb

SHOWN_UNCONFIGURED = 8


def start_view(facts: StartForm) -> dict[str, Any]:
    """`private_metadata` carries the project as `extra`."""
    return form(
        Verb.START,
        Target(extra=facts.project),
        "Start a deployment",
        _start_blocks(facts),
        "Start" if facts.environments else "",
        close="Close",
    )


def _start_blocks(facts: StartForm) -> Iterator[Block]:
    if not facts.environments:
        yield section("No environment is configured. Add an [environments.NAME] table to the settings.")
        return
    environments = [(name, name) for name in facts.environments]
    yield pick("environment", "Environment", environments, facts.environment)
    if facts.range_needed:
        yield _range(facts.range_text)
    yield _title(facts.title)
    missing = [f"• {user(each, 200)}" for each in facts.unconfigured]
    if missing:
        yield section("*Not configured, so it is plain Done:*\n" + "\n".join(listed(missing, SHOWN_UNCONFIGURED)))
        yield context("gonogo doctor, on the bot's machine, says how to configure each.")


START_EXAMPLES: Mapping[str, StartForm] = {
    "token and channel only": StartForm(
        ("development", "staging", "production"),
        "production",
        unconfigured=("the migrations' folder", "a database for production", "the roles' members"),
    ),
    "configured": StartForm(("staging", "production"), "staging", range_needed=False, project="billing"),
    "no environment": StartForm(()),
}


def hand_over_view(deployment: Deployment) -> dict[str, Any]:
    """Who is to have it; it changes hands once that person takes it."""
    return form(Verb.HAND_OVER, Target(deployment.id), "Hand over", _hand_over(deployment), "Ask them")


def _hand_over(deployment: Deployment) -> Iterator[Block]:
    yield section(titled(deployment))
    yield person("person", "Who takes it over?", "It stays yours until they press Take over.")
    yield line("note", "What do they have to know?", optional=True)


HAND_OVER_EXAMPLES: Mapping[str, Deployment] = {"preparing": samples.PREPARING}


@dataclass(frozen=True)
class WindowForm:
    """`zone` is the environment's; `windows` are the words of the settings; `longest` minutes of the last three."""

    deployment: Deployment
    now: datetime
    zone: str
    windows: tuple[str, ...] = ()
    estimate: int | None = None
    longest: int | None = None


def range_view(deployment: Deployment) -> dict[str, Any]:
    """Which migrations; the one field is `range`."""
    about = section(f"{titled(deployment)}\nWhat is decided, checked and watched are the migrations in this range.")
    return form(Verb.GIVE_RANGE, Target(deployment.id), "Give the range", [about, _range()], "Give it", close="Close")


def _range(initial: str = "") -> Block:
    return line("range", "Migrations", initial, hint="First and last version, such as 00008-00010.", most=80)


def title_view(deployment: Deployment) -> dict[str, Any]:
    """What it is about; the one field is `title`."""
    about = section(f"{titled(deployment)}\nThe dashboard and every notice are headed by it.")
    blocks = [about, _title(deployment.title or deployment.title_words)]
    return form(Verb.SET_TITLE, Target(deployment.id), "What is it about?", blocks, "Say it", close="Close")


def _title(initial: str = "") -> Block:
    hint = "In words a product owner reads, such as: loyalty tiers. Empty: what the files say of themselves."
    return line("title", "What is it about?", initial, hint=hint, optional=True, most=LONGEST_TITLE)


def window_view(facts: WindowForm) -> dict[str, Any]:
    """The fields are date, start and end (HH:MM on the environment's wall) and estimate in minutes."""
    return form(Verb.SET_WINDOW, Target(facts.deployment.id), "Set the window", _window(facts), "Set it", close="Close")


def _window(facts: WindowForm) -> Iterator[Block]:
    zone = ZoneInfo(facts.zone)
    start = (facts.deployment.window_start or facts.now).astimezone(zone)
    end = (facts.deployment.window_end or facts.now + timedelta(hours=1)).astimezone(zone)
    configured = f"\nThe settings allow {user(', '.join(facts.windows), 600)}." if facts.windows else ""
    yield section(f"{titled(facts.deployment)}{configured}")
    yield date_input("date", "Date", start.date().isoformat())
    yield line("start", "From", f"{start:%H:%M}", hint=f"Such as 16:00, in {facts.zone}.", most=5)
    yield line("end", "To", f"{end:%H:%M}", hint="Before the start means the next day.", most=5)
    yield line(
        "estimate", "Estimate in minutes", str(facts.estimate or ""), hint="Empty: unknown.", optional=True, most=4
    )
    if facts.longest:
        yield context(f"The longest of the last three took {facts.longest} min from go to completion.")


_WINDOW = WindowForm(samples.PREPARING, samples.NOON, "Europe/Berlin", ("Tue-Thu 09:00-16:00",), 30, 47)
TITLE_EXAMPLES: Mapping[str, Deployment] = {"read": samples.PREPARING, "reading": samples.READING}


@dataclass(frozen=True)
class LockForm:
    """Which environment of a project; `reason` as far as it was typed."""

    project: str
    environments: tuple[str, ...]
    environment: str = ""
    reason: str = ""


def lock_view(facts: LockForm) -> dict[str, Any]:
    """The fields are environment, reason and until."""
    blocks = [
        section("Nothing is started there, and nothing goes, until then. What runs goes on."),
        pick("environment", "Environment", [(name, name) for name in facts.environments], facts.environment),
        line("reason", "Why", facts.reason, most=LONGEST_REASON, hint="Who wants to deploy reads it."),
        line("until", "Until", hint="18:00, tomorrow 09:00, Friday, or 2026-12-01 09:00. At most 30 days.", most=40),
    ]
    return form(Verb.LOCK, Target(extra=facts.project), "Lock", blocks, "Lock")


LOCK_EXAMPLES: Mapping[str, LockForm] = {
    "asked": LockForm("default", ("staging", "production"), "production", "moving the cluster"),
    "plain": LockForm("billing", ("production",)),
}
RANGE_EXAMPLES: Mapping[str, Deployment] = {"give": samples.READING}
WINDOW_EXAMPLES: Mapping[str, WindowForm] = {
    "planned": _WINDOW,
    "never set": replace(
        _WINDOW,
        deployment=replace(samples.PREPARING, window_start=None, window_end=None),
        windows=(),
        longest=None,
    ),
}


@dataclass(frozen=True)
class Given:
    """A delegation in force: the role, to whom by name, and the last day."""

    role: str
    title: str
    to: str
    until: date


@dataclass(frozen=True)
class DelegateForm:
    """`roles` are (name, title) of the roles this person holds; `until` is the proposed last day."""

    roles: tuple[tuple[str, str], ...]
    until: date
    project: str = ""
    given: tuple[Given, ...] = ()


def delegate_view(facts: DelegateForm) -> dict[str, Any]:
    """The fields are role, to (a user id) and until (2026-11-24)."""
    return form(
        Verb.DELEGATE,
        Target(extra=facts.project),
        "Delegate",
        _delegate_blocks(facts),
        "Delegate" if facts.roles else "",
        close="Close",
    )


def _delegate_blocks(facts: DelegateForm) -> Iterator[Block]:
    for one in facts.given:
        words = f"{user(one.to)} signs as {user(one.title)} for you until {one.until:%d %b %Y}."
        taking_back = button(Verb.TAKE_BACK, Target(role=one.role, extra=facts.project))
        yield section(words, accessory=taking_back)
    if not facts.roles:
        yield section("You hold no role, so there is nothing to delegate.")
        return
    yield section("Somebody else decides for you until the day you name. The record keeps both names.")
    yield pick("role", "Role", facts.roles, facts.roles[0][0])
    yield person("to", "To", "A full member who is no deployer of what is to be decided.")
    yield date_input("until", "Until", facts.until.isoformat(), "At most 30 days from now.")


DELEGATE_EXAMPLES: Mapping[str, DelegateForm] = {
    "two roles": DelegateForm((("dba", "Database administrator"), ("devops", "DevOps engineer")), date(2026, 12, 1)),
    "one given": DelegateForm(
        (("dba", "Database administrator"),),
        date(2026, 12, 1),
        given=(Given("dba", "Database administrator", "Devi Nair", date(2026, 11, 27)),),
    ),
    "none": DelegateForm((), date(2026, 12, 1)),
}
