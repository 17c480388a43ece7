"""What headings and labels say without annotations: phases, kinds, due times, conditions, sign-off roles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.checklist.items import Due, DueUnit, Kind, Phase, RoleAnnotation, RoleKind
from bot.core.checklist.text import slug, without_numbering
from bot.core.checklist.values import duration_due, span_due

_BRACKETS = re.compile(r"\(([^()]*)\)")
_KIND_WORDS = {
    Kind.DEVELOPMENT: r"\b(?:development|dev)\b",
    Kind.STAGING: r"\b(?:staging|pre-?prod(?:uction)?|uat)\b",
    Kind.PRODUCTION: r"(?<!pre-)\b(?:production|prod)\b",
}
_FILLERS = frozenset(["for", "in", "on", "only", "and", "or", "the", "environment", "environments", "deployments"])
_CONDITION = re.compile(r"(?:if|when|where|unless|as)\s|optional$", re.IGNORECASE)
_WITHIN = re.compile(
    r"\b(?:within|first|next)\s+(?:the\s+)?(?:first\s+)?(?:(\d{1,3})\s*)?(minutes?|hours?|days?|weeks?)\b",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\b(?:day|week)s?\s+\d{1,3}(?:\s*(?:-|–|to)\s*\d{1,3})?\b", re.IGNORECASE)

_ROLES: tuple[tuple[RoleKind, str], ...] = (
    (RoleKind.APPROVE, r"(?P<who>.+?)(?:'s)? (?:approval|approved|approves|sign(?:s|ed)?[- ]?off)(?: \w+)?"),
    (
        RoleKind.APPROVE,
        r"(?:get |obtain )?(?:approval|approved|sign(?:ed)?[- ]?off) (?:by|from|of) (?:the )?(?P<who>.+)",
    ),
    (RoleKind.REVIEW, r"(?P<who>.+?)(?:'s)? (?:review|reviews|reviewed)"),
    (RoleKind.REVIEW, r"(?:\w+ )?review(?:ed)? (?:by|from) (?:the )?(?P<who>.+)"),
    (RoleKind.ACKNOWLEDGE, r"(?P<who>.+?)(?: has been| have been| is| are)? (?:notified|informed|briefed|aware)"),
    (RoleKind.ACKNOWLEDGE, r"(?:notify|inform|brief) (?:the )?(?P<who>.+)"),
)
_PERSON = re.compile(
    r".*\b(?:engineer|owner|manager|lead|leader|administrator|admin|architect|officer|director|dba|cto|ciso)s?"
    r"|.+ team|management|(?:dev|sec|devsec)ops|sre",
)
_ROLE_NAMES = {"database-administrator": "dba", "database-admin": "dba", "db-admin": "dba"}


def named_kinds(words: str) -> frozenset[Kind]:
    """The kinds whose names stand in a heading."""
    return frozenset(kind for kind, pattern in _KIND_WORDS.items() if re.search(pattern, words, re.IGNORECASE))


def bracketed_kinds(words: str) -> frozenset[Kind]:
    """The kinds of a bracket that is about nothing else: "(for production)", "(staging and production)"."""
    found: frozenset[Kind] = frozenset()
    for bracket in _BRACKETS.findall(words):
        kinds = named_kinds(bracket)
        rest = set(re.findall(r"[\w-]+", _without_kinds(bracket.lower()))) - _FILLERS
        found |= kinds if not rest else frozenset()
    return found


def condition_in(label: str) -> str:
    """The words of a bracket that make an item conditional: "if needed"; empty without."""
    brackets = (bracket.strip() for bracket in _BRACKETS.findall(label))
    return next((bracket for bracket in brackets if _CONDITION.match(bracket)), "")


def due_in(words: str) -> Due | None:
    """A due time anywhere in a heading: "Within 1 Hour", "Day 1-7", "first 24 hours"."""
    within = _WITHIN.search(words)
    if within:
        return duration_due(f"{int(within[1] or 1)}{within[2].lower()}")
    span = _SPAN.search(words)
    return span_due(span[0].lower()) if span else None


def bracketed_due(label: str) -> Due | None:
    """A due time in a bracket of a label; elsewhere in a label "day 3" may mean anything."""
    return next(filter(None, map(due_in, _BRACKETS.findall(label))), None)


def role_in(label: str, among_sign_offs: bool) -> RoleAnnotation | None:
    """The sign-off that a label describes: "Database administrator approval", "Support team briefed".

    Outside of a sign-off section only approvals and reviews by someone who is recognisably a person or a team.
    """
    words = " ".join(_BRACKETS.sub(" ", label).split()).lower()
    for kind, pattern in _ROLES:
        match = re.fullmatch(pattern, words)
        if match and (among_sign_offs or (kind.gates and _PERSON.fullmatch(match["who"]))):
            return RoleAnnotation(_role_name(match["who"]), kind)
    return None


def _role_name(who: str) -> str:
    name = slug(who)
    short = re.sub(r"-(?:engineers?|team)$", "", name)
    return _ROLE_NAMES.get(short, short)


def _without_kinds(words: str) -> str:
    for pattern in _KIND_WORDS.values():
        words = re.sub(pattern, " ", words)
    return words


_DEPLOY = re.compile(r"\bdeploy\b|\bgo live\b|\brelease to\b|\bmaintenance mode\b", re.IGNORECASE)
_RUN = re.compile(r"\b(?:run|apply|execute|start|perform)\b", re.IGNORECASE)
_MIGRATIONS = re.compile(r"\bmigrat", re.IGNORECASE)
_REHEARSAL = re.compile(
    r"\b(?:tests?|local|locally|staging|scratch|dev|development|dry|sample|plan)\b|^(?:review|schedule|prepare|check)\b",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"^monitor\b|\bafter (?:the )?(?:deploy|release|migration)|\bpost-?deploy|\bnext day\b|\bwithin \d|\bday \d",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:notify|announce|document|update|close|archive)\b|\blessons\b|\bretro|\bchange-?log|\brelease notes",
    re.IGNORECASE,
)


def flat_phases(labels: Sequence[str]) -> tuple[Phase, ...]:
    """A phase for each label. Before the first one that runs anything real all is preparation."""
    start = next((index for index, label in enumerate(labels) if _runs(label)), len(labels))
    return tuple(Phase.PREPARE if index < start else _later(label) for index, label in enumerate(labels))


def _runs(label: str) -> bool:
    run = _RUN.search(label)
    is_real = _DEPLOY.search(label) or (run and _MIGRATIONS.search(label, run.end()))
    return bool(is_real) and not _REHEARSAL.search(label)


def _later(label: str) -> Phase:
    if _AFTERWARDS.search(label):
        return Phase.VERIFY
    return Phase.CLOSE if _CLOSING.search(label) else Phase.DEPLOY


# What headings say without annotations: the phase of a section, and the kinds of environment it is for.
#
# Before/Pre-…, preparation, readiness        prepare         Sign-off, approvals          sign-off
# Deployment, go live, release, cut-over      deploy          After/Post-…, verification   verify
# Completion, documentation, clean-up         close           Troubleshooting, … fails     troubleshoot
# Rollback, back-out                          rollback        anything else                as the section before

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
