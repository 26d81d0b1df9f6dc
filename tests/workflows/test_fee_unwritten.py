"""A charge whose answer was never written down: decided by its own key before another is made."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from domain.booking import Booking
from domain.errors import PaymentUnavailable, RecordRejected
from domain.refusals import Refused
from domain.registrations import Registration
from domain.states import FeeStatus, RegistrationStatus
from gateways.fakes.payments import CardBehaviour
from tests.eventually import eventually
from tests.workflows.hiccups import fails, fails_once
from tests.workflows.reviews import booked_unseen, found, needs_review, resolve
from tests.workflows.world import World, card

TAKEN = RecordRejected("booking_taken", "It is taken.")


async def answered_but_unwritten(
    world: World, behaviour: CardBehaviour = CardBehaviour.DECLINES
) -> tuple[UUID, Booking]:
    """Charge 1 was answered; the decision that would have written it was refused."""
    registration_id, booking = await booked_unseen(world)
    await world.use_card(card(2), behaviour)
    fails_once(world.records, "resolve_review", TAKEN)
    with pytest.raises(Refused):
        await resolve(world, found(registration_id, booking.booking_number))
    assert await charges(world, registration_id) == ["frozen"]
    return registration_id, booking


async def decided(world: World, registration_id: UUID, booking: Booking) -> Registration:
    await resolve(world, found(registration_id, booking.booking_number))
    return world.records.rows[registration_id]


async def decided_while_silent(
    world: World, registration_id: UUID, booking: Booking
) -> Registration:
    """Decided while the payment service does not answer; afterwards it does again."""
    world.payments.script.fail_next("charge", PaymentUnavailable("down"), times=10_000)
    deciding = asyncio.ensure_future(decided(world, registration_id, booking))
    await eventually(lambda: len(world.payments.sends) > 1)
    await world.until(world.clock.outside + timedelta(minutes=4))
    row = await deciding
    world.payments.script.clear()
    return row


async def charges(world: World, registration_id: UUID) -> list[str]:
    return [one.status.value for one in await world.records.charges_of(registration_id)]


def numbers(world: World) -> list[int]:
    return [charge.number for charge in world.payments.sends]


async def test_a_decline_that_was_not_written_is_closed_and_another_card_pays(
    world: World,
) -> None:
    registration_id, booking = await answered_but_unwritten(world)
    await world.use_card(card(3), CardBehaviour.PAYS)

    row = await decided(world, registration_id, booking)

    assert row.fee_status is FeeStatus.PAID
    assert await charges(world, registration_id) == ["declined", "succeeded"]
    assert numbers(world) == [1, 1, 2]
    assert [taken.charge.number for taken in world.payments.taken(registration_id)] == [2]


async def test_a_decline_in_an_outcome_that_was_refused_is_closed_after_the_review(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    await world.use_card(card(2), CardBehaviour.DECLINES)
    # As a local activity, and as an ordinary one.
    fails(world.records, "record_outcome", RecordRejected("23514", "no"), times=2)
    await needs_review(world, registration_id)
    (number,) = world.bookings(registration_id)
    assert await charges(world, registration_id) == ["frozen"]

    answer = await resolve(world, found(registration_id, number))
    assert (answer.status, answer.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.DUE)
    await world.use_card(card(3), CardBehaviour.PAYS)
    answer = await world.door.changes.retry_fee(world.user, registration_id)

    assert answer.fee_status is FeeStatus.PAID
    assert await charges(world, registration_id) == ["declined", "declined", "succeeded"]
    assert len(world.payments.taken(registration_id)) == 1


async def test_past_the_lifetime_of_its_key_it_is_looked_up_and_never_sent_again(
    world: World,
) -> None:
    registration_id, booking = await answered_but_unwritten(world)
    await world.use_card(card(3), CardBehaviour.PAYS)
    await world.until(world.clock.outside + timedelta(hours=25))

    row = await decided(world, registration_id, booking)

    assert row.fee_status is FeeStatus.PAID
    assert numbers(world) == [1, 2]
    assert await charges(world, registration_id) == ["declined", "succeeded"]


async def test_a_request_for_approval_that_was_not_written_waits_under_its_own_number(
    world: World,
) -> None:
    registration_id, booking = await answered_but_unwritten(world, CardBehaviour.ASKS_FOR_APPROVAL)

    row = await decided(world, registration_id, booking)
    assert row.fee_status is FeeStatus.REQUIRES_ACTION
    assert await charges(world, registration_id) == ["requires_action"]
    (payment,) = world.payments.payments
    assert payment.answered.payment_intent_id is not None
    world.payments.approve(payment.answered.payment_intent_id)
    answer = await world.door.changes.retry_fee(world.user, registration_id)

    assert answer.fee_status is FeeStatus.PAID
    assert set(numbers(world)) == {1}


async def test_another_card_withdraws_a_request_for_approval_that_was_not_written(
    world: World,
) -> None:
    registration_id, booking = await answered_but_unwritten(world, CardBehaviour.ASKS_FOR_APPROVAL)
    await world.use_card(card(3), CardBehaviour.PAYS)

    row = await decided(world, registration_id, booking)

    assert row.fee_status is FeeStatus.PAID
    first, second = world.payments.payments
    assert (first.outcome.decline_code, second.charge.number) == ("canceled", 2)
    assert len(world.payments.taken(registration_id)) == 1


async def test_a_request_for_approval_found_only_after_the_decision_is_shown_to_the_parent(
    world: World,
) -> None:
    registration_id, booking = await answered_but_unwritten(world, CardBehaviour.ASKS_FOR_APPROVAL)
    row = await decided_while_silent(world, registration_id, booking)
    assert row.fee_status is FeeStatus.DUE

    answer = await world.door.changes.retry_fee(world.user, registration_id)

    assert answer.fee_status is FeeStatus.REQUIRES_ACTION
    assert answer.fee_action_url == "https://bank.invalid/pi_1"
    again = await world.door.changes.retry_fee(world.user, registration_id)
    assert again.fee_status is FeeStatus.REQUIRES_ACTION


async def test_nothing_is_sent_under_a_new_number_while_an_earlier_charge_is_undecided(
    world: World,
) -> None:
    registration_id, booking = await answered_but_unwritten(world)
    await world.use_card(card(3), CardBehaviour.PAYS)

    row = await decided_while_silent(world, registration_id, booking)

    assert row.fee_status is FeeStatus.DUE
    assert set(numbers(world)) == {1}
