"""The commands on people's fields: which keys they are sealed with, and sealing them anew."""

from collections import Counter
from typing import Annotated

import typer

from console.doors import Doors, doors_of
from console.field_rotation import PAGE, Rotated, Rotation, needless
from console.output import AsJson, complain, print_json, print_table, say
from console.running import FAILED, run
from domain.fields import FieldKeys
from domain.refusals import refuse
from gateways import Fields

commands = typer.Typer(
    help="""Seal what says who children and parents are, and see with which keys it is.

Names, birth dates, addresses and phone numbers, and the words that parents
agreed to. The keys are those of FIELD_KEYS; no field is ever shown.

Examples:
  python starter.py fields status
  python starter.py fields rotate
  python starter.py fields rotate --seal
""",
    no_args_is_help=True,
)

IN_THE_CLEAR = "in the clear"

TOLD_EVERY = 1_000
"""Rows, between two words of progress."""


@commands.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Count the fields that each key seals, and those in the clear.

    And whether that key is among those given here; what it seals cannot be
    read otherwise.

    Examples:
      python starter.py fields status
      python starter.py fields status --json
    """
    run(_status(doors_of(context), as_json))


async def _status(doors: Doors, as_json: bool) -> None:
    fields = doors.fields()
    async with doors.records() as records:
        keys = await records.field_keys()
    if as_json:
        print_json(
            {
                "seals": fields.first,
                "given": fields.names,
                "demanded_since": keys.demanded_since,
                "uses": [{"key": use.key, "fields": use.fields} for use in keys.uses],
            }
        )
        return
    counted = Counter({use.key: use.fields for use in keys.uses})
    # What is given and seals nothing is shown too: such a key may go.
    named = {use.key or IN_THE_CLEAR: use.key for use in keys.uses}
    named |= {name: name for name in fields.names}
    if named:
        print_table(
            ["Key", "Fields", "Here"],
            [[shown, f"{counted[key]:,}", _here(key, fields)] for shown, key in named.items()],
        )
    else:
        say("There are no fields yet.")
    _say_demand(keys)


def _here(key: str | None, fields: Fields) -> str:
    if key == fields.first:
        return "kept so" if key is None else "seals"
    if key is None:
        return "read; rotate seals them"
    return "opens" if key in fields.names else "NOT GIVEN"


def _say_demand(keys: FieldKeys) -> None:
    if keys.demanded_since is not None:
        since = f"{keys.demanded_since:%Y-%m-%d %H:%M:%S} UTC"
        say(f"Since {since} the database takes sealed fields only.")


@commands.command()
def rotate(
    context: typer.Context,
    seal: Annotated[
        bool,
        typer.Option("--seal", help="When all are sealed, let the database take no others."),
    ] = False,
    open_: Annotated[
        bool, typer.Option("--open", help="Put all in the clear again; `plain` must come first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Seal every field with the first key, whatever it was kept with before.

    While everything runs: page by page, each text only where it still stands.
    Broken off, or repeated, it goes on with what is left. Exit code 1 when
    something is left: its key is not given here, or a program that runs seals
    with another one. --seal also has the database refuse any field in the
    clear from then on; --open undoes that, and all of it.

    Examples:
      python starter.py fields rotate
      python starter.py fields rotate --seal
      python starter.py fields rotate --open
    """
    if seal and open_:
        raise typer.BadParameter("Give either --seal or --open.")
    run(_rotate(doors_of(context), seal, open_, as_json))


async def _rotate(doors: Doors, seal: bool, open_: bool, as_json: bool) -> None:
    fields = doors.fields()
    _refuse_the_wrong_keys(fields, open_)
    async with doors.records() as records:
        if open_:
            await records.demand_sealed_fields(demanded=False)
        done = await Rotation(records, fields, _silent if as_json else _progress).run()
        if seal and not done.left:
            await records.demand_sealed_fields(demanded=True)
        keys = await records.field_keys()
    if as_json:
        print_json({**done.model_dump(), "demanded_since": keys.demanded_since})
    else:
        _print_rotated(done, keys, fields)
    if done.left:
        raise typer.Exit(FAILED)


def _refuse_the_wrong_keys(fields: Fields, open_: bool) -> None:
    if not fields.names:
        raise refuse(
            "no_field_keys", "FIELD_KEYS is not set here: give it the keys that the programs have."
        )
    if open_ and fields.first is not None:
        raise refuse(
            "still_sealing",
            f"FIELD_KEYS seals with {fields.first} here, and so may the programs. Put `plain` "
            "before it everywhere and restart them, then repeat this.",
        )
    if not open_ and fields.first is None:
        raise refuse(
            "plain_first",
            "FIELD_KEYS begins with `plain`, so nothing is to be sealed. Take that away; or, to "
            "put every field in the clear again: --open.",
        )


def _silent(_rows: int) -> None:
    """For programs."""


def _progress(rows: int) -> None:
    if rows // TOLD_EVERY > max(0, rows - PAGE) // TOLD_EVERY:
        say(f"{rows:,} rows written.")


def _print_rotated(done: Rotated, keys: FieldKeys, fields: Fields) -> None:
    for name in done.unknown:
        complain(f"Some fields are sealed with {name}, which FIELD_KEYS does not give here.")
    for place in done.altered:
        complain(f"{place} does not open: it was altered or moved, or its key is another one.")
    if done.left:
        complain(
            f"Left as they were: {done.left:,} fields. Where nothing else is said, a program that "
            "runs keeps them so: give it the same FIELD_KEYS, restart it, and repeat this."
        )
        return
    if done.key is None:
        say(f"Every field is in the clear. Rows written: {done.rows:,}.", style="green")
    else:
        say(f"Every field is sealed with {done.key}. Rows written: {done.rows:,}.", style="green")
    _say_demand(keys)
    old = needless(fields, Counter({use.key: use.fields for use in keys.uses}))
    if old:
        say(f"Needed for backups alone: {', '.join(old)}.")
