"""`gonogo status|tick|hold|rollback|complete N --as USER`: the same acts under the same rules, without Slack.

Each is journalled as entered at the console. The bot, when it runs, finds the rows within a second and repaints.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.terminal import config_option, settings_with_state

if TYPE_CHECKING:
    from bot.cli.acting import UseCase
    from bot.core.deployment import Deployment
    from bot.core.team import Project
    from bot.storage.database import Unit
    from bot.usecases.act import Act, Answer

    Run = Callable[[UseCase], None]

RESULTS = ("success", "partial", "rolled-back")
WAYS_BACK = ("down", "forward", "restore")
_reason = click.option("--reason", default="", metavar="TEXT", help="Why; it stands in the record.")


def _acting(command: Callable[..., None]) -> Callable[..., None]:
    """`N --as USER [--at TIME] [--config F]`; the command gets `run`, which does a use case for them."""

    @functools.wraps(command)
    def act(number: str, user: str, at: str | None, config: Path | None, **options: Any) -> None:
        from bot.cli.acting import act_at_console, require_options

        require_options({"user": user, "at": at, **options})
        command(run=functools.partial(act_at_console, number, user, at, config), **options)

    for option in (
        config_option,
        click.option("--at", "at", metavar="TIME", help="When it was done: 14:05 (today, there), or ISO."),
        click.option("--as", "user", required=True, metavar="USER", help="Who acts: a user id, or a name."),
        click.argument("number", metavar="N"),
    ):
        act = option(act)
    return act


@click.command()
@click.argument("number", metavar="[N]", required=False)
@config_option
def status(number: str | None, config: Path | None) -> None:
    """Show the open deployments, or one with all that is missing for its next step."""
    settings = settings_with_state(config)
    from bot.cli.state import deployment_named, now, reading
    from bot.cli.status_view import print_one, print_open

    with reading(settings) as store:
        if number is None:
            store.read(lambda reader: print_open(reader, settings.projects(), now()))
        else:
            store.read(lambda reader: print_one(reader, *deployment_named(reader, settings, number), now()))


@click.command()
@_acting
@click.argument("items", metavar="ITEM …", nargs=-1, required=True)
@_reason
def tick(run: Run, items: tuple[str, ...], reason: str) -> None:
    """Say done for items, by id, label or "Section / Label"; `gonogo status N` lists the ids. All of them or none."""
    from bot.core.checklist.items import ItemNotFound
    from bot.core.refusal import Refused
    from bot.usecases.act import Answer
    from bot.usecases.situation.judging import checklist_of
    from bot.usecases.tick import tick as tick_item

    def work(unit: Unit, project: Project, act: Act, deployment: Deployment) -> Answer:
        checklist = checklist_of(unit, deployment)
        answers = []
        for reference in items:
            try:
                item = checklist.find(reference)
            except ItemNotFound as unknown:
                raise Refused(str(unknown)) from None
            answers.append(tick_item(unit, project, act, deployment.id, item.id, reason).text or f"✓ {item.label}")
        return Answer("\n".join(answers), deployment.id)

    run(work)


@click.command()
@_acting
@_reason
@click.option("--finding", default="", metavar="TEXT", help="What was seen, such as the error of the migration.")
def hold(run: Run, reason: str, finding: str) -> None:
    """Hold a deployment that runs."""
    from bot.usecases.lifecycle.hold import hold as hold_deployment

    run(lambda unit, project, act, deployment: hold_deployment(unit, project, act, deployment.id, reason, finding))


@click.command()
@_acting
@click.option("--how", required=True, type=click.Choice(WAYS_BACK), help="Down files, fix forward, or restore.")
@_reason
def rollback(run: Run, how: str, reason: str) -> None:
    """Open the rollback of a deployment."""
    from bot.usecases.lifecycle.roll_back import roll_back

    run(lambda unit, project, act, deployment: roll_back(unit, project, act, deployment.id, how, reason))


@click.command()
@_acting
@click.option("--result", required=True, type=click.Choice(RESULTS), help="How it ended.")
@click.option("--notes", default="", help="What was and was not applied; needed unless it is a success.")
@click.option("--date", default=None, metavar="DAY", help="Deployment Date; else the day of the act.")
@click.option("--deployed-by", default=None, metavar="NAMES", help="Deployed By; else the deployers.")
@click.option("--environment", default=None, metavar="NAME", help="Environment; else that of the deployment.")
@click.option("--versions", default=None, metavar="RANGE", help="Migration Version; else the range.")
def complete(
    run: Run,
    result: str,
    notes: str,
    date: str | None,
    deployed_by: str | None,
    environment: str | None,
    versions: str | None,
) -> None:
    """Complete a deployment: the six fields of the record as options, prefilled as in Slack."""
    from bot.core.deployment import Outcome
    from bot.usecases.lifecycle.complete import complete as complete_deployment
    from bot.usecases.views import completion_form

    def work(unit: Unit, project: Project, act: Act, deployment: Deployment) -> Answer:
        form = completion_form(unit, project, deployment.id, act.at)
        fields = {
            "date": date or form.date.date().isoformat(),
            "deployed_by": deployed_by or form.deployed_by,
            "environment": environment or form.environment,
            "versions": versions or form.versions,
        }
        return complete_deployment(unit, project, act, deployment.id, Outcome(result), notes, fields)

    run(work)
