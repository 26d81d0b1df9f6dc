"""A booking provider, as this service uses one."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

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
from domain.family import Child, Guardian
from domain.pacing import Pace


class ArmedBooking(Protocol):
    """One booking prepared on a warm connection of its own."""

    @property
    def usable(self) -> bool:
        """Whether it can still send: False once sent, closed, or dropped by the provider."""
        ...

    def fire(self, on_first_byte: Callable[[datetime], None] | None = None) -> bool:
        """Write it in this very call, once; False, with nothing written, where it cannot be.

        Whoever fired it calls `send` next, which waits for the answer.
        """
        ...

    async def send(self, on_first_byte: Callable[[datetime], None] | None = None) -> Confirmed:
        """Send it, once, unless it was fired; then what came back. Raises as `book` does.

        Raises:
            LaneLost: the provider closed the idle connection; not a byte was sent.
        """
        ...

    def close(self) -> None:
        """Give the connection back. Repeatable."""
        ...


class BookingProvider(Protocol):
    """One account at a booking provider.

    Every method raises `Unauthorised`, `Throttled` or `Unavailable` where that is the answer.
    """

    async def access(self) -> AccountAccess:
        """What our keys may do."""
        ...

    async def product(self, product_id: str) -> Product:
        """The product.

        Raises:
            Rejected: `not_found`.
        """
        ...

    async def slot(
        self, product_id: str, event_id: str, starts_at: datetime, *, ahead: bool
    ) -> Slot | None:
        """The event's slot, or None while it is not listed.

        With `ahead` the provider's back-office view is read, which may list events whose
        window has not opened. Nothing is ever booked with it.
        """
        ...

    async def people(
        self, guardian: Guardian, children: tuple[Child, ...], category: str
    ) -> ProviderPeople:
        """The provider's ids of the family, found or created.

        Creating is not idempotent at the provider, so each is searched for first. Never called
        in the opening second.
        """
        ...

    async def forget(
        self, guardian: Guardian, children: tuple[Child, ...], since: datetime
    ) -> bool:
        """Delete the family there, where it is there by us alone and has no place. Repeatable.

        A customer whom the organiser knew before `since`, when we first named the family, who has
        booked past us, or whose place stands, is the organiser's own and stays. Whether nobody of
        the family is left.
        """
        ...

    async def book(
        self, order: BookingOrder, on_first_byte: Callable[[datetime], None] | None = None
    ) -> Confirmed:
        """Send the booking once: no retry, no redirect.

        `on_first_byte` is told the instant just before the request is written. A caller that
        is cancelled learns from it whether anything may have been sent.

        Raises:
            NotOpenYet, SoldOut, Rejected: a definite refusal, told apart by a follow-up read.
            Unavailable: not a byte was sent.
            UnknownOutcome: time-out, reset after the send, 408, 5xx or an unreadable answer.
        """
        ...

    async def arm(self, order: BookingOrder, *, warm: bool = True) -> ArmedBooking:
        """Open a connection for this booking and prepare every byte of it.

        To be closed in any case. With `warm` a harmless request goes over it first, which
        counts against the account's pace: never in the opening second.

        Raises:
            Unavailable: no such connection is to be had; `book` may still serve.
        """
        ...

    def clock(self) -> ClockReading:
        """How the provider's clock stands to ours, by every answer so far of its host."""
        ...

    async def probe_clock(self) -> bool:
        """Ask something harmless at the moment that narrows `clock` most.

        All accounts of a host share one reading: False, at once and with nothing sent, while
        another asks or when the reading is fresh and as narrow as it gets. False too, after up to
        a second or so, when no answer came or the account's pace left no turn.
        """
        ...

    async def find(self, order: BookingOrder, since: datetime) -> list[Booking]:
        """Every booking under the order's reference, cancelled ones included.

        The provider cannot search by reference: the customer's bookings, then those changed
        since `since`, are listed and compared here. Oldest first. An order for NOBODY looks
        only among those changed since.
        """
        ...

    async def booking(self, number: str) -> Booking | None:
        """The booking of that number, whoever's it is and also cancelled; None without one."""
        ...

    async def changed_since(self, since: datetime) -> list[Booking]:
        """Every booking of the account made or changed since then, cancelled ones included."""
        ...

    async def cancel(self, booking_number: str, reason: str) -> None:
        """Cancel without the provider's cancellation policy and without notice. Repeatable."""
        ...

    async def aclose(self) -> None:
        """Give back the connections."""
        ...


class BookingProviders(Protocol):
    """The accounts we hold keys for."""

    def account(self, credentials_ref: str, pace: Pace | None = None) -> BookingProvider:
        """The provider opened with those keys; the same object each time.

        Everything it asks but `book` and an armed booking waits for its turn within `pace`; the
        bookings count against it, and are paced by whoever sends them. Without a pace, the one
        last given stays; the default is Pace's.

        Raises:
            Unauthorised: no keys are configured under that reference.
        """
        ...

    async def aclose(self) -> None:
        """Give back every account's connections."""
        ...
