"""Short acts (`confirm = true`): probes that do something, and so run only when a person confirms it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from bot.core.checklist import Checklist
from bot.core.policy import ShortAct
from bot.settings.probes import runs_in
from bot.settings.reading import ProjectFile

# As shlex has it, but with the braces of placeholders, which are filled when the command is shown.
_PLAIN = re.compile(r"[\w@%+=:,./{}-]+")


def act_ids(project: ProjectFile) -> frozenset[str]:
    """The names of all acts."""
    return frozenset(name for name, probe in project.document.probes.items() if probe.confirm)


def acts_in(project: ProjectFile, environment: str) -> frozenset[str]:
    """The acts that may run in this environment."""
    probes = project.document.probes
    return frozenset(name for name in act_ids(project) if runs_in(probes[name], environment))


def acts_by_item(
    project: ProjectFile, checklist: Checklist, probes: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[ShortAct, ...]]:
    """Item ids with the acts that are named for them, by the settings or by the checklist."""
    known = act_ids(project)
    found: dict[str, tuple[ShortAct, ...]] = {}
    for item in checklist.items:
        names = [name for name in dict.fromkeys((*probes.get(item.id, ()), *item.checks)) if name in known]
        if names:
            found[item.id] = tuple(_act(project, name) for name in names)
    return found


def checks_only(probes: Mapping[str, tuple[str, ...]], acts: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The same without the acts."""
    kept = {item: tuple(name for name in names if name not in acts) for item, names in probes.items()}
    return {item: names for item, names in kept.items() if names}


def _act(project: ProjectFile, name: str) -> ShortAct:
    probe = project.document.probes[name]
    command = " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in probe.command or ())
    return ShortAct(name, probe.title or name.replace("-", " "), command)
