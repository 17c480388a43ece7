"""Sign-offs as facts: what is decided, by whom it may be, what was said so far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from bot.core.checklist.items import Requirement
from bot.core.decision import CheckResult, SignOff
from bot.core.deployment import PinnedFile, State
from bot.core.signoff import RoleState, RoleWord, who_is_asked, who_stands_behind
from bot.core.team import Project
from bot.usecases.books.rows import Live
from bot.usecases.books.units import Reader
from bot.usecases.facts import AskedFacts, AskedWord, Card, FileSeen, GivenSignOff, Named, NotPassed, SignOffFacts
from bot.usecases.form_facts import SqlDetail, SubjectDetail
from bot.usecases.lifecycle.earlier import rehearsal
from bot.usecases.permit import holders_of
from bot.usecases.signoffs.asking import Ask, asks_of, read_ask
from bot.usecases.situation import warning
from bot.usecases.situation.gate import decides_again
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import PREPARATION, Situation
from bot.usecases.verb import Verb
from bot.usecases.views.section import item_facts
from checks.result import NOTE, Finding, Status


def sign_off(reader: Reader, project: Project, deployment_id: str, role: str, now: datetime) -> SignOffFacts:
    """The message of one role, with its card while somebody is to decide.

    Raises Refused where the deployment asks no such role.
    """
    situation = load(reader, project, deployment_id, now)
    state = situation.role(role)
    facts = sign_off_facts(reader, situation, state)
    is_open = not state.met and Verb.SEE_SQL in facts.acts
    return replace(facts, card=card(reader, situation)) if is_open else facts


def sign_off_facts(reader: Reader, situation: Situation, state: RoleState) -> SignOffFacts:
    """One judged role with the names of all involved, without its card."""
    role = state.role
    return SignOffFacts(
        deployment=situation.deployment,
        role=role,
        word=state.word,
        subject=situation.subject,
        may_sign=role.members,
        may_not=tuple(Named(user, situation.name(user)) for user in sorted(situation.deployer_ids)),
        given=tuple(_given(situation, one) for one in situation.given(role.name)),
        asked=situation.deployment.asked_at is not None,
        reason=state.reason,
        have=state.seats,
        notified_at=state.notified_at,
        acts=_acts(reader, situation, state),
        names=dict(situation.names),
    )


def card(reader: Reader, situation: Situation) -> Card:
    """What is decided, the same for every role: files, what was observed, checks, what is open."""
    risk = _risk(situation)
    complaints = {finding.message for finding in risk.findings} if risk else set()
    passed, total = situation.checks_passed
    deployment, project = situation.deployment, situation.project
    commit = deployment.source_commit or ""
    return Card(
        files=_files_seen(situation, observed(situation)),
        not_tried=_not_tried(risk),
        rehearsal=rehearsal(reader, project, deployment),
        commit=commit,
        commit_link=project.commit_url.replace("{commit}", commit) if commit else "",
        checks_passed=passed,
        checks_total=total,
        not_passed=tuple(_not_passed(situation)),
        open_items=tuple(item.label for item in situation.missing(Requirement.GO)),
        warnings=tuple(line for line in warning.warnings(situation) if line not in complaints),
    )


def observed(situation: Situation) -> Mapping[str, tuple[Finding, ...]]:
    """By file what its statements were seen to do, the heaviest first, the heaviest file first."""
    risk, found = _risk(situation), dict[str, tuple[Finding, ...]]()
    for finding in risk.findings if risk else ():
        if finding.severity == NOTE:
            found[finding.file] = (*found.get(finding.file, ()), finding)
    return found


def _risk(situation: Situation) -> CheckResult | None:
    """What trying these very files showed; None where they changed since."""
    risk = situation.results.get(warning.STATEMENT_RISK)
    return risk if risk and risk.fingerprint in {None, situation.deployment.fingerprint} else None


def _files_seen(situation: Situation, seen: Mapping[str, tuple[Finding, ...]]) -> tuple[FileSeen, ...]:
    order = list(seen)
    return tuple(
        FileSeen(
            file.version,
            name_words(file),
            seen[file.name][0].message if file.name in seen else "",
            order.index(file.name) if file.name in seen and seen[file.name][0].line else None,
        )
        for file in situation.files
        if not file.is_down
    )


def name_words(file: PinnedFile) -> str:
    """`add loyalty tier` of `00008_add_loyalty_tier.up.sql`; the whole name where the version does not begin it."""
    _, found, rest = file.name.partition(file.version)
    rest = rest if found else re.sub(r"^[0-9-]+(?=_)", "", file.name)
    words = re.sub(r"[/.]((up|migration)[/.])?sql$", "", rest, flags=re.IGNORECASE)
    return re.sub(r"[_\W]+", " ", words).strip() or file.name


def _not_tried(risk: CheckResult | None) -> str:
    if risk is None:
        return "no check has tried these files"
    tried = any(finding.severity == NOTE for finding in risk.findings)
    return "" if tried else risk.summary


_WORST = (Status.FAILED, Status.COULD_NOT_RUN, Status.WARNING, Status.EVIDENCE)


def worst_first(results: Iterable[CheckResult]) -> list[CheckResult]:
    """What did not pass before what did."""
    return sorted(results, key=lambda one: _WORST.index(one.status) if one.status in _WORST else len(_WORST))


def _not_passed(situation: Situation) -> Iterator[NotPassed]:
    titles = situation.project.check_titles
    for result in worst_first(situation.results.values()):
        if result.status in _WORST:
            check, _, place = result.check_id.partition("@")
            title = (titles.get(check) or check) + (f" ({place})" if place else "")
            yield NotPassed(title, result.status, result.summary, _overridden_by(situation, result.check_id))


def _overridden_by(situation: Situation, check_id: str) -> str:
    """Who stands behind an override of the line that this check answers; empty where none holds."""
    answered = {item.id for item in situation.items_answered_by(check_id)}
    return next((situation.name(one.who) for item, one in situation.overrides.items() if item in answered), "")


def asked(reader: Reader, project: Project, live: Live, now: datetime) -> AskedFacts:
    """What one message asked of one person, and how that stands today. Raises Refused as `sign_off` does."""
    ask = read_ask(live)
    situation = load(reader, project, live.deployment_id or "", now)
    state = situation.role(ask.role)
    earlier = asks_of(reader, situation.deployment.id, ask.role, ask.user)
    facts = sign_off_facts(reader, situation, state)
    mine = decided_by(facts, state, ask.user)
    word = _asked_word(reader, situation, state, ask, earlier[-1])
    word = AskedWord.MINE if mine and word is not AskedWord.REPLACED else word
    return AskedFacts(
        sign_off=replace(facts, card=card(reader, situation) if word is AskedWord.OPEN else None),
        word=word,
        asked_by=situation.name(situation.deployment.owner),
        mine=mine,
        again=sum(one.digest == ask.digest for one in earlier) > 1,
        why=_why_asked(reader, situation, state, ask.user),
    )


def decided_by(facts: SignOffFacts, state: RoleState, user: str) -> GivenSignOff | None:
    """What this person said for the role, as far as it counts."""
    return next((one for one in facts.given if one.sign_off in state.counting and one.who.user_id == user), None)


def _asked_word(reader: Reader, situation: Situation, state: RoleState, ask: Ask, last: Ask) -> AskedWord:
    if ask.number != last.number:
        return AskedWord.REPLACED
    if situation.deployment.state not in PREPARATION and not decides_again(situation, state):
        return AskedWord.ENDED
    if not ask.is_about(situation.subject):
        return AskedWord.MOVED
    if state.met or state.word is RoleWord.REJECTED:
        return AskedWord.OTHERS
    holders = holders_of(reader, situation)
    may = ask.user in who_is_asked(holders, state.role) | who_stands_behind(holders, state.role)
    return AskedWord.OPEN if may else AskedWord.NOT_ASKED


def _why_asked(reader: Reader, situation: Situation, state: RoleState, user: str) -> str:
    behind = user in who_stands_behind(holders_of(reader, situation), state.role)
    return "nobody who was asked before you answered, and you stand behind this role" if behind else ""


def _given(situation: Situation, one: SignOff) -> GivenSignOff:
    behalf = Named(one.on_behalf_of, situation.name(one.on_behalf_of)) if one.on_behalf_of else None
    return GivenSignOff(one, Named(one.who, situation.name(one.who)), behalf)


def _acts(reader: Reader, situation: Situation, state: RoleState) -> tuple[Verb, ...]:
    """What the message offers; who may press is judged at the click."""
    if state.word is RoleWord.TURNED_OFF:
        return ()
    if state.role.gates and situation.deployment.state not in PREPARATION and not decides_again(situation, state):
        return (Verb.HOLD,) if situation.deployment.state is State.DEPLOYING else ()
    if not state.role.gates:
        return () if state.word is RoleWord.ACKNOWLEDGED and state.counting else (Verb.SIGN,)
    if state.word is RoleWord.REJECTED:
        return (Verb.CLEAR_REJECTION, *_READING)
    if state.word in {RoleWord.WAITING, RoleWord.STALE}:
        yes = Verb.SECOND if holders_of(reader, situation).held_by_deployers(state.role) else Verb.SIGN
        back = (Verb.WITHDRAW,) if state.counting else ()
        return (yes, Verb.REJECT, Verb.NOT_REQUIRED, *back, *_READING)
    return (Verb.WITHDRAW, *_READING) if state.counting else _READING


_READING = (Verb.SEE_SQL, Verb.SEE_SUBJECT)


def subject_detail(reader: Reader, project: Project, deployment_id: str, now: datetime) -> SubjectDetail:
    """See everything of what a role decides: checks, what did not pass first, and open items."""
    situation = load(reader, project, deployment_id, now)
    return SubjectDetail(
        deployment=situation.deployment,
        subject=situation.subject,
        files=sum(not file.is_down for file in situation.files),
        results=tuple(worst_first(situation.results.values())),
        titles=dict(project.check_titles),
        open_items=tuple(item_facts(situation, item) for item in situation.missing(Requirement.GO)),
    )


def sql_detail(reader: Reader, project: Project, deployment_id: str, page: str, now: datetime) -> SqlDetail:
    """The files in range as they would run, with what was observed; `page` is a number, empty for the first."""
    situation = load(reader, project, deployment_id, now)
    ups = {file.name: file for file in situation.files if not file.is_down}
    # A file that holds both ways is shown once.
    files = [*ups.values(), *(file for file in situation.files if file.is_down and file.name not in ups)]
    return SqlDetail(
        deployment=situation.deployment,
        subject=situation.subject,
        files=tuple((file, reader.files.content(file.sha).decode("utf-8", errors="replace")) for file in files),
        observed=observed(situation),
        page=int(page) if page.isdecimal() else 0,
    )
