"""A Bookeo account over a transport that answers as the test says."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from domain.booking import BookingOrder, ProviderPeople
from gateways.bookeo import BookeoTimeouts
from gateways.bookeo.account import BookeoAccount
from tests.gateways.booking.booking_worlds import Event, accounts_at, order_for

BASE = "https://bookeo.invalid"
Handler = Callable[[httpx.Request], httpx.Response]

ORDER: BookingOrder = order_for(
    Event("event-1", datetime.now(UTC) + timedelta(days=1)),
    ProviderPeople(customer_id="customer-1", person_ids=("person-1", "person-2")),
)
BODY: Mapping[str, Any] = {
    "bookingNumber": "123",
    "externalRef": ORDER.reference,
    "accepted": True,
    "canceled": False,
    "price": {"totalGross": {"amount": "240.00", "currency": "USD"}},
}


@asynccontextmanager
async def answered_by(
    handler: Handler, timeouts: BookeoTimeouts | None = None
) -> AsyncGenerator[BookeoAccount]:
    accounts = accounts_at(BASE, timeouts, transport=httpx.MockTransport(handler))
    yield accounts.account("default")
    await accounts.aclose()
