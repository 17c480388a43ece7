"""The web app behind the local workspace: the page at `/`, the stand-in's Web API and Socket Mode below `/slack`."""

from __future__ import annotations

import asyncio
import subprocess

from fastapi import FastAPI, Request
from nicegui import Client, app, ui
from starlette.routing import Mount

from bot.demo.local import LocalWorkspace
from bot.demo.page.chrome import Unread
from bot.demo.page.desk import Desk
from bot.demo.page.frame import STATIC, load_looks
from bot.demo.page.gallery import WAITING, gallery, previewed, said
from bot.demo.page.nodes import Act
from bot.demo.page.panel_desk import NOT_READY
from bot.demo.page.pieces import Tree
from bot.demo.page.sight import place_of

TICK_SECONDS = 20.0  # so that the clock on the page goes on by itself


def page_app(local: LocalWorkspace) -> FastAPI:
    """To be served at the address that the workspace was given."""
    served = FastAPI(routes=[Mount("/slack", routes=local.slack.routes())], openapi_url=None)
    _register(local)
    ui.run_with(
        served,
        title="gonogo local workspace",
        favicon="🚦",
        language="en-US",
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=10.0,
    )
    return served


def _register(local: LocalWorkspace) -> None:
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
        if client.is_deleted:
            return  # no browser: whoever asked went away with the bare page
        desk = Desk(local, unread, place, client)
        desk.paint()
        stop = local.on_change(desk.wake)
        client.on_delete(stop)
        ui.timer(TICK_SECONDS, desk.paint)

    @ui.page("/messages", response_timeout=20, title="Every message")
    async def messages(client: Client, name: str = "") -> None:
        load_looks()
        await client.connected()
        await _show_gallery(local, Tree(_ignore), name)


async def _ignore(_act: Act) -> None:
    """An example has no deployment behind it."""


async def _show_gallery(local: LocalWorkspace, tree: Tree, name: str) -> None:
    if local.keeper is None:
        tree.show(said(NOT_READY))
        return
    tree.show(said(WAITING))
    workspace = local.slack.workspace
    viewer = next(user for user in workspace.users.values() if not user.is_bot)
    try:
        shown = await asyncio.to_thread(previewed, local.keeper.bot, name)
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as fault:
        tree.show(said(f"gonogo preview failed: {fault}"))
    else:
        tree.show(gallery(workspace, viewer, shown))
