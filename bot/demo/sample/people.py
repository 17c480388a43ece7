"""The people of the sample workspace: plain data, so that the stand-in, the settings and the tests agree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A full member of the sample workspace. `zone` is an IANA time zone; `does` is what the panel says of them."""

    id: str
    handle: str
    name: str
    does: str
    zone: str = "Europe/Berlin"


@dataclass(frozen=True)
class Group:
    """A user group of the sample workspace; `members` are ids of people."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Channel:
    """A channel of the sample workspace; everyone and the bot are in it."""

    id: str
    name: str
    topic: str


@dataclass(frozen=True)
class Role:
    """A sign-off of the default checklist: the table of the settings, its item, its kind and who holds it."""

    key: str
    item: str
    kind: str
    members: tuple[str, ...]


ANN = Person("U0ANN", "ann", "Ann Keller", "engineer, deploys")
BO = Person("U0BO", "bo", "Bo Larsen", "backend engineer, reviews", "Europe/Copenhagen")
DANA = Person("U0DANA", "dana", "Dana Okafor", "database administrator")
DEVI = Person("U0DEVI", "devi", "Devi Patel", "DevOps and security engineer", "Asia/Kolkata")
MO = Person("U0MO", "mo", "Mo Haas", "management")
PIA = Person("U0PIA", "pia", "Pia Rossi", "product owner", "Europe/Rome")
OTTO = Person("U0OTTO", "otto", "Otto Berg", "operations and support", "Europe/Oslo")

PEOPLE = (ANN, BO, DANA, DEVI, MO, PIA, OTTO)

DBA_TEAM = Group("S0DBATEAM", "dba-team", "Database administrators", (DANA.id,))
ON_CALL = Group("S0ONCALL", "db-oncall", "Database on call", (DANA.id, OTTO.id))
GROUPS = (DBA_TEAM, ON_CALL)

DEPLOYS = Channel("C0DEPLOYS", "deploys", "Deployments of the shop, one message each")
RELEASES = Channel("C0RELEASES", "releases", "What changed, for everyone")
CHANNELS = (DEPLOYS, RELEASES)

ROLES = (
    Role("dba", "Database administrator approval", "approve", ("@dba-team",)),
    Role("backend", "Backend engineer review", "review", (BO.id,)),
    Role("devops", "DevOps engineer review", "review", (DEVI.id,)),
    Role("security", "Security team review (if required)", "review", (DEVI.id,)),
    Role("management", "Management approval (for production)", "approve", (MO.id,)),
    Role("product-owner", "Product owner notified", "acknowledge", (PIA.id,)),
    Role("operations", "Operations team informed", "acknowledge", (OTTO.id,)),
    Role("support", "Support team briefed", "acknowledge", (OTTO.id,)),
)
