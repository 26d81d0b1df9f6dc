"""The provider's vocabulary, free of any vendor's wire format."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from domain.frozen import Frozen, Instant
from domain.money import Money


class AccountAccess(Frozen):
    """What our keys may do at one account."""

    account_id: str
    permissions: tuple[str, ...] = ()


class Product(Frozen):
    """What the provider says of a product, as far as v1 decides by it."""

    product_id: str
    name: str
    type: str
    api_bookings_allowed: bool
    members_only: bool = False
    prepaid_only: bool = False
    needs_approval: bool = False
    """Bookeo's `acceptDeny`: a booking is only a request until somebody accepts it."""
    price_per_category: Mapping[str, Money] = Field(default_factory=dict[str, Money])
    """The default rate of each people category, where the provider states one."""

    def blocked_because(self) -> str | None:
        """Why v1 cannot book it, in a parent's words; None when it can."""
        if not self.api_bookings_allowed:
            return "The organiser does not allow this program to be booked through its system."
        if self.members_only:
            return "The organiser sells this program to members only."
        if self.prepaid_only:
            return "The organiser asks for prepayment, which we cannot make for you."
        if self.needs_approval:
            return "The organiser approves each booking by hand, so a place cannot be promised."
        return None


class Slot(Frozen):
    """One event with its free seats."""

    product_id: str
    event_id: str
    start_time: Instant
    end_time: Instant
    seats_available: int


class ProviderPeople(Frozen):
    """The provider's own ids of the family: resolved before the opening second."""

    customer_id: str
    person_ids: tuple[str, ...]
    """In the order of the registration's children."""


NOBODY = ProviderPeople(customer_id="", person_ids=())
"""For a look-up without the family's ids: it then sees what changed since, of everybody's."""


class BookingOrder(Frozen):
    """Everything one booking request says. Ids only."""

    reference: str
    """Our `externalRef`: the same on every attempt."""
    product_id: str
    event_id: str
    event_start: Instant
    """Where to look for the booking afterwards; not sent."""
    people_category: str
    people: ProviderPeople


class Booking(Frozen):
    """A booking as the provider reads it back."""

    booking_number: str
    reference: str | None
    accepted: bool = True
    cancelled: bool = False
    created_at: Instant | None = None
    price: Money | None = None


class Confirmed(Frozen):
    """The provider's answer to a send: a booking, with the moment the request left."""

    booking: Booking
    first_byte_at: Instant
    round_trip: timedelta
    arrived_at: Instant | None = None
    """When the request reached the provider, by the true clock; only a stand-in tells."""
