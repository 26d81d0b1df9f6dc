"""A booking provider with something to book at it: in memory, and Bookeo over its simulator."""

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from uuid import UUID, uuid4

import httpx
from pydantic import SecretStr

from domain.booking import BookingOrder, Product, ProviderPeople
from domain.errors import Throttled, UnknownOutcome
from domain.family import Child, Guardian
from domain.identifiers import external_ref
from domain.money import Money
from domain.pacing import Pace
from gateways.bookeo import BookeoAccounts, BookeoTimeouts
from gateways.fakes.booking import FakeBookingProvider, FakeEvent
from gateways.fakes.booking_accounts import FakeBookingProviders
from gateways.protocols.booking import BookingProvider, BookingProviders
from sandbox.bookeo.control import BookeoControl
from sandbox.bookeo.vendor import bookeo_vendor
from sandbox.simulator.server import running

PRODUCT = "swim"
CATEGORY = "Cchildren"
PER_CHILD = Money(amount_cents=12_000)
TOKEN = "control-token-for-tests"
API_KEY, SECRET = "AKEY-contract", "SKEY-contract"
IMPATIENT = BookeoTimeouts(
    connect=timedelta(seconds=2), read=timedelta(seconds=1), total=timedelta(seconds=3)
)
"""Long enough for a busy machine, short enough for a test that waits for it."""
AT_WILL = Pace(rate_per_second=10_000, burst=10_000, spacing=timedelta(), concurrency=1_000)

GUARDIAN = Guardian(
    first_name="Ada",
    last_name="Moreau",
    email="ada.moreau@example.com",
    phone="+1 617 555 0100",
    birth_date=date(1985, 4, 2),
)


def child(name: str, born: date = date(2017, 5, 6)) -> Child:
    return Child(id=uuid4(), first_name=name, last_name="Moreau", birth_date=born)


class Event(NamedTuple):
    """What a test books."""

    event_id: str
    starts_at: datetime


def order_for(
    event: Event,
    people: ProviderPeople,
    registration_id: UUID | None = None,
    product_id: str = PRODUCT,
) -> BookingOrder:
    return BookingOrder(
        reference=external_ref(registration_id or uuid4()),
        product_id=product_id,
        event_id=event.event_id,
        event_start=event.starts_at,
        people_category=CATEGORY,
        people=people,
    )


def in_a_month() -> datetime:
    return (datetime.now(UTC) + timedelta(days=30)).replace(minute=0, second=0, microsecond=0)


class BookingWorld(Protocol):
    """The provider under test, and the hand behind it."""

    @property
    def providers(self) -> BookingProviders: ...

    @property
    def provider(self) -> BookingProvider: ...

    def add_event(self, seats: int, opens_at: datetime | None = None) -> Event: ...

    def live(self, reference: str) -> list[str]:
        """The numbers of the bookings that stand."""
        ...

    def lose_next_answer(self) -> None:
        """The next booking is made and its answer lost."""
        ...

    def throttle_next(self, wait: timedelta) -> None: ...

    def organiser_cancels(self, booking_number: str) -> None: ...

    def drop_connections(self) -> None:
        """The provider closes every connection, and takes new ones again at once."""
        ...


class FakeWorld:
    def __init__(self) -> None:
        self.provider = FakeBookingProvider()
        self.providers = FakeBookingProviders({"default": self.provider})
        self.provider.add_product(
            Product(
                product_id=PRODUCT,
                name="Swim camp",
                type="fixed",
                api_bookings_allowed=True,
                price_per_category={CATEGORY: PER_CHILD},
            )
        )

    def add_event(self, seats: int, opens_at: datetime | None = None) -> Event:
        event = Event(f"event-{uuid4()}", in_a_month())
        self.provider.add_event(
            FakeEvent(
                product_id=PRODUCT,
                event_id=event.event_id,
                starts_at=event.starts_at,
                ends_at=event.starts_at + timedelta(hours=1),
                seats=seats,
                opens_at=opens_at,
                price=PER_CHILD,
            )
        )
        return event

    def live(self, reference: str) -> list[str]:
        return [booking.booking_number for booking in self.provider.live_bookings(reference)]

    def lose_next_answer(self) -> None:
        self.provider.script.fail_next("book", UnknownOutcome("reset"), after_commit=True)

    def throttle_next(self, wait: timedelta) -> None:
        self.provider.script.fail_next("book", Throttled(wait))

    def organiser_cancels(self, booking_number: str) -> None:
        self.provider.cancel_from_their_side(booking_number)

    def drop_connections(self) -> None:
        self.provider.drop_lanes()


class BookeoWorld:
    def __init__(self, accounts: BookeoAccounts, control: BookeoControl) -> None:
        self.providers = accounts
        self.provider = accounts.account("default")
        self.control = control
        rates: Mapping[str, int] = {CATEGORY: PER_CHILD.amount_cents}
        control.put_product(PRODUCT, name="Swim camp", rates=rates)

    def add_event(
        self, seats: int, opens_at: datetime | None = None, starts_at: datetime | None = None
    ) -> Event:
        event = Event(f"event-{uuid4()}", starts_at or in_a_month())
        self._put(event, capacity=seats, opens_at=opens_at)
        return event

    def close(self, event: Event) -> None:
        """Customers may no longer book it, though it has seats."""
        self._put(event, capacity=9, closes_at=datetime.now(UTC).isoformat())

    def _put(self, event: Event, **more: Any) -> None:
        ends_at = event.starts_at + timedelta(hours=1)
        self.control.put_event(
            PRODUCT, event.event_id, starts_at=event.starts_at, ends_at=ends_at, **more
        )

    def live(self, reference: str) -> list[str]:
        return [booking.booking_number for booking in self.control.live_bookings(reference)]

    def lose_next_answer(self) -> None:
        self.control.add_fault("drop_after", endpoint="POST /v2/bookings")

    def throttle_next(self, wait: timedelta) -> None:
        seconds = int(wait.total_seconds())
        self.control.add_fault("throttle", endpoint="POST /v2/bookings", seconds=seconds)

    def organiser_cancels(self, booking_number: str) -> None:
        self.control.cancel_by_business(booking_number)

    def drop_connections(self) -> None:
        self.control.add_fault("refuse_connections", seconds=0)

    def posts(self, reference: str) -> int:
        """How often a booking was asked for."""
        ledger = self.control.requests(reference)
        return sum(entry.endpoint == "POST /v2/bookings" for entry in ledger)


@contextmanager
def bookeo_simulator(data: Path) -> Generator[str]:
    """The address of a simulator with the account `default`."""
    vendor = bookeo_vendor({"BOOKEO_API_KEY": API_KEY, "BOOKEO_SECRET_KEY": SECRET})
    with running(vendor, data=data / "bookeo.sqlite", control_token=TOKEN) as url:
        yield url


def accounts_at(
    url: str,
    timeouts: BookeoTimeouts | None = None,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    pace: Pace = AT_WILL,
) -> BookeoAccounts:
    """Accounts that may be asked as fast as a test likes."""
    accounts = BookeoAccounts(
        f"{url}/v2",
        secret_key=SecretStr(SECRET),
        api_keys={"default": SecretStr(API_KEY)},
        timeouts=timeouts,
        transport=transport,
        now=now,
    )
    accounts.account("default", pace)
    return accounts


@asynccontextmanager
async def bookeo_world(
    url: str, timeouts: BookeoTimeouts | None = None
) -> AsyncGenerator[BookeoWorld]:
    """A fresh state of that simulator, and a client of its own."""
    with BookeoControl(url, TOKEN) as control:
        control.reset()
        accounts = accounts_at(url, timeouts)
        try:
            yield BookeoWorld(accounts, control)
        finally:
            await accounts.aclose()


async def an_order(
    world: BookeoWorld, seats: int = 3, opens_at: datetime | None = None
) -> BookingOrder:
    people = await world.provider.people(GUARDIAN, (child("Mia"),), CATEGORY)
    return order_for(world.add_event(seats, opens_at), people)
