"""The page at `/` of the local workspace."""

from __future__ import annotations

from fastapi import Request
from nicegui import Client, app, ui

from bot.demo.local import LocalWorkspace
from bot.demo.page.desk import Desk
from bot.demo.page.frame import STATIC, load_looks
from bot.demo.page.places import place_of
from bot.demo.page.unread import Unread

TICK_SECONDS = 20.0  # so that the clock on the page goes on by itself


def register(local: LocalWorkspace) -> None:
    """The page at `/`."""
    unread = Unread(local.slack.workspace)
    app.add_static_files("/static", STATIC)

    @ui.page("/", response_timeout=20)
    async def page(request: Request, client: Client) -> None:
        workspace = local.slack.workspace
        viewers = {user.id: user for user in workspace.users.values() if not user.is_bot}
        place = place_of(dict(request.query_params), viewers, workspace.channels)
        load_looks()
        # What is pressed before the websocket is up would be lost; so nothing is shown before.
        await client.connected()
        desk = Desk(local, unread, place, client)
        desk.paint()
        stop = local.on_change(desk.wake)
        client.on_delete(stop)
        ui.timer(TICK_SECONDS, desk.paint)
