"""The commands that look at registrations and change them."""

from typing import Annotated

import typer

from console.doors import Doors, doors_of
from console.output import AsJson, print_json, say
from console.references import Named, Reference, find
from console.registration_sheet import (
    facts,
    facts_with_workflow,
    print_registration,
    print_registration_with_workflow,
    print_registrations,
)
from console.running import run
from console.workflow_views import Workflows
from domain.answers import RegistrationAnswer
from domain.cancellation import CancelledBy
from domain.refunds import RefundReason
from domain.states import RegistrationStatus

MOST_CENTS = 10_000_000
MOST_ROWS = 10_000

Limit = Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="Rows at most.")]


def list_registrations(
    context: typer.Context,
    status: Annotated[
        RegistrationStatus | None, typer.Option(help="Only those that stand so.")
    ] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List everybody's registrations, soonest opening first.

    Ended ones are among them: narrow the list with --status.

    Examples:
      python starter.py list
      python starter.py list --status needs_review --json
    """
    run(_list(doors_of(context), status, limit, as_json))


async def _list(doors: Doors, status: RegistrationStatus | None, limit: int, as_json: bool) -> None:
    async with doors.records() as records:
        rows = await records.all_registrations(limit, status.value if status else None)
    answers = [RegistrationAnswer.of(row) for row in rows]
    if as_json:
        print_json([facts(answer) for answer in answers])
    elif answers:
        print_registrations(answers)
    else:
        say("There are no such registrations.")


def status(context: typer.Context, reference: Named, as_json: AsJson = False) -> None:
    """Show one registration: its row, and what its workflow says it is doing.

    The database must answer. Temporal is asked as well; where it does not
    answer, the output says so. With TEMPORAL_UI_URL set, a link to the run in
    Temporal's Web UI is given.

    Examples:
      python starter.py status SCH-7KQ2M9XA
      python starter.py status REG-4HJ8WZ2C --json
    """
    run(_status(doors_of(context), reference, as_json))


async def _status(doors: Doors, reference: Reference, as_json: bool) -> None:
    async with doors.records() as records:
        row = await find(records, reference)
    workflows = await Workflows.reach(doors)
    workflow = await workflows.status(row.id)
    answer, link = RegistrationAnswer.of(row), workflows.link(row.id)
    if as_json:
        print_json(facts_with_workflow(answer, workflow, link))
    else:
        print_registration_with_workflow(answer, workflow, link)


def confirm(
    context: typer.Context,
    reference: Named,
    digest: Annotated[
        str, typer.Option(help="Digest of the summary that the parent agreed to; see `status`.")
    ],
    fee_cents: Annotated[
        int, typer.Option(min=0, max=MOST_CENTS, help="Success fee the parent agreed to, in cents.")
    ],
    as_json: AsJson = False,
) -> None:
    """Confirm a draft: it is then booked, unattended, the second registration opens.

    Only after its parent agreed to exactly that summary and fee. The same
    confirm may be repeated: there is one booking and one fee. A refusal names
    everything that is missing.

    Example:
      python starter.py confirm SCH-7KQ2M9XA --digest 9f2c…e1 --fee-cents 2000
    """
    run(_confirm(doors_of(context), reference, digest, fee_cents, as_json))


async def _confirm(
    doors: Doors, reference: Reference, digest: str, fee_cents: int, as_json: bool
) -> None:
    async with doors.front_door() as door:
        row = await find(door.records, reference)
        answer = await door.changes.confirm(row.user_id, row.id, digest, fee_cents)
    _report("Confirmed.", answer, as_json)


def cancel(
    context: typer.Context,
    reference: Named,
    because: Annotated[
        RefundReason | None, typer.Option(help="Why a booking's fee is given back.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Cancel a registration, booked or not. It cannot be undone; repeating it is no error.

    Until 2 seconds before the opening nothing is booked and nothing charged.
    What is booked is cancelled at the organiser first, and where the organiser
    refuses, nothing changes. Then the fee is refunded in full, unless it was
    charged more than 90 days ago, or the program has begun. With --because
    provider_cancelled the organiser must show it as cancelled already; that and
    technical_failure are refunded after the beginning too.

    Examples:
      python starter.py cancel SCH-7KQ2M9XA
      python starter.py cancel SCH-7KQ2M9XA --because technical_failure
    """
    run(_cancel(doors_of(context), reference, because, as_json))


async def _cancel(
    doors: Doors, reference: Reference, because: RefundReason | None, as_json: bool
) -> None:
    gone = because is RefundReason.PROVIDER_CANCELLED
    by = CancelledBy.PROVIDER if gone else CancelledBy.OPERATOR
    async with doors.front_door() as door:
        row = await find(door.records, reference)
        answer = await door.changes.cancel(row.user_id, row.id, by, because)
    _report("Cancelled.", answer, as_json)


def reschedule(
    context: typer.Context,
    reference: Named,
    time: Annotated[
        str,
        typer.Argument(
            metavar="TIME", help="New opening, ISO 8601: with an offset, or with --zone."
        ),
    ],
    zone: Annotated[
        str | None, typer.Option(help="Time zone of TIME, such as America/New_York.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Move a confirmed registration to another opening time.

    Possible until 2 seconds before the opening that stands. A time that a
    zone skips or has twice, because its clocks change, needs an offset.

    Examples:
      python starter.py reschedule SCH-7KQ2M9XA 2026-12-01T09:00:00-05:00
      python starter.py reschedule SCH-7KQ2M9XA 2026-12-01T09:00 --zone Asia/Tokyo
    """
    run(_reschedule(doors_of(context), reference, time, zone, as_json))


async def _reschedule(
    doors: Doors, reference: Reference, time: str, zone: str | None, as_json: bool
) -> None:
    async with doors.front_door() as door:
        row = await find(door.records, reference)
        answer = await door.changes.reschedule(row.user_id, row.id, time, zone)
    _report("Moved.", answer, as_json)


def _report(done: str, answer: RegistrationAnswer, as_json: bool) -> None:
    if as_json:
        print_json(facts(answer))
        return
    say(done, style="green")
    print_registration(answer)
