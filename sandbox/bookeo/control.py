"""The control client of the Bookeo simulator: seeding, and what it holds."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from sandbox.bookeo.accounts import DEFAULT_ACCOUNT
from sandbox.simulator.control import SimulatorControl


class BookingRecord(BaseModel):
    """One booking as the simulator holds it. Times are epoch milliseconds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account_id: str
    booking_number: str
    product_id: str
    event_id: str
    customer_id: str | None
    external_ref: str | None
    seats: int
    price_cents: int
    currency: str
    accepted: bool
    canceled: bool
    canceled_ms: float | None
    policy_applied: bool
    """Whether a cancellation asked for the policy, which might have charged the card."""
    rival: bool
    opens_ms: float | None
    created_ms: float


class BookeoControl(SimulatorControl):
    """SimulatorControl with Bookeo's own additions. Seeding the same id again changes it."""

    def put_account(
        self,
        account_id: str = DEFAULT_ACCOUNT,
        *,
        api_key: str,
        secret_key: str,
        time_zone: str = "America/New_York",
    ) -> None:
        """Create or change a business."""
        self.post(
            "/_sim/accounts",
            {
                "account_id": account_id,
                "api_key": api_key,
                "secret_key": secret_key,
                "time_zone": time_zone,
            },
        )

    def put_product(
        self,
        product_id: str,
        *,
        account_id: str = DEFAULT_ACCOUNT,
        name: str = "A class",
        rates: Mapping[str, int] | None = None,
        **more: object,
    ) -> None:
        """Create or change a product; `rates` are cents per people category."""
        self.post(
            "/_sim/products",
            {
                "account_id": account_id,
                "product_id": product_id,
                "name": name,
                "rates": dict(rates or {"Cchildren": 10_000, "Cadults": 15_000}),
                **more,
            },
        )

    def put_event(
        self,
        product_id: str,
        event_id: str,
        *,
        starts_at: datetime,
        ends_at: datetime,
        capacity: int,
        opens_at: datetime | None = None,
        account_id: str = DEFAULT_ACCOUNT,
        **more: object,
    ) -> None:
        """Create or change an event; `opens_at=None` for one that is always open."""
        self.post(
            "/_sim/events",
            {
                "account_id": account_id,
                "product_id": product_id,
                "event_id": event_id,
                "starts_at": starts_at.isoformat(),
                "ends_at": ends_at.isoformat(),
                "opens_at": None if opens_at is None else opens_at.isoformat(),
                "capacity": capacity,
                **more,
            },
        )

    def bookings(self, reference: str | None = None) -> list[BookingRecord]:
        """Every booking of every account, rivals and cancelled ones too, oldest first."""
        query = {} if reference is None else {"reference": reference}
        return [BookingRecord(**row) for row in self.get("/_sim/bookings", **query)["bookings"]]

    def live_bookings(self, reference: str) -> list[BookingRecord]:
        """The bookings of one reference that are not cancelled."""
        return [booking for booking in self.bookings(reference) if not booking.canceled]

    def cancel_by_business(self, number: str, *, account_id: str = DEFAULT_ACCOUNT) -> None:
        """The business cancels a booking of its own accord, now."""
        self.post(f"/_sim/bookings/{number}/cancel?account_id={account_id}", None)
