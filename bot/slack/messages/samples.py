"""The deployment of every EXAMPLE: what Ann sees on a Tuesday. Times are fixed, so that examples are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.core.checklist.items import Kind, Phase, Requirement, RoleKind
from bot.core.decision import CheckResult, SignOff, SignOffDecision
from bot.core.deployment import Deployment, PinnedFile, State
from bot.core.item import ItemWord
from bot.core.team import Role
from bot.usecases.facts import (
    Assigned,
    Card,
    FileSeen,
    GivenSignOff,
    ItemFacts,
    Named,
    NotPassed,
    Rehearsal,
    SectionFacts,
    SignOffFacts,
    SignOffWord,
)
from bot.usecases.verb import Verb
from checks.result import Finding, Status

NOON = datetime(2026, 11, 24, 14, 3, tzinfo=UTC)
ANN = Named("U0ANN", "Ann Keller")
BO = Named("U0BO", "Bo Larsen")
DANA = Named("U0DANA", "Dana Okafor")
MO = Named("U0MO", "Mo Haas")
NAMES = {person.user_id: person.name for person in (ANN, BO, DANA, MO)}
SUBJECT = "9c1f4e6b" * 8
FINGERPRINT = "7f3a91c0" * 8

PREPARING = Deployment(
    id="d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f",
    team="T0SHOP",
    project="default",
    number=12,
    environment="production",
    kind=Kind.PRODUCTION,
    revision="ab" * 32,
    state=State.PREPARING,
    starter=ANN.user_id,
    owner=ANN.user_id,
    started_at=NOON,
    last_act_at=NOON,
    first_version="00008",
    last_version="00010",
    fingerprint=FINGERPRINT,
    source_commit="4be1a02d",
    window_start=NOON + timedelta(hours=2),
    window_end=NOON + timedelta(hours=3, minutes=30),
    asked_at=NOON,
)
READING = replace(PREPARING, first_version=None, last_version=None, fingerprint=None, asked_at=None)
DEPLOYING = replace(PREPARING, state=State.DEPLOYING, go_at=NOON + timedelta(hours=2))
HELD = replace(DEPLOYING, state=State.HELD)

BACKUP = ItemFacts(
    "backup-completed",
    "Database backup completed",
    ItemWord.DONE,
    Requirement.GO,
    evidence="pgBackRest full 02:10, 41 GB, 12 h old, no error",
    at=NOON,
    act=Verb.UNDO,
    checks=("backup-age",),
)
RESTORE = ItemFacts(
    "backup-restorable",
    "Backup verified and restorable",
    ItemWord.FAILED,
    Requirement.GO,
    evidence='restore stopped: role "app" does not exist',
    hint="create it, or --no-owner",
    at=NOON + timedelta(minutes=2),
    act=Verb.RUN_CHECK,
    checks=("backup-restore",),
)
GIVEN_TO_BO = Assigned(BO, NOON)
PLAN = ItemFacts(
    "rollback-plan", "Rollback plan prepared", ItemWord.OPEN, Requirement.GO, act=Verb.TICK, assigned=GIVEN_TO_BO
)
MAINTENANCE = ItemFacts(
    "maintenance-mode",
    "Put application in maintenance mode (if needed)",
    ItemWord.NOT_APPLICABLE,
    Requirement.NO,
    evidence="online change only",
    by=BO,
    at=NOON,
    act=Verb.UNDO,
    condition="no statement takes ACCESS EXCLUSIVE on a large table",
)
LOCKS = ItemFacts(
    "performance-issues",
    "Check for potential performance issues",
    ItemWord.WAITING,
    Requirement.GO,
    evidence="1 statement to look at: 00009 builds an index without CONCURRENTLY",
    at=NOON,
    act=Verb.TICK,
    checks=("statement-risk",),
    notes=2,
)
SECTION = SectionFacts(
    PREPARING,
    "pre-deployment-checks",
    "Pre-Deployment Checks",
    "Deployment",
    Phase.PREPARE,
    (BACKUP, RESTORE, PLAN, MAINTENANCE, LOCKS),
)

DBA = Role("dba", "Database administrator", "dba-approval", RoleKind.APPROVE, ("@dba-team",))
BACKEND = Role("backend", "Backend engineer", "backend-review", RoleKind.REVIEW, (BO.user_id,))
APPROVED_BY_DANA = GivenSignOff(
    SignOff("s1", PREPARING.id, "dba", SUBJECT, SignOffDecision.APPROVE, DANA.user_id, NOON, NOON), DANA
)
CARD = Card(
    files=(
        FileSeen(
            "00008",
            "add loyalty tier",
            "ALTER TABLE customers (2 GB) ADD COLUMN: no rewrite, no scan, ACCESS EXCLUSIVE for a moment",
            1,
        ),
        FileSeen("00009", "index open orders", "CREATE INDEX on orders (41 GB): blocks writes until it ends", 0),
        FileSeen(
            "00010", "create daily revenue", "new materialized view daily_revenue: no lock on what is there", None
        ),
    ),
    rehearsal=Rehearsal("staging", (timedelta(minutes=24),)),
    commit="4be1a02d" * 5,
    commit_link="https://git.example/shop/commit/4be1a02d",
    checks_passed=12,
    checks_total=14,
    not_passed=(
        NotPassed("Restore drill", Status.FAILED, 'restore stopped: role "app" does not exist', BO.name),
        NotPassed("Statement statistics", Status.COULD_NOT_RUN, "pg_stat_statements is not installed"),
    ),
    open_items=(RESTORE.label, PLAN.label),
)
UNTRIED = Card(
    tuple(FileSeen(file.version, file.words) for file in CARD.files),
    not_tried="no scratch server is configured",
    rehearsal=Rehearsal("staging", (), ("00008", "00010")),
)
WAITING_DBA = SignOffFacts(
    PREPARING,
    DBA,
    SignOffWord.WAITING,
    SUBJECT,
    may_sign=DBA.members,
    may_not=(ANN,),
    given=(),
    asked=True,
    acts=(Verb.SIGN, Verb.REJECT, Verb.SEE_SQL, Verb.SEE_SUBJECT),
    names=NAMES,
    card=CARD,
)
APPROVED_DBA = replace(
    WAITING_DBA,
    word=SignOffWord.APPROVED,
    given=(APPROVED_BY_DANA,),
    have=1,
    acts=(Verb.WITHDRAW, Verb.SEE_SQL, Verb.SEE_SUBJECT),
    card=None,
)
WAITING_BACKEND = replace(WAITING_DBA, role=BACKEND, may_sign=BACKEND.members)

FILES = tuple(
    PinnedFile(version, f"{version}_{name}.up.sql", digit * 64, False)
    for version, name, digit in (
        ("00008", "add_loyalty_tier", "1"),
        ("00009", "index_open_orders", "2"),
        ("00010", "create_daily_revenue", "3"),
    )
)


def result(check: str, status: Status, summary: str, hint: str = "", findings: int = 0) -> CheckResult:
    """An answer of a check with so many findings."""
    found = tuple(
        Finding(f"holds ACCESS EXCLUSIVE on orders ({number + 1})", "orders", FILES[1].name, number + 1)
        for number in range(findings)
    )
    return CheckResult(f"r-{check}", "run", PREPARING.id, check, status, summary, NOON, hint, found, 420)


RESULTS = (
    result("backup-age", Status.PASSED, "pgBackRest full 02:10, 41 GB, 12 h old, no error"),
    result("statement-risk", Status.WARNING, "1 statement to look at", "CREATE INDEX CONCURRENTLY", 2),
    result("backup-restore", Status.FAILED, 'restore stopped: role "app" does not exist', "create it, or --no-owner"),
)
TITLES = {"backup-age": "Backup age", "statement-risk": "Statement risk", "backup-restore": "Restore drill"}
