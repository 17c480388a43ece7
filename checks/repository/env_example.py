"""env-example: every variable that the example names has a value; no value is ever shown."""

from __future__ import annotations

import os
import re

from checks.base import CannotRun, Check, Finding, Need, Result, counted, failed, passed
from checks.contexts import FilesContext
from checks.documents import documents_of
from checks.options import list_option, text_option
from checks.repository.asking import found_files, identified, paths_option

ID = "env-example"
_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*(?P<value>"[^"]*"|'[^']*'|[^#\n]*)""", re.MULTILINE
)


def run(context: FilesContext) -> Result:
    """Failed with the names that neither the `.env` file nor the environment of gonogo gives a value."""
    documents = documents_of(context.options)
    example = found_files(documents, paths_option(context.options, ID))[0]
    wanted = dict.fromkeys(_values(documents.text(example)))
    if not wanted:
        raise CannotRun(f"{example} names no variable", "a line is NAME=an example")
    used = text_option(context.options, ID, "env") or ".env"
    given = _values(documents.text(used)) if documents.has(used) else {}
    optional = list_option(context.options, ID, "optional")
    missing = [name for name in wanted if not (given.get(name) or os.environ.get(name)) and name not in optional]
    return identified(_told(example, used, list(wanted), missing), example, *missing)


def _told(example: str, used: str, wanted: list[str], missing: list[str]) -> Result:
    if not missing:
        return passed(f"{len(wanted)} of {counted(len(wanted), 'variable')} of {example} set")
    shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
    hint = f"set {missing[0]} in {used}"
    findings = [
        Finding(f"{name} is not set", name, example, hint=f"set it in {used}", severity="error") for name in missing
    ]
    done = len(wanted) - len(missing)
    return failed(f"{done} of {counted(len(wanted), 'variable')} of {example} set; missing: {shown}", findings, hint)


def _values(text: str) -> dict[str, str]:
    return {found["name"]: found["value"].strip().strip("\"'") for found in _LINE.finditer(text)}


CHECK = Check(
    id=ID,
    title="The environment variables of the example are set",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='With `[checks.env-example] file = ".env.example"`: passes when each name in it has a value in `.env` '
    "(`env`) or in the environment where gonogo runs; those of `optional` may be missing. It shows names, no value.",
    cost="Reads two files; connects to nothing.",
    fix="Set the missing ones in your `.env`, or take a name that nobody needs out of the example.",
)
