"""What DESIGN says about go, written a second time: a ledger of acts, and a judge who looks at nothing else.

No line of the product is imported here. Where DESIGN leaves a choice the ledger takes the mildest reading, so that
whatever it objects to is wrong by any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ALWAYS_ASKED = ("dba", "backend", "devops", "management")
GATING = (*ALWAYS_ASKED, "security")
REVIEWS = {"backend", "devops", "security"}
APPROVAL_HOLDS = timedelta(days=7)
LONGEST = timedelta(days=30)
STANDS = {"backup-restorable": timedelta(days=30)}
CARRIED = ("syntax", "numbering", "migrations-on-test-database", "peer-review", "performance-issues")
STAGING = ("staging-migrations", "staging-schema")
REQUIRED = (*CARRIED, "backup", "backup-restorable", "window", "rollback-plan", *STAGING)
BADNESS = {"passed": 0, "evidence": 1, "warning": 2, "could-not-run": 3, "failed": 4}

People = frozenset[str]
"""The people behind one decision: who clicked, and on whose behalf."""


@dataclass
class Said:
    """A decision about a role. `behind` are all readings of who stands behind it; none left means that it is over."""

    role: str
    how: str
    who: str
    behind: list[People]
    at: datetime
    files: int


@dataclass
class Settled:
    """A decision about an item, with the results that were there when it was made."""

    item: str
    how: str
    who: str
    behind: list[People]
    at: datetime
    saw: frozenset[tuple[str, str]]


@dataclass
class Delegated:
    role: str
    giver: str
    to: str
    until: datetime


@dataclass
class Standing:
    """An item settled for the environment by `deployment`, when its check was as bad as `badness`."""

    deployment: str
    until: datetime
    badness: int


@dataclass
class Book:
    """One deployment. `pinned`, `source` and `stayed` are which bytes; `results` are the newest of each item.

    `reviewed_before` and `carries` are what completed deployments of the environment before said and settled.
    """

    place: str
    deployers: set[str]
    pinned: int = 1
    source: int = 1
    stayed: int | None = None
    dirty: bool = False
    goer: str = ""
    breaker: str = ""
    changed_while_held: bool = False
    said: list[Said] = field(default_factory=list)
    reviewed_before: list[Said] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    results: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    carries: set[tuple[str, int]] = field(default_factory=set)


@dataclass
class Ledger:
    """All that was accepted. `members` of a role are None where anybody but a deployer may sign; `quorum` is the DBAs'.

    `touches_rights` says which bytes security has to see.
    """

    members: dict[str, set[str] | None]
    quorum: int
    touches_rights: int
    books: dict[str, Book] = field(default_factory=dict)
    delegated: list[Delegated] = field(default_factory=list)
    standing: list[tuple[str, Standing]] = field(default_factory=list)

    # --- who may decide, and for whom -----------------------------------------------------------------------------

    def seats(self, book: Book, who: str, role: str, now: datetime) -> list[People]:
        """Readings of the people behind whoever decides as this role; none where they do not hold it."""
        members = self.members[role]
        if members is None or who in members:
            found = [frozenset({who})]
        else:
            givers = {one.giver for one in self.delegated if (one.role, one.to) == (role, who) and now < one.until}
            found = [frozenset({who, giver}) for giver in givers & members]
        return [people for people in found if not people & book.deployers]

    def approvers(self, book: Book, who: str, now: datetime, besides: str = "") -> list[People]:
        return [people for role in GATING if role != besides for people in self.seats(book, who, role, now)]

    def waivers(self, book: Book, who: str, role: str, now: datetime) -> list[People]:
        """By who holds another role, and not this one; the same for whoever they act for."""
        readings = self.approvers(book, who, now, besides=role)
        return [people for people in readings if not any(self.seats(book, one, role, now) for one in people)]

    def seconders(self, book: Book, who: str, role: str, now: datetime) -> list[People]:
        """For a role whose members are known, not empty, and all deployers."""
        members = self.members[role]
        return self.approvers(book, who, now, besides=role) if members and members <= book.deployers else []

    # --- acts -----------------------------------------------------------------------------------------------------

    def signed(self, book: Book, role: str, how: str, who: str, now: datetime) -> None:
        behind = {"second": self.seconders, "waive": self.waivers}.get(how, self.seats)(book, who, role, now)
        if how == "reject":
            behind = [frozenset({who})]
        book.said.append(Said(role, how, who, behind, now, book.pinned))

    def withdrew(self, book: Book, role: str, who: str) -> None:
        book.said = [one for one in book.said if (one.role, one.who) != (role, who)]

    def cleared(self, book: Book, role: str, who: str) -> None:
        book.said = [one for one in book.said if (one.role, one.how) != (role, "reject")]

    def delegates(self, giver: str, role: str, to: str, until: datetime, now: datetime) -> list[str]:
        """What is against it: too long, passed on, or to a deployer of what is still to decide."""
        self.delegated.append(Delegated(role, giver, to, until))
        found = [] if giver in (self.members[role] or ()) else [f"{giver} passed {role} on"]
        return found + ([f"{giver} delegated {role} for more than 30 days"] if until - now > LONGEST else [])

    def takes_back(self, giver: str, role: str) -> None:
        self.delegated = [one for one in self.delegated if (one.giver, one.role) != (giver, role)]

    def ticked(self, book: Book, item: str, how: str, who: str, now: datetime) -> None:
        """A *done* over a failed or could-not-run answer is an override."""
        verdict, inputs, _ = book.results.get(item, ("", "", now))
        how = "override" if how == "done" and verdict in {"failed", "could-not-run"} else how
        behind = self.approvers(book, who, now) if how in {"n/a", "override"} else [frozenset({who})]
        if item == "peer-review" and how == "done":
            behind = [people for people in behind if not people & book.deployers]
        book.settled.append(Settled(item, how, who, behind, now, frozenset({(verdict, inputs)})))
        if how == "done":
            self._stands(book, item, verdict, now)
        if how == "undone":
            mine = next(name for name, one in self.books.items() if one is book)
            self.standing = [one for one in self.standing if (one[0], one[1].deployment) != (item, mine)]

    def answered(self, book: Book, item: str, verdict: str, inputs: str, now: datetime) -> None:
        book.results[item] = (verdict, inputs, now)
        if verdict == "passed":
            self._stands(book, item, verdict, now)

    def _stands(self, book: Book, item: str, verdict: str, now: datetime) -> None:
        if item in STANDS:
            mine = next(name for name, one in self.books.items() if one is book)
            self.standing.append((item, Standing(mine, now + STANDS[item], BADNESS.get(verdict, BADNESS["failed"]))))

    def deploys(self, book: Book, who: str, *, is_decided: bool) -> None:
        """Whoever becomes a deployer while it is still to decide takes along all that they are behind, but a no."""
        book.deployers.add(who)
        for one in (*book.said, *book.settled) if not is_decided else ():
            if one.how not in {"reject", "done", "undone"}:
                one.behind = [people for people in one.behind if who not in people]

    def begins_after(self, book: Book, before: Book) -> None:
        """Reviews carry, and what a person settled by *done*; a tick that does not count here did not count there."""
        book.reviewed_before += [one for one in before.said if one.role in REVIEWS and one.how == "yes"]
        done = [one for one in before.settled if one.item in (*CARRIED, *STAGING) and one.how == "done" and one.behind]
        book.carries |= {(one.item, before.pinned) for one in done}
        self.pins(book)

    def pins(self, book: Book) -> None:
        """New bytes are decided anew; a review of these very bytes in staging carries, unless its people deploy."""
        book.pinned, book.said = book.source, []
        for one in book.reviewed_before:
            behind = [people for people in one.behind if not people & book.deployers]
            if one.files == book.pinned:
                book.said.append(Said(one.role, one.how, one.who, behind, one.at, one.files))

    # --- judging --------------------------------------------------------------------------------------------------

    def against_go(self, book: Book, now: datetime) -> list[str]:
        """What DESIGN has against this production deployment going now; nothing where all is well."""
        asked = (*ALWAYS_ASKED, *(("security",) if book.pinned == self.touches_rights else ()))
        return [*self._never_skipped(book), *self._open_items(book, now), *self._roles(book, asked, now)]

    def against_glass(self, book: Book, who: str, reason: str, typed: str) -> list[str]:
        """What nobody skips: a person who may, a reason, the typed name, files that stay, a clean history."""
        found = [] if who in (self.members["dba"] or ()) else [f"{who} may not break the glass"]
        found += [] if len(reason) >= 20 and typed == book.place else ["the glass broke without reason or name"]
        return [*found, *self._never_skipped(book)]

    def against_review(self, book: Book, who: str, now: datetime) -> list[str]:
        readings = [people for people in self.approvers(book, who, now) if book.breaker not in people]
        return [] if readings else [f"{who} reviewed the glass that {book.breaker} broke"]

    def against_going_on(self, book: Book, now: datetime) -> list[str]:
        """With files that changed while held: the DBA and the second person again."""
        return list(self._roles(book, ("dba",), now)) if book.changed_while_held else []

    def _never_skipped(self, book: Book) -> Iterator[str]:
        if book.source not in {book.pinned, book.stayed}:
            yield "files moved, and nobody chose"
        if book.dirty:
            yield "history is dirty"

    def _roles(self, book: Book, asked: Sequence[str], now: datetime) -> Iterator[str]:
        yield from (f"{one.role} is rejected by {one.who}" for one in book.said if one.how == "reject")
        yes = [one for one in book.said if one.how in {"yes", "second"} and self._counts(book, one, now)]
        if not yes:
            yield "nobody who is no deployer said yes"
        elif len({one.who for one in yes} | {book.goer}) < 2:
            yield "one person alone"
        waived = []
        for role in asked:
            if not _filled([one for one in yes if one.role == role], self.quorum if role == "dba" else 1):
                waived.append(role)
        if not _apart([self._waived(book, role) for role in waived]):
            yield f"{', '.join(waived)} neither met nor waived by as many people who may"

    def _counts(self, book: Book, one: Said, now: datetime) -> bool:
        return bool(one.behind) and one.files == book.pinned and now - one.at <= APPROVAL_HOLDS

    def _waived(self, book: Book, role: str) -> list[People]:
        found = [one for one in book.said if (one.role, one.how, one.files) == (role, "waive", book.pinned)]
        return [people for one in found for people in one.behind]

    def _open_items(self, book: Book, now: datetime) -> Iterator[str]:
        return (f"{item} is not settled" for item in REQUIRED if not self._is_settled(book, item, now))

    def _is_settled(self, book: Book, item: str, now: datetime) -> bool:
        """DESIGN's seven rules, for one item with at most one check."""
        live = [one for one in book.settled if one.item == item and one.behind]
        last = live[-1] if live else None
        verdict, inputs, at = book.results.get(item, ("", "", now))
        if last and last.how == "n/a":
            return True
        if verdict == "failed" and not any((verdict, inputs) in one.saw for one in _overrides(live)):
            return False
        if last and (not verdict or last.at > at or (verdict, inputs) in last.saw):
            return last.how != "undone"
        return (
            verdict in {"passed", "not-applicable"}
            or (item, book.pinned) in book.carries
            or self._is_standing(book, item, verdict, now)
        )

    def _is_standing(self, book: Book, item: str, verdict: str, now: datetime) -> bool:
        mine = [one for name, one in self.standing if name == item and now < one.until]
        return any(BADNESS.get(verdict, 0) <= one.badness for one in mine)


def _overrides(live: Sequence[Settled]) -> Sequence[Settled]:
    """Those that no later *undone* took back."""
    undone = [number for number, one in enumerate(live) if one.how == "undone"]
    return [one for one in live[undone[-1] + 1 if undone else 0 :] if one.how == "override"]


def _filled(yes: Sequence[Said], quorum: int) -> bool:
    """Whether the seats can be filled so that each person counts once, whoever clicked."""
    if quorum == 0:
        return True
    rest = [(people, yes[number + 1 :]) for number, one in enumerate(yes) for people in one.behind]
    return any(_filled(_without(people, others), quorum - 1) for people, others in rest)


def _without(people: People, yes: Sequence[Said]) -> list[Said]:
    kept = ([reading for reading in one.behind if not reading & people] for one in yes)
    return [Said(one.role, one.how, one.who, rest, one.at, one.files) for one, rest in zip(yes, kept, strict=True)]


def _apart(roles: Sequence[list[People]]) -> bool:
    """Whether each role can be waived by people of its own: one person waives one role."""
    if not roles:
        return True
    first, *others = roles
    return any(_apart([[one for one in role if not one & people] for role in others]) for people in first)
