"""What nobody answered for is found out, or left to a person; never guessed."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.book import Bookings
from activities.clock import SystemClock
from activities.lane_room import LaneRoom
from domain.alerts import AlertKind
from domain.contracts import BookOrder
from domain.errors import NotOpenYet, RecordRejected, Unauthorised, Unavailable, UnknownOutcome
from domain.identifiers import external_ref
from domain.review_causes import ReviewCause
from domain.states import FeeStatus, RegistrationStatus
from tests.eventually import eventually
from tests.mandates import MANDATES
from tests.workflows.hiccups import fails_once, lists_nothing
from tests.workflows.reviews import needs_review
from tests.workflows.sweeping import alerts, surplus_events
from tests.workflows.world import TIMING, World

LOST = UnknownOutcome("reset")


async def test_a_ghost_that_holds_the_last_seat_is_found_and_never_called_sold_out(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    world.event.seats = 1
    world.provider.script.fail_next("book", LOST, after_commit=True)
    lists_nothing(world, calls=2)

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert len(world.bookings(registration_id)) == 1


async def test_a_refusal_after_a_send_without_a_trace_is_left_to_a_person(world: World) -> None:
    registration_id = await world.scheduled()
    world.event.seats = 1
    world.provider.script.fail_next("book", LOST, after_commit=True)
    lists_nothing(world, calls=1000)

    row = await needs_review(world, registration_id)

    assert row.status is RegistrationStatus.NEEDS_REVIEW
    assert world.payments.sends == []


async def test_a_resend_that_surely_was_not_made_is_made_again(world: World) -> None:
    registration_id = await world.scheduled()
    world.provider.script.fail_next("book", LOST)
    world.provider.script.fail_next("book", Unavailable("restarting"))

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert len(world.bookings(registration_id)) == 1


async def test_a_surplus_booking_that_cannot_be_cancelled_leads_to_no_further_send(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    gate = world.provider.script.hold_next("find")
    world.provider.script.fail_next("book", LOST, after_commit=True)
    world.provider.script.fail_next("cancel", Unavailable("busy"))
    await world.until_opening(registration_id)
    await eventually(lambda: bool(world.provider.sends))
    await world.provider.book(world.provider.sends[0][1])
    gate.set()

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert len(world.provider.sends) == 2
    assert len(world.payments.taken(registration_id)) == 1
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.SEVERAL_BOOKINGS
    assert "Still standing" in sentence


async def test_a_surplus_booking_is_cancelled_told_and_audited_by_whoever_finds_it(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    gate = world.provider.script.hold_next("find")
    world.provider.script.fail_next("book", LOST, after_commit=True)
    await world.until_opening(registration_id)
    await eventually(lambda: bool(world.provider.sends))
    second = (await world.provider.book(world.provider.sends[0][1])).booking.booking_number
    gate.set()

    row = await world.ended(registration_id)

    assert world.bookings(registration_id) == [row.booking_number]
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.SEVERAL_BOOKINGS
    assert f"booking {second}. Nothing is left to do" in sentence
    assert (await surplus_events(world, registration_id))[-1]["cancelled"] == [second]


async def test_an_attempt_overtaken_by_a_successor_sends_nothing_more(world: World) -> None:
    registration_id = await world.scheduled()
    gate = world.provider.script.hold_next("find")
    world.provider.script.fail_next("book", LOST)
    await world.until_opening(registration_id)
    await eventually(lambda: bool(world.provider.sends))
    now = await world.env.get_current_time()
    await world.records.open_attempt(registration_id, now, "successor")
    gate.set()

    row = await needs_review(world, registration_id)

    assert row.status is RegistrationStatus.NEEDS_REVIEW
    assert len(world.provider.sends) == 1


async def _executing(world: World) -> BookOrder:
    """A claimed registration whose run is out of the way, for an activity run by hand."""
    registration_id = await world.scheduled()
    await world.run(registration_id).terminate()
    row = await world.records.registration(registration_id)
    world.records.rows[registration_id] = row.model_copy(
        update={"status": RegistrationStatus.EXECUTING}
    )
    return BookOrder(registration_id=registration_id, send_at=world.clock.outside, timing=TIMING)


@pytest.fixture
async def bookings(world: World) -> AsyncGenerator[Bookings]:
    """The activity, for a run by hand at the real time."""
    room = LaneRoom(world.records)
    yield Bookings(world.records, world.gateways.providers, MANDATES, room, SystemClock())
    await room.aclose()


async def test_an_attempt_that_temporal_gave_up_sends_nothing_more(
    world: World, bookings: Bookings
) -> None:
    order = await _executing(world)
    world.provider.script.fail_next("book", NotOpenYet("shut"), times=1000)
    environment = ActivityEnvironment()
    running = asyncio.ensure_future(environment.run(bookings.book, order))
    await eventually(lambda: len(world.provider.sends) >= 2)

    environment.cancel(ActivityCancellationDetails(not_found=True))
    with pytest.raises(ApplicationError) as stopped:
        await running
    sent = len(world.provider.sends)

    assert stopped.value.type == "WorkerStopping"
    assert [a.outcome for a in world.records.attempts[order.registration_id]] == ["released"]
    assert len(world.provider.sends) == sent


async def test_refused_keys_say_nothing_of_an_earlier_attempt(
    world: World, bookings: Bookings
) -> None:
    order = await _executing(world)
    await world.records.open_attempt(order.registration_id, order.send_at, "died")
    world.provider.script.fail_next("people", Unauthorised("no"))

    with pytest.raises(ApplicationError) as retried:
        await ActivityEnvironment().run(bookings.book, order)

    assert (retried.value.type, retried.value.non_retryable) == ("Unavailable", False)
    markers = world.records.attempts[order.registration_id]
    assert [marker.outcome for marker in markers] == [None, "released"]


async def test_a_booking_activity_that_fails_without_an_answer_is_armed_again(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    refused = RecordRejected("23514", "no")
    fails_once(world.records, "open_attempt", refused)

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert len(world.provider.sends) == 1


async def test_an_outcome_the_database_refuses_is_handed_to_a_person_not_lost(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    refused = RecordRejected("booking_taken", "no")
    for _ in range(2):  # within the workflow task, and again as an ordinary activity
        fails_once(world.records, "record_outcome", refused)

    row = await needs_review(world, registration_id)

    assert row.status is RegistrationStatus.NEEDS_REVIEW
    assert row.booking_number in world.bookings(registration_id)
    assert world.records.reviews[row.id].cause is ReviewCause.OUTCOME_NOT_WRITTEN


async def test_a_run_cancelled_by_an_operator_while_booking_still_finds_out_and_charges(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    gate = world.provider.script.hold_next("book", after_commit=True)
    await world.until_opening(registration_id)
    await eventually(lambda: bool(world.provider.live_bookings(external_ref(registration_id))))

    await world.run(registration_id).cancel()
    gate.set()
    row = await world.ended(registration_id)

    assert (row.status, row.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.PAID)
