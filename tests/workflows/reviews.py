"""Registrations that nobody can tell the outcome of, and a person who decides them."""

from uuid import UUID

from domain.answers import RegistrationAnswer
from domain.booking import Booking
from domain.errors import UnknownOutcome
from domain.identifiers import review_alert_key
from domain.registrations import Registration
from domain.review import ReviewDecision, ReviewRequest
from domain.states import RegistrationStatus
from tests.workflows.hiccups import lists_nothing
from tests.workflows.world import World


async def needs_review(world: World, registration_id: UUID) -> Registration:
    """Skip to the opening and wait until a person must look; the run goes on."""
    await world.until_opening(registration_id)
    return await world.row_when(
        registration_id, lambda row: row.status is RegistrationStatus.NEEDS_REVIEW
    )


async def lost(world: World) -> UUID:
    """Two sends left no trace: nothing is booked."""
    registration_id = await world.scheduled()
    world.provider.script.fail_next("book", UnknownOutcome("ReadTimeout"), times=2)
    await needs_review(world, registration_id)
    return registration_id


async def booked_unseen(world: World) -> tuple[UUID, Booking]:
    """One send was lost and its booking listed too late: it stands, and nobody knows."""
    registration_id = await world.scheduled()
    world.event.seats = 1
    lost_answer = UnknownOutcome("status 504, 0 bytes")
    world.provider.script.fail_next("book", lost_answer, after_commit=True)
    find = world.provider.find
    lists_nothing(world, calls=1000)
    await needs_review(world, registration_id)
    world.provider.find = find  # type: ignore[method-assign]
    (booking,) = world.provider.live_bookings(f"sa-{registration_id}")
    return registration_id, booking


def found(registration_id: UUID, number: str, by: str = "kim") -> ReviewRequest:
    return ReviewRequest(
        registration_id=registration_id,
        decision=ReviewDecision.BOOKED,
        booking_number=number,
        by=by,
    )


def nothing_found(registration_id: UUID, by: str = "kim") -> ReviewRequest:
    return ReviewRequest(registration_id=registration_id, decision=ReviewDecision.NOT_BOOKED, by=by)


async def resolve(world: World, request: ReviewRequest) -> RegistrationAnswer:
    world.clock.outside = await world.env.get_current_time()
    return await world.door.reviews.resolve(request)


async def waits(world: World, registration_id: UUID) -> bool:
    """Whether the operator is told that it waits."""
    key = review_alert_key(registration_id)
    return key in {alert.key for alert in await world.records.open_alerts(100)}


async def booked_by_phone(world: World) -> tuple[UUID, str]:
    """Nothing of ours came through, and a person found a place the organiser booked by phone."""
    registration_id = await lost(world)
    _, order = world.provider.sends[0]
    by_phone = order.model_copy(update={"reference": "desk-17"})
    number = (await world.provider.book(by_phone)).booking.booking_number
    decision = found(registration_id, number).model_copy(update={"another_reference": True})
    await resolve(world, decision)
    with world.env.auto_time_skipping_disabled():
        await world.run(registration_id).result()
    return registration_id, number
