"""Everything about one item, and what this person may do with it."""

from __future__ import annotations

from datetime import datetime

from bot.core.checklist.items import Requirement
from bot.core.deployment import ENDED
from bot.core.item import ItemWord
from bot.core.team import Project
from bot.usecases.adding import is_untouched
from bot.usecases.books.units import Reader
from bot.usecases.facts import ItemFacts, Named
from bot.usecases.form_facts import ItemDetail
from bot.usecases.situation.judging import load
from bot.usecases.situation.own_checks import OWN_TITLES, counts_all, is_own
from bot.usecases.situation.snapshot import Situation
from bot.usecases.verb import Verb
from bot.usecases.views.section import item_facts
from checks.result import Status


def item_detail(
    reader: Reader, project: Project, deployment_id: str, item_id: str, who: str, now: datetime
) -> ItemDetail:
    """The modal of one item. `seen` holds the digests of the results shown, comma separated, for an override."""
    situation = load(reader, project, deployment_id, now)
    item = situation.item(item_id)
    facts = item_facts(situation, item)
    results = situation.results_of(item)
    return ItemDetail(
        deployment=situation.deployment,
        item=facts,
        section=situation.checklist.section_of(item).title,
        results=results,
        titles={**project.check_titles, **OWN_TITLES},
        decisions=tuple((one, Named(one.who, situation.name(one.who))) for one in situation.decisions.get(item_id, ())),
        acts=(*_acts(situation, facts), *_work_acts(situation, facts, who)),
        refusals=_refusals(situation, facts, who),
        seen=",".join(sorted(result.digest for result in results)),
    )


def _acts(situation: Situation, facts: ItemFacts) -> tuple[Verb, ...]:
    if situation.deployment.state in ENDED:
        return ()
    if situation.role_of_item(facts.id) is not None:
        return (Verb.NOTE,)
    acts: list[Verb] = []
    if any(not is_own(check) for check in facts.checks) and not facts.running:
        acts.append(Verb.RUN_CHECK)
    if facts.run_acts:
        acts.append(Verb.RUN_ACT)
    if facts.settled and facts.act is Verb.UNDO:
        acts.append(Verb.UNDO)
    if facts.word in {ItemWord.OPEN, ItemWord.WAITING}:
        acts.append(Verb.TICK)
    if facts.word is ItemWord.FAILED or _could_not_run(situation, facts):
        acts.append(Verb.OVERRIDE)
    if facts.word is not ItemWord.NOT_APPLICABLE:
        acts.append(Verb.NOT_APPLICABLE)
    taking_out = [Verb.TAKE_OUT] if facts.added_by and is_untouched(situation, facts.id) else []
    return (*acts, Verb.NOTE, *taking_out)


def _work_acts(situation: Situation, facts: ItemFacts, who: str) -> tuple[Verb, ...]:
    """Whose work an open line is to be."""
    item = situation.item(facts.id)
    if facts.settled or situation.deployment.state in ENDED or situation.role_of_item(item.id) or counts_all(item):
        return ()
    one = situation.assignment_of(item)
    if one is not None and one.item and one.person == who:
        return (Verb.GIVE_BACK, Verb.ASSIGN) if one.is_claim else (Verb.CLAIM, Verb.GIVE_BACK, Verb.ASSIGN)
    is_anothers = one is not None and one.person not in {"", who} and one.id not in situation.old_claims
    return (Verb.TAKE if is_anothers else Verb.CLAIM, Verb.ASSIGN)


def _could_not_run(situation: Situation, facts: ItemFacts) -> bool:
    results = situation.results_of(situation.item(facts.id))
    return facts.word is ItemWord.WAITING and any(one.status is Status.COULD_NOT_RUN for one in results)


def _refusals(situation: Situation, facts: ItemFacts, who: str) -> tuple[str, ...]:
    if facts.required is not Requirement.NO and who in situation.deployer_ids:
        return ("You are a deployer: for a required item, not applicable and override are for an approver.",)
    return ()
