"""A person's decision is checked at the provider, with every reason against it at once."""

from uuid import uuid4

import pytest
from temporalio.exceptions import ApplicationError

from domain.contracts import OutcomeOrder
from domain.errors import Unauthorised, Unavailable
from domain.money import Money
from domain.review_causes import NOT_BOOKED_AS, ReviewCause
from domain.states import FailureCode, RegistrationStatus
from tests.activities.booth import Booth
from tests.activities.review_desk import Desk, codes, reviewed
from tests.gateways.households import key, paid


@pytest.fixture
async def desk(booth: Booth) -> Desk:
    return await reviewed(booth)


async def test_our_own_live_booking_is_taken_with_its_facts(desk: Desk) -> None:
    booking = await desk.books()

    finding = await desk.booked(booking.booking_number)

    assert finding.reasons == ()
    assert finding.version == desk.row.version
    assert finding.booking is not None
    assert finding.booking.booking_number == booking.booking_number
    assert (finding.booking.price_cents, finding.booking.found_by_lookup) == (12_000, True)
    assert finding.booking.first_request_at == desk.row.scheduled_time
    assert [(seen.booking_number, seen.ours) for seen in finding.shown] == [
        (booking.booking_number, True)
    ]


async def test_a_number_nobody_knows_is_no_booking(desk: Desk) -> None:
    assert codes(await desk.booked("B999999")) == ["no_such_booking"]


async def test_a_cancelled_booking_is_no_place(desk: Desk) -> None:
    booking = await desk.books()
    desk.cancels(booking)

    assert codes(await desk.booked(booking.booking_number)) == ["booking_cancelled"]


async def test_a_booking_under_another_reference_needs_a_persons_word(desk: Desk) -> None:
    booking = await desk.books(reference="Mia Lind, by phone")

    refused = await desk.booked(booking.booking_number)
    taken = await desk.booked(booking.booking_number, another_reference=True)

    assert codes(refused) == ["another_reference"]
    assert codes(taken) == []
    assert taken.booking is not None
    assert taken.booking.first_request_at == booking.created_at
    assert [seen.ours for seen in taken.shown] == [False]
    assert "Mia" not in taken.model_dump_json()


async def test_a_request_that_awaits_approval_is_no_booking_yet(desk: Desk) -> None:
    desk.booth.event.accepts = False
    booking = await desk.books()

    assert codes(await desk.booked(booking.booking_number)) == ["awaits_approval"]


async def test_a_booking_of_another_registration_names_whose_it_is(
    desk: Desk, booth: Booth
) -> None:
    theirs = await booth.household.queue(1)
    await booth.household.claim(theirs[0])
    row = await booth.records.registration(theirs[0].id)
    await booth.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    booking = await desk.books()
    await booth.records.open_charge(row.id, 1, 1, booking.booking_number, key("charge"))
    facts = (await desk.booked(booking.booking_number)).booking
    await booth.records.record_outcome(
        OutcomeOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=key("outcome"),
            status=RegistrationStatus.COMPLETED,
            booking=facts,
            fence=1,
            charge=paid(),
        )
    )

    finding = await desk.booked(booking.booking_number)

    assert codes(finding) == ["booking_taken"]
    assert row.code in finding.reasons[0].sentence


async def test_a_price_above_the_limit_is_refused_with_what_to_do(desk: Desk) -> None:
    desk.booth.event.price = Money(amount_cents=90_000)
    booking = await desk.books()

    finding = await desk.booked(booking.booking_number)

    assert codes(finding) == ["over_cap"]
    assert "cancel it at the organiser" in finding.reasons[0].sentence
    desk.cancels(booking)
    assert (await desk.not_booked()).failure_code is FailureCode.OVER_CAP


async def test_several_live_bookings_are_all_named_whatever_is_decided(desk: Desk) -> None:
    first, second = await desk.books(), await desk.books()
    elsewhere = await desk.books(reference="by phone")

    for finding in (
        await desk.booked(second.booking_number),
        await desk.booked(elsewhere.booking_number, another_reference=True),
        await desk.not_booked(),
    ):
        assert codes(finding) == ["several_bookings"]
        assert first.booking_number in finding.reasons[0].sentence
        assert second.booking_number in finding.reasons[0].sentence


async def test_every_reason_is_told_at_once(desk: Desk) -> None:
    await desk.books()
    desk.booth.event.price = Money(amount_cents=90_000)
    other = await desk.books(reference="by phone")
    desk.cancels(other)

    assert codes(await desk.booked(other.booking_number)) == [
        "booking_cancelled",
        "another_reference",
        "several_bookings",
        "over_cap",
    ]


async def test_another_number_than_the_recorded_one_is_refused(desk: Desk) -> None:
    recorded, other = await desk.books(), await desk.books()
    await desk.booth.records.open_charge(desk.row.id, 1, 0, recorded.booking_number, key("charge"))
    desk.cancels(recorded)

    assert codes(await desk.booked(other.booking_number)) == ["another_number_recorded"]


async def test_not_booked_is_refused_while_a_booking_stands(desk: Desk) -> None:
    booking = await desk.books()

    finding = await desk.not_booked()

    assert codes(finding) == ["live_booking"]
    assert booking.booking_number in finding.reasons[0].sentence
    desk.cancels(booking)
    assert codes(await desk.not_booked()) == []


async def test_not_booked_is_refused_while_a_fee_may_be_charged(desk: Desk) -> None:
    await desk.booth.records.open_charge(desk.row.id, 1, 0, f"B-{uuid4()}", key("charge"))

    refused = await desk.not_booked()

    assert codes(refused) == ["fee_charged"]
    assert f"fee-{desk.row.id}-1" in refused.reasons[0].sentence
    assert codes(await desk.not_booked(fee_returned=True)) == []


@pytest.mark.parametrize("cause", ReviewCause)
async def test_what_it_failed_of_follows_from_the_cause_unless_a_refusal_is_known(
    booth: Booth, cause: ReviewCause
) -> None:
    plain = await (await reviewed(booth, cause=cause)).not_booked()
    doubted = await (
        await reviewed(booth, cause=cause, refused_as=FailureCode.SOLD_OUT)
    ).not_booked()

    assert plain.failure_code is NOT_BOOKED_AS[cause]
    assert doubted.failure_code is FailureCode.SOLD_OUT
    for finding in (plain, doubted):
        assert finding.message is not None
        assert finding.message.endswith(".")


async def test_refused_keys_are_a_reason_and_silence_is_asked_again(desk: Desk) -> None:
    desk.booth.provider.script.fail_next("find", Unauthorised("no"))
    assert codes(await desk.not_booked()) == ["unauthorised"]

    desk.booth.provider.script.fail_next("find", Unavailable("down"))
    with pytest.raises(ApplicationError) as failure:
        await desk.not_booked()
    assert not failure.value.non_retryable


async def test_what_no_longer_waits_is_not_checked(desk: Desk) -> None:
    desk.booth.records.rows[desk.row.id] = desk.row.model_copy(
        update={"status": RegistrationStatus.COMPLETED}
    )

    assert codes(await desk.not_booked()) == ["not_in_review"]
