"""Why Bookeo refused a booking: told from what it lists, for its answers do not say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import NotOpenYet, Rejected, SoldOut, Unauthorised, Unavailable
from tests.gateways.booking.booking_worlds import (
    CATEGORY,
    GUARDIAN,
    BookeoWorld,
    Event,
    accounts_at,
    an_order,
    child,
    order_for,
)

POST = "POST /v2/bookings"
SLOTS = "GET /v2/availability/slots"


@pytest.mark.parametrize("status", [400, 403, 409, 422])
async def test_not_open_yet_is_told_from_sold_out_whatever_the_status(
    bookeo: BookeoWorld, status: int
) -> None:
    bookeo.control.add_fault(
        "refusal_status", remaining=None, not_open=status, full=status, closed=status
    )
    shut = await an_order(bookeo, opens_at=datetime.now(UTC) + timedelta(hours=1))
    full = await an_order(bookeo, seats=0)

    with pytest.raises(NotOpenYet):
        await bookeo.provider.book(shut)
    with pytest.raises(SoldOut):
        await bookeo.provider.book(full)


async def test_an_unopened_event_without_any_seat_is_sold_out(bookeo: BookeoWorld) -> None:
    order = await an_order(bookeo, seats=0, opens_at=datetime.now(UTC) + timedelta(hours=1))

    with pytest.raises(SoldOut):
        await bookeo.provider.book(order)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "refused"), (403, "refused"), (409, "refused"), (404, "not_found")]
)
async def test_a_refusal_while_on_sale_is_final_only_the_second_time(
    bookeo: BookeoWorld, status: int, kind: str
) -> None:
    order = await an_order(bookeo)
    bookeo.control.add_fault("error_before", endpoint=POST, remaining=2, status=status)

    with pytest.raises(NotOpenYet):
        await bookeo.provider.book(order)
    with pytest.raises(Rejected) as rejected:
        await bookeo.provider.book(order)

    assert rejected.value.kind == kind


async def test_a_window_that_opens_between_refusal_and_look_does_not_cost_the_place(
    bookeo: BookeoWorld,
) -> None:
    order = await an_order(bookeo)
    bookeo.control.add_fault("error_before", endpoint=POST, status=400)

    with pytest.raises(NotOpenYet):
        await bookeo.provider.book(order)
    await bookeo.provider.book(order)

    assert len(bookeo.live(order.reference)) == 1


async def test_bad_keys_are_unauthorised(bookeo: BookeoWorld) -> None:
    order = await an_order(bookeo)
    bookeo.control.put_account(api_key="changed", secret_key="changed")

    with pytest.raises(Unauthorised):
        await bookeo.provider.book(order)
    with pytest.raises(Unauthorised):
        await bookeo.provider.access()


async def test_a_403_means_the_keys_were_withdrawn_where_they_open_nothing_else(
    bookeo: BookeoWorld,
) -> None:
    order = await an_order(bookeo)
    for endpoint in (POST, "GET /v2/settings/apikeyinfo"):
        bookeo.control.add_fault("error_before", endpoint=endpoint, status=403)

    with pytest.raises(Unauthorised):
        await bookeo.provider.book(order)


@pytest.mark.parametrize(
    ("fault", "parameters"),
    [("drop_before", {}), ("error_before", {"status": 503}), ("error_before", {"status": 400})],
)
async def test_a_refusal_whose_cause_cannot_be_read_may_be_sent_again(
    bookeo: BookeoWorld, fault: str, parameters: dict[str, Any]
) -> None:
    order = await an_order(bookeo, seats=0)
    bookeo.control.add_fault(fault, endpoint=SLOTS, **parameters)

    with pytest.raises(Unavailable):
        await bookeo.provider.book(order)


async def test_an_event_that_began_is_closed(bookeo: BookeoWorld) -> None:
    people = await bookeo.provider.people(GUARDIAN, (child("Mia"),), CATEGORY)
    event = bookeo.add_event(3, starts_at=datetime.now(UTC) - timedelta(hours=1))
    order = order_for(event._replace(event_id="unlisted"), people)

    with pytest.raises(Rejected) as rejected:
        await bookeo.provider.book(order)

    assert rejected.value.kind == "closed"


async def test_an_event_ahead_that_is_listed_nowhere_has_not_opened(bookeo: BookeoWorld) -> None:
    people = await bookeo.provider.people(GUARDIAN, (child("Mia"),), CATEGORY)
    order = order_for(bookeo.add_event(1)._replace(event_id="unlisted"), people)

    with pytest.raises(NotOpenYet):
        await bookeo.provider.book(order)


async def test_a_product_that_does_not_exist_is_not_found(bookeo: BookeoWorld) -> None:
    people = await bookeo.provider.people(GUARDIAN, (child("Mia"),), CATEGORY)
    event = bookeo.add_event(1)
    order = order_for(event, people, product_id="no-such-product")

    with pytest.raises(Rejected) as rejected:
        await bookeo.provider.book(order)

    assert rejected.value.kind == "not_found"


async def test_a_full_event_that_vanished_from_sale_is_sold_out(
    bookeo_url: str, bookeo: BookeoWorld
) -> None:
    order = await an_order(bookeo, seats=1)
    clock = [datetime.now(UTC)]
    accounts = accounts_at(bookeo_url, now=lambda: clock[0])
    provider = accounts.account("default")
    await provider.slot(order.product_id, order.event_id, order.event_start, ahead=False)
    rival = order.model_copy(update={"reference": "sa-rival"})
    await provider.book(rival)
    bookeo.control.add_fault("hide_full_slots", endpoint=SLOTS, remaining=None)

    with pytest.raises(NotOpenYet):
        await provider.book(order)
    clock[0] += timedelta(seconds=11)
    with pytest.raises(SoldOut):
        await provider.book(order)

    await accounts.aclose()


async def test_a_window_that_has_closed_is_told_from_one_that_has_not_opened(
    bookeo_url: str, bookeo: BookeoWorld
) -> None:
    order = await an_order(bookeo)
    clock = [datetime.now(UTC)]
    accounts = accounts_at(bookeo_url, now=lambda: clock[0])
    provider = accounts.account("default")
    await provider.slot(order.product_id, order.event_id, order.event_start, ahead=False)
    clock[0] += timedelta(seconds=11)
    bookeo.close(Event(order.event_id, order.event_start))

    with pytest.raises(Rejected) as rejected:
        await provider.book(order)

    assert rejected.value.kind == "closed"
    await accounts.aclose()
