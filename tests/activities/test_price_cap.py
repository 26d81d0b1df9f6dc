"""The cap over price and fee, also where nobody says what the place costs."""

from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.charge import Charging
from activities.clock import SystemClock
from domain.booking import Booking
from domain.contracts import BookingEnd, ChargeOrder
from domain.money import Money
from domain.programs import Program
from domain.states import FailureCode, FeeStatus
from gateways.fakes.booking import FakeBookingProvider
from gateways.fakes.payments import FakePayments
from gateways.fakes.records import InMemoryRecords
from tests.activities.booth import MS, Booth
from tests.gateways.households import CARD, booking, key, new_household
from tests.mandates import MANDATES

SOON = 50 * MS
WITHIN, ABOVE = 19_000, 19_001
"""A price for each of two children: with the fee exactly the cap, and two cents more."""


async def costs(records: InMemoryRecords, program: Program, price_cents: int) -> None:
    """What our own list says of the program from now on."""
    await records.save_program(program.model_copy(update={"price_cents": price_cents}))


def lists_no_price(provider: FakeBookingProvider) -> None:
    """Look-ups show bookings without what they cost."""
    find = provider.find

    async def unpriced(*asked: Any) -> list[Booking]:
        return [found.model_copy(update={"price": None}) for found in await find(*asked)]

    setattr(provider, "find", unpriced)  # noqa: B010 - the fake's own type forbids it


async def test_book_sends_nothing_where_the_last_look_saw_a_price_above_the_cap(
    booth: Booth,
) -> None:
    order = await booth.executing(SOON)
    seen = Money(amount_cents=2 * ABOVE)

    result = await booth.book(order.model_copy(update={"price": seen}))

    assert (result.end, result.failure_code) == (BookingEnd.REFUSED, FailureCode.OVER_CAP)
    assert booth.provider.sends == []


@pytest.mark.parametrize(
    ("price_cents", "end", "sent"),
    [(WITHIN, BookingEnd.BOOKED, 1), (ABOVE, BookingEnd.REFUSED, 0)],
)
async def test_book_goes_by_the_programs_price_where_the_last_look_did_not_finish(
    booth: Booth, price_cents: int, end: BookingEnd, sent: int
) -> None:
    order = await booth.executing(SOON)
    await costs(booth.records, booth.household.program, price_cents)

    result = await booth.book(order)

    assert result.end is end
    assert len(booth.provider.sends) == sent


async def test_what_the_provider_asks_counts_before_what_our_list_says(booth: Booth) -> None:
    order = await booth.executing(SOON)
    await costs(booth.records, booth.household.program, ABOVE)
    seen = Money(amount_cents=2 * WITHIN)

    result = await booth.book(order.model_copy(update={"price": seen}))

    assert result.end is BookingEnd.BOOKED


@pytest.mark.parametrize(
    ("price_cents", "end", "kept"),
    [(WITHIN, BookingEnd.BOOKED, 1), (ABOVE, BookingEnd.REFUSED, 0)],
)
async def test_a_booking_that_tells_no_price_is_kept_only_where_the_program_is_within_the_cap(
    booth: Booth, price_cents: int, end: BookingEnd, kept: int
) -> None:
    order = await booth.executing(SOON)
    await booth.book(order)
    lists_no_price(booth.provider)
    await costs(booth.records, booth.household.program, price_cents)

    result = await booth.book(order)

    assert result.end is end
    assert booth.bookings(order) == kept


@pytest.mark.parametrize(
    ("told_cents", "listed_cents", "taken"),
    [
        (2 * WITHIN, ABOVE, 1),
        (2 * ABOVE, WITHIN, 0),
        (None, WITHIN, 1),
        (None, ABOVE, 0),
    ],
)
async def test_a_fee_is_charged_only_where_it_and_the_price_are_within_the_cap(
    told_cents: int | None, listed_cents: int, taken: int
) -> None:
    records, payments = InMemoryRecords(), FakePayments()
    family = await new_household(records)
    row = await family.sent()
    await costs(records, family.program, listed_cents)
    payments.save_card(CARD)
    order = ChargeOrder(
        registration_id=row.id,
        number=1,
        booking=booking(row).model_copy(update={"price_cents": told_cents}),
        fence=1,
        operation_key=key("charge"),
    )

    charging = Charging(records, payments, MANDATES, SystemClock())
    result = await ActivityEnvironment().run(charging.charge_success_fee, order)

    assert result.fee_status is (FeeStatus.PAID if taken else FeeStatus.DUE)
    assert len(payments.sends) == taken
