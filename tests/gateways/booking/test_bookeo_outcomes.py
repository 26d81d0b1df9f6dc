"""What becomes of one booking request while Bookeo, or the way to it, misbehaves."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.booking import BookingOrder
from domain.errors import (
    Throttled,
    Unavailable,
    UnknownOutcome,
)
from tests.gateways.booking.booking_worlds import (
    CATEGORY,
    PER_CHILD,
    PRODUCT,
    BookeoWorld,
    accounts_at,
    an_order,
)

POST = "POST /v2/bookings"
SLOTS = "GET /v2/availability/slots"


@pytest.mark.parametrize(
    ("fault", "parameters", "made"),
    [
        ("drop_before", {}, 0),
        ("drop_after", {}, 1),
        ("error_before", {"status": 500}, 0),
        ("error_before", {"status": 503}, 0),
        ("error_before", {"status": 408}, 0),
        ("error_after", {"status": 502}, 1),
        ("delayed_commit", {"after_ms": 0, "status": 504}, None),
        ("truncate", {"keep_bytes": 12}, 1),
        ("hang", {}, 0),
        ("hang", {"after_commit": True}, 1),
    ],
)
async def test_an_unclear_answer_is_an_unknown_outcome_after_a_single_send(
    bookeo: BookeoWorld, fault: str, parameters: dict[str, Any], made: int | None
) -> None:
    order = await an_order(bookeo)
    bookeo.control.add_fault(fault, endpoint=POST, **parameters)
    told: list[datetime] = []

    with pytest.raises(UnknownOutcome) as unknown:
        await bookeo.provider.book(order, told.append)

    assert len(told) == 1
    assert bookeo.posts(order.reference) == 1
    assert 0 < len(unknown.value.evidence) <= 200
    if made is not None:
        assert len(bookeo.live(order.reference)) == made


async def test_a_refused_connection_is_unavailable_and_no_byte_was_announced() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        accounts = accounts_at(f"http://127.0.0.1:{closed.getsockname()[1]}")
        told: list[datetime] = []

        with pytest.raises(Unavailable):
            await accounts.account("default").book(any_order(), told.append)

        await accounts.aclose()
    assert told == []


def any_order() -> BookingOrder:
    return BookingOrder.model_validate(
        {
            "reference": "sa-1",
            "product_id": PRODUCT,
            "event_id": "event",
            "event_start": datetime.now(UTC) + timedelta(days=1),
            "people_category": CATEGORY,
            "people": {"customer_id": "c", "person_ids": ("p",)},
        }
    )


async def test_a_cancelled_send_has_told_the_caller_that_bytes_may_have_left(
    bookeo: BookeoWorld,
) -> None:
    order = await an_order(bookeo)
    bookeo.control.add_fault("hang", endpoint=POST)
    left = asyncio.Event()
    sending = asyncio.create_task(bookeo.provider.book(order, lambda _: left.set()))
    async with asyncio.timeout(10):
        await left.wait()

    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending


@pytest.mark.parametrize(
    ("hint", "expected"), [("header", 7), ("body", 7), ("both", 7), ("none", 60)]
)
async def test_a_429_names_the_pause_in_header_or_body_or_means_a_minute(
    bookeo: BookeoWorld, hint: str, expected: int
) -> None:
    order = await an_order(bookeo)
    bookeo.control.add_fault("throttle", endpoint=POST, hint=hint, seconds=7)

    with pytest.raises(Throttled) as throttled:
        await bookeo.provider.book(order)

    assert throttled.value.wait == timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("fault", "parameters"), [("body_form", {"form": "location_only"}), ("empty_body", {})]
)
async def test_a_201_with_a_location_alone_is_confirmed_and_read_back(
    bookeo: BookeoWorld, fault: str, parameters: dict[str, Any]
) -> None:
    order = await an_order(bookeo)
    bookeo.control.add_fault(fault, endpoint=POST, **parameters)

    booking = (await bookeo.provider.book(order)).booking

    assert [booking.booking_number] == bookeo.live(order.reference)
    assert booking.reference == order.reference
    assert booking.price == PER_CHILD
    assert booking.accepted


@pytest.mark.parametrize("product_known", [True, False])
async def test_a_failed_read_back_leaves_price_and_acceptance_open_not_the_booking(
    bookeo: BookeoWorld, product_known: bool
) -> None:
    order = await an_order(bookeo)
    if product_known:
        await bookeo.provider.product(PRODUCT)
    bookeo.control.add_fault("body_form", endpoint=POST)
    bookeo.control.add_fault("error_before", endpoint="GET /v2/bookings/{number}", status=500)

    booking = (await bookeo.provider.book(order)).booking

    assert [booking.booking_number] == bookeo.live(order.reference)
    assert booking.price is None
    assert booking.accepted is product_known


async def test_a_booking_that_awaits_approval_is_not_accepted(bookeo: BookeoWorld) -> None:
    order = await an_order(bookeo)
    bookeo.control.add_fault("pending_approval", endpoint=POST)

    assert not (await bookeo.provider.book(order)).booking.accepted
