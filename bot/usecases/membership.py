"""Who someone is, from cached rows: full member, deployer, holder of a role, on call.

A click path never asks Slack. What is not cached, or older than an hour, raises `NotYetKnown`: the caller keeps the
click and judges it after a refresh.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.core.person import EVERYBODY, Person
from bot.core.policy import Project
from bot.core.refusal import NotYetKnown, Refused
from bot.usecases.act import Act
from bot.usecases.ports import Reader

FRESH = timedelta(hours=1)


def require_full_member(reader: Reader, project: Project, act: Act, *, any_age: bool = False) -> Person:
    """The person who acts, if a full member: active, no guest, no bot, of the bot's own workspace; of a private channel
    also its member.

    Raises Refused for everybody else, NotYetKnown where the cache is too old.
    """
    if act.home_team and act.home_team != act.team:
        raise Refused("You are from another workspace: you can read this deployment, not act on it.")
    person = _known(reader, act, any_age=any_age)
    if not person.is_active:
        raise Refused("This account is deactivated, so nothing was recorded.")
    if person.is_bot:
        raise Refused("This is a bot's account: what a deployment needs is decided by people. Nothing was recorded.")
    if not person.is_full_member:
        raise Refused("Guests can read this deployment, not act on it. Ask a full member of this workspace.")
    _require_in_channel(reader, project.channel, act, any_age=any_age)
    return person


def _require_in_channel(reader: Reader, channel: str, act: Act, *, any_age: bool) -> None:
    members = reader.people.channel(channel)
    old = members.fetched_at is None or (not any_age and act.at - members.fetched_at > FRESH)
    if old and not act.console:
        raise NotYetKnown(channels=(channel,))
    if members.fetched_at is not None and not members.user_ids & {act.who, EVERYBODY}:
        raise Refused("The channel of these deployments is private, and you are not in it, so nothing was recorded.")


def _known(reader: Reader, act: Act, *, any_age: bool) -> Person:
    person = reader.people.person(act.who)
    if person is None:
        raise NotYetKnown(people=(act.who,))
    if not (any_age or act.console) and act.at - person.fetched_at > FRESH:
        raise NotYetKnown(people=(act.who,))
    return person


def require_worker(reader: Reader, project: Project, act: Act) -> Person:
    """Who may start, join, run checks, tick and note: a full member, or one of `deployers` where that is set."""
    person = require_full_member(reader, project, act)
    if project.deployers and not holds(reader, act, project.deployers):
        raise Refused(f"Only {words(reader, project.deployers)} may work on deployments here (setting `deployers`).")
    return person


def holds(reader: Reader, act: Act, members: Iterable[str], *, any_age: bool = False) -> bool:
    """Whether the person is named, or in a named group. Raises NotYetKnown for a group that is not fresh."""
    members = tuple(members)
    stale = () if any_age else stale_groups(reader, act, members)
    if act.who in expand(reader, (member for member in members if member not in stale)):
        return True
    if stale:
        raise NotYetKnown(groups=stale)
    return False


def stale_groups(reader: Reader, act: Act, members: Iterable[str]) -> tuple[str, ...]:
    """The groups among these that were not looked at within the hour; at the console every age will do."""
    if act.console:
        return ()
    groups = {handle: reader.people.group(handle).fetched_at for handle in members if handle.startswith("@")}
    return tuple(handle for handle, at in groups.items() if at is None or act.at - at > FRESH)


def expand(reader: Reader, members: Iterable[str]) -> frozenset[str]:
    """All user ids of members and groups as last fetched, whatever their age: for display and for asking."""
    ids: set[str] = set()
    for member in members:
        ids |= reader.people.group(member).user_ids if member.startswith("@") else {member}
    return frozenset(ids)


def words(reader: Reader, members: Iterable[str]) -> str:
    """`@dba-team or Ann Keller`: for sentences, in which nobody is mentioned."""
    names = reader.people.names()
    return " or ".join(member if member.startswith("@") else names.get(member, member) for member in members)
