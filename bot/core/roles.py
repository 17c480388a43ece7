"""The roles of a deployment: what the checklist says, joined with what the settings say."""

from __future__ import annotations

import re

from bot.core.checklist.items import Checklist, Item, Kind, RoleKind
from bot.core.policy import Project, Role

_IF_REQUIRED = re.compile(r"if (required|needed)", re.IGNORECASE)
_TITLE_TAIL = re.compile(r"\s*(\(.*\))?\s*(approval|review|notified|informed|briefed)?\s*(\(.*\))?$", re.IGNORECASE)


def roles_for(checklist: Checklist, project: Project, kind: Kind) -> tuple[Role, ...]:
    """Roles whose item applies in this kind, in the checklist's order; settings win over the annotation's bare role."""
    configured = {role.item: role for role in project.roles.values()}
    roles = (_role(item, configured.get(item.id)) for item in checklist.items if item.counts(kind))
    return tuple(role for role in roles if role is not None)


def _role(item: Item, configured: Role | None) -> Role | None:
    if configured is not None:
        return configured
    if item.role is None:
        return None
    return role_of(item, item.role.name, RoleKind(item.role.kind))


def role_of(
    item: Item,
    name: str,
    kind: RoleKind,
    *,
    title: str | None = None,
    members: tuple[str, ...] = (),
    quorum: int = 1,
    enabled: bool = True,
) -> Role:
    """The role that signs this item; its title and whether facts decide on it come from the label."""
    return Role(
        name=name,
        title=title or title_of(item.label),
        item=item.id,
        kind=kind,
        members=members,
        quorum=quorum,
        enabled=enabled,
        when_facts=bool(_IF_REQUIRED.search(item.label)),
    )


def title_of(label: str) -> str:
    """What the role is called: "Database administrator approval" gives "Database administrator"."""
    return _TITLE_TAIL.sub("", label).strip() or label
