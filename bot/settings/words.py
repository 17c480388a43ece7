"""The small languages of the settings: windows, durations, zones, Slack ids. Parsers raise Unusable."""

from __future__ import annotations

import re
import shlex
import zoneinfo
from datetime import time

from bot.core.team import NOTICE_EVENTS, Window
from bot.core.typed import nearest
from bot.settings.faults import did_you_mean, quoted
from checks.measures import MEGABYTE
from checks.result import Unusable

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EVERY_DAY = frozenset(range(7))
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LEAST_ROOM = 256 * MEGABYTE
_CLOCK = r"([01]?\d|2[0-3]):([0-5]\d)"
_SPAN = re.compile(rf"{_CLOCK}-{_CLOCK}")
_LOOSE_SPAN = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:h|Uhr)?\s*(?:-|–|—|to|until)\s*(\d{1,2})(?:[:.h](\d{2}))?")
_LOOSE_DAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*", re.IGNORECASE)


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Unusable(f"must be text in quotes, not {quoted(value)}", f'write "{quoted(value)}"')
    return value


_SECRET = re.compile(r"\w+://[^/@\s]*:(?!\$)[^/@\s]*@|\b(?:PGPASSWORD|password|passwd)\s*=\s*(?![\s$])", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:jdbc:)?postgres(?:ql)?://", re.IGNORECASE)


def command_to_copy(value: object) -> str:
    """A line that people copy, or its arguments; it stands in Slack, so no password and no address is in it."""
    parts = value if isinstance(value, list) else [value]
    if not parts or not all(isinstance(part, str) and part.strip() for part in parts):
        raise Unusable("is no command to copy", 'write "./migrate.sh {environment}", or ["./migrate.sh", "{last}"]')
    line = str(value) if isinstance(value, str) else " ".join(map(_argument, parts))
    if _SECRET.search(line):
        raise Unusable("holds a password", 'write "$DATABASE_URL": whoever runs it has that variable')
    if _ADDRESS.search(line):
        raise Unusable("holds the address of a database", 'write "$DATABASE_URL": whoever runs it has that variable')
    if any(ord(letter) < 32 for letter in line):
        raise Unusable("is more than one line", "put the lines into a script, and name that")
    return line


def _argument(part: str) -> str:
    """As a shell takes it, variables and all."""
    if "$" in part:
        return '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return part if re.fullmatch(r"[\w@%+=:,./{}-]+", part) else shlex.quote(part)


def window(value: object) -> Window:
    """`Tue-Thu 09:00-16:00`, `Sat,Sun 10:00-12:00`, `daily 22:00-04:00` (which ends on the next day)."""
    words = text(value)
    days, _, hours = words.partition(" ")
    span = _span(hours)
    chosen = _days(days)
    if chosen is None or span is None:
        raise Unusable(f"{quoted(words)} is not a window", f"write {_mended_window(words)}")
    if span[0] == span[1]:
        raise Unusable(f"{quoted(words)} has no length", "leave windows out where deploying is allowed at any time")
    return Window(chosen, span[0], span[1], words)


def _days(words: str) -> frozenset[int] | None:
    if words == "daily":
        return _EVERY_DAY
    days: set[int] = set()
    for part in words.split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            return None
        start, end = DAYS.index(first), DAYS.index(last or first)
        days |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return frozenset(days)


def _span(words: str) -> tuple[time, time] | None:
    match = _SPAN.fullmatch(words)
    if not match:
        return None
    hour, minute, to_hour, to_minute = (int(group) for group in match.groups())
    return time(hour, minute), time(to_hour, to_minute)


def _mended_window(words: str) -> str:
    hours = _mended_span(words) or "09:00-16:00"
    before_hours = re.split(r"\d", words, maxsplit=1)[0]
    names = [name.capitalize()[:3] for name in _LOOSE_DAY.findall(before_hours)]
    if not names:
        days = "daily" if _mended_span(words) else "Tue-Thu"
    elif len(names) == 2 and re.search(r"-|–|—|to", before_hours):
        days = "-".join(names)
    else:
        days = ",".join(names)
    return f'"{days} {hours}"'


def _mended_span(words: str) -> str | None:
    match = _LOOSE_SPAN.search(words)
    if not match:
        return None
    hour, minute, to_hour, to_minute = (int(group or 0) for group in match.groups())
    if hour > 24 or to_hour > 24 or minute > 59 or to_minute > 59:
        return None
    return f"{hour % 24:02d}:{minute:02d}-{to_hour % 24:02d}:{to_minute:02d}"


NONE = "none"


def quiet_hours(value: object) -> tuple[time, ...]:
    """`20:00-08:00`, on each person's own wall; nothing for `none`."""
    words = text(value)
    span = _span(words)
    if words == NONE:
        return ()
    if span is None or span[0] == span[1]:
        mend = _mended_span(words) or "20:00-08:00"
        raise Unusable(f"{quoted(words)} is no span of hours", f'write "{mend}"')
    return span


def working_days(value: object) -> frozenset[int]:
    """`Mon-Fri`, `Sun-Thu`, `Mon,Wed`."""
    days = _days(text(value))
    if days is None:
        names = [name.capitalize()[:3] for name in _LOOSE_DAY.findall(str(value))]
        mend = "-".join(names) if len(names) == 2 else ",".join(names) or "Mon-Fri"
        raise Unusable(f"{quoted(value)} are no days of the week", f'write "{mend}"')
    return days


def holiday_codes(value: object) -> tuple[str, ...]:
    """Codes of countries, or of regions where holidays differ by that, as the library `holidays` knows them.

    `none` stays as it is: no holidays at all.
    """
    if value == NONE:
        return (NONE,)
    if not isinstance(value, list):
        raise Unusable(f"{quoted(value)} is no list of codes", 'write ["DE-BY", "US"], or "none" for no holidays')
    return tuple(_holiday_code(text(each)) for each in value)


def _holiday_code(code: str) -> str:
    import holidays

    known = holidays.list_supported_countries(include_aliases=False)
    country, _, region = code.upper().partition("-")
    if country not in known:
        mend = 'write its ISO 3166 code, such as "DE", or "DE-BY" for a region'
        raise Unusable(f"{quoted(code)} is no country whose public holidays are known", mend)
    if region and region not in known[country]:
        regions = ", ".join(f"{country}-{each}" for each in known[country])
        mend = f"write one of {country}, {regions}" if regions else f'write "{country}"'
        raise Unusable(f"no region {quoted(region)} of {country} has public holidays of its own", mend)
    if code != code.upper():
        raise Unusable(f"{quoted(code)} is written in small letters", f'write "{code.upper()}"')
    return code


def seconds(value: object) -> int:
    """A duration such as `45s`, `30m`, `24h`, `14d`, `2w`, in seconds."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise Unusable(f"{value} has no unit", f'write "{value}m" for minutes or "{value}h" for hours')
    words = text(value)
    match = re.fullmatch(r"(\d+)([smhdw])", words)
    if not match or int(match[1]) == 0:
        loose = re.fullmatch(r"\s*(\d+)\s*([smhdw])[a-z]*\s*", words, re.IGNORECASE)
        mend = f"{int(loose[1]) or 1}{loose[2].lower()}" if loose else "30m"
        raise Unusable(f"{quoted(words)} is not a duration", f'write a number and s, m, h, d or w, such as "{mend}"')
    return int(match[1]) * _UNIT_SECONDS[match[2]]


def size(value: object) -> int:
    """Room such as `512MB` or `4GB`, in bytes; PostgreSQL itself needs some of it."""
    match = re.fullmatch(r"(\d+) ?([MG])B", text(value), re.IGNORECASE)
    if not match:
        raise Unusable(f"{quoted(value)} is no size", 'write a number and MB or GB, such as "4GB"')
    count = int(match[1]) * (MEGABYTE if match[2] in "mM" else 1024 * MEGABYTE)
    if count < _LEAST_ROOM:
        raise Unusable(f"{quoted(value)} is too little for PostgreSQL itself", 'write at least "256MB"')
    return count


def zone(value: object) -> str:
    words = text(value)
    try:
        zoneinfo.ZoneInfo(words)
    except (KeyError, ValueError, OSError):
        known = {name.lower(): name for name in zoneinfo.available_timezones()}
        mend = known.get(nearest(words, known) or "", "Europe/Berlin")
        raise Unusable(f"{quoted(words)} is not a time zone", f'write its IANA name, such as "{mend}"') from None
    return words


def channel(value: object) -> str:
    """A channel's id: `C…`, or `G…` for an old private channel."""
    words = text(value)
    if re.fullmatch(r"[CG][A-Z0-9]{2,20}", words):
        return words
    where = "in Slack open the channel, its name at the top, About, and copy the channel ID at the bottom"
    if words.startswith("D") and words.isupper():
        raise Unusable(f"{quoted(words)} is a direct message", f"deployments need a channel; {where} (C…)")
    raise Unusable(f"{quoted(words)} is not a channel id", f"{where}, such as C0DEPLOYS1")


def member(value: object) -> str:
    """A user id (`U…`, `W…`) or the handle of a user group (`@dba-team`)."""
    words = text(value)
    if re.fullmatch(r"[UW][A-Z0-9]{2,20}|@[^\s@<>#]{1,80}", words):
        return words
    if re.fullmatch(r"S[A-Z0-9]{6,20}", words):
        raise Unusable(f"{quoted(words)} is the id of a group", 'write the handle of the group, such as "@dba-team"')
    where = "the person's profile, ⋮, Copy member ID"
    raise Unusable(f'{quoted(words)} is neither a user id (U…: {where}) nor the handle of a group ("@dba-team")')


def hearer(value: object) -> str:
    """Who may get a notice: a channel's id, or a person's."""
    words = text(value)
    return words if re.fullmatch(r"[UW][A-Z0-9]{2,20}", words) else channel(words)


def notice_event(value: object) -> str:
    return one_of(value, NOTICE_EVENTS)


def command(value: object) -> str:
    """A slash command: `/deploy`. Slack: at most 32 characters, lower case, no spaces."""
    words = text(value)
    if re.fullmatch(r"/[a-z0-9][a-z0-9_-]{0,30}", words):
        return words
    mend = re.sub(r"[^a-z0-9_-]", "", words.lower())[:31] or "deploy"
    raise Unusable(f"{quoted(words)} is not a slash command", f'write "/{mend}"')


def name(value: str, what: str) -> str:
    """A name of an environment, project, role or probe: people type it."""
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", value):
        return value
    mend = re.sub(r"[^a-z0-9_-]+", "-", value.lower()).strip("-_")[:40] or "production"
    raise Unusable(f"is not a name for {what}", f"use lower-case letters, digits and hyphens, such as [{mend}]")


def web_address(value: object) -> str:
    """An http address without a password in it; `{environment}` may stand in it."""
    words = text(value)
    if not re.fullmatch(r"https?://[^\s/@]+(/\S*)?", words):
        raise Unusable("is no web address without a password in it", "write it as https://shop.example/health")
    return words


def commit_address(value: object) -> str:
    """Where a commit can be read on the web: the address of any, with `{commit}` for its hash."""
    address = web_address(value)
    if "{commit}" not in address:
        raise Unusable("never names the commit", 'write "https://git.example/shop/commit/{commit}"')
    return address


def one_of(value: object, choices: tuple[str, ...]) -> str:
    words = text(value)
    if words in choices:
        return words
    raise Unusable(f"{quoted(words)} is not one of {', '.join(choices)}", did_you_mean(words, choices))


def database_reference(value: object) -> str:
    """`env:NAME` or `service=NAME`: an address itself, which holds a password, has no place in a file."""
    words = text(value)
    if re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*|service=[\w.-]+", words):
        return words
    raise Unusable(
        "an address does not belong in this file, since it holds a password",
        "put it into an environment variable "
        'and write its name, such as "env:PRODUCTION_DATABASE_URL", or a libpq service: "service=production"',
    )


def scratch_server(value: object) -> str:
    """`embedded`, `env:NAME`, `service=NAME`, `bin:FOLDER` of PostgreSQL's binaries; `none` for no scratch server."""
    words = text(value)
    is_plain = words in ("embedded", "none") or re.fullmatch(r"bin:/\S.*", words)
    return words if is_plain else database_reference(words)


def scratch_baseline(value: object) -> str:
    """`target`, `env:NAME` or `service=NAME` of a database to dump, or the path of a dump."""
    words = text(value)
    return database_reference(words) if "://" in words or re.match(r"(?:env:|\w+=)", words) else words
