"""The command on letters: what came back."""

from typing import Annotated

import typer

from console.doors import Doors, doors_of
from console.output import AsJson, print_json, say
from console.running import FAILED, run
from domain.findings import letter_undelivered
from domain.outbox import Refusal

commands = typer.Typer(
    help="""Say which letters came back.

Letters go out by themselves. One that the mail server took and could not
deliver comes back to the address of MAIL_FROM; whoever reads there, or a
program that does, says so here.

Example:
  python starter.py letters bounced '<booked.0b7c....1@signupassist>'
""",
    no_args_is_help=True,
)


@commands.callback()
def _commands() -> None:
    """Keep `bounced` a word of the command line although it is the only command."""


@commands.command()
def bounced(
    context: typer.Context,
    message_id: Annotated[
        str, typer.Argument(metavar="MESSAGE-ID", help="Of the letter that came back.")
    ],
    as_json: AsJson = False,
) -> None:
    """Say that a letter came back: it is sent no more, and an alert names its registration.

    May be said again.

    Example:
      python starter.py letters bounced '<booked.0b7c....1@signupassist>'
    """
    run(_bounced(doors_of(context), message_id, as_json))


async def _bounced(doors: Doors, message_id: str, as_json: bool) -> None:
    async with doors.records() as records:
        found = await records.note_bounce(message_id)
        if found is not None:
            alert = letter_undelivered(found.notification, found.code, Refusal.BOUNCED)
            await records.raise_alert(alert)
    if as_json:
        print_json(found)
    elif found is not None:
        say(f"Noted: {found.code} was not told ({found.notification.kind.value}). See alerts list.")
    else:
        say("No letter about a registration has that Message-ID.")
    if found is None:
        raise typer.Exit(FAILED)
