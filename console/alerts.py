"""The commands on alerts: what an operator must know."""

from typing import Annotated

import typer

from console.doors import Doors, doors_of
from console.output import AsJson, print_json, print_table, say, utc
from console.registrations import Limit
from console.running import FAILED, run
from domain.alerts import Alert

commands = typer.Typer(
    help="""List what needs an operator's eye, and settle what was dealt with.

Each says what happened and what to do. An alert is open until it is settled;
raised again meanwhile, it is counted.

Examples:
  python starter.py alerts list
  python starter.py alerts settle ghost_booking/0b7c...
""",
    no_args_is_help=True,
)


@commands.command(name="list")
def list_open(context: typer.Context, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the open alerts, newest first.

    Each names the registration, what was done already and what is left to do.

    Examples:
      python starter.py alerts list
      python starter.py alerts list --json
    """
    run(_list(doors_of(context), limit, as_json))


async def _list(doors: Doors, limit: int, as_json: bool) -> None:
    async with doors.records() as records:
        found = await records.open_alerts(limit + 1)
    found, more = found[:limit], len(found) > limit
    if as_json:
        print_json(found)
    elif found:
        print_table(
            ["Key", "Since (UTC)", "Last (UTC)", "Times", "What happened, and what to do"],
            [_row(alert) for alert in found],
        )
        if more:
            say(f"More are open, older than these {limit}: --limit shows them.")
    else:
        say("There are no open alerts.")


def _row(alert: Alert) -> list[str]:
    since, last = utc(alert.raised_at), utc(alert.last_raised_at)
    return [alert.key, since, last, str(alert.times), alert.sentence]


@commands.command()
def settle(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The alert's key, from the list.")],
    as_json: AsJson = False,
) -> None:
    """Say that an alert was dealt with.

    Nothing else changes. Should it happen again, it is a new alert; money that stays
    unsettled is let rest.

    Example:
      python starter.py alerts settle run_missing/0b7c...
    """
    run(_settle(doors_of(context), key, as_json))


async def _settle(doors: Doors, key: str, as_json: bool) -> None:
    async with doors.records() as records:
        settled = await records.settle_alert(key)
    if as_json:
        print_json(settled)
    elif settled is not None:
        say(f"Settled: {settled.sentence}")
    else:
        say(f"No alert is open under {key}. The open ones: python starter.py alerts list")
    if settled is None:
        raise typer.Exit(FAILED)
