from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from storage_samples import AT, MINUTE, a_deployment, erased, instants, texts

from bot.core.decision import Decision, DecisionKind, Delegation, SignOff, SignOffDecision
from bot.core.verify import REMOVED
from bot.storage import Store
from bot.storage.database import Unit
from bot.storage.sqlite import new_id


@given(
    st.sampled_from(DecisionKind), texts, texts, st.none() | texts, st.frozensets(texts, max_size=3), instants, instants
)
def test_a_decision_comes_back(shared: Store, kind, reason, item, for_whom, seen, at, entered_at) -> None:
    def decide(unit: Unit) -> Decision:
        deployment = a_deployment(unit)
        decision = Decision(
            new_id(), deployment.id, item, kind, "U1", at, entered_at, reason, for_whom, seen, "T1/default/1"
        )
        unit.decisions.add(decision)
        return decision

    decision = shared.write(decide)
    assert shared.read(lambda reader: reader.decisions.of(decision.deployment_id)) == (decision,)


def test_decisions_are_in_order_of_the_act(store: Store) -> None:
    deployment = store.write(a_deployment)
    acts = [("late", AT + MINUTE), ("early", AT)]
    for item, at in acts:
        decision = Decision(new_id(), deployment.id, item, DecisionKind.DONE, "U1", at, AT + 2 * MINUTE)
        store.write(lambda unit, d=decision: unit.decisions.add(d))
    assert [d.item for d in store.read(lambda reader: reader.decisions.of(deployment.id))] == ["early", "late"]


def test_an_erased_reason_is_shown_as_removed(store: Store) -> None:
    deployment = store.write(a_deployment)

    def override(unit: Unit) -> None:
        reason = "Ann said the backup of Lu is broken"
        unit.decisions.add(Decision(new_id(), deployment.id, "backup", DecisionKind.OVERRIDE, "U1", AT, AT, reason))
        unit.journal.append(deployment.chain, "overridden", AT, {"item": "backup"}, {"reason": reason})

    store.write(override)
    digests = store.read(lambda reader: reader.journal.texts(deployment.chain))
    assert store.write(lambda unit: erased(unit, digests, AT)) == 1
    assert [d.reason for d in store.read(lambda reader: reader.decisions.of(deployment.id))] == [REMOVED]


def a_sign_off(deployment_id: str, decision: SignOffDecision = SignOffDecision.APPROVE, **changes: object) -> SignOff:
    return replace(SignOff(new_id(), deployment_id, "dba", "subject-1", decision, "U2", AT, AT), **changes)


@given(st.sampled_from(SignOffDecision), texts, st.none() | texts, instants, instants)
def test_a_sign_off_comes_back(shared: Store, decision, reason, on_behalf_of, at, entered_at) -> None:
    deployment = shared.write(a_deployment)
    fields = {"reason": reason, "on_behalf_of": on_behalf_of, "at": at, "entered_at": entered_at, "carried_from": "x"}
    signed = a_sign_off(deployment.id, decision, **fields)
    assert shared.write(lambda unit: unit.sign_offs.add(signed)) is None
    assert shared.read(lambda reader: reader.sign_offs.of(deployment.id)) == (signed,)
    ended = replace(signed, withdrawn_at=at, stale_at=at, cleared_at=at, cleared_by="U9", ended_why=reason)
    shared.write(lambda unit: unit.sign_offs.save(ended))
    assert shared.read(lambda reader: reader.sign_offs.of(deployment.id)) == (ended,)


def test_a_double_click_signs_once(store: Store) -> None:
    deployment = store.write(a_deployment)
    clicks = [a_sign_off(deployment.id), a_sign_off(deployment.id)]
    assert [store.write(lambda unit, s=click: unit.sign_offs.add(s)) for click in clicks] == [
        None,
        SignOffDecision.APPROVE,
    ]
    assert store.read(lambda reader: reader.sign_offs.of(deployment.id)) == (clicks[0],)


def test_a_rejection_over_ones_own_approval_is_told_never_lost(store: Store) -> None:
    deployment = store.write(a_deployment)
    approval, rejection = a_sign_off(deployment.id), a_sign_off(deployment.id, SignOffDecision.REJECT, reason="no")
    store.write(lambda unit: unit.sign_offs.add(approval))
    assert store.write(lambda unit: unit.sign_offs.add(rejection)) is SignOffDecision.APPROVE
    assert store.read(lambda reader: reader.sign_offs.of(deployment.id)) == (approval,)
    store.write(lambda unit: unit.sign_offs.save(replace(approval, withdrawn_at=AT)))
    assert store.write(lambda unit: unit.sign_offs.add(rejection)) is None


def test_another_subject_role_or_person_signs_beside(store: Store) -> None:
    deployment = store.write(a_deployment)
    for change in ({}, {"subject": "subject-2"}, {"role": "backend"}, {"who": "U3"}):
        signed = a_sign_off(deployment.id, **change)
        assert store.write(lambda unit, s=signed: unit.sign_offs.add(s)) is None
    assert len(store.read(lambda reader: reader.sign_offs.of(deployment.id))) == 4


def test_delegations_in_force(store: Store) -> None:
    def delegation(project: str, days: int) -> Delegation:
        return Delegation(new_id(), project, "dba", "U1", "U2", AT + days * 1440 * MINUTE, AT)

    current, over, elsewhere, ended = delegation("a", 2), delegation("a", 1), delegation("b", 2), delegation("a", 2)
    for each in (current, over, elsewhere, ended):
        store.write(lambda unit, d=each: unit.sign_offs.delegate("T1", d))
    store.write(lambda unit: unit.sign_offs.end_delegation(ended.id, AT))
    tomorrow = AT + 1440 * MINUTE
    assert store.read(lambda reader: reader.sign_offs.delegations("T1", "a", tomorrow)) == (current,)
