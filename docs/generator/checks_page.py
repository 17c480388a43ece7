"""docs/checks.md: the catalogue, from the checks themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.core.checklist.items import Checklist
from bot.core.checklist.reader import parse
from bot.settings.checklists import default_checklist_path
from bot.usecases.situation.own_checks import OWN_TITLES
from checks.base import Check, Need
from checks.catalogue import CATALOGUE
from docs.generator.markdown import anchor, page, table
from docs.generator.options import EXPLAINED, options_of

GROUPS = {
    Need.FILES: ("files", "They read the migration files and connect to nothing."),
    Need.SCRATCH: ("scratch", "They apply the files to a throw-away database and look at what came of it."),
    Need.TARGET: ("target", "They ask a database: read-only, in short transactions, behind nothing that waits."),
    Need.PAIR: ("pair", "They compare two databases."),
    Need.COMMAND: ("command", "They run a program of the team."),
    Need.HTTP: ("http", "They ask a web address of the team."),
    Need.PROMETHEUS: ("prometheus", "They ask Prometheus."),
}


def default_checklist() -> Checklist:
    """The checklist that ships with gonogo."""
    path = default_checklist_path()
    return parse(path.read_bytes(), path.name)


def checks_page() -> str:
    """The page."""
    return page("# Checks", _INTRO, _overview(), *(section for need in GROUPS for section in _group(need)), _own())


_INTRO = """The same checks run from Slack, from the shell (`gonogo check`) and in CI. Each gives one of *passed*,
*failed*, *warning*, *evidence*, *not-applicable* and *could-not-run*, with one line of evidence. Could-not-run is never
a pass.

`gonogo checks` prints this list, `gonogo checks ID` one entry. Which line of the checklist a check answers is said in
the checklist; see [the items](items.md). A check of your own is a table `[probes.NAME]` in
[the settings](settings.md#probesname), or a file: see [extending](extending.md#a-check).

**To silence a finding** of a check of files or scratch, write above the statement, with a reason:

```sql
-- gonogo: ignore online-safety 200 rows, read at night only
CREATE INDEX orders_total_idx ON orders (total);
```

The evidence then says that something was silenced, and why. In the first comment of a file, with an empty line below
it, it holds for the whole file. Without a reason it silences nothing, and `ignore-comments` says so. What was there
before you began goes into [a list](ci.md#what-is-accepted) beside the settings. A check of a database is not silenced:
a person settles the item over its answer, with a reason that stands in the record."""


def _overview() -> str:
    rows = [[_link(check.id), check.needs.value, check.title] for check in CATALOGUE.values()]
    rows += [[_link(name), "own", title] for name, title in OWN_TITLES.items()]
    return f"{len(rows)} checks:\n\n{table(['check', 'needs', 'title'], rows)}"


def _link(check: str) -> str:
    return f"[`{check}`](#{anchor(check)})"


def _group(need: Need) -> Iterator[str]:
    name, about = GROUPS[need]
    checks = [check for check in CATALOGUE.values() if check.needs is need]
    if checks:
        yield f"## Checks of {name}\n\n{about}"
        yield from map(_entry, checks)


def _entry(check: Check[Any]) -> str:
    parts = {
        "Decides": check.decides,
        "Costs": check.cost,
        "To mend": check.fix,
        "To silence": _silence(check),
        "Options": _options(check.id),
        "Answers": _answers(check.id),
    }
    lines = [f"- **{word}:** {text}" for word, text in parts.items() if text]
    return f"### {check.id}\n\n{check.title}.\n\n" + "\n".join(lines)


def _silence(check: Check[Any]) -> str:
    if check.needs in (Need.FILES, Need.SCRATCH):
        return f"`-- gonogo: ignore {check.id} REASON`"
    return "not in a file; settle the item over it with a reason"


def _options(check: str) -> str:
    return "; ".join(_option(key, says) for key, says in options_of(check).items())


def _option(key: str, says: str) -> str:
    return f"`{key}`" if says == EXPLAINED else f"`{key}`: {says.rstrip('.')}"


def _answers(check: str) -> str:
    checklist = default_checklist()
    labels = [f"{checklist.section_of(item).path} / {item.label}" for item in checklist.items if check in item.checks]
    return "; ".join(labels) or "no line of the checklist that ships; name it in yours, or run it from the shell"


def _own() -> str:
    head = "## Checks of the deployment itself\n\nThe bot answers them from what it knows; nothing is asked."
    entries = (f"### {name}\n\n{title}.\n\n- **Answers:** {_answers(name)}" for name, title in OWN_TITLES.items())
    return "\n\n".join([head, *entries])
