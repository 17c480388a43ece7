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
    AskedFacts,
    AskedWord,
    Assigned,
    Blocker,
    Card,
    FileSeen,
    GivenSignOff,
    ItemFacts,
    Named,
    NotPassed,
    Progress,
    Rehearsal,
    SectionFacts,
    SignOffFacts,
    Watch,
)
from bot.usecases.form_facts import GoForm, ItemDetail, SqlDetail, SubjectDetail
from bot.usecases.standing_facts import DashboardFacts, HomeFacts, WayBack, WorkFacts
from bot.usecases.verb import Verb
from bot.usecases.views.digest import DigestFacts, ToldDeployment, ToldLine
from bot.usecases.views.owed import Owed
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
        assigned=Assigned(PEOPLE[(number + 1) % 40], samples.NOON, claimed=True),
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


def card() -> Card:
    return Card(
        files=tuple(FileSeen(f"2026112814{number:04}", LABEL, LINE, number) for number in range(300)),
        not_tried=LINE,
        rehearsal=Rehearsal("staging-" + "ü" * 50, (timedelta(hours=3),) * 20, ("20261128140000",) * 300),
        commit="4be1a02d" * 5,
        commit_link="https://git.example/" + "x" * 200,
        checks_passed=12,
        checks_total=140,
        not_passed=(NotPassed(LABEL, Status.FAILED, LINE, PEOPLE[0].name),) * 100,
        open_items=(LABEL,) * 60,
        warnings=(LINE,) * 30,
    )


def asked(word: AskedWord) -> AskedFacts:
    given = _given(SignOffDecision.SECOND, 3)
    link = "https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100"
    return AskedFacts(sign_off(), word, PEOPLE[0].name, given, again=True, permalink=link)


def digest() -> DigestFacts:
    """A hundred and twenty lines of ten deployments, half of them over."""
    deployment = replace(samples.PREPARING, environment="production-" + "ü" * 49, title=LABEL, owner=PEOPLE[0].user_id)
    acts = (Verb.RUN_CHECKS, Verb.PARK)
    owed = Owed("cause", deployment, LINE, RTL_LINE, LINE, acts, "x" * 87, "database-administrators", "9" * 64)
    lines = tuple(
        ToldLine(LINE, owed if number % 2 else None, samples.NOON if number % 4 == 1 else None, LINK)
        for number in range(12)
    )
    told = tuple(ToldDeployment(replace(deployment, id=f"{number:032}"), lines) for number in range(10))
    return DigestFacts(PEOPLE[0].user_id, told, {each.deployment.id: LINK for each in told})


LINK = "https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100?thread_ts=1795528980.000100&cid=C0DEPLOYS"


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
        card=card(),
        reason=LONG,
        have=11,
        acts=(
            Verb.SIGN,
            Verb.SECOND,
            Verb.REJECT,
            Verb.CLEAR_REJECTION,
            Verb.NOT_REQUIRED,
            Verb.WITHDRAW,
            Verb.HOLD,
            Verb.SEE_SQL,
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
        title="<tiers> & " * 8,
    )
    items = tuple(item(number, list(ItemWord)[number % len(ItemWord)]) for number in range(40))
    return DashboardFacts(
        deployment=deployment,
        started_by=PEOPLE[0],
        owner=PEOPLE[1],
        deployers=PEOPLE,
        step="" if state in {State.CLOSED, State.ABORTED} else "go",
        needed_done=10,
        needed_total=123,
        blockers=tuple(
            Blocker("item", one.id, f"{one.label}: {one.word}, {LONG}", IDS, told=LONG, mend=LONG) for one in items
        )
        + tuple(Blocker("history", "", LINE, mend=LONG) for _ in range(40))
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
        way_back=WayBack("down", 1, 300, True, (LINE,) * 299, LONG, LONG) if state is State.ROLLING_BACK else None,
        names=NAMES,
        items={one.id: one for one in items},
        next_act=Verb.USE_NEW_FILES,
        running=(LINE,) * 40,
        watch=Watch(168, samples.NOON, samples.NOON, LABEL, f"https://shop.slack.com/{LABEL}"),
        last_by=PEOPLE[2].name,
        last_reason=LONG,
        held_by=LINE,
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


def subject() -> SubjectDetail:
    results = tuple(samples.result(f"check-{n}", Status.WARNING, LONG) for n in range(140))
    return SubjectDetail(samples.PREPARING, "0" * 64, 300, results, {}, tuple(item(n) for n in range(123)))


def sql(number: int = 300, page: int = 1) -> SqlDetail:
    text = "-- שלום\n" + "CREATE INDEX i ON t (\"a\\b\") WHERE c < 'x' && d;\n" * 400
    seen = {each.name: tuple(Finding(LINE, line=n) for n in range(50)) for each in files(number)}
    return SqlDetail(samples.PREPARING, "0" * 64, tuple((each, text) for each in files(number)), seen, page)


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
        work=(work(), replace(work(), item="", section="x" * 90, items=section(40).items)) * 30,
    )


def work() -> WorkFacts:
    assigned = Assigned(PEOPLE[0], samples.NOON)
    return WorkFacts(samples.PREPARING, LABEL, item(1).id, "", (item(1),), PEOPLE[1], assigned)
