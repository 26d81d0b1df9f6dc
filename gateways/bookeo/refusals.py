"""Why bookings were refused, read from the slots afterwards."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from domain.booking import BookingOrder, Slot
from domain.errors import NotOpenYet, ProviderError, Rejected, Throttled, Unauthorised, Unavailable
from gateways.bookeo.budget import BudgetSpent
from gateways.bookeo.catalogue import Catalogue
from gateways.bookeo.classification import Refusal, cause_of_refusal

LONGEST_LOOK = timedelta(seconds=5)
"""In the opening second others of the account may wait behind it; the booking is sent again."""


class Refusals:
    """The refusals of one account, as far as the next answer depends on the last."""

    def __init__(self, catalogue: Catalogue, now: Callable[[], datetime]) -> None:
        self._catalogue = catalogue
        self._now = now
        self._refused_on_sale: set[str] = set()

    def forget(self, reference: str) -> None:
        """It was booked."""
        self._refused_on_sale.discard(reference)

    async def cause(self, order: BookingOrder, refusal: Refusal) -> ProviderError:
        """Why it was refused.

        Where the follow-up reads fail, or our own pace has no room for them, the cause stays
        open, and the answer is Unavailable: surely nothing was booked, so it may be sent again.
        """
        try:
            async with asyncio.timeout(LONGEST_LOOK.total_seconds()):
                on_sale, behind = await self._look(order, refusal)
        except (BudgetSpent, TimeoutError) as failure:
            # No Throttled: the provider asked for nothing, and no account is to be paused.
            why = str(failure) or "no answer in time"
            return Unavailable(f"the booking was refused, and the cause cannot be read: {why}")
        except (Throttled, Unauthorised) as final:
            return final
        except Rejected as rejected:
            if rejected.kind == "not_found":
                return rejected
            return Unavailable("the booking was refused, and the cause cannot be read")
        except ProviderError as failure:
            return Unavailable(f"the booking was refused, and the cause cannot be read: {failure}")
        cause = cause_of_refusal(
            order,
            refusal,
            on_sale=on_sale,
            behind=behind,
            refused_before=order.reference in self._refused_on_sale,
            was_on_sale=self._catalogue.was_on_sale(order.event_id),
            now=self._now(),
        )
        if isinstance(cause, NotOpenYet) and on_sale is not None:
            self._refused_on_sale.add(order.reference)
        else:
            self._refused_on_sale.discard(order.reference)
        return cause

    async def _look(self, order: BookingOrder, refusal: Refusal) -> tuple[Slot | None, Slot | None]:
        """The event as customers see it and, where they do not, as the back office does."""
        if refusal is Refusal.MAYBE_KEYS:
            await self._catalogue.access()
        event = (order.product_id, order.event_id, order.event_start)
        on_sale = await self._catalogue.slot(*event, ahead=False)
        if on_sale is not None:
            return on_sale, None
        behind = await self._catalogue.slot(*event, ahead=True)
        if behind is None:
            await self._catalogue.product(order.product_id)
        return None, behind
