"""All questions in order: settings, Slack, people, databases, the machine, the bot. One run finds everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from bot.doctor.databases import ask_databases
from bot.doctor.finding import fault, ok
from bot.doctor.migrations import ask_migrations, ask_scratch
from bot.doctor.names import ask_names
from bot.doctor.proof import ask_proof
from bot.doctor.running import ask_machine, ask_state
from bot.doctor.slack_access import Session, ask_access, ask_examples
from bot.doctor.slack_people import ask_channels, ask_people
from bot.settings import Settings, SettingsError, config_path, load, load_file
from bot.settings.document import PaceTable
from bot.settings.secrets import slack_access
from checks.result import Finding

AREA, WORDS = "settings", "words"
_TOKENS = frozenset({"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL"})


def examine(
    config: Path | None, environ: Mapping[str, str], now: Callable[[], datetime], *, examples: bool = False
) -> Iterator[Finding]:
    """Every finding, as it is found. What a fault keeps from being asked is not asked; everything else is.

    `examples`: Slack is also asked whether it takes every message and form.
    """
    faults = _faults(config, environ)
    settings = _settings(config, environ)
    access, _ = slack_access(environ, PaceTable())
    # Slack is asked unless the tokens are no tokens, which the settings' faults say.
    no_tokens = any(one.object in _TOKENS for one in faults)
    session, slack = (None, []) if no_tokens else ask_access(settings.slack if settings else access, now)
    yield from _settings_findings(config, environ, faults, session)
    yield from slack
    if session is not None and examples:
        yield from ask_examples(session)
    if session is not None and settings is not None:
        yield from ask_channels(session, settings.projects())
        yield from ask_people(session, settings.projects())
    if settings is not None:
        yield from _words_findings(settings)
        yield from ask_migrations(settings)
        yield from ask_databases(settings, now)
        yield from ask_scratch(settings)
        yield from ask_machine(settings.database_path, environ)
        yield from ask_state(settings.database_path, now())
        yield from ask_proof(settings)


def _words_findings(settings: Settings) -> Iterator[Finding]:
    """The team's own words, where it has some."""
    if settings.templates is None:
        return
    from bot.slack.messages.own_words import sets_of, trial

    faults = list(trial(settings.templates, sets_of(settings.projects())))
    yield from (fault(WORDS, one.what, one.hint) for one in faults)
    if not faults:
        yield ok(WORDS, f"all of {settings.templates} can be said")


def _faults(config: Path | None, environ: Mapping[str, str]) -> tuple[Finding, ...]:
    try:
        load(config, environ)
    except SettingsError as error:
        return error.faults
    return ()


def _settings(config: Path | None, environ: Mapping[str, str]) -> Settings | None:
    """The settings as far as files alone go, or None where a file has a fault."""
    try:
        return load_file(config, environ)
    except SettingsError:
        return None


def _settings_findings(
    config: Path | None, environ: Mapping[str, str], faults: Iterable[Finding], session: Session | None
) -> Iterator[Finding]:
    path = config_path(config, environ)
    names = ask_names(session, path) if session is not None else {}
    for one in faults:
        named = names.get((one.file, one.object))
        yield named or fault(AREA, one.what, one.hint or "see the settings table in the README")
    if not faults:
        yield ok(AREA, f"{path} is sound, and every variable that it names is set")
