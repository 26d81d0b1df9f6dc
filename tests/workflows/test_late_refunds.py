"""A refund that the bank confirms later, or never: looked up until it has ended."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.alerts import AlertKind
from domain.errors import PaymentUnavailable
from domain.refunds import RefundOutcome, RefundStatus
from domain.states import FeeStatus, RegistrationStatus
from domain.sweeps import FeeReport
from tests.workflows.sweeping import alerts, later, sweep_fees
from tests.workflows.world import World

SUCCEEDED = RefundOutcome(status=RefundStatus.SUCCEEDED)
FAILED = RefundOutcome(status=RefundStatus.FAILED, failure_code="lost_or_stolen_card")


async def pending(world: World) -> UUID:
    """Cancelled, its fee given back as far as we know; the bank has not said so for two hours."""
    registration_id = await world.scheduled()
    await world.ended(registration_id)
    world.payments.refunds.pends = True
    answer = await world.door.changes.cancel(world.user, registration_id)
    assert answer.fee_status is FeeStatus.REFUNDED
    await later(world, timedelta(hours=2))
    return registration_id


def status(world: World, registration_id: UUID) -> RefundStatus:
    outcome = world.records.refunds[registration_id].outcome
    assert outcome is not None
    return outcome.status


async def test_one_that_arrived_is_written_down_and_nobody_is_told(world: World) -> None:
    registration_id = await pending(world)
    world.payments.refunds.end(registration_id, SUCCEEDED)

    assert await sweep_fees(world) == FeeReport()

    assert status(world, registration_id) is RefundStatus.SUCCEEDED
    assert world.records.rows[registration_id].fee_status is FeeStatus.REFUNDED
    assert await alerts(world) == []


async def test_one_that_failed_leaves_the_fee_paid_and_alerts_an_operator_once(
    world: World,
) -> None:
    registration_id = await pending(world)
    world.payments.refunds.end(registration_id, FAILED)

    assert await sweep_fees(world) == FeeReport(alerts=1)

    row = world.records.rows[registration_id]
    assert (row.status, row.fee_status) == (RegistrationStatus.CANCELLED, FeeStatus.PAID)
    (receipt,) = await world.door.registrations.receipts(world.user)
    assert receipt.fee_status is FeeStatus.PAID
    assert [kind for kind, _ in await alerts(world)] == [AlertKind.REFUND_FAILED]
    await later(world, timedelta(hours=7))
    assert await sweep_fees(world) == FeeReport()


async def test_one_that_the_bank_sends_back_weeks_after_it_had_succeeded_is_told_as_failed(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    await world.ended(registration_id)
    answer = await world.door.changes.cancel(world.user, registration_id)
    assert answer.fee_status is FeeStatus.REFUNDED
    await later(world, timedelta(days=20))
    assert await sweep_fees(world) == FeeReport()
    world.payments.refunds.end(registration_id, FAILED)
    assert await sweep_fees(world) == FeeReport(), "looked at just now"
    await later(world, timedelta(days=1, hours=1))

    assert await sweep_fees(world) == FeeReport(alerts=1)

    row = world.records.rows[registration_id]
    assert (row.status, row.fee_status) == (RegistrationStatus.CANCELLED, FeeStatus.PAID)
    assert status(world, registration_id) is RefundStatus.FAILED
    assert [kind for kind, _ in await alerts(world)] == [AlertKind.REFUND_FAILED]


async def test_one_that_succeeded_is_looked_up_no_longer_than_a_bank_may_send_it_back(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    await world.ended(registration_id)
    await world.door.changes.cancel(world.user, registration_id)
    await later(world, timedelta(days=46))
    world.payments.refunds.end(registration_id, FAILED)
    assert await sweep_fees(world) == FeeReport()
    assert status(world, registration_id) is RefundStatus.SUCCEEDED


async def test_one_still_under_way_is_looked_up_again_after_six_hours(
    world: World,
) -> None:
    registration_id = await pending(world)
    assert await sweep_fees(world) == FeeReport()
    world.payments.refunds.end(registration_id, FAILED)
    assert await sweep_fees(world) == FeeReport(), "looked at just now"
    await later(world, timedelta(hours=7))
    assert await sweep_fees(world) == FeeReport(alerts=1)


@pytest.mark.parametrize("silent", [False, True])
async def test_one_that_nobody_can_tell_of_for_thirty_days_is_told(
    world: World, silent: bool
) -> None:
    registration_id = await pending(world)
    if silent:
        world.payments.script.fail_next("find_refund", PaymentUnavailable("down"), times=10_000)
    assert await sweep_fees(world) == FeeReport()
    await later(world, timedelta(days=31))

    assert await sweep_fees(world) == FeeReport(alerts=1)

    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.REFUND_FAILED
    assert "does not say that it arrived" in sentence
    assert status(world, registration_id) is RefundStatus.PENDING
    await world.records.settle_alert(f"refund_pending/{registration_id}")
    await later(world, timedelta(hours=7))
    await sweep_fees(world)
    assert await alerts(world) == [], "an operator let it rest"
