"""Where a person hears the answer to a click: where they clicked, else the thread of the deployment, else a DM."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.refusal import Refused
from bot.slack.inbound.click import Click
from bot.slack.messages.blocks import Rendered
from bot.usecases.books.rows import Live, Said
from bot.usecases.ports import Reader
from bot.usecases.post_ports import PostReader, PostUnit

SHOWN = "shown"
DASHBOARD, HOME = "dashboard", "home"
EPHEMERAL_LIVES = timedelta(minutes=5)
_ON_ITS_WAY = frozenset({"sending", "unsure"})
COPIED = (
    "This button is on a copy of a message, so nothing was recorded. Press it in the deployment's own thread: "
    "the status command has the link."
)


@dataclass(frozen=True)
class Place:
    """A channel and, where there is one, the thread; an empty channel means a direct message."""

    channel: str = ""
    thread_ts: str = ""


def dashboard_of(reader: Reader, deployment_id: str) -> Live | None:
    """The deployment's message in the channel."""
    return next((live for live in reader.outbox.wanted(deployment_id) if live.kind == DASHBOARD), None)


def permalink(url: str, channel: str, ts: str) -> str:
    """The address of a message of a channel; empty while the workspace's own address is not known.

    Built without asking Slack (docs.slack.dev/reference/methods/chat.getPermalink shows the form).
    """
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


def thread_of(reader: Reader, deployment_id: str) -> Place:
    """The thread of a deployment; nowhere while its dashboard is not posted."""
    dashboard = dashboard_of(reader, deployment_id)
    return Place(dashboard.channel, dashboard.ts) if dashboard and dashboard.ts else Place()


def deployment_in_thread(reader: Reader, channel: str, thread_ts: str) -> str:
    """The id of the deployment whose thread this is; empty for other threads."""
    root = reader.outbox.message_at(channel, thread_ts) if thread_ts else None
    return (root.deployment_id or "") if root else ""


def place_of(reader: Reader, click: Click, deployment_id: str | None = None) -> Place:
    """Where the answer to this click belongs. A direct message is answered by one that stays."""
    if click.channel and not click.channel.startswith("D"):
        # Slack gives a message that has replies its own ts as thread_ts; the person who clicked looks at the channel.
        return Place(click.channel, "" if click.thread_ts == click.message_ts else click.thread_ts)
    if click.channel:
        return Place()
    wanted = deployment_id or click.target.deployment
    return thread_of(reader, wanted) if wanted else Place()


def tell(unit: PostUnit, click: Click, message: Rendered, now: datetime, deployment_id: str | None = None) -> None:
    """Says something to the person who clicked, and to nobody else; once where the click came as an event."""
    place = place_of(unit, click, deployment_id)
    key = f"private:{click.event_id or unit.new_id()}"
    where = {"user": click.who, "channel": place.channel, "thread_ts": place.thread_ts}
    facts = {**where, "text": message.text, "blocks": message.blocks}
    sort = "ephemeral" if place.channel else "direct"
    expires = now + EPHEMERAL_LIVES if place.channel else None
    unit.outbox.say(Said(key, sort, f"private:{click.who}", SHOWN, facts, expires_at=expires), now)


def require_own_message(reader: PostReader, click: Click) -> None:
    """A click in a message that the bot did not post there is refused. Raises Refused.

    A copied or forwarded message brings its old buttons along, in another channel or at another time.
    """
    if not click.message_ts or click.ephemeral:
        return
    is_live = reader.outbox.message_at(click.channel, click.message_ts) is not None
    is_ours = is_live or reader.said.at_place(click.channel, click.message_ts) is not None
    if not is_ours and not _is_being_posted(reader, click):
        raise Refused(COPIED)


def _is_being_posted(reader: PostReader, click: Click) -> bool:
    """Slack may show a message before its answer has come, and somebody be quick."""
    mine = reader.outbox.wanted(click.target.deployment) if click.target.deployment else ()
    if any(live.ts is None and live.channel == click.channel and live.state in _ON_ITS_WAY for live in mine):
        return True
    place = ("user", click.who) if click.channel.startswith("D") else ("channel", click.channel)
    said = (one.said for one in reader.said.on_its_way() if one.said.sort != "ephemeral")
    return any(each.facts.get(place[0]) == place[1] for each in said)
