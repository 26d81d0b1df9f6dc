"""The command that says whether what opens soon will be booked."""

from datetime import timedelta
from typing import Annotated

import typer

from console.doors import Doors, doors_of
from console.output import AsJson, print_json
from console.running import FAILED, run
from console.tomorrow.instants import by_instant
from console.tomorrow.sheet import facts, print_survey
from console.tomorrow.survey import survey

MOST_HOURS = 168


def tomorrow(
    context: typer.Context,
    hours: Annotated[int, typer.Option(min=1, max=MOST_HOURS, help="How far to look ahead.")] = 24,
    as_json: AsJson = False,
) -> None:
    """Say whether everything that opens soon will be booked, and what to do where not.

    By opening and organiser's account, soonest first: each registration's
    permission, family, card, price, product and seats, the account's keys and
    pause, its run, its lane; and what all need: workers, clocks, keys. Changes
    nothing, charges nothing, sends no mail. An organiser within three minutes
    of an opening is not asked. Exit code 1 when anything is not ready.

    Examples:
      python starter.py tomorrow
      python starter.py tomorrow --hours 72 --json
    """
    run(_tomorrow(doors_of(context), hours, as_json))


async def _tomorrow(doors: Doors, hours: int, as_json: bool) -> None:
    found = await survey(doors, timedelta(hours=hours))
    instants = by_instant(found)
    if as_json:
        print_json(facts(found, hours, instants))
    else:
        print_survey(found, hours, instants)
    if not found.ready:
        raise typer.Exit(FAILED)
