"""What headings say without annotations: the phase of a section, and the kinds of environment it is for.

Before/Pre-…, preparation, readiness        prepare         Sign-off, approvals          sign-off
Deployment, go live, release, cut-over      deploy          After/Post-…, verification   verify
Completion, documentation, clean-up         close           Troubleshooting, … fails     troubleshoot
Rollback, back-out                          rollback        anything else                as the section before
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.checklist_labels import due_in, named_kinds
from bot.core.checklist_text import without_numbering
from bot.core.checklist_words import DueUnit, Kind, Phase

_DEPLOYING = r"(?:deploy|releas|migrat|launch|roll-?out|go-?live|flight)"
_STRONG: tuple[tuple[Phase, str], ...] = (
    (Phase.PREPARE, r"\broll-?back (?:preparation|planning|readiness|test)"),
    (Phase.ROLLBACK, r"\broll(?:ing)?[- ]?back|\bback-?out\b|\brevert"),
    (Phase.TROUBLESHOOT, r"\btroubleshoot|\bgoes? wrong\b|\bfail(?:s|ures?)?\b|\bincidents?\b"),
    (Phase.CLOSE, r"\bpost-?mortem|\brelease notes|\bchange-?log"),
    (Phase.VERIFY, rf"\bpost[- ]?{_DEPLOYING}|\bafter\b"),
    (Phase.PREPARE, rf"\bpre[- ]?(?:{_DEPLOYING}|checks?\b|requisite)|\bbefore\b|\bprepar|\bplanning\b|\breadiness\b"),
    (Phase.PREPARE, r"\benvironment[- ]specific|\b(?:by|per) environment\b"),
    (Phase.SIGN_OFF, r"\bsign(?:ed)?[- ]?offs?\b|\bapprov(?:al|er)s?\b|\bgo ?/ ?no-?go\b|^stakeholders?$"),
    (Phase.CLOSE, r"\bcomplet|\bdocumentation\b|\bclos(?:e|ing|ure)\b|\bwrap|\bclean-?up\b|\bretro|\blessons\b"),
    (Phase.VERIFY, r"\bverif|\bvalidat|\bmonitor|\bsmoke\b|\bfollow-?up\b"),
    (
        Phase.DEPLOY,
        rf"\b{_DEPLOYING}|\bgo(?:ing)?[- ]live\b|\broll out\b|\bexecut|\bcut-?over\b|\bduring\b",
    ),
)
_WEAK: tuple[tuple[Phase, str], ...] = ((Phase.PREPARE, r"\btest|\breview\b|\bbackups?\b|\bset-?up\b"),)
_ENVIRONMENT_SPECIFIC = re.compile(r"\benvironment[- ]specific|\b(?:by|per) environment\b", re.IGNORECASE)
_BUSINESS = re.compile(r"\bstakeholders?\b|\bmanagement\b|\bbusiness\b", re.IGNORECASE)
_ALL = tuple(Kind)
_BEYOND_DEVELOPMENT = (Kind.STAGING, Kind.PRODUCTION)


@dataclass(frozen=True)
class Reading:
    """What headings say: `phase` in words, `phases` by kind; not `recognised` means taken from the section before."""

    phase: Phase
    phases: Mapping[Kind, Phase]
    recognised: bool


def read_headings(headings: Sequence[str], before: Phase) -> Reading:
    """Infer from the headings that lead to a section, outermost first; `before` is the last counted phase."""
    outer = _fold_phases(headings[:-1])
    found = _fold_phases(headings)
    phase = found or (Phase.DEPLOY if _bare_environment(headings) else before)
    if outer is Phase.DEPLOY and phase is Phase.PREPARE:
        return Reading(phase, _spread(phase, headings) or dict.fromkeys(_BEYOND_DEVELOPMENT, phase), True)
    recognised = bool(found) or _bare_environment(headings)
    return Reading(phase, _spread(phase, headings) or dict.fromkeys(_usual_kinds(phase, headings), phase), recognised)


def _fold_phases(headings: Sequence[str]) -> Phase | None:
    phase: Phase | None = None
    for heading in headings:
        phase = _within(phase, _phase_of(heading, weak=phase is None))
    return phase


def _phase_of(heading: str, weak: bool) -> Phase | None:
    words = without_numbering(heading).replace("‑", "-").lower()
    for phase, pattern in (*_STRONG, *(_WEAK if weak else ())):
        if re.search(pattern, words):
            return phase
    return Phase.VERIFY if due_in(heading) else None


def _within(outer: Phase | None, inner: Phase | None) -> Phase | None:
    """The phase of a heading inside another: what surrounds wins, but for what can only be meant literally."""
    if outer is None or inner is None:
        return inner or outer
    meant = {
        Phase.PREPARE: (Phase.SIGN_OFF, Phase.TROUBLESHOOT),
        Phase.DEPLOY: tuple(Phase),
        Phase.VERIFY: (Phase.CLOSE, Phase.TROUBLESHOOT, Phase.ROLLBACK),
    }
    return inner if inner in meant.get(outer, ()) else outer


def _bare_environment(headings: Sequence[str]) -> bool:
    """A heading that is only a kind, such as "2. Staging" or "Production environment"."""
    words = [re.sub(r"\benvironments?\b|\W", "", without_numbering(heading).lower()) for heading in headings]
    return any(word in set(Kind) for word in words)


def _spread(phase: Phase, headings: Sequence[str]) -> Mapping[Kind, Phase]:
    """Phases by kind where a heading names kinds; staging's own deployment is preparation in production."""
    named = next(filter(None, map(named_kinds, reversed(headings))), frozenset())
    if any(map(_ENVIRONMENT_SPECIFIC.search, headings)):
        return dict.fromkeys(sorted(named), phase)
    if phase not in (Phase.DEPLOY, Phase.VERIFY):
        named -= {Kind.DEVELOPMENT}
    if phase in (Phase.DEPLOY, Phase.VERIFY) and Kind.STAGING in named and Kind.PRODUCTION not in named:
        return {**dict.fromkeys(sorted(named), phase), Kind.PRODUCTION: Phase.PREPARE}
    if phase is Phase.PREPARE and named == {Kind.STAGING}:
        return dict.fromkeys(_BEYOND_DEVELOPMENT, phase)
    return dict.fromkeys(sorted(named), phase)


def _usual_kinds(phase: Phase, headings: Sequence[str]) -> Sequence[Kind]:
    due = next(filter(None, map(due_in, reversed(headings))), None)
    if phase is Phase.SIGN_OFF:
        return (Kind.PRODUCTION,) if _BUSINESS.search(headings[-1] if headings else "") else _BEYOND_DEVELOPMENT
    if phase is Phase.VERIFY and due:
        return (Kind.PRODUCTION,) if due.unit in (DueUnit.DAY, DueUnit.WEEK) else _BEYOND_DEVELOPMENT
    return _ALL
