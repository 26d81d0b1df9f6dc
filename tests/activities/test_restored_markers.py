"""A booking that a lost service may have made: looked for before anything is sent."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from domain.booking import BookingOrder
from domain.contracts import BookingEnd, BookOrder
from domain.identifiers import external_ref
from tests.activities.booth import MS, Booth

JUST_NOW = timedelta(seconds=1)
LONG_AGO = timedelta(minutes=30)


async def restored(booth: Booth, opened: timedelta) -> BookOrder:
    """It opened so long ago, and the backup is older; claimed, and marked."""
    order = await booth.executing(-opened)
    await booth.records.pause_bookings("restored", datetime.now(UTC) - opened - LONG_AGO)
    await booth.records.mark_possibly_booked(order.registration_id)
    return order


async def reconciled(booth: Booth, opened: timedelta) -> BookOrder:
    order = await restored(booth, opened)
    await booth.records.resume_bookings(reconciled=True)
    return order


async def book_by_hand(booth: Booth, order: BookOrder) -> None:
    """As the lost service did."""
    dossier = await booth.records.dossier(order.registration_id)
    assert dossier.guardian is not None
    row, category = dossier.registration, dossier.program.people_category
    people = await booth.provider.people(dossier.guardian, dossier.children, category)
    await booth.provider.book(
        BookingOrder(
            reference=external_ref(row.id),
            product_id=row.program_ref,
            event_id=row.event_id,
            event_start=dossier.program.starts_at,
            people_category=category,
            people=people,
        )
    )


@pytest.mark.parametrize("opened", [JUST_NOW, LONG_AGO])
async def test_a_booking_made_before_the_restore_is_adopted_and_nothing_is_sent(
    booth: Booth, opened: timedelta
) -> None:
    order = await reconciled(booth, opened)
    await book_by_hand(booth, order)

    result = await booth.book(order)

    assert result.end is BookingEnd.BOOKED
    assert result.booking is not None
    assert result.booking.found_by_lookup
    assert len(booth.sent(order.registration_id)) == 1
    assert booth.bookings(order) == 1


async def test_it_waits_while_the_restore_is_not_reconciled(booth: Booth) -> None:
    order = await restored(booth, JUST_NOW)

    with pytest.raises(ApplicationError) as refused:
        await booth.book(order)

    assert (refused.value.type, refused.value.non_retryable) == ("BookingsPaused", False)
    assert refused.value.next_retry_delay is not None
    assert booth.provider.sends == []


async def test_without_a_trace_it_is_sent_once(booth: Booth) -> None:
    order = await reconciled(booth, JUST_NOW)
    began = datetime.now(UTC)

    result = await booth.book(order)

    assert result.end is BookingEnd.BOOKED
    (sent,) = booth.sent(order.registration_id)
    assert sent >= began + order.timing.quiet_period - MS


@pytest.mark.parametrize(
    ("opened", "end"), [(JUST_NOW, BookingEnd.UNKNOWN), (LONG_AGO, BookingEnd.REFUSED)]
)
async def test_sold_out_without_a_trace_is_believed_once_any_booking_would_be_listed(
    booth: Booth, opened: timedelta, end: BookingEnd
) -> None:
    order = await reconciled(booth, opened)
    booth.event.seats = 0

    assert (await booth.book(order)).end is end
