"""The command that tells one registration's story."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from console.doors import Doors, doors_of
from console.output import AsJson, print_json
from console.references import Named, Reference
from console.running import run
from console.story.sheet import (
    operator_facts,
    parent_facts,
    print_for_operator,
    print_for_parent,
)
from console.story.sources import read_sources


class Audience(StrEnum):
    """Who is told."""

    PARENT = "parent"
    OPERATOR = "operator"


def explain(
    context: typer.Context,
    reference: Named,
    audience: Annotated[
        Audience, typer.Option("--for", help="Whose words: those for its parent have no ids.")
    ] = Audience.OPERATOR,
    as_json: AsJson = False,
) -> None:
    """Tell what happened to a registration, step by step, and why it ended as it did.

    From its row, audit trail, attempts, charges, letters, and the histories of
    its workflows at Temporal. Where these cannot all be true, it says so, and
    also what it could not read. Changes nothing. For a parent it is plain
    sentences, in their time zone.

    Examples:
      python starter.py explain SCH-7KQ2M9XA
      python starter.py explain REG-4HJ8WZ2C --for parent
    """
    run(_explain(doors_of(context), reference, audience, as_json))


async def _explain(doors: Doors, reference: Reference, audience: Audience, as_json: bool) -> None:
    found = await read_sources(doors, reference, datetime.now(UTC))
    to_parent = audience is Audience.PARENT
    if as_json:
        print_json(parent_facts(found) if to_parent else operator_facts(found))
    elif to_parent:
        print_for_parent(found)
    else:
        print_for_operator(found)
