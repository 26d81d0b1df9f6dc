"""The command that says what is wrong with an installation."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Annotated

import typer

from console.doctor import (
    backups,
    bookeo,
    clocks,
    database,
    field_keys,
    mail,
    mandate_keys,
    payments,
    pollers,
    schedules,
    temporal,
    variables,
    work,
)
from console.doctor.examination import examine
from console.doctor.findings import Finding, State, counted, worst
from console.doctor.patient import Patient, Program
from console.doctor.sheet import print_findings
from console.doors import Doors, doors_of
from console.output import AsJson, print_json, say
from console.running import FAILED, run

CHECKS = (
    *variables.CHECKS,
    *temporal.CHECKS,
    *pollers.CHECKS,
    *schedules.CHECKS,
    *database.CHECKS,
    *work.CHECKS,
    *payments.CHECKS,
    *bookeo.CHECKS,
    *mandate_keys.CHECKS,
    *field_keys.CHECKS,
    *backups.CHECKS,
    *mail.CHECKS,
    *clocks.CHECKS,
)


def doctor(
    context: typer.Context,
    program: Annotated[
        list[Program] | None,
        typer.Option(help="Whose environment this is; may be repeated. All, where none is named."),
    ] = None,
    within: Annotated[
        int, typer.Option(min=1, max=300, help="Seconds that one answer from outside may take.")
    ] = 10,
    as_json: AsJson = False,
) -> None:
    """Check the whole installation, and say what is wrong and what to do.

    Looks at variables, Temporal, task queues, schedules, database, backups,
    Stripe, Bookeo, the keys of mandates and of fields, mail and clocks, all at
    once, and at what should have been done by now. Changes nothing, charges
    nothing, sends no mail. Run it where the programs run, with their
    environment. Each line is pass, warn or fail; exit code 1 when any is fail.

    Examples:
      python starter.py doctor
      python starter.py doctor --program worker
      python starter.py doctor --json
    """
    run(_doctor(doors_of(context), program or list(Program), timedelta(seconds=within), as_json))


async def _doctor(
    doors: Doors, programs: Sequence[Program], within: timedelta, as_json: bool
) -> None:
    async with AsyncExitStack() as stack:
        found = await examine(Patient(doors, programs, within, stack), CHECKS)
    state = worst(found)
    if as_json:
        print_json({"state": state, "findings": found})
    else:
        _print(found, state)
    if state is State.FAIL:
        raise typer.Exit(FAILED)


def _print(found: Sequence[Finding], state: State) -> None:
    print_findings(found)
    many = Counter(one.state for one in found)
    say(
        f"{counted(len(found), 'check')}: {many[State.PASS]} pass, {many[State.WARN]} warn, "
        f"{many[State.FAIL]} fail.",
        style={State.PASS: "green", State.WARN: "yellow", State.FAIL: "red"}[state],
    )
