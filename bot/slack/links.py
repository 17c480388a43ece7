"""Addresses of dashboards, built without asking Slack.

A message's permalink is `https://DOMAIN.slack.com/archives/CHANNEL/p` and its ts without the dot
(docs.slack.dev/reference/methods/chat.getPermalink shows the form).
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.slack.places import dashboard_of
from bot.usecases.ports import Reader


def permalink(url: str, channel: str, ts: str) -> str:
    """The address of a message of a channel; empty while the workspace's own address is not known."""
    return f"{url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}" if url and channel and ts else ""


def permalinks(reader: Reader, url: str, deployment_ids: Iterable[str]) -> dict[str, str]:
    """Deployment id → address of its dashboard, for those that are posted."""
    found = {}
    for deployment_id in dict.fromkeys(deployment_ids):
        dashboard = dashboard_of(reader, deployment_id)
        address = permalink(url, dashboard.channel, dashboard.ts or "") if dashboard else ""
        if address and dashboard:
            # With these Slack opens the thread, where the work is, and not only the message.
            found[deployment_id] = f"{address}?thread_ts={dashboard.ts}&cid={dashboard.channel}"
    return found
