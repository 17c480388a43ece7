"""What looks like a secret, or is known to be one, and how it is hidden in text that is shown or kept."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote, unquote

from checks.base import CannotRun, DatabaseAddress, Finding, Inputs, Result

HIDDEN = "•••"

# A shorter value is no secret, and taking it out everywhere would garble the text.
_SHORTEST = 4
_SECRET_NAME = re.compile(
    r"(?i)token|secret|passw|pwd|passphrase|credential|(?:^|_)(?:key|auth|login|cookie|dsn|pass)(?:_|$)|apikey|webhook"
)
# Every repetition is bounded: a program may print 64 KiB without a space, and must not keep us busy with it.
_URL_PASSWORD = re.compile(r"(://[^\s/@:'\"]{0,100}):[^\s'\"]{1,512}@")
_IN_URL = re.compile(r"://[^\s/@:]*:([^\s]+)@")
_RANDOM = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[\w+/=-]{16,}")
_ASSIGNED = re.compile(
    r"(?i)((?:passw(?:or)?d|passwd|pwd|passphrase|secret|token|api[_-]?key|cipher-pass)(?!s\b|[a-rt-z])[\w-]{0,30}"
    r"[\"']?\s{0,8}[=:]\s{0,8})(\"[^\"]{0,512}\"|'[^']{0,512}'|[^\s,;&|}]+)"
)
_TOKEN = re.compile(
    r"\b(?:xox[a-z]-|xapp-|gh[a-z]_|github_pat_|glpat-|[sr]k_live_|eyJ|AIza|AKIA|ASIA)[\w.-]{8,2048}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:.{0,8000}?-----END [A-Z ]{0,30}PRIVATE KEY-----)?",
    re.DOTALL,
)
"""As Slack, GitHub, GitLab, Stripe, Google and AWS begin theirs, a signed web token, a key in PEM."""
_BEARER = re.compile(r"(?i)(\bbearer\s{1,8})[\w.~+/=-]+")
_PGPASS = re.compile(r"(?<![\w:/.*-])((?:[\w.-]{1,253}|\*):(?:\d{1,5}|\*):[^:\s]{1,63}:[^:\s]{1,63}):[^:\s]\S{0,512}")
_AUTHORIZATION = re.compile(r"(?i)(authorization[\"']?\s{0,8}[:=]\s{0,8}[\"']?)((?:basic|bearer|token)\s+)?[^\s,;\"']+")


class Mask:
    """Hides the given values, passwords in URLs and lines of `.pgpass`, tokens by their beginning, and what stands
    after `password=`, `token:` and the like.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = [form for secret in secrets for form in (secret, quote(secret, safe=""), unquote(secret))]
        known = {line.strip() for form in forms for line in form.splitlines()}
        # The longest first: one may be part of another.
        found = sorted((value for value in known if len(value) >= _SHORTEST), key=len, reverse=True)
        self._known = re.compile("|".join(re.escape(value) for value in found)) if found else None

    def known(self, text: str) -> str:
        """Hides the given values alone: of an answer that is proof nothing may go because of how it looks."""
        return self._known.sub(HIDDEN, text) if self._known else text

    def __call__(self, text: str) -> str:
        text = self.known(text)
        text = _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text)
        text = _PGPASS.sub(rf"\1:{HIDDEN}", _TOKEN.sub(HIDDEN, text))
        text = _BEARER.sub(rf"\1{HIDDEN}", _AUTHORIZATION.sub(rf"\1{HIDDEN}", text))
        return _ASSIGNED.sub(rf"\1{HIDDEN}", text)

    def result(self, result: Result) -> Result:
        """The same verdict with its texts masked."""
        findings = tuple(map(self._finding, result.findings))
        accepted = tuple(replace(one, finding=self._finding(one.finding)) for one in result.accepted)
        shown = replace(result, findings=findings, accepted=accepted)
        return replace(shown, summary=self(result.summary), hint=self(result.hint))

    def _finding(self, finding: Finding) -> Finding:
        message, what, hint = self(finding.message), self(finding.object), self(finding.hint)
        return replace(finding, message=message, object=what, hint=hint)


def mask_for(inputs: Inputs, given: Iterable[str] = ()) -> Mask:
    """Hides `given`, the passwords of every database of the inputs, and secret variables of our own environment."""
    return Mask([*given, *secret_variables(), *_passwords(inputs)])


def _passwords(inputs: Inputs) -> Iterator[str]:
    addresses = [*inputs.forbidden_scratch, inputs.target, inputs.compare_with]
    if ":" in inputs.scratch_server or "=" in inputs.scratch_server:
        addresses.append(DatabaseAddress("scratch", inputs.scratch_server))
    for address in addresses:
        if address is not None and address.conninfo:
            from checks.targetdb.conninfo import parse

            with contextlib.suppress(CannotRun):
                yield parse(address).get("password", "")


def looks_secret(name: str, value: str) -> bool:
    """By the variable's name, by a password in a URL, or because nobody would write such a value by hand."""
    return bool(_SECRET_NAME.search(name) or _URL_PASSWORD.search(value) or _RANDOM.fullmatch(value))


def secret_variables() -> Iterator[str]:
    """Values of our own environment that are secret by their name or by a password in them."""
    for name, value in os.environ.items():
        if _SECRET_NAME.search(name) or _URL_PASSWORD.search(value):
            yield value
        if found := _IN_URL.search(value):
            yield found[1]
