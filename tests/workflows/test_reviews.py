"""What nobody could tell waits for a person, whose decision is checked and written once."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.errors import RecordRejected, Unavailable
from domain.identifiers import review_workflow_id
from domain.refusals import Refused
from domain.review import ReviewRequest
from domain.review_causes import ReviewCause
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from gateways.fakes.payments import CardBehaviour
from tests.eventually import eventually
from tests.workflows.hiccups import fails, fails_once
from tests.workflows.reviews import (
    booked_unseen,
    found,
    lost,
    needs_review,
    nothing_found,
    resolve,
    waits,
)
from tests.workflows.world import TIMING, World, build_world, card


async def refused(world: World, request: ReviewRequest) -> list[str]:
    with pytest.raises(Refused) as refusal:
        await resolve(world, request)
    return [reason.code for reason in refusal.value.reasons]


async def test_a_booking_found_by_a_person_is_charged_once_and_receipted(world: World) -> None:
    registration_id, booking = await booked_unseen(world)
    assert await waits(world, registration_id)
    assert world.payments.sends == []

    answer = await resolve(world, found(registration_id, booking.booking_number))

    assert (answer.status, answer.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.PAID)
    assert answer.booking_number == booking.booking_number
    assert answer.receipt_code is not None
    assert answer.price_cents == 12_000
    assert not await waits(world, registration_id)
    standing = await world.run(registration_id).result()
    assert standing.receipt_code == answer.receipt_code
    assert len(world.payments.taken(registration_id)) == 1
    assert world.bookings(registration_id) == [booking.booking_number]
    assert world.subjects() == ["Scheduled", "We are checking", "Booked"]


async def test_a_registration_found_not_booked_ends_so_and_the_child_is_free_again(
    world: World,
) -> None:
    registration_id = await lost(world)

    answer = await resolve(world, nothing_found(registration_id))

    assert (answer.status, answer.failure_code) == (
        RegistrationStatus.FAILED,
        FailureCode.MISSED_WINDOW,
    )
    await world.run(registration_id).result()
    assert world.payments.sends == []
    assert world.subjects()[-1] == "Not booked"
    assert (await world.draft()).status is RegistrationStatus.DRAFT


async def test_a_refused_decision_changes_nothing_and_the_right_one_is_taken_after_it(
    world: World,
) -> None:
    registration_id, booking = await booked_unseen(world)
    before = world.records.rows[registration_id]

    assert await refused(world, found(registration_id, "B999999")) == ["no_such_booking"]
    assert await refused(world, nothing_found(registration_id)) == ["live_booking"]
    assert world.records.rows[registration_id] == before
    assert world.payments.sends == []
    answer = await resolve(world, found(registration_id, booking.booking_number))

    assert answer.status is RegistrationStatus.COMPLETED


async def test_decisions_at_once_give_one_result(world: World) -> None:
    registration_id, booking = await booked_unseen(world)
    right = found(registration_id, booking.booking_number)

    answers = await asyncio.gather(
        *(resolve(world, right) for _ in range(3)),
        resolve(world, nothing_found(registration_id, by="lee")),
        return_exceptions=True,
    )
    again = await resolve(world, right)

    assert [answer for answer in answers[:3] if answer != again] == []
    assert isinstance(answers[3], Refused)
    assert len(world.payments.taken(registration_id)) == 1
    assert await refused(world, nothing_found(registration_id)) == ["decided_otherwise"]


async def test_a_fee_declined_after_a_review_is_due_and_paid_by_another_card(
    world: World,
) -> None:
    registration_id, booking = await booked_unseen(world)
    await world.use_card(card(2), CardBehaviour.DECLINES)
    answer = await resolve(world, found(registration_id, booking.booking_number))
    assert (answer.status, answer.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.DUE)
    await world.use_card(card(3), CardBehaviour.PAYS)

    answer = await world.door.changes.retry_fee(world.user, registration_id)

    assert answer.fee_status is FeeStatus.PAID
    assert len(world.payments.taken(registration_id)) == 1


async def test_a_review_nobody_decided_for_thirty_days_is_decided_by_a_run_of_its_own(
    world: World,
) -> None:
    registration_id, booking = await booked_unseen(world)
    opening = world.records.rows[registration_id].scheduled_time
    await world.until(opening + timedelta(days=30, hours=2))
    standing = await world.run(registration_id).result()
    assert standing.status is RegistrationStatus.NEEDS_REVIEW
    assert await waits(world, registration_id)

    assert await refused(world, nothing_found(registration_id)) == ["live_booking"]
    await world.use_card(card(2), CardBehaviour.DECLINES)
    answer = await resolve(world, found(registration_id, booking.booking_number))
    assert (answer.status, answer.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.DUE)
    await world.use_card(card(3), CardBehaviour.PAYS)
    answer = await world.door.changes.retry_fee(world.user, registration_id)

    assert answer.fee_status is FeeStatus.PAID
    run = world.client.get_workflow_handle(review_workflow_id(registration_id))
    await run.result()
    assert len(world.payments.taken(registration_id)) == 1
    assert world.subjects()[-1] == "Fee paid"
    again = await resolve(world, found(registration_id, booking.booking_number))
    assert again == answer.model_copy(update={"summary": None}), "the words are the parent's"


async def test_a_decision_refused_in_a_run_of_its_own_ends_that_run_without_a_change(
    world: World,
) -> None:
    registration_id = await lost(world)
    await world.until(world.clock.outside + timedelta(days=31))
    await world.run(registration_id).result()
    assert await refused(world, found(registration_id, "B999999")) == ["no_such_booking"]

    run = world.client.get_workflow_handle(review_workflow_id(registration_id))
    await world.env.sleep(timedelta(minutes=11))
    assert await run.result() is None

    answer = await resolve(world, nothing_found(registration_id))
    assert answer.status is RegistrationStatus.FAILED


async def test_what_does_not_wait_for_a_person_is_not_decided_by_one(world: World) -> None:
    registration_id = await world.scheduled()
    row = world.records.rows[registration_id]
    assert await refused(world, nothing_found(registration_id)) == ["not_in_review"]
    # The door looks at the row; the run itself refuses as well.
    world.records.rows[registration_id] = row.model_copy(
        update={"status": RegistrationStatus.NEEDS_REVIEW}
    )
    assert await refused(world, nothing_found(registration_id)) == ["not_in_review"]


async def test_an_organiser_that_stays_silent_leaves_the_decision_open(world: World) -> None:
    registration_id = await lost(world)
    world.provider.script.fail_next("find", Unavailable("down"), times=1000)

    asking = asyncio.ensure_future(resolve(world, nothing_found(registration_id)))
    await eventually(lambda: world.provider.script.pending("find") < 1000)
    await world.env.sleep(timedelta(minutes=2))
    with pytest.raises(Refused) as refusal:
        await asking

    assert [reason.code for reason in refusal.value.reasons] == ["provider_silent"]
    world.provider.script.clear()
    answer = await resolve(world, nothing_found(registration_id))
    assert answer.status is RegistrationStatus.FAILED


async def test_a_decision_the_database_refuses_is_told_and_can_be_made_again(
    world: World,
) -> None:
    registration_id, booking = await booked_unseen(world)
    fails_once(world.records, "resolve_review", RecordRejected("booking_taken", "It is taken."))
    right = found(registration_id, booking.booking_number)

    assert await refused(world, right) == ["booking_taken"]
    answer = await resolve(world, right)

    assert answer.fee_status is FeeStatus.PAID
    assert len(world.payments.taken(registration_id)) == 1


async def test_a_booking_step_that_fails_past_the_deadline_is_left_to_a_person(
    env: WorkflowEnvironment,
) -> None:
    world = await build_world(
        env, TIMING.model_copy(update={"late_deadline": timedelta(seconds=1)})
    )
    async with world.served():
        registration_id = await world.scheduled()
        fails(world.records, "open_attempt", RecordRejected("23514", "no"), times=1000)
        row = await needs_review(world, registration_id)

        case = await world.records.review_case(row.id)
        assert case is not None
        assert (case.cause, case.attempts) == (ReviewCause.BOOKING_STEP_FAILED, ())
        assert case.evidence is not None
        answer = await resolve(world, nothing_found(registration_id))
    assert answer.status is RegistrationStatus.FAILED
