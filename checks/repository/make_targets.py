"""make-targets: the targets that people rely on are in the Makefile."""

from __future__ import annotations

import re

from checks.base import Check, Finding, Need, Result, counted, evidence, failed
from checks.contexts import FilesContext
from checks.documents import documents_of
from checks.options import list_option
from checks.repository.asking import found_files, identified, paths_option

ID = "make-targets"
_RULE = re.compile(r"^(?P<targets>[^\s#:=%.][^#:=%\n]*?)\s*::?(?![=:])", re.MULTILINE)
_PHONY = re.compile(r"^\.PHONY\s*:(?P<targets>(?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)


def run(context: FilesContext) -> Result:
    """Failed for a listed target that no rule makes; else evidence, since nothing is run."""
    paths = found_files(documents_of(context.options), paths_option(context.options, ID))
    texts = {path: documents_of(context.options).text(path) for path in paths}
    made = {target for text in texts.values() for target in _targets(text)}
    wanted = list_option(context.options, ID, "targets")
    missing = [target for target in wanted if target not in made]
    if missing:
        hint = f"write a rule for {missing[0]}, or take it off the list"
        findings = [Finding(f"no rule makes {name}", name, paths[0], hint=hint, severity="error") for name in missing]
        told = f"{len(wanted) - len(missing)} of {counted(len(wanted), 'target')} there; missing: {', '.join(missing)}"
        return identified(failed(told, findings, hint), *missing)
    shown = wanted or tuple(dict.fromkeys(name for text in texts.values() for name in _phony(text)))
    return identified(evidence(_told(paths[0], shown, len(made))), *shown)


def _told(path: str, shown: tuple[str, ...], made: int) -> str:
    names = f": {', '.join(shown[:8])}" + (" …" if len(shown) > 8 else "") if shown else ""
    return f"{counted(len(shown) or made, 'target')} in {path}{names}; whether they work, whoever runs them knows"


def _targets(text: str) -> set[str]:
    """Names of explicit rules; patterns and variables are left out."""
    return {name for rule in _RULE.finditer(text) for name in rule["targets"].split()}


def _phony(text: str) -> list[str]:
    return [name for line in _PHONY.finditer(text) for name in line["targets"].replace("\\", " ").split()]


CHECK = Check(
    id=ID,
    title="The make targets that people rely on are there",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='With `[checks.make-targets] file = "Makefile"` and `targets = ["migrate-up"]`: failed for a target '
    "without a rule. Otherwise evidence; included files count when they are listed in `file` too.",
    cost="Reads the Makefile; runs nothing.",
    fix="Write the rule, or take the target off the list.",
)
