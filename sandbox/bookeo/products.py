"""Products, as the business has set them up, and what a party costs."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.bookeo.events import Event
from sandbox.bookeo.wire import PeopleNumber
from sandbox.simulator.answer import Refused
from sandbox.simulator.store import Transaction

Cents = Annotated[int, Field(ge=0, le=100_000_000)]


class PartyLimit(BaseModel):
    """How large a party may be: in one people category, or altogether when it is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people_category_id: str | None = None
    min: Annotated[int, Field(ge=0)] = 0
    max: Annotated[int, Field(ge=0)] | None = None


class ProductSeed(BaseModel):
    """A product as the control surface takes it and the database keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str = "default"
    product_id: str
    name: str
    type: Literal["fixed", "fixedCourse", "flexibleTime"] = "fixed"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    rates: dict[str, Cents] = {}
    """People category id to cents per person."""
    tax_percent: Annotated[int, Field(ge=0, le=100)] = 0
    """The part of the gross price that is tax, in percent of the net price."""
    booking_limits: tuple[PartyLimit, ...] = ()
    api_bookings_allowed: bool = True
    members_only: bool = False
    prepaid_only: bool = False
    accept_deny: bool = False


def product_of(tx: Transaction, account_id: str, product_id: str) -> ProductSeed:
    """The product of that id.

    Raises:
        Refused: 400, the account has none such.
    """
    row = tx.one(
        "SELECT seed FROM products WHERE account_id = ? AND product_id = ?", account_id, product_id
    )
    if row is None:
        raise Refused(400, "The product does not exist.")
    return ProductSeed.model_validate_json(row["seed"])


def money(cents: int, currency: str) -> dict[str, str]:
    """An amount on the wire: a decimal string."""
    return {"amount": f"{cents // 100}.{cents % 100:02d}", "currency": currency}


def party_price(product: ProductSeed, event: Event, numbers: tuple[PeopleNumber, ...]) -> int:
    """Cents for the whole party: the event's own rates before the product's, 0 where none."""
    rates = product.rates | event.rates
    return sum(rates.get(people.people_category_id, 0) * people.number for people in numbers)


def price(product: ProductSeed, cents: int) -> dict[str, Any]:
    """The price object of bookings, holds and matching slots. Nothing is ever paid here."""
    net = round(cents * 100 / (100 + product.tax_percent))
    return {
        "totalGross": money(cents, product.currency),
        "totalNet": money(net, product.currency),
        "totalTaxes": money(cents - net, product.currency),
        "totalPaid": money(0, product.currency),
    }


def product_view(product: ProductSeed) -> dict[str, Any]:
    """A product on the wire."""
    return {
        "productId": product.product_id,
        "name": product.name,
        "type": product.type,
        "bookingLimits": [
            limit.model_dump(exclude_none=True, exclude={"people_category_id"})
            | ({"peopleCategoryId": limit.people_category_id} if limit.people_category_id else {})
            for limit in product.booking_limits
        ],
        "defaultRates": [
            {"peopleCategoryId": category, "price": money(cents, product.currency)}
            for category, cents in product.rates.items()
        ],
        "apiBookingsAllowed": product.api_bookings_allowed,
        "membersOnly": product.members_only,
        "prepaidOnly": product.prepaid_only,
        "acceptDeny": product.accept_deny,
    }
