"""docker-compose: the compose file has a PostgreSQL of a fixed version."""

from __future__ import annotations

import re

from checks.base import Check, Finding, Need, Result, evidence
from checks.contexts import FilesContext
from checks.documents import documents_of
from checks.options import option
from checks.repository.asking import found_files, identified, paths_option
from checks.verdict import verdict

ID = "docker-compose"
_IMAGE = re.compile(r"""^\s+image:\s*["']?(?P<image>[^\s"'#]+)""")
_SERVER = re.compile(r"(?:^|/)(?:postgres|postgresql|postgis|timescaledb(?:-ha)?|pgvector)(?:[:@]|$)")
_MAJOR = re.compile(r":(?:pg)?(\d+)")


def run(context: FilesContext) -> Result:
    """Evidence of the images; a warning for tabs, no server, a server without a version, or another major version."""
    path = found_files(documents_of(context.options), paths_option(context.options, ID))[0]
    lines = documents_of(context.options).text(path).splitlines()
    images = [(n, found["image"]) for n, line in enumerate(lines, 1) if (found := _IMAGE.match(line))]
    servers = [(n, image) for n, image in images if _SERVER.search(image)]
    findings = [_tab(path, n) for n, line in enumerate(lines, 1) if re.match(r" *\t", line)]
    findings += [one for n, image in servers if (one := _server(path, n, image, option(context.options, ID, "major")))]
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


CHECK = Check(
    id=ID,
    title="The compose file has a PostgreSQL of a fixed version",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='With `[checks.docker-compose] file = "compose.yaml"`: a warning without an image of PostgreSQL, for one '
    "without a version, and for another major version than `major`; failed for a tab. Otherwise evidence: whether "
    "the file is whole, `docker compose config -q` decides as a probe.",
    cost="Reads one file; starts nothing.",
    fix="Use the image of the major version that production has.",
)
