"""Names written where ids belong: what to write instead. Settings hold ids, since names change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path as FilePath
from typing import Any

from bot.doctor.finding import fault
from bot.doctor.slack_access import Session
from bot.settings import SettingsError, words
from bot.settings.faults import Source, read
from bot.settings.positions import Path, dotted_name
from bot.slack.outbound.calling import Done, attempt
from checks.result import Finding

_PEOPLE_KEYS = ("admins", "deployers", "contacts", "on_call", "break_glass", "members")
_CHANNEL_KEYS = ("channel", "stakeholders", "channels")
_PAGES = 20
Known = Mapping[str, set[tuple[str, str]]]


def ask_names(session: Session, path: FilePath) -> dict[tuple[str, str], Finding]:
    """By file and setting: who or what a name is. Only what Slack knows by that name is in it."""
    found: dict[tuple[str, str], Finding] = {}
    texts = [(source, place, text) for source in _sources(path) for place, text in _texts(source.values, ())]
    wrong = [(source, place, text) for source, place, text in texts if _is_name(place, text)]
    if not wrong:
        return found
    people, channels = _people(session), _channels(session)
    for source, place, text in wrong:
        known = channels if _key(place) in _CHANNEL_KEYS else people
        matches = known.get(text.strip().lstrip("@#").casefold(), set())
        if matches:
            found[source.shown, dotted_name(place)] = _finding(source, place, text, matches)
    return found


def _sources(path: FilePath) -> Iterator[Source]:
    """The main file and those of its projects, as far as they can be read."""
    try:
        main = read(path)
    except SettingsError:
        return
    yield main
    projects = main.values.get("projects")
    for table in projects.values() if isinstance(projects, dict) else ():
        file = table.get("file") if isinstance(table, dict) else None
        if isinstance(file, str):
            with suppress(SettingsError):
                yield read(main.folder / file)


def _texts(value: object, place: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*place, index))
    elif isinstance(value, str):
        yield place, value


def _key(place: Path) -> str:
    return str(next((part for part in reversed(place) if isinstance(part, str)), ""))


def _is_name(place: Path, text: str) -> bool:
    rule: Callable[[object], str] | None = None
    if _key(place) in _PEOPLE_KEYS:
        rule = words.member
    elif _key(place) in _CHANNEL_KEYS:
        rule = words.hearer if _key(place) == "channels" else words.channel
    try:
        return rule is not None and not rule(text)
    except ValueError:
        return True


def _people(session: Session) -> Known:
    known: dict[str, set[tuple[str, str]]] = {}
    for user in _paged(session.client.users_list, "members"):
        profile = user.get("profile") or {}
        names = [user.get("name"), user.get("real_name"), profile.get("real_name"), profile.get("display_name")]
        shown = str(next((name for name in names[1:] if name), user["id"]))
        for name in {*filter(None, [*names, profile.get("email")])}:
            if not user.get("is_bot") and not user.get("deleted"):
                known.setdefault(str(name).casefold(), set()).add((str(user["id"]), shown))
    return known


def _channels(session: Session) -> Known:
    known: dict[str, set[tuple[str, str]]] = {}
    for channel in _paged(session.client.conversations_list, "channels", types="public_channel,private_channel"):
        shown = f"#{channel['name']}"
        known.setdefault(str(channel["name"]).casefold(), set()).add((str(channel["id"]), shown))
    return known


def _paged(method: Callable[..., Any], name: str, **arguments: str) -> Iterator[Mapping[str, Any]]:
    cursor = ""
    for _ in range(_PAGES):
        answer = attempt(lambda after=cursor: method(limit=200, cursor=after or None, **arguments))  # type: ignore[misc]
        if not isinstance(answer, Done):
            return
        yield from answer.data[name]
        cursor = (answer.data.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            return


def _finding(source: Source, place: Path, text: str, matches: set[tuple[str, str]]) -> Finding:
    where = source.fault(place, "").what
    if len(matches) > 1:
        several = ", ".join(f'"{one}" ({shown})' for one, shown in sorted(matches))
        return fault("settings", f"{where}: '{text}' is more than one", f"write one of {several}")
    [(one, shown)] = matches
    return fault("settings", f"{where}: '{text}' is a name, and settings hold ids", f'write "{one}", which is {shown}')
