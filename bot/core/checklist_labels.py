"""What the words of a heading or label say without annotations: kinds, due time, condition, sign-off role."""

from __future__ import annotations

import re

from bot.core.checklist.values import duration_due, span_due
from bot.core.checklist_text import slug
from bot.core.checklist_words import Due, Kind, RoleAnnotation, RoleKind

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
