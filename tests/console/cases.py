"""Cases that an operator looks at, and what stands for them at the organiser."""

from datetime import UTC, datetime

from domain.booking import BookingOrder, ProviderPeople
from domain.contracts import Try
from domain.identifiers import external_ref
from domain.money import Money
from domain.registrations import Registration
from domain.review_causes import ReviewCause
from gateways.fakes.booking_events import FakeEvent
from tests.console.command_line import Office
from tests.gateways.households import review

EVIDENCE = "status 504, 120 bytes; two sends left no trace"
PERSONAL = ("Ada", "Bo O", "O'Brien", "Zoë", "zoe.obrien", "555-0100", "1986-02-28")


async def reviewed(office: Office, **changes: object) -> Registration:
    row = await office.family.sent()
    order = review(row).model_copy(
        update={
            "fence": 1,
            "evidence": EVIDENCE,
            "cause": ReviewCause.TWO_SENDS_WITHOUT_TRACE,
            "tries": (Try(sent_at=datetime.now(UTC), answer="UnknownOutcome"),),
            **changes,
        }
    )
    await office.records.record_outcome(order)
    return await office.row(row)


async def booked(
    office: Office, row: Registration, *, price: int = 12_500, accepts: bool = True
) -> str:
    program = office.family.program
    office.provider.add_event(
        FakeEvent(
            product_id=program.program_ref,
            event_id=program.event_id,
            starts_at=program.starts_at,
            ends_at=program.ends_at,
            seats=10,
            price=Money(amount_cents=price),
            accepts=accepts,
        )
    )
    order = BookingOrder(
        reference=external_ref(row.id),
        product_id=program.program_ref,
        event_id=program.event_id,
        event_start=program.starts_at,
        people_category=program.people_category,
        people=ProviderPeople(customer_id="c", person_ids=("p",)),
    )
    return (await office.provider.book(order)).booking.booking_number


def flat(text: str) -> str:
    """The words, wherever the terminal broke the line."""
    return " ".join(text.split())
