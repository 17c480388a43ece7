"""runbooks: the runbooks of monitoring are there, and what they refer to is there as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import unquote

from checks.base import Check, Finding, Need, Result, counted, evidence
from checks.contexts import FilesContext
from checks.documents import Documents, documents_of
from checks.repository.asking import found_files, identified, paths_option, since_start
from checks.verdict import verdict

ID = "runbooks"
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(\s*<?(?P<to>[^)\s>]+)>?[^)\n]*\)")
_FENCE = re.compile(r"^\s*(```|~~~)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)


def run(context: FilesContext) -> Result:
    """A warning for each link to a file that is not there; else evidence of the last change."""
    documents = documents_of(context.options)
    paths = found_files(documents, paths_option(context.options, ID))
    links = [(path, line, to) for path in paths for line, to in _links(documents.text(path))]
    broken = [
        Finding(f"{to} is not there", to, path, line, "mend the link, or write the page")
        for path, line, to in links
        if not _leads_somewhere(documents, path, to)
    ]
    if broken:
        return identified(verdict(broken, ""), *(f"{f.file} {f.object}" for f in broken))
    changed = since_start(context, ID)
    told = f"{changed.summary}; {counted(len(links), 'link')} to files, each there" if links else changed.summary
    return identified(evidence(told, changed.findings), changed.inputs_hash)


def _links(text: str) -> Iterator[tuple[int, str]]:
    """Line and target of each link to a file; code blocks and other places of the web do not count."""
    is_code = False
    for number, line in enumerate(text.splitlines(), 1):
        is_code ^= bool(_FENCE.match(line))
        for link in () if is_code else _LINK.finditer(line):
            if not _ELSEWHERE.match(link["to"]):
                yield number, unquote(link["to"].partition("#")[0])


def _leads_somewhere(documents: Documents, page: str, to: str) -> bool:
    place = to.lstrip("/") if to.startswith("/") else normpath((PurePosixPath(page).parent / to).as_posix())
    return place.startswith("..") or documents.has(place)


CHECK = Check(
    id=ID,
    title="Runbooks lead somewhere",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='With `[checks.runbooks] file = "docs/runbooks/*.md"`: a warning for each link in them to a file that is '
    "not there. Otherwise evidence of what was changed since the deployment began; web addresses are not asked.",
    cost="Reads the runbooks; connects to nothing.",
    fix="Mend the link, or write the page that it names.",
)
