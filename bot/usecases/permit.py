"""Who someone is, from cached rows, and who may do what with one deployment (DESIGN: the table of acts)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.core.deployment import State
from bot.core.refusal import NotYetKnown, Refused
from bot.core.signoff import Bar, Behind, Deciding, Holders, may_decide
from bot.core.team import EVERYBODY, Person, Project, Role, is_fresh
from bot.usecases.act import Act
from bot.usecases.books.units import Reader
from bot.usecases.situation.snapshot import Situation

# Who someone is, from cached rows: full member, deployer, holder of a role, on call.
#
# A click path never asks Slack. What is not cached, or older than an hour, raises `NotYetKnown`: the caller keeps the
# click and judges it after a refresh.


def require_full_member(reader: Reader, project: Project, act: Act, *, any_age: bool = False) -> Person:
    """The person who acts, if a full member; of a private channel also its member.

    Raises Refused for everybody else, NotYetKnown where the cache is too old.
    """
    person = require_colleague(reader, act, any_age=any_age)
    require_in_channel(reader, project.channel, act, any_age=any_age)
    return person


def require_colleague(reader: Reader, act: Act, *, any_age: bool = False) -> Person:
    """The person who acts, if active, no guest, no bot, of the bot's own workspace. Raises Refused, NotYetKnown."""
    if act.home_team and act.home_team != act.team:
        raise Refused("You are from another workspace: you can read this deployment, not act on it.")
    person = _known(reader, act, any_age=any_age)
    if not person.is_active:
        raise Refused("This account is deactivated, so nothing was recorded.")
    if person.is_bot:
        raise Refused("This is a bot's account: what a deployment needs is decided by people. Nothing was recorded.")
    if not person.is_full_member:
        raise Refused("Guests can read this deployment, not act on it. Ask a full member of this workspace.")
    return person


def require_in_channel(reader: Reader, channel: str, act: Act, *, any_age: bool) -> None:
    """Whoever acts on deployments of a private channel is in it. Raises Refused, NotYetKnown."""
    members = reader.people.in_channel(channel, act.who)
    is_known = is_fresh(members.fetched_at, act.at) or (any_age and members.fetched_at is not None)
    if not (is_known or act.console):
        raise NotYetKnown(channels=(channel,))
    if members.fetched_at is not None and not members.has(act.who):
        raise Refused("The channel of these deployments is private, and you are not in it, so nothing was recorded.")


def may_see(reader: Reader, channel: str, who: str, now: datetime) -> bool:
    """Whether what is deployed in this channel is shown to that person on request: of a private one to its members
    alone, guests among them; a public one's to everybody.

    Raises NotYetKnown where its members are not cached, or those of a private one were not looked at within the hour.
    """
    members = reader.people.in_channel(channel, who)
    if EVERYBODY not in members.user_ids and not is_fresh(members.fetched_at, now):
        raise NotYetKnown(channels=(channel,))
    return members.has(who)


def is_known_to_see(reader: Reader, channel: str, who: str) -> bool:
    """The same for what is sent unasked, by what was known last: Slack tells at once who left, and of whom that is in
    doubt nobody is told."""
    person = reader.people.person(who)
    return person is not None and person.is_active and reader.people.in_channel(channel, who).has(who)


def _known(reader: Reader, act: Act, *, any_age: bool) -> Person:
    person = reader.people.person(act.who)
    if person is None:
        raise NotYetKnown(people=(act.who,))
    if not (any_age or act.console or is_fresh(person.fetched_at, act.at)):
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
    return tuple(handle for handle, at in groups.items() if not is_fresh(at, act.at))


def expand(reader: Reader, members: Iterable[str]) -> frozenset[str]:
    """All user ids of members and groups as last fetched, whatever their age: for display and for asking."""
    ids: set[str] = set()
    for member in members:
        ids |= reader.people.group(member).user_ids if member.startswith("@") else {member}
    return frozenset(ids)


def words(reader: Reader, members: Iterable[str]) -> str:
    """`@dba-team or Ann Keller`: for sentences, in which nobody is mentioned."""
    names = reader.people.names()
    return " or ".join(names.get(member, member) for member in members)


def require_state(situation: Situation, *states: State) -> None:
    """Today's state decides, never what an old message showed. Raises Refused."""
    state = situation.deployment.state
    if state not in states:
        expected = " or ".join(states)
        raise Refused(f"Deployment {situation.deployment.label} is {state} now; this needs it to be {expected}.")


def require_named(situation: Situation, typed_environment: str) -> None:
    """What is confirmed by typing: the environment's name, as it is. Raises Refused."""
    name = situation.deployment.environment
    if typed_environment.strip() != name:
        raise Refused(f"Type the environment's name, {name}, to confirm.", wants_reason=not typed_environment)


def require_deployer(reader: Reader, situation: Situation, act: Act) -> None:
    """Go, complete, abort and park are for a deployer of this deployment. Raises Refused, NotYetKnown."""
    require_full_member(reader, situation.project, act)
    if act.who not in situation.deployer_ids:
        names = ", ".join(situation.name(user_id) for user_id in sorted(situation.deployer_ids))
        raise Refused(f"Only a deployer of this deployment can do that ({names}). Press Join to become one.")


def require_holder(reader: Reader, situation: Situation, act: Act) -> None:
    """Hold is for any deployer, any signer of this deployment, and on-call; a cached membership of any age will do."""
    require_full_member(reader, situation.project, act, any_age=True)
    signers = {sign_off.who for sign_off in situation.sign_offs}
    if act.who in situation.deployer_ids | signers:
        return
    if not holds(reader, act, situation.environment.on_call, any_age=True):
        raise Refused("Hold is for deployers, signers of this deployment, and on-call.")


def require_on_call_or_deployer(reader: Reader, situation: Situation, act: Act) -> None:
    """Rollback and troubleshooting: any deployer or on-call, at once; a cached membership of any age will do."""
    require_full_member(reader, situation.project, act, any_age=True)
    if act.who in situation.deployer_ids:
        return
    on_call = situation.environment.on_call
    if on_call and not holds(reader, act, on_call, any_age=True):
        raise Refused(f"This is for deployers of this deployment and on-call ({words(reader, on_call)}).")
    if not on_call:
        raise Refused("This is for deployers of this deployment; no on-call is configured (setting `on_call`).")


def holders_of(reader: Reader, situation: Situation) -> Holders:
    """Who holds the roles of this deployment today: groups as last fetched, delegations in force."""
    deployment, roles = situation.deployment, tuple(state.role for state in situation.roles)
    return Holders(
        roles=roles,
        members={role.name: expand(reader, role.holders) for role in roles},
        deployers=situation.deployer_ids,
        delegations=reader.sign_offs.delegations(deployment.team, deployment.project, situation.now),
        backups={role.name: expand(reader, role.backup) - expand(reader, role.members) for role in roles},
    )


def workers_of(reader: Reader, situation: Situation, role: str) -> frozenset[str]:
    """Whose work it is that a role was given: its holders', and for who is away that of whoever holds it then."""
    known = holders_of(reader, situation)
    members = known.members.get(role, frozenset())
    handed = [one for one in known.delegations if one.role == role and one.from_user in members]
    return (members - {one.from_user for one in handed}) | {one.to_user for one in handed}


def require_may(reader: Reader, situation: Situation, act: Act, what: Deciding, role: Role | None = None) -> Behind:
    """Who stands behind this decision, where the person may make it. Raises Refused, NotYetKnown.

    What a group that was not looked at of late would say decides nothing: the click waits for it.
    """
    known = holders_of(reader, situation)
    stale = {one.name: stale_groups(reader, act, one.holders) for one in known.roles}
    if role is not None and what in _ABOUT_ALL_MEMBERS and stale[role.name]:
        raise NotYetKnown(groups=stale[role.name])
    sure = {one.name: expand(reader, set(one.holders) - set(stale[one.name])) for one in known.roles}
    answer = may_decide(what, act.who, replace(known, members=sure), role, situation.sign_offs)
    if isinstance(answer, Behind):
        return answer
    missing = tuple(handle for handles in stale.values() for handle in handles)
    if missing and answer in {Bar.NOT_HELD, Bar.NO_APPROVER, Bar.OWN_ROLE}:
        raise NotYetKnown(groups=missing)
    raise Refused(_sentence(reader, answer, what, role))


_ABOUT_ALL_MEMBERS = frozenset({Deciding.SECOND, Deciding.WAIVE_ROLE})
"""A missing member would allow these, not forbid them."""


def _sentence(reader: Reader, bar: Bar, what: Deciding, role: Role | None) -> str:
    sentence = _BARRED.get(bar) or _BARRED_FROM[what, bar]
    return sentence.format(title=role.title, members=words(reader, role.members)) if role else sentence


_BARRED: Mapping[Bar, str] = {
    Bar.SWITCHED_OFF: "{title} is switched off in the settings.",
    Bar.NOT_HELD: "{title} is for {members}. You do not hold it, so nothing was recorded.",
    Bar.OPEN_ROLE: "{title} is open to every full member who is no deployer: sign instead.",
    Bar.NOBODY_KNOWN: "Nobody is known in {members}: mend the members of {title} in the settings.",
    Bar.HAS_OTHERS: "{title} has members who are no deployers: ask {members}.",
    Bar.OWN_ROLE: "You hold {title}, so you decide it: approve or reject. Only somebody else can waive it.",
    Bar.WAIVED_ANOTHER: "You waived another role of this deployment already; one person waives one at most.",
}
_BARRED_FROM: Mapping[tuple[Deciding, Bar], str] = {
    (Deciding.SIGN, Bar.DEPLOYS): (
        "You are a deployer of this deployment, so you cannot sign as {title}: nobody approves their own."
    ),
    (Deciding.SECOND, Bar.DEPLOYS): "A deployer cannot second: ask another approver.",
    (Deciding.WAIVE_ROLE, Bar.DEPLOYS): "A deployer cannot waive a sign-off. Ask another approver.",
    (Deciding.WAIVE_ITEM, Bar.DEPLOYS): (
        "A deployer cannot waive a required item. Ask an approver who is no deployer."
    ),
    (Deciding.REVIEW_GLASS, Bar.DEPLOYS): "The review is for an approver who is no deployer: ask one.",
    (Deciding.SECOND, Bar.NO_APPROVER): "Only a holder of another approve or review role can second.",
    (Deciding.WAIVE_ROLE, Bar.NO_APPROVER): "Only an approver of another role can say that this one is not required.",
    (Deciding.WAIVE_ITEM, Bar.NO_APPROVER): (
        "Only an approver (a holder of an approve or review role) can waive a required item."
    ),
    (Deciding.REVIEW_GLASS, Bar.NO_APPROVER): "The review is for an approver (a holder of an approve or review role).",
}
