"""Bookeo's JSON, as far as this service reads and writes it."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WrapValidator
from pydantic.alias_generators import to_camel

from domain.booking import Booking, BookingOrder, Product, Slot
from domain.frozen import Instant
from domain.money import Money


def _or_none(value: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


_Lenient = WrapValidator(_or_none)
"""An unreadable value counts as absent: it must not hide that there is a booking."""

_Quiet = Annotated[str | None, Field(repr=False)]
"""Text about a person."""


class Wire(BaseModel):
    """One JSON object. Ids are opaque, and may come as numbers."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
    )


class WireAmount(Wire):
    """`{amount: "12.50", currency: "USD"}`."""

    amount: str
    currency: str

    def money(self) -> Money | None:
        """The amount in minor units, or None where it is no amount we can hold."""
        try:
            return Money.from_decimal_string(self.amount, self.currency)
        except (ValueError, ArithmeticError):
            return None


class WirePrice(Wire):
    """A booking's price; `total_gross` is what the parent pays."""

    total_gross: WireAmount


class WireAccess(Wire):
    """GET /settings/apikeyinfo."""

    account_id: str
    permissions: tuple[str, ...] = ()


class WireRate(Wire):
    """A product's default rate for one people category."""

    people_category_id: str
    price: WireAmount


class WireProduct(Wire):
    """An item of GET /settings/products. What is absent counts as not allowed."""

    product_id: str
    name: str
    type: str = ""
    api_bookings_allowed: bool = False
    members_only: bool = False
    prepaid_only: bool = False
    accept_deny: bool = False
    default_rates: tuple[Annotated[WireRate | None, _Lenient], ...] = ()

    def product(self) -> Product:
        """In the service's words."""
        rates = {
            rate.people_category_id: money
            for rate in self.default_rates
            if rate is not None and (money := rate.price.money()) is not None
        }
        return Product(
            product_id=self.product_id,
            name=self.name,
            type=self.type,
            api_bookings_allowed=self.api_bookings_allowed,
            members_only=self.members_only,
            prepaid_only=self.prepaid_only,
            needs_approval=self.accept_deny,
            price_per_category=rates,
        )


class WireSlot(Wire):
    """An item of GET /availability/slots."""

    product_id: str
    event_id: str
    start_time: Instant
    end_time: Instant
    num_seats_available: int

    def slot(self) -> Slot:
        """In the service's words."""
        return Slot(
            product_id=self.product_id,
            event_id=self.event_id,
            start_time=self.start_time,
            end_time=self.end_time,
            seats_available=max(self.num_seats_available, 0),
        )


class WireBooking(Wire):
    """A booking as it is read back, or as POST answers it."""

    booking_number: str
    external_ref: str | None = None
    accepted: bool | None = None
    canceled: bool = False
    creation_time: Annotated[Instant | None, _Lenient] = None
    price: Annotated[WirePrice | None, _Lenient] = None

    def booking(self) -> Booking:
        """In the service's words. Without `accepted` there is nothing to approve."""
        return Booking(
            booking_number=self.booking_number,
            reference=self.external_ref,
            accepted=self.accepted is not False,
            cancelled=self.canceled,
            created_at=self.creation_time,
            price=None if self.price is None else self.price.total_gross.money(),
        )


class WireBookingNumber(Wire):
    """The one field of POST /bookings' answer that cannot be done without."""

    booking_number: str


class WireId(Wire):
    """The answer to creating a customer or a linked person."""

    id: str


class WireCustomer(Wire):
    """An item of GET /customers."""

    id: str
    first_name: _Quiet = None
    last_name: _Quiet = None
    email_address: _Quiet = None
    creation_time: Annotated[Instant | None, _Lenient] = None


class WirePerson(Wire):
    """An item of GET /customers/{id}/linkedpeople."""

    id: str
    first_name: _Quiet = None
    last_name: _Quiet = None
    date_of_birth: Annotated[date | None, _Lenient, Field(repr=False)] = None


def booking_body(order: BookingOrder) -> dict[str, Any]:
    """The body of POST /bookings: ids only, everybody known to the provider beforehand."""
    people = order.people.person_ids
    return {
        "productId": order.product_id,
        "eventId": order.event_id,
        "customerId": order.people.customer_id,
        "externalRef": order.reference,
        "participants": {
            "numbers": [{"peopleCategoryId": order.people_category, "number": len(people)}],
            "details": [
                {
                    "personId": person,
                    "peopleCategoryId": order.people_category,
                    "categoryIndex": index,
                }
                for index, person in enumerate(people, start=1)
            ],
        },
    }
