"""The set-up of a developer's machine: compose file, example of the environment, Makefile."""

from __future__ import annotations

import os
import re

from checks.base import CannotRun, Finding, Result, counted, evidence, failed, files_check, passed
from checks.contexts import FilesContext
from checks.findings import verdict
from checks.options import list_option, option, text_option
from checks.repository.changed_documents import asked_for, identified

_IMAGE = re.compile(r"""^\s+image:\s*["']?(?P<image>[^\s"'#]+)""")
_SERVER = re.compile(r"(?:^|/)(?:postgres|postgresql|postgis|timescaledb(?:-ha)?|pgvector)(?:[:@]|$)")
_MAJOR = re.compile(r":(?:pg)?(\d+)")


@files_check(
    title="The compose file has a PostgreSQL of a fixed version",
    option="file",
    decides='With `[checks.docker-compose] file = "compose.yaml"`: a warning without an image of PostgreSQL, for one '
    "without a version, and for another major version than `major`; failed for a tab. Otherwise evidence: whether "
    "the file is whole, `docker compose config -q` decides as a probe.",
    cost="Reads one file; starts nothing.",
    fix="Use the image of the major version that production has.",
)
def docker_compose(context: FilesContext) -> Result:
    """Evidence of the images; a warning for tabs, no server, a server without a version, or another major version."""
    documents, [path, *_] = asked_for(context, docker_compose.id)
    lines, major = documents.text(path).splitlines(), option(context.options, docker_compose.id, "major")
    images = [(n, found["image"]) for n, line in enumerate(lines, 1) if (found := _IMAGE.match(line))]
    servers = [(n, image) for n, image in images if _SERVER.search(image)]
    findings = [_tab(path, n) for n, line in enumerate(lines, 1) if re.match(r" *\t", line)]
    findings += [fault for n, image in servers if (fault := _server(path, n, image, major))]
    if not servers:
        hint = "give a service image: postgres:…, or say Done if the server is built from a Dockerfile"
        findings.append(Finding("no service has an image of PostgreSQL", path, path, hint=hint))
    shown = ", ".join(image for _, image in servers)
    if findings:
        return identified(verdict(findings, ""), path, *(finding.message for finding in findings))
    return identified(evidence(f"{path}: {shown}; `docker compose config -q` would check the rest"), path, shown)


def _tab(path: str, line: int) -> Finding:
    return Finding("a tab indents the line, which YAML refuses", path, path, line, "use spaces", "error")


def _server(path: str, line: int, image: str, wanted: object) -> Finding | None:
    major = _MAJOR.search(image)
    if major is None and "${" not in image:
        return Finding(f"{image} has no version", image, path, line, "name the major version that production has")
    if major and wanted and major[1] != str(wanted):
        message = f"{image} is PostgreSQL {major[1]}, not {wanted}"
        return Finding(message, image, path, line, f"use the image of PostgreSQL {wanted}")
    return None


_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*(?P<value>"[^"]*"|'[^']*'|[^#\n]*)""", re.MULTILINE
)


@files_check(
    title="The environment variables of the example are set",
    option="file",
    decides='With `[checks.env-example] file = ".env.example"`: passes when each name in it has a value in `.env` '
    "(`env`) or in the environment where gonogo runs; those of `optional` may be missing. It shows names, no value.",
    cost="Reads two files; connects to nothing.",
    fix="Set the missing ones in your `.env`, or take a name that nobody needs out of the example.",
)
def env_example(context: FilesContext) -> Result:
    """Failed with the names that neither the `.env` file nor the environment of gonogo gives a value."""
    documents, [example, *_] = asked_for(context, env_example.id)
    wanted = dict.fromkeys(_values(documents.text(example)))
    if not wanted:
        raise CannotRun(f"{example} names no variable", "a line is NAME=an example")
    used = text_option(context.options, env_example.id, "env") or ".env"
    given = _values(documents.text(used)) if documents.has(used) else {}
    optional = list_option(context.options, env_example.id, "optional")
    missing = [name for name in wanted if not (given.get(name) or os.environ.get(name)) and name not in optional]
    return identified(_env_example_told(example, used, list(wanted), missing), example, *missing)


def _env_example_told(example: str, used: str, wanted: list[str], missing: list[str]) -> Result:
    if not missing:
        return passed(f"{len(wanted)} of {counted(len(wanted), 'variable')} of {example} set")
    shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
    hint = f"set {missing[0]} in {used}"
    mend = f"set it in {used}"
    findings = [Finding(f"{name} is not set", name, example, None, mend, "error") for name in missing]
    done = len(wanted) - len(missing)
    return failed(f"{done} of {counted(len(wanted), 'variable')} of {example} set; missing: {shown}", findings, hint)


def _values(text: str) -> dict[str, str]:
    return {found["name"]: found["value"].strip().strip("\"'") for found in _LINE.finditer(text)}


_RULE = re.compile(r"^(?P<targets>[^\s#:=%.][^#:=%\n]*?)\s*::?(?![=:])", re.MULTILINE)
_PHONY = re.compile(r"^\.PHONY\s*:(?P<targets>(?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)


@files_check(
    title="The make targets that people rely on are there",
    option="file",
    decides='With `[checks.make-targets] file = "Makefile"` and `targets = ["migrate-up"]`: failed for a target '
    "without a rule. Otherwise evidence; included files count when they are listed in `file` too.",
    cost="Reads the Makefile; runs nothing.",
    fix="Write the rule, or take the target off the list.",
)
def make_targets(context: FilesContext) -> Result:
    """Failed for a listed target that no rule makes; else evidence, since nothing is run."""
    documents, paths = asked_for(context, make_targets.id)
    texts = {path: documents.text(path) for path in paths}
    # Names of explicit rules; patterns and variables are left out.
    made = {name for text in texts.values() for rule in _RULE.finditer(text) for name in rule["targets"].split()}
    wanted = list_option(context.options, make_targets.id, "targets")
    missing = [target for target in wanted if target not in made]
    if missing:
        hint = f"write a rule for {missing[0]}, or take it off the list"
        findings = [Finding(f"no rule makes {name}", name, paths[0], hint=hint, severity="error") for name in missing]
        told = f"{len(wanted) - len(missing)} of {counted(len(wanted), 'target')} there; missing: {', '.join(missing)}"
        return identified(failed(told, findings, hint), *missing)
    shown = wanted or tuple(dict.fromkeys(name for text in texts.values() for name in _phony(text)))
    names = f": {', '.join(shown[:8])}" + (" …" if len(shown) > 8 else "") if shown else ""
    told = f"{counted(len(shown) or len(made), 'target')} in {paths[0]}{names}"
    return identified(evidence(f"{told}; whether they work, whoever runs them knows"), *shown)


def _phony(text: str) -> list[str]:
    return [name for line in _PHONY.finditer(text) for name in line["targets"].replace("\\", " ").split()]
