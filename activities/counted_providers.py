"""The booking providers, with a count of what they answer."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from temporalio.common import MetricMeter

from domain.booking import (
    AccountAccess,
    Booking,
    BookingOrder,
    Confirmed,
    Product,
    ProviderPeople,
    Slot,
)
from domain.clocks import ClockReading
from domain.errors import OutsideError
from domain.family import Child, Guardian
from domain.pacing import Pace
from gateways import ArmedBooking, BookingProvider, BookingProviders

T = TypeVar("T")


class CountedProviders:
    """`BookingProviders` whose accounts count each answer; nothing else is changed.

    `name` is the provider's, as it is labelled.
    """

    def __init__(self, name: str, providers: BookingProviders, meter: MetricMeter) -> None:
        self._providers = providers
        self._meter = meter.with_additional_attributes({"provider": name})
        self._accounts: dict[str, CountedProvider] = {}

    def account(self, credentials_ref: str, pace: Pace | None = None) -> BookingProvider:
        account = self._providers.account(credentials_ref, pace)
        if credentials_ref not in self._accounts:
            self._accounts[credentials_ref] = CountedProvider(account, self._meter)
        return self._accounts[credentials_ref]

    async def aclose(self) -> None:
        await self._providers.aclose()


class CountedProvider:
    """A `BookingProvider` that counts.

    A booking itself, and whatever happens while one waits for its instant, goes straight
    through: `activities.booking_counts` counts those afterwards.
    """

    def __init__(self, provider: BookingProvider, meter: MetricMeter) -> None:
        self._provider = provider
        self._answers = meter.create_counter(
            "provider_answers", "Answers of the booking provider to all but bookings."
        )

    async def access(self) -> AccountAccess:
        return await self._counted("access", self._provider.access())

    async def product(self, product_id: str) -> Product:
        return await self._counted("product", self._provider.product(product_id))

    async def slot(
        self, product_id: str, event_id: str, starts_at: datetime, *, ahead: bool
    ) -> Slot | None:
        asked = self._provider.slot(product_id, event_id, starts_at, ahead=ahead)
        return await self._counted("slot", asked)

    async def people(
        self, guardian: Guardian, children: tuple[Child, ...], category: str
    ) -> ProviderPeople:
        return await self._counted("people", self._provider.people(guardian, children, category))

    async def forget(
        self, guardian: Guardian, children: tuple[Child, ...], since: datetime
    ) -> bool:
        return await self._counted("forget", self._provider.forget(guardian, children, since))

    async def book(
        self, order: BookingOrder, on_first_byte: Callable[[datetime], None] | None = None
    ) -> Confirmed:
        return await self._provider.book(order, on_first_byte)

    async def arm(self, order: BookingOrder, *, warm: bool = True) -> ArmedBooking:
        return await self._counted("arm", self._provider.arm(order, warm=warm))

    def clock(self) -> ClockReading:
        return self._provider.clock()

    async def probe_clock(self) -> bool:
        return await self._provider.probe_clock()

    async def find(self, order: BookingOrder, since: datetime) -> list[Booking]:
        return await self._counted("find", self._provider.find(order, since))

    async def booking(self, number: str) -> Booking | None:
        return await self._counted("booking", self._provider.booking(number))

    async def changed_since(self, since: datetime) -> list[Booking]:
        return await self._counted("changed_since", self._provider.changed_since(since))

    async def cancel(self, booking_number: str, reason: str) -> None:
        await self._counted("cancel", self._provider.cancel(booking_number, reason))

    async def aclose(self) -> None:
        await self._provider.aclose()

    async def _counted(self, operation: str, asked: Awaitable[T]) -> T:
        try:
            answer = await asked
        except OutsideError as error:
            self._answers.add(1, {"operation": operation, "answer": type(error).__name__})
            raise
        self._answers.add(1, {"operation": operation, "answer": "ok"})
        return answer
