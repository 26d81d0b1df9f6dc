"""The commands on audit trails."""

from collections.abc import Sequence
from typing import Annotated

import typer

from concurrency import of_each
from console.doors import Doors, doors_of
from console.output import AsJson, both, complain, print_json, print_table, say
from console.references import Named, Reference, find, find_all
from console.running import FAILED, run
from console.verification import Verdict, verify
from console.workflow_views import Workflows
from domain.audit import AuditEvent, canonical_json
from domain.registrations import Registration
from gateways import Records

EVERY_ROW = 2**31 - 1
HASH_SHOWN = 12

commands = typer.Typer(
    help="""Show and verify audit trails: what happened to a registration.

Every event carries the hash of the one before it, so that none can be altered
or removed unseen. Nothing personal is in them.

Examples:
  python starter.py audit show SCH-7KQ2M9XA
  python starter.py audit verify --all
""",
    no_args_is_help=True,
)


@commands.command()
def show(context: typer.Context, reference: Named, as_json: AsJson = False) -> None:
    """Show every event of a registration, oldest first.

    Hashes are cut short in the table; --json has them whole.

    Examples:
      python starter.py audit show SCH-7KQ2M9XA
      python starter.py audit show SCH-7KQ2M9XA --json
    """
    run(_show(doors_of(context), reference, as_json))


async def _show(doors: Doors, reference: Reference, as_json: bool) -> None:
    async with doors.records() as records:
        row = await find(records, reference)
        events = await records.audit_trail(row.id)
    if as_json:
        print_json(events)
    else:
        say(f"{row.code}  {row.id}")
        _print_events(events, row.time_zone)


@commands.command(name="verify")
def verify_trails(
    context: typer.Context,
    references: Annotated[
        list[Reference] | None,
        typer.Argument(
            parser=Reference.parse, metavar="CODE|UUID...", help="The registrations to verify."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Verify every registration.")] = False,
    as_json: AsJson = False,
) -> None:
    """Verify that audit trails are whole: nothing altered, removed or added.

    Each is checked three ways: by this program, by the database, and against
    the last event that the registration's workflow keeps in its own history.
    Where Temporal or a worker does not answer, the third check is left out and
    the output says so. What was done is named: altered, removed, reordered,
    cut_off or recomputed. Exit code 1 when any trail is broken.

    Examples:
      python starter.py audit verify SCH-7KQ2M9XA SCH-R5T8VW3D
      python starter.py audit verify --all --json
    """
    if every == bool(references):
        raise typer.BadParameter("Name the registrations to verify, or give --all.")
    run(_verify(doors_of(context), references or [], as_json))


async def _verify(doors: Doors, references: Sequence[Reference], as_json: bool) -> None:
    """Verify those of the references; every one where there are none."""
    async with doors.records() as records:
        rows = await _rows(records, references)
        workflows = await Workflows.reach(doors)
        verdicts = await of_each(rows, lambda row: verify(records, workflows, row))
    if as_json:
        print_json(verdicts)
    else:
        _print_verdicts(verdicts)
    if not all(verdict.holds for verdict in verdicts):
        raise typer.Exit(FAILED)


async def _rows(records: Records, references: Sequence[Reference]) -> list[Registration]:
    if references:
        return await find_all(records, references)
    return await records.all_registrations(EVERY_ROW, None)


def _print_events(events: Sequence[AuditEvent], time_zone: str) -> None:
    print_table(
        ["#", "At", "Event", "Detail", "Hash"],
        [
            [
                str(event.seq),
                both(event.at, time_zone),
                event.kind.value,
                canonical_json(event.detail),
                event.hash[:HASH_SHOWN],
            ]
            for event in events
        ],
    )


_WORDS = {True: "holds", False: "broken", None: "not compared"}


def _print_verdicts(verdicts: Sequence[Verdict]) -> None:
    if not verdicts:
        say("There are no registrations to verify.")
        return
    print_table(
        ["Code", "Events", "Here", "Database", "Workflow", "Verdict"],
        [
            [
                verdict.code,
                str(verdict.events),
                _WORDS[verdict.here.holds],
                _WORDS[verdict.database.holds],
                _WORDS[verdict.workflow.holds],
                "holds" if verdict.holds else "BROKEN",
            ]
            for verdict in verdicts
        ],
    )
    skipped = [verdict for verdict in verdicts if verdict.workflow.holds is None]
    for note in dict.fromkeys(verdict.workflow.problem for verdict in skipped):
        say(f"Not compared with the workflow: {note}")
    broken = [verdict for verdict in verdicts if not verdict.holds]
    for verdict in broken:
        for party, problem in verdict.faults.items():
            complain(f"{verdict.code} is broken ({party}): {problem}.")
        if verdict.finding is not None:
            what = verdict.finding.what.value
            complain(f"{verdict.code} was tampered with ({what}): {verdict.finding.sentence}.")
    whole = len(verdicts) - len(broken)
    say(f"{whole} of {len(verdicts)} hold.", style="red" if broken else "green")
