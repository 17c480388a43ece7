"""Whether the bot is where it has to speak, and everyone whom the settings name may do what they are named for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.core.team import Person, Project, Role, is_person
from bot.doctor.finding import fault, ok, warning
from bot.doctor.slack_access import Session
from bot.settings.faults import did_you_mean
from bot.slack.outbound.calling import Done, Refusal, attempt
from bot.slack.people import fetching
from bot.slack.people.fetching import NO_PLAN, NotFetched
from checks.result import Finding, counted

CHANNELS, PEOPLE = "channels", "people"
_MOST_MEMBERS = 200
_AGAIN = "mend what is said of scopes and tokens, then run doctor again"


def ask_channels(session: Session, projects: Mapping[str, Project]) -> Iterator[Finding]:
    """Each channel of the settings once: it exists, it is not archived, the bot is in it."""
    for channel, use in _channels(projects).items():
        answer = attempt(lambda wanted=channel: session.client.conversations_info(channel=wanted))  # type: ignore[misc]
        if isinstance(answer, Done):
            yield _seen(session, answer.data["channel"], channel, use)
        elif isinstance(answer, Refusal):
            mend = f"copy the id from the channel's About page; in a private one type /invite @{session.bot_name} first"
            yield fault(CHANNELS, f"Slack shows no channel {channel} ({use}): {answer.error}", mend)
        else:
            sentence = f"Slack did not say whether the bot is in {channel} ({use})"
            yield warning(CHANNELS, sentence, _AGAIN)


def _seen(session: Session, found: Mapping[str, object], channel: str, use: str) -> Finding:
    name = f"#{found.get('name', channel)} ({channel}, {use})"
    if found.get("is_archived"):
        return fault(CHANNELS, f"{name} is archived", "write the id of another channel, or unarchive it")
    if not found.get("is_member"):
        return fault(CHANNELS, f"the bot is not in {name}", f"in that channel type /invite @{session.bot_name}")
    if found.get("is_ext_shared"):
        sentence = f"{name} is shared with another workspace, whose people read every deployment and can act on none"
        return warning(CHANNELS, sentence, "use a channel of your own, unless that is what you want")
    return ok(CHANNELS, f"the bot is in {name}")


def _channels(projects: Mapping[str, Project]) -> dict[str, str]:
    """Channel id and what it is for, the first use of each."""
    found: dict[str, str] = {}
    for project in projects.values():
        found.setdefault(project.channel, "deployments")
    for project in projects.values():
        for place in project.environments.values():
            for audience in place.audiences:
                for channel in (one for one in audience.members if not is_person(one)):
                    found.setdefault(channel, f"{audience.name} of {place.name}")
    return found


@dataclass
class Directory:
    """People and groups as Slack has them now, each asked for once. None: Slack did not say."""

    session: Session
    people: dict[str, Person | None] = field(default_factory=dict)
    groups: dict[str, frozenset[str]] = field(default_factory=dict)

    def person(self, user_id: str) -> Person | None:
        if user_id not in self.people:
            self.people[user_id] = None
            with suppress(NotFetched):
                asked = self.session.client, self.session.team, user_id
                self.people[user_id] = fetching.person(*asked, datetime.now(UTC))
        return self.people[user_id]

    def expand(self, members: Iterable[str]) -> list[str]:
        """User ids, groups resolved, in the order of the settings."""
        found: list[str] = []
        for member in members:
            found += sorted(self.groups.get(member, ())) if member.startswith("@") else [member]
        return list(dict.fromkeys(found))


def ask_people(session: Session, projects: Mapping[str, Project]) -> Iterator[Finding]:
    """Users and groups of the settings, then each role: who could fill it."""
    directory = Directory(session)
    named = _named(projects)
    yield from _groups(directory, {member: use for member, use in named.items() if member.startswith("@")})
    yield from _users(directory, {member: use for member, use in named.items() if not member.startswith("@")})
    for project in projects.values():
        for role in project.roles.values():
            yield from _role(directory, role)


def _named(projects: Mapping[str, Project]) -> dict[str, str]:
    """Every member of the settings with the first setting that names it."""
    found: dict[str, str] = {}
    for members, use in (each for project in projects.values() for each in _uses(project)):
        for member in members:
            found.setdefault(member, use)
    return found


def _uses(project: Project) -> Iterator[tuple[Iterable[str], str]]:
    yield from ((role.holders, f"roles.{role.name}") for role in project.roles.values())
    for place in project.environments.values():
        yield place.on_call, f"on_call of {place.name}"
        yield place.break_glass, f"break_glass of {place.name}"
        for audience in place.audiences:
            yield filter(is_person, audience.members), f"{audience.name} of {place.name}"
    yield from ((project.admins, "admins"), (project.deployers, "deployers"), (project.contacts, "contacts"))


def _groups(directory: Directory, named: Mapping[str, str]) -> Iterator[Finding]:
    if not named:
        return
    answer = attempt(directory.session.client.usergroups_list)
    if isinstance(answer, Refusal) and answer.error in NO_PLAN:
        handles = ", ".join(named)
        mend = "name people by their user ids instead of @groups, or upgrade the workspace"
        yield fault(PEOPLE, f"user groups need a paid Slack plan, and the settings name {handles}", mend)
        return
    if not isinstance(answer, Done):
        yield warning(PEOPLE, "Slack does not show its user groups", _AGAIN)
        return
    known = {f"@{group['handle']}": str(group["id"]) for group in answer.data["usergroups"]}
    for handle, use in named.items():
        yield _group(directory, handle, use, known)


def _group(directory: Directory, handle: str, use: str, known: Mapping[str, str]) -> Finding:
    if handle not in known:
        mend = did_you_mean(handle, known) or "make the group in Slack (More, People, User groups), or write user ids"
        return fault(PEOPLE, f"Slack knows no user group {handle} ({use})", mend)
    answer = attempt(lambda: directory.session.client.usergroups_users_list(usergroup=known[handle]))
    directory.groups[handle] = frozenset(answer.data["users"]) if isinstance(answer, Done) else frozenset()
    members = len(directory.groups[handle])
    if not members:
        return fault(PEOPLE, f"nobody is in {handle} ({use})", "add people to the group in Slack")
    return ok(PEOPLE, f"{handle} ({known[handle]}) has {counted(members, 'member')}")


def _users(directory: Directory, named: Mapping[str, str]) -> Iterator[Finding]:
    good = []
    for user_id, use in named.items():
        person = directory.person(user_id)
        why = "" if person is None else _unfit(person)
        if person is None:
            yield warning(PEOPLE, f"Slack does not show the user {user_id} ({use})", _AGAIN)
        elif why:
            yield fault(PEOPLE, f"{_called(person)} ({use}) {why}", "write the id of somebody else, or take it out")
        else:
            good.append(f"{person.name} {user_id}")
    if good:
        yield ok(PEOPLE, f"full members: {', '.join(good)}")


def _unfit(person: Person) -> str:
    """Why somebody may neither act nor sign; empty where they may."""
    if not person.is_active and person.name == person.user_id:
        return "is nobody whom Slack knows"
    if not person.is_active:
        return "is deactivated"
    if person.home_team != person.team:
        return "belongs to another workspace, whose people can neither approve nor act"
    return "is a guest, and guests can neither approve nor act" if person.is_guest else ""


def _called(person: Person) -> str:
    return person.user_id if person.name == person.user_id else f"{person.name} {person.user_id}"


def _role(directory: Directory, role: Role) -> Iterator[Finding]:
    """A role without members is open to any full member but the deployer."""
    missing_group = any(member.startswith("@") and member not in directory.groups for member in role.members)
    if not role.enabled or not role.members or missing_group:
        return
    ids = directory.expand(role.members)[:_MOST_MEMBERS]
    found = [person for user_id in ids if (person := directory.person(user_id)) is not None]
    if len(found) < len(ids):
        return
    fit = [person for person in found if not _unfit(person)]
    setting = f"[roles.{role.name}]"
    if len(fit) < max(role.quorum, 1):
        sentence = f"{role.title} cannot be filled: {len(fit)} can sign, and it needs {role.quorum}"
        yield fault("roles", sentence, f"add people to members of {setting}, or lower its quorum")
    elif role.gates and len(fit) == role.quorum:
        names = ", ".join(person.name for person in fit)
        sentence = f"{role.title} has nobody to spare: when {names} deploys, another approver has to second"
        yield warning("roles", sentence, f"add one more to members of {setting}")
    else:
        yield ok("roles", f"{role.title}: {len(fit)} can sign")
