"""A team's own words, tried before they are said: each file with every example of the message that it stands for."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.core.team import Project
from bot.settings.faults import did_you_mean, show
from bot.slack.messages.blocks import SECTION_TEXT
from bot.slack.messages.catalogue import examples
from bot.slack.messages.templates import GLOBALS, heard, made_for, paragraphs
from checks.result import ERROR, Finding

Facts = Mapping[str, Any]
SUFFIX = ".j2"
_HOME = "docs/messages.md has each file with its facts"


def known_facts() -> dict[str, list[Facts]]:
    """What the examples give to each template, by its name."""
    found: dict[str, list[Facts]] = {}
    with heard() as filled:
        for _, draw in examples():
            draw()
    for names, facts in filled:
        found.setdefault(names[-1], []).append(facts)
    return dict(sorted(found.items()))


def sets_of(projects: Mapping[str, Project]) -> frozenset[str]:
    """The sets of words that the audiences of these settings read."""
    places = (place for project in projects.values() for place in project.environments.values())
    return frozenset(audience.words for place in places for audience in place.audiences if audience.words)


def trial(folder: Path, sets: frozenset[str]) -> Iterator[Finding]:
    """What is wrong with the files of that folder, with file and line; nothing where all of it can be said.

    `sets` are those that an audience reads.
    """
    made = made_for(folder)
    bench = _Bench(made, known_facts(), sets, _included(made))
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not _is_aside(file, folder):
            yield from _tried(bench, file.relative_to(folder).as_posix(), file)


def _is_aside(file: Path, folder: Path) -> bool:
    """What is not meant to be said: hidden files, and notes about the others."""
    return file.suffix == ".md" or any(part.startswith(".") for part in file.relative_to(folder).parts)


@dataclass(frozen=True)
class _Bench:
    """What templates are tried with. `included` has who includes it, by what others include."""

    made: ImmutableSandboxedEnvironment
    known: Mapping[str, list[Facts]]
    sets: frozenset[str]
    included: Mapping[str, list[str]]

    def given(self, name: str, below: frozenset[str] = frozenset()) -> list[Facts]:
        """The facts that a template of that name is filled with; of one that others include, theirs."""
        folder, _, rest = name.partition("/")
        words, _, file = rest.partition("/")
        own = self.known.get(name) or (self.known.get(f"{folder}/{file}", []) if words in self.sets else [])
        by = [] if own else [each for each in self.included.get(name, ()) if each not in below]
        return own or [facts for each in by for facts in self.given(each, below | {name})]

    def is_whole(self, name: str) -> bool:
        """Whether it is a message of its own, and no part of others alone."""
        return name in self.known or name not in self.included


def _included(made: ImmutableSandboxedEnvironment) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in made.list_templates(extensions=[SUFFIX.removeprefix(".")]):
        with suppress(TemplateError, ValueError):
            for each in meta.find_referenced_templates(made.parse(_source(made, name))):
                found.setdefault(each or "", []).append(name)
    return found


def _source(made: ImmutableSandboxedEnvironment, name: str) -> str:
    assert made.loader is not None
    return made.loader.get_source(made, name)[0]


def _tried(bench: _Bench, name: str, file: Path) -> Iterator[Finding]:
    given = bench.given(name)
    if not given:
        yield _fault(file, None, "it replaces no message", did_you_mean(name, bench.known) or _HOME)
        return
    try:
        tree = bench.made.parse(_source(bench.made, name))
        bench.made.get_template(name)
    except TemplateSyntaxError as error:
        yield _fault(file, error.lineno, error.message or "cannot be read", _HOME)
    except (OSError, ValueError):
        yield _fault(file, None, "cannot be read as UTF-8", "save the file as UTF-8")
    else:
        unknown = list(_unknown(tree, file, {*GLOBALS, *(key for facts in given for key in facts)}))
        yield from unknown or _said(bench, name, file, given)


def _unknown(tree: nodes.Template, file: Path, known: set[str]) -> Iterator[Finding]:
    """Names that are no fact, also where no example comes by."""
    for name in sorted(meta.find_undeclared_variables(tree) - known):
        line = next((node.lineno for node in tree.find_all(nodes.Name) if node.name == name), None)
        yield _fault(file, line, f"there is no fact '{name}'", did_you_mean(name, known) or _HOME)


def _said(bench: _Bench, name: str, file: Path, given: Sequence[Facts]) -> Iterator[Finding]:
    """The first example that cannot be said."""
    for facts in given:
        try:
            said = paragraphs(bench.made, [name], facts)
        except TemplateNotFound as error:
            yield _fault(file, _line(error, file), f"there is no file '{error.name}' to include", _HOME)
            return
        except Exception as error:
            yield _fault(file, _line(error, file), str(error) or type(error).__name__, _HOME)
            return
        long = max(map(len, said), default=0)
        if long > SECTION_TEXT:
            mend = f"Slack takes {SECTION_TEXT:,} at most: shorten it, or put an empty line into it"
            yield _fault(file, None, f"a paragraph of it has {long:,} characters", mend)
            return
        if bench.is_whole(name) and not said:
            yield _fault(file, None, "it says nothing", "Slack takes no message without words")
            return


def _line(error: Exception, file: Path) -> int | None:
    """Jinja writes lines of the template into the trace."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    return lines[-1] if lines else None


def _fault(file: Path, line: int | None, sentence: str, mend: str) -> Finding:
    return Finding(sentence, "", show(file), line, mend, ERROR)
