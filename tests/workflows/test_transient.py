from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.errors import (
    MailUndelivered,
    NotOpenYet,
    PaymentUnavailable,
    PaymentUnknown,
    Throttled,
    Unavailable,
    UnknownOutcome,
)
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from tests.eventually import eventually
from tests.workflows.reviews import needs_review
from tests.workflows.world import TIMING, World, build_world


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("refused the connection"),
        Throttled(timedelta(milliseconds=300)),
        NotOpenYet("a moment later"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_was_surely_not_booked_is_sent_again(world: World, error: Exception) -> None:
    registration_id = await world.scheduled()
    world.provider.script.fail_next("book", error, times=2)

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert len(world.provider.sends) == 3
    assert len(world.bookings(registration_id)) == 1


async def test_a_booking_whose_answer_was_lost_is_found_and_never_sent_again(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    world.provider.script.fail_next("book", UnknownOutcome("reset"), after_commit=True)

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert row.fee_status is FeeStatus.PAID
    assert len(world.provider.sends) == 1


async def test_a_send_that_left_no_trace_is_repeated_exactly_once(world: World) -> None:
    registration_id = await world.scheduled()
    world.provider.script.fail_next("book", UnknownOutcome("reset"))

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert len(world.provider.sends) == 2
    first, second = (at for at, _ in world.provider.sends)
    assert second - first >= TIMING.quiet_period


async def test_two_sends_without_a_trace_need_review_and_are_never_charged(world: World) -> None:
    registration_id = await world.scheduled()
    world.provider.script.fail_next("book", UnknownOutcome("reset"), times=2)

    row = await needs_review(world, registration_id)

    assert row.status is RegistrationStatus.NEEDS_REVIEW
    assert len(world.provider.sends) == 2
    assert world.payments.sends == []
    await eventually(lambda: world.subjects()[-1] == "We are checking")


async def test_a_booking_that_awaits_approval_needs_review_and_is_not_charged(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    world.event.accepts = False

    row = await needs_review(world, registration_id)

    assert row.status is RegistrationStatus.NEEDS_REVIEW
    assert world.payments.sends == []


@pytest.mark.parametrize("after_commit", [False, True])
async def test_an_unclear_charge_is_repeated_with_its_key_and_taken_once(
    world: World, after_commit: bool
) -> None:
    registration_id = await world.scheduled()
    world.payments.script.fail_next("charge", PaymentUnknown("reset"), after_commit=after_commit)
    world.payments.script.fail_next("charge", PaymentUnavailable("busy"))

    row = await world.ended(registration_id)

    assert row.fee_status is FeeStatus.PAID
    assert {charge.idempotency_key for charge in world.payments.sends} == {
        f"fee-{registration_id}-1"
    }
    assert len(world.payments.taken(registration_id)) == 1


async def test_a_mail_server_that_stays_silent_holds_nothing_up(world: World) -> None:
    registration_id = await world.scheduled()
    world.mail.script.fail_next("send", MailUndelivered("full", permanent=True), times=50)
    world.mail.letters.clear()

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED


async def test_an_outage_past_the_late_deadline_ends_as_a_missed_window(
    dev_server: WorkflowEnvironment,
) -> None:
    timing = TIMING.model_copy(update={"late_deadline": timedelta(seconds=1)})
    world = await build_world(dev_server, timing)
    async with world.served():
        registration_id = await world.scheduled(timedelta(seconds=4))
    row = await world.records.registration(registration_id)
    await eventually(lambda: world.real_now() > row.scheduled_time + timedelta(seconds=1.2))

    async with world.served():
        row = await world.ended(registration_id)

    assert (row.status, row.failure_code) == (
        RegistrationStatus.FAILED,
        FailureCode.MISSED_WINDOW,
    )
    assert world.provider.sends == []


async def test_a_provider_down_past_the_late_deadline_ends_as_a_missed_window(
    env: WorkflowEnvironment,
) -> None:
    soon = TIMING.model_copy(update={"late_deadline": timedelta(seconds=2)})
    world = await build_world(env, soon)
    async with world.served():
        registration_id = await world.scheduled()
        world.provider.script.fail_next("book", Unavailable("down"), times=10_000)
        row = await world.ended(registration_id)

    assert (row.status, row.failure_code) == (
        RegistrationStatus.FAILED,
        FailureCode.MISSED_WINDOW,
    )


async def test_a_lane_that_does_not_open_in_time_makes_no_booking_late(world: World) -> None:
    registration_id = await world.scheduled()
    world.provider.script.hold_next("arm")

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert len(world.provider.sends) == 1
