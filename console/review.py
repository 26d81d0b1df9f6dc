"""The commands on registrations that nobody could tell the outcome of."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter, ValidationError

from concurrency import of_each
from console.doors import Doors, doors_of
from console.handles import By
from console.output import AsJson, both, print_json, print_table, say
from console.references import Named, Reference, find
from console.registration_sheet import facts, print_registration
from console.registrations import Limit
from console.review_look import look
from console.review_sheet import case_facts, print_case
from console.running import run
from domain.review import BookingNumber, ReviewDecision, ReviewRequest
from domain.states import RegistrationStatus

commands = typer.Typer(
    help="""Decide registrations of which nobody could tell whether they were booked.

`show` explains a case: what was sent, what the organiser's system shows now,
what to check there, and what to type. `resolve` asks the organiser's system
once more; what does not hold is refused, and nothing is changed.

Examples:
  python starter.py review list
  python starter.py review show SCH-7KQ2M9XA
  python starter.py review resolve SCH-7KQ2M9XA --booked 140647314429493 --by kim
""",
    no_args_is_help=True,
)

_NUMBER = TypeAdapter[str](BookingNumber)


def _number(text: str) -> str:
    try:
        return _NUMBER.validate_python(text)
    except ValidationError:
        raise typer.BadParameter("That is not the number of a booking.") from None


@commands.command(name="list")
def list_reviews(context: typer.Context, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List what waits for a decision, soonest opening first.

    Nothing was charged for any of them. `review show` explains each.

    Examples:
      python starter.py review list
      python starter.py review list --json
    """
    run(_list(doors_of(context), limit, as_json))


async def _list(doors: Doors, limit: int, as_json: bool) -> None:
    async with doors.records() as records:
        rows = await records.all_registrations(limit, RegistrationStatus.NEEDS_REVIEW.value)
        cases = await of_each(rows, lambda row: records.review_case(row.id))
    waiting = [(row, case) for row, case in zip(rows, cases, strict=True) if case is not None]
    if as_json:
        print_json(
            [
                {
                    "registration_id": row.id,
                    "code": row.code,
                    "since": case.since,
                    "cause": case.cause,
                    "evidence": case.evidence,
                    "scheduled_time": row.scheduled_time,
                    "org_ref": row.org_ref,
                    "program_ref": row.program_ref,
                    "event_id": row.event_id,
                }
                for row, case in waiting
            ]
        )
    elif waiting:
        print_table(
            ["Code", "Waits since", "Cause", "Opened", "Organisation", "Program"],
            [
                [
                    row.code,
                    both(case.since, row.time_zone),
                    case.cause.value,
                    both(row.scheduled_time, row.time_zone),
                    row.org_ref,
                    f"{row.program_ref} {row.event_id}",
                ]
                for row, case in waiting
            ],
        )
        say("Each explains itself: python starter.py review show CODE")
    else:
        say("Nothing waits for a decision.")


@commands.command()
def show(
    context: typer.Context,
    reference: Named,
    names: Annotated[
        bool,
        typer.Option(help="Show the family's names too, to search for them at the organiser."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Explain a case: what happened, what to check, and what to type.

    The organiser's system is asked what stands under our reference now; where
    it does not answer, the output says so. Nothing is changed.

    Examples:
      python starter.py review show SCH-7KQ2M9XA
      python starter.py review show SCH-7KQ2M9XA --names
    """
    run(_show(doors_of(context), reference, names, as_json))


async def _show(doors: Doors, reference: Reference, names: bool, as_json: bool) -> None:
    async with doors.gateways() as gateways:
        row = await find(gateways.records, reference)
        found = await look(gateways, row, names=names and not as_json)
    if as_json:
        print_json(case_facts(found))
    else:
        print_case(found)


@commands.command()
def resolve(
    context: typer.Context,
    reference: Named,
    by: By,
    booked: Annotated[
        str | None,
        typer.Option(parser=_number, metavar="NUMBER", help="It is booked, under this number."),
    ] = None,
    not_booked: Annotated[bool, typer.Option("--not-booked", help="It is not booked.")] = False,
    another_reference: Annotated[
        bool,
        typer.Option(
            "--another-reference",
            help="You verified by hand that a booking without our reference is this one.",
        ),
    ] = False,
    fee_returned: Annotated[
        bool,
        typer.Option("--fee-returned", help="Not booked, and you gave a fee back in Stripe."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Decide a case, after the organiser's system was asked once more.

    Booked: the booking is fetched back by its number, the fee charged, the
    receipt written. Not booked: the registration fails and the parent is told;
    nothing is charged. The same decision may be repeated. Kept in the audit
    trail with who decided and what the organiser's system showed.

    Examples:
      python starter.py review resolve SCH-7KQ2M9XA --booked 140647314429493 --by kim
      python starter.py review resolve SCH-7KQ2M9XA --not-booked --by kim
    """
    if not_booked == (booked is not None):
        raise typer.BadParameter("Give either --booked NUMBER or --not-booked.")
    if (another_reference and not_booked) or (fee_returned and not not_booked):
        raise typer.BadParameter(
            "--another-reference goes with --booked, --fee-returned with --not-booked."
        )

    def request(registration_id: UUID) -> ReviewRequest:
        return ReviewRequest(
            registration_id=registration_id,
            decision=ReviewDecision.NOT_BOOKED if not_booked else ReviewDecision.BOOKED,
            by=by,
            booking_number=booked,
            another_reference=another_reference,
            fee_returned=fee_returned,
        )

    run(_resolve(doors_of(context), reference, request, as_json))


async def _resolve(
    doors: Doors, reference: Reference, request: Callable[[UUID], ReviewRequest], as_json: bool
) -> None:
    async with doors.front_door() as door:
        row = await find(door.records, reference)
        answer = await door.reviews.resolve(request(row.id))
    if as_json:
        print_json(facts(answer))
        return
    say("Decided.", style="green")
    print_registration(answer)
