"""A booking given back or taken back: the provider first, and one refund at most."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.cancellation import CancelledBy
from domain.contracts import Standing
from domain.errors import PaymentUnknown, Rejected, UnknownOutcome
from domain.identifiers import refund_key
from domain.refunds import RefundReason
from domain.refusals import Refused
from domain.registrations import Registration
from domain.states import FeeStatus, RegistrationStatus
from gateways.fakes.payments import CardBehaviour
from tests.eventually import eventually
from tests.workflows.hiccups import lists_no_charge_at_first
from tests.workflows.unpaid import asking, booked_but_unpaid, undecided
from tests.workflows.world import World, build_world, card

COMPLETED = RegistrationStatus.COMPLETED
CANCELLED = RegistrationStatus.CANCELLED


async def booked(world: World) -> UUID:
    registration_id = await world.scheduled()
    assert (await world.ended(registration_id)).fee_status is FeeStatus.PAID
    return registration_id


async def cancel(
    world: World,
    registration_id: UUID,
    by: CancelledBy = CancelledBy.PARENT,
    because: RefundReason | None = None,
) -> Registration:
    answer = await world.door.changes.cancel(world.user, registration_id, by, because)
    row = await world.records.registration(registration_id)
    assert (answer.status, answer.fee_status) == (row.status, row.fee_status)
    return row


def given_back(world: World, registration_id: UUID) -> int:
    return len(world.payments.refunds.given_back(registration_id))


async def refused(world: World, registration_id: UUID, **by: Any) -> list[str]:
    """The codes of a cancel that must be refused, having changed nothing."""
    before = world.records.rows[registration_id]
    with pytest.raises(Refused) as refusal:
        await cancel(world, registration_id, **by)
    assert world.records.rows[registration_id] == before
    return [reason.code for reason in refusal.value.reasons]


async def test_a_paid_booking_is_given_back_at_the_provider_and_its_fee_refunded_once(
    world: World,
) -> None:
    registration_id = await booked(world)

    row = await cancel(world, registration_id)

    assert (row.status, row.fee_status) == (CANCELLED, FeeStatus.REFUNDED)
    assert world.bookings(registration_id) == []
    (refund,) = world.payments.refunds.made
    assert refund.refund.idempotency_key == refund_key(registration_id)
    assert refund.refund.amount == row.fee
    (receipt,) = await world.door.registrations.receipts(world.user)
    assert receipt.fee_status is FeeStatus.REFUNDED
    await eventually(lambda: world.subjects()[-1] == "Given back")
    assert "on its way back to your card" in world.mail.letters[-1].text

    again = await cancel(world, registration_id)
    assert again.version == row.version
    assert given_back(world, registration_id) == 1
    # The children are free again.
    world.event.seats = 10
    assert await world.scheduled()


async def test_many_who_cancel_at_once_share_one_cancellation(world: World) -> None:
    registration_id = await booked(world)

    rows = await asyncio.gather(*(cancel(world, registration_id) for _ in range(4)))

    assert {row.fee_status for row in rows} == {FeeStatus.REFUNDED}
    assert len(world.payments.refunds.sends) == 1


async def test_a_due_fee_is_due_no_more_and_the_registrations_own_run_ends(world: World) -> None:
    registration_id, _ = await booked_but_unpaid(world)

    row = await cancel(world, registration_id)

    assert (row.status, row.fee_status) == (CANCELLED, FeeStatus.NOT_DUE)
    async with asyncio.timeout(20):
        left: Standing = await world.run(registration_id).result()
    assert left.status is COMPLETED
    await world.use_card(card(3), CardBehaviour.PAYS)
    with pytest.raises(Refused):
        await world.door.changes.retry_fee(world.user, registration_id)
    assert len(world.payments.sends) == 1
    assert world.payments.refunds.sends == []


@pytest.mark.parametrize("approved", [False, True])
async def test_a_payment_that_waits_is_withdrawn_and_one_approved_before_is_refunded(
    world: World, approved: bool
) -> None:
    registration_id, intent_id = await asking(world)
    if approved:
        world.payments.approve(intent_id)

    row = await cancel(world, registration_id)
    world.payments.approve(intent_id)

    assert row.fee_status is (FeeStatus.REFUNDED if approved else FeeStatus.NOT_DUE)
    assert len(world.payments.taken(registration_id)) == approved
    assert given_back(world, registration_id) == approved


@pytest.mark.parametrize(("made", "listed_late"), [(False, False), (True, False), (True, True)])
async def test_an_undecided_charge_is_looked_up_never_repeated_and_then_refunded(
    world: World, made: bool, listed_late: bool
) -> None:
    registration_id = await undecided(world, PaymentUnknown("reset"), made=made)
    sent = len(world.payments.sends)
    if listed_late:
        lists_no_charge_at_first(world)

    cancelling = asyncio.ensure_future(cancel(world, registration_id))
    if not made or listed_late:
        await eventually(lambda: registration_id in world.records.cancellations)
        await world.until(world.clock.outside + timedelta(minutes=3))
    row = await cancelling

    assert row.fee_status is (FeeStatus.REFUNDED if made else FeeStatus.NOT_DUE)
    assert len(world.payments.sends) == sent
    assert given_back(world, registration_id) == made


async def test_a_provider_that_refuses_is_an_answer_and_the_fee_can_still_be_paid(
    world: World,
) -> None:
    registration_id, _ = await booked_but_unpaid(world)
    world.provider.script.fail_next("cancel", Rejected("refused", "too late for that"))

    assert await refused(world, registration_id) == ["provider_refused"]

    assert len(world.bookings(registration_id)) == 1
    await world.use_card(card(3), CardBehaviour.PAYS)
    answer = await world.door.changes.retry_fee(world.user, registration_id)
    assert answer.fee_status is FeeStatus.PAID
    assert (await cancel(world, registration_id)).fee_status is FeeStatus.REFUNDED


async def test_a_booking_that_the_provider_took_back_is_verified_and_the_fee_refunded(
    world: World,
) -> None:
    registration_id = await booked(world)
    theirs = CancelledBy.PROVIDER
    assert await refused(world, registration_id, by=theirs) == ["booking_stands"]
    (number,) = world.bookings(registration_id)
    world.provider.cancel_from_their_side(number)

    row = await cancel(world, registration_id, theirs)

    assert (row.status, row.fee_status) == (CANCELLED, FeeStatus.REFUNDED)
    await eventually(lambda: world.subjects()[-1] == "Cancelled by the organiser")


async def test_after_the_event_began_only_who_is_not_to_blame_gets_the_fee_back(
    world: World,
) -> None:
    registration_id = await booked(world)
    program = next(iter(world.records.programs.values()))
    begun = program.model_copy(update={"starts_at": world.clock.outside})
    world.records.programs[program.id] = begun

    assert await refused(world, registration_id) == ["event_begun"]
    row = await cancel(world, registration_id, CancelledBy.OPERATOR)

    assert (row.status, row.fee_status) == (CANCELLED, FeeStatus.PAID)
    assert world.payments.refunds.sends == []
    await eventually(lambda: world.subjects()[-1] == "Given back")
    assert "because the program had begun by then" in world.mail.letters[-1].text


async def test_91_days_after_the_charge_the_place_goes_back_and_the_fee_stays(
    world: World,
) -> None:
    registration_id = await booked(world)
    await world.until(world.clock.outside + timedelta(days=91))

    row = await cancel(world, registration_id)

    assert (row.status, row.fee_status) == (CANCELLED, FeeStatus.PAID)
    assert world.bookings(registration_id) == []
    assert world.payments.refunds.sends == []
    await eventually(lambda: "within 90 days" in world.mail.letters[-1].text)


async def test_a_refund_that_is_refused_leaves_the_fee_paid_and_alerts_an_operator(
    world: World,
) -> None:
    registration_id = await booked(world)
    world.payments.refunds.refuses = "charge_disputed"

    row = await cancel(world, registration_id, CancelledBy.OPERATOR, RefundReason.TECHNICAL_FAILURE)

    assert (row.status, row.fee_status) == (CANCELLED, FeeStatus.PAID)
    (alert,) = await world.records.open_alerts(10)
    assert (alert.kind.value, alert.registration_id) == ("refund_failed", registration_id)
    await eventually(lambda: "Our team has been told" in world.mail.letters[-1].text)


async def test_answers_lost_on_the_way_are_asked_for_again_and_change_nothing(
    world: World,
) -> None:
    registration_id = await booked(world)
    gone = UnknownOutcome("reset")
    world.provider.script.fail_next("cancel", gone, after_commit=True)
    lost = PaymentUnknown("reset")
    world.payments.script.fail_next("refund", lost, after_commit=True)

    cancelling = asyncio.ensure_future(cancel(world, registration_id))
    await eventually(lambda: world.bookings(registration_id) == [])
    await world.until(world.clock.outside + timedelta(minutes=1))
    row = await cancelling

    assert row.fee_status is FeeStatus.REFUNDED
    assert given_back(world, registration_id) == 1
    assert len(world.payments.refunds.sends) == 2


class _Twice(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        if activity.info().workflow_type == "cancellation":
            await super().execute_activity(input)
        return await super().execute_activity(input)


class Twice(Interceptor):
    """Each activity of a cancellation done again, as if its first answer had been lost."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        return _Twice(super().intercept_activity(next))


@pytest.mark.parametrize("due", [False, True])
async def test_every_step_done_twice_has_no_second_effect(
    env: WorkflowEnvironment, due: bool
) -> None:
    world = await build_world(env)
    async with world.served(interceptors=[Twice()]):
        registration_id = (await booked_but_unpaid(world))[0] if due else await booked(world)
        row = await cancel(world, registration_id)
        await eventually(lambda: world.subjects()[-1] == "Given back")

    assert row.fee_status is (FeeStatus.NOT_DUE if due else FeeStatus.REFUNDED)
    assert given_back(world, registration_id) == (not due)
    kinds = [event.kind.value for event in await world.records.audit_trail(registration_id)]
    once = ["booking_cancelled", *(() if due else ("refund_frozen", "fee_refunded")), "cancelled"]
    assert kinds[-len(once) :] == once
    assert [kinds.count(kind) for kind in once] == [1] * len(once)
    assert world.subjects().count("Given back") == 1
