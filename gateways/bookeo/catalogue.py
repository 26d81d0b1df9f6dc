"""What an account offers: our access, its products, its slots."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from domain.booking import AccountAccess, Product, Slot
from domain.errors import Rejected
from gateways.bookeo.models import WireAccess, WireProduct, WireSlot
from gateways.bookeo.reading import Reading
from gateways.bookeo.wire import Query

PRODUCTS_KEPT = timedelta(minutes=5)

GONE_FOR_GOOD = timedelta(seconds=10)
"""An event on sale this long ago and now listed nowhere did not merely flicker at its opening."""

SLOT_MARGIN = timedelta(hours=12)
"""Looked around an event's start, so that one moved within its day is still found."""


class Catalogue:
    """Reads of one account. Raises as `Reading` does."""

    def __init__(self, reading: Reading, now: Callable[[], datetime]) -> None:
        self._reading = reading
        self._now = now
        self._first_on_sale: dict[str, datetime] = {}
        self._products: dict[str, Product] = {}
        self._products_read_at: float | None = None

    async def access(self) -> AccountAccess:
        """What our keys may do."""
        seen = await self._reading.one(WireAccess, "settings/apikeyinfo")
        return AccountAccess(account_id=seen.account_id, permissions=seen.permissions)

    async def product(self, product_id: str) -> Product:
        """The product, from a list kept for 5 minutes; one that is not on it is asked for anew.

        Raises Rejected, `not_found`.
        """
        if not self._fresh() or product_id not in self._products:
            listed = await self._reading.every(WireProduct, "settings/products", {}, per_page=100)
            self._products = {item.product_id: item.product() for item in listed}
            self._products_read_at = time.monotonic()
        found = self._products.get(product_id)
        if found is None:
            raise Rejected("not_found", "the booking provider lists no such product")
        return found

    def known_product(self, product_id: str) -> Product | None:
        """The product as last read, however long ago; asks nobody."""
        return self._products.get(product_id)

    async def slot(
        self, product_id: str, event_id: str, starts_at: datetime, *, ahead: bool
    ) -> Slot | None:
        """The event's slot in the customers' view, or in the back office's with `ahead`."""
        query: Query = {
            "productId": product_id,
            "startTime": timestamp(starts_at - SLOT_MARGIN),
            "endTime": timestamp(starts_at + SLOT_MARGIN),
        }
        if ahead:
            query = {**query, "mode": "backend"}
        listed = await self._reading.every(WireSlot, "availability/slots", query, per_page=300)
        found = next((item.slot() for item in listed if item.event_id == event_id), None)
        if found is not None and not ahead:
            self._first_on_sale.setdefault(event_id, self._now())
        return found

    def was_on_sale(self, event_id: str) -> bool:
        """Whether customers were seen to be offered the event, more than a flicker ago."""
        first = self._first_on_sale.get(event_id)
        return first is not None and self._now() - first > GONE_FOR_GOOD

    def _fresh(self) -> bool:
        read_at = self._products_read_at
        return read_at is not None and time.monotonic() - read_at < PRODUCTS_KEPT.total_seconds()


def timestamp(instant: datetime) -> str:
    """RFC 3339 as Bookeo takes it: whole seconds, `Z`. The instant is UTC."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
