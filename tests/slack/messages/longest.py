"""The longest content that is realistic: everything needs escaping, names are long, some text runs right to left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.checklist.items import Requirement
from bot.core.decision import Decision, DecisionKind, SignOff, SignOffDecision
from bot.core.deployment import Outcome, PinnedFile, State
from bot.core.item import ItemWord
from bot.slack.messages import samples
from bot.usecases.facts import (
    Blocker,
    DashboardFacts,
    GivenSignOff,
    HomeFacts,
    ItemFacts,
    Named,
    Progress,
    SectionFacts,
    SignOffFacts,
)
from bot.usecases.form_facts import GoForm, ItemDetail, SubjectDetail
from bot.usecases.verb import Verb
from checks.result import Finding, Status

NASTY = "<!channel> & <@U0ANN> <https://evil.example|click> `code` *bold* "
HEBREW = "שלום עולם, זהו שם ארוך מאוד של אדם אחד "
PEOPLE = tuple(
    Named(
        f"U0PERSON{number:02}",
        ((HEBREW if number % 3 == 0 else "Ada Lovelace-Übermüller & Söhne <née Byron> ") * 2)[:60],
    )
    for number in range(40)
)
NAMES = {person.user_id: person.name for person in PEOPLE}
IDS = tuple(NAMES)
LINE = (NASTY * 5)[:200]
RTL_LINE = (HEBREW * 6)[:200]
LONG = (NASTY * 60)[:3000]
LABEL = "Verify that <all> constraints & triggers of every table are still there"


def item(number: int, word: ItemWord = ItemWord.FAILED) -> ItemFacts:
    """An item with everything that a line can show, at its longest."""
    return ItemFacts(
        id=f"{number:02}-" + "pre-deployment/pre-deployment-checks/"[: 87 - 16].ljust(87, "x"),
        label=f"{LABEL} {number}",
        word=word,
        required=Requirement.COMPLETE,
        evidence=RTL_LINE if number % 4 == 0 else LINE,
        hint=LINE,
        by=PEOPLE[number % 40],
        at=samples.NOON,
        act=Verb.RUN_CHECK,
        checks=("smoke-tests",),
        running=True,
        carried=True,
        standing_until=samples.NOON + timedelta(days=90),
        link="https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100?thread_ts=1795528980.000100&cid=C0DEPLOYS",
        assigned=PEOPLE[(number + 1) % 40],
        notes=12,
        condition=LINE,
    )


def section(items: int, word: ItemWord = ItemWord.FAILED) -> SectionFacts:
    return SectionFacts(
        samples.PREPARING,
        "x" * 90,
        LABEL,
        "Pre-Deployment & Testing",
        samples.SECTION.phase,
        tuple(item(number, word) for number in range(items)),
        running=14,
    )


def _given(decision: SignOffDecision, number: int) -> GivenSignOff:
    made = SignOff(
        f"s{number}",
        samples.PREPARING.id,
        "database-administrators",
        "0" * 64,
        decision,
        IDS[number],
        samples.NOON,
        samples.NOON,
        on_behalf_of=IDS[0],
        reason=LONG,
        stale_at=samples.NOON,
        ended_why=LINE,
    )
    return GivenSignOff(made, PEOPLE[number], PEOPLE[0])


def sign_off(word: object = samples.WAITING_DBA.word) -> SignOffFacts:
    decisions = list(SignOffDecision)
    return replace(
        samples.WAITING_DBA,
        word=word,
        deployment=replace(samples.PREPARING, environment="production-" + "ü" * 49),
        role=replace(samples.DBA, name="database-administrators-of-the-shop", title=LABEL, quorum=12, members=IDS),
        may_sign=IDS,
        may_not=PEOPLE,
        given=tuple(_given(decisions[number % len(decisions)], number) for number in range(40)),
        files=300,
        warnings=(LINE,) * 30,
        reason=LONG,
        have=11,
        acts=(
            Verb.SIGN,
            Verb.SECOND,
            Verb.REJECT,
            Verb.CLEAR_REJECTION,
            Verb.NOT_REQUIRED,
            Verb.HOLD,
            Verb.SEE_SUBJECT,
        ),
        names=NAMES,
    )


def dashboard(state: State, result: Outcome | None = None) -> DashboardFacts:
    deployment = replace(
        samples.PREPARING,
        state=state,
        result=result,
        environment="production-" + "ü" * 49,
        parked_at=samples.NOON,
        go_at=samples.NOON,
        completed_at=samples.NOON,
        closed_at=samples.NOON,
        moved_fingerprint="e" * 64,
    )
    return DashboardFacts(
        deployment=deployment,
        started_by=PEOPLE[0],
        owner=PEOPLE[1],
        deployers=PEOPLE,
        step="" if state in {State.CLOSED, State.ABORTED} else "go",
        needed_done=10,
        needed_total=123,
        others_open=108,
        blockers=tuple(Blocker("item", item(n).id, f"{LABEL} is failed: {LINE}; go needs it", IDS) for n in range(40))
        + tuple(Blocker("sign-off", "database-administrators-of-the-shop", LINE, IDS) for _ in range(8)),
        warnings=(LINE,) * 300,
        obstacles=(Finding(LINE, hint=LINE),) * 40,
        sign_offs=(sign_off(),) * 8,
        buttons=(Verb.USE_NEW_FILES, Verb.STAY, Verb.RUN_CHECKS, Verb.GO, Verb.SEE_EVERYTHING),
        menu=tuple(verb for verb in Verb if verb not in {Verb.GO, Verb.SEE_EVERYTHING})[:18],
        progress=Progress(7, 140),
        head="f" * 64,
        runner_command=LONG,
        applied=299,
        of_range=300,
        live=(LINE,) * 40,
        amber=(LINE,) * 8,
        broken_glass=LONG,
        hold_reason=LONG,
        hold_finding=LONG,
        next_statement=LONG,
        subject="0" * 64,
        names=NAMES,
    )


def item_detail() -> ItemDetail:
    results = tuple(
        replace(samples.result(f"check-{number}", Status.FAILED, LONG, LONG, 300), took_ms=1000) for number in range(30)
    )
    made = Decision("d", "d", "i", DecisionKind.NOTE, IDS[0], samples.NOON, samples.NOON, LONG)
    seen = ",".join(result.digest for result in results)
    acts = (Verb.RUN_CHECK, Verb.TICK, Verb.UNDO, Verb.NOT_APPLICABLE, Verb.NOTE, Verb.ASSIGN, Verb.OVERRIDE)
    decisions = tuple((made, person) for person in PEOPLE)
    return ItemDetail(samples.PREPARING, item(1), LABEL, results, {}, decisions, acts, (LONG,) * 9, seen)


def files(number: int) -> tuple[PinnedFile, ...]:
    return tuple(PinnedFile(f"{n:05}", f"{n:05}_{'x' * 60}.up.sql", f"{n:064}", n % 2 == 1) for n in range(number))


def subject(number: int = 300) -> SubjectDetail:
    sql = "-- שלום\n" + "CREATE INDEX i ON t (\"a\\b\") WHERE c < 'x' && d;\n" * 400
    results = tuple(samples.result(f"check-{n}", Status.WARNING, LONG) for n in range(140))
    items = tuple(item(n) for n in range(123))
    return SubjectDetail(
        samples.PREPARING, "0" * 64, tuple((each, len(sql), sql) for each in files(number)), results, {}, items
    )


def go_form() -> GoForm:
    return GoForm(samples.PREPARING, "0" * 64, dashboard(State.PREPARING).blockers, (LINE,) * 300, files(300))


def home() -> HomeFacts:
    needs = ((samples.PREPARING, LINE, sign_off()), (samples.PREPARING, LINE, None)) * 30
    return HomeFacts(
        PEOPLE[0],
        needs,
        (dashboard(State.PREPARING),) * 30,
        (samples.PREPARING,) * 30,
        {samples.PREPARING.id: "https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100"},
    )
