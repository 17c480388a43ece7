"""Audiences: who is told of which environments, in which words; and where a team keeps words of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.core.team import NOTICE_EVENTS, Audience
from bot.resources import templates_folder
from bot.settings import words
from bot.settings.document import AudienceTable, EnvironmentTable
from bot.settings.faults import did_you_mean, quoted
from bot.settings.reading import Files, ProjectFile
from checks.result import Finding, Unusable

STAKEHOLDERS = "stakeholders"


def own_templates(files: Files) -> Path | None:
    """The folder of the team's own words; None where the settings name none."""
    given = files.main.workspace.templates
    return files.source.folder / given if given else None


def template_faults(files: Files) -> Iterator[Finding]:
    """A folder that is not there."""
    folder = own_templates(files)
    if folder is not None and not folder.is_dir():
        sentence = f"there is no folder {quoted(files.main.workspace.templates)} in {files.source.folder.name or '/'}"
        mend = "make it, or leave the setting out for the words of gonogo"
        yield files.source.fault(("workspace", "templates"), sentence, mend)


def word_sets(own: Path | None) -> frozenset[str]:
    """The names of the sets of words for notices: folders below `notice/`, ours and the team's."""
    roots = [templates_folder() / "messages", *([own] if own else [])]
    notices = [root / "notice" for root in roots if (root / "notice").is_dir()]
    return frozenset(each.name for notice in notices for each in notice.iterdir() if each.is_dir())


def audiences_of(file: ProjectFile, environment: str, sets: frozenset[str]) -> tuple[Audience, ...]:
    """Who hears of this environment: its stakeholders, then each audience that is told of it."""
    table = file.document.environments.get(environment)
    general = (Audience(STAKEHOLDERS, tuple(table.stakeholders)),) if table and table.stakeholders else ()
    return general + tuple(
        Audience(
            name,
            tuple(dict.fromkeys(audience.channels)),
            audience.words or (name if name in sets else ""),
            frozenset(audience.events or NOTICE_EVENTS),
        )
        for name, audience in file.document.audiences.items()
        if environment in _told_of(file, audience)
    )


def _told_of(file: ProjectFile, audience: AudienceTable) -> list[str]:
    tables: Mapping[str, EnvironmentTable] = file.document.environments
    if audience.environments is not None:
        return [name for name in audience.environments if name in tables]
    return [name for name, table in tables.items() if table.stakeholders]


def audience_faults(file: ProjectFile, sets: frozenset[str]) -> Iterator[Finding]:
    """Names that cannot be typed, environments and words that are not there, and whoever would be told twice."""
    for name, audience in file.document.audiences.items():
        yield from _named(file, name)
        yield from _placed(file, name, audience)
        if audience.words and audience.words not in sets:
            mend = did_you_mean(audience.words, sets) or f"make notice/{audience.words}/ in [workspace] templates"
            sentence = f"there are no words {quoted(audience.words)}: there are {', '.join(sorted(sets))}"
            yield file.source.fault(("audiences", name, "words"), sentence, mend)
    yield from _told_twice(file, sets)


def _named(file: ProjectFile, name: str) -> Iterator[Finding]:
    place = ("audiences", name)
    try:
        words.name(name, "an audience")
    except Unusable as error:
        yield file.source.fault(place, error.sentence, error.hint)
    if name == STAKEHOLDERS:
        yield file.source.fault(place, f"'{name}' is a setting of each environment", "choose another name")


def _placed(file: ProjectFile, name: str, audience: AudienceTable) -> Iterator[Finding]:
    known = list(file.document.environments)
    for index, each in enumerate(audience.environments or ()):
        if each not in known:
            mend = did_you_mean(each, known) or f"environments here: {', '.join(known) or 'none yet'}"
            place = ("audiences", name, "environments", index)
            yield file.source.fault(place, f"there is no environment {quoted(each)}", mend)
    if audience.environments is None and not _told_of(file, audience):
        sentence = "is told of nothing: no environment has stakeholders"
        yield file.source.fault(("audiences", name), sentence, 'write environments = ["production"]')


def _told_twice(file: ProjectFile, sets: frozenset[str]) -> Iterator[Finding]:
    for environment in file.document.environments:
        first: dict[str, str] = {}
        for audience in audiences_of(file, environment, sets):
            for member in audience.members:
                if member in first:
                    sentence = f"{member} is told of {environment} as {first[member]} already"
                    place = ("audiences", audience.name, "channels")
                    yield file.source.fault(place, sentence, "name each channel once for an environment")
                first[member] = audience.name
