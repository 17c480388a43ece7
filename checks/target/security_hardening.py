"""security-hardening: rules that a server's roles, functions and settings can be held to from the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks.base import Check, Finding, Need, Result
from checks.contexts import TargetContext
from checks.options import list_option
from checks.target.security_rules import RULES, Rule
from checks.targetdb.asking import short
from checks.verdict import judged

if TYPE_CHECKING:
    from checks.targetdb.session import Session


def run(context: TargetContext) -> Result:
    """A warning for each rule that does not hold; superusers and schemas open to all are failures."""
    allowed = list_option(context.inputs.options, context.check_id, "allow")
    with context.session() as session:
        asked = [(rule, list(_findings(session, rule, allowed))) for rule in RULES if _may_ask(session, rule)]
    holding = sum(not found for _, found in asked)
    shown = f"{holding} of {len(asked)} hardening rules hold"
    unasked = [rule.id for rule in RULES if rule not in {rule for rule, _ in asked}]
    shown += f" ({', '.join(unasked)} not asked: needs a grant)" if unasked else ""
    return judged([finding for _, found in asked for finding in found], shown, shown)


def _may_ask(session: Session, rule: Rule) -> bool:
    return not rule.allowed_if or bool(session.value(rule.allowed_if))


def _findings(session: Session, rule: Rule, allowed: tuple[str, ...]) -> Iterator[Finding]:
    for row in session.rows(rule.query):
        if row.name not in allowed:
            name = short(row.name)
            yield Finding(rule.message.format(name=name), name, hint=rule.hint, severity=rule.severity)


CHECK = Check(
    id="security-hardening",
    title="Security rules of the server",
    needs=Need.TARGET,
    run=run,
    decides="Holds the server to these rules: " + "; ".join(rule.title for rule in RULES) + ". "
    '`allow = ["name"]` accepts what is meant to be so. Which rules a team needs is its policy.',
    cost="One catalog query a rule; wait for no lock.",
    fix="The hint of each finding is what to type.",
)
