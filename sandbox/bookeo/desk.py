"""The booking desk: checks a booking and takes its seats, all in one transaction."""

from dataclasses import dataclass
from typing import Any

from sandbox.bookeo.accounts import Account
from sandbox.bookeo.booking_views import booking_view
from sandbox.bookeo.conditions import Conditions
from sandbox.bookeo.events import Event, check_window, event_of, free_seats
from sandbox.bookeo.party import check_details, check_party, seats_of
from sandbox.bookeo.people import insert_customer, insert_person
from sandbox.bookeo.products import ProductSeed, party_price, product_of
from sandbox.bookeo.rivals import admit_rivals
from sandbox.bookeo.rows import booking_row, insert_booking
from sandbox.bookeo.webhooks import announce
from sandbox.bookeo.wire import NEW, BookingBody, Participants, written
from sandbox.simulator.answer import Refused
from sandbox.simulator.store import Transaction


@dataclass(frozen=True, slots=True)
class Order:
    """A booking body that fits its product: what it takes and costs."""

    product: ProductSeed
    event: Event
    seats: int
    price_cents: int


def checked(
    tx: Transaction,
    account: Account,
    body: BookingBody,
    now: Conditions,
    *,
    needs_customer: bool = True,
) -> Order:
    """Everything about a booking but its seats.

    Raises:
        Refused: invalid, not bookable through the API, not open, or closed.
    """
    product = product_of(tx, account.account_id, body.product_id)
    if not product.api_bookings_allowed:
        raise Refused(403, "This product cannot be booked through the API.")
    if product.type == "flexibleTime":
        raise Refused(400, "This simulator books only fixed and fixedCourse products.")
    if body.event_id is None:
        raise Refused(400, "eventId is required for this product.")
    event = event_of(tx, account.account_id, body.event_id)
    if event.product_id != product.product_id:
        raise Refused(400, "The event is not one of this product.")
    check_party(product, account, body.participants.numbers)
    if body.customer_id is not None and body.customer is not None:
        raise Refused(400, "Give customerId or customer, not both.")
    if needs_customer and body.customer_id is None and body.customer is None:
        raise Refused(400, "customerId or customer is required.")
    if body.customer_id is not None:
        _check_customer(tx, account, body.customer_id)
    check_details(tx, account, body.participants, body.customer_id)
    check_window(event, now)
    return Order(
        product=product,
        event=event,
        seats=seats_of(account, body.participants.numbers),
        price_cents=party_price(product, event, body.participants.numbers),
    )


def take_seats(tx: Transaction, order: Order, now: Conditions, *, besides: str = "") -> None:
    """Hold the order against the free seats; the caller stores it in the same transaction.

    Raises:
        Refused: full.
    """
    admit_rivals(tx, order.event, now)
    if free_seats(tx, order.event, now, besides=besides) < order.seats:
        now.refuse("full")


def book(
    tx: Transaction,
    account: Account,
    body: BookingBody,
    now: Conditions,
    *,
    pending_approval: bool = False,
    surcharge_cents: int = 0,
) -> dict[str, Any]:
    """Make a booking, whether or not one like it exists; returns it as on the wire.

    Raises:
        Refused: as `checked` and `take_seats` do.
    """
    order = checked(tx, account, body, now)
    take_seats(tx, order, now)
    customer_id = body.customer_id
    if customer_id is None and body.customer is not None:
        customer_id = insert_customer(tx, account, body.customer, clock_ms=now.clock_ms)
    number = insert_booking(
        tx,
        account_id=account.account_id,
        product_id=order.product.product_id,
        event_id=order.event.event_id,
        seats=order.seats,
        opens_ms=order.event.opens_ms,
        created_ms=tx.now_ms,
        clock_ms=now.clock_ms,
        customer_id=customer_id,
        external_ref=body.external_ref,
        participants=with_people(tx, account, body.participants, customer_id or ""),
        options=list(body.options),
        price_cents=order.price_cents + surcharge_cents,
        currency=order.product.currency,
        accepted=not (order.product.accept_deny or pending_approval),
    )
    row = booking_row(tx, account.account_id, number)
    view = booking_view(tx, account, row, expand_participants=True)
    announce(tx, account, "bookings", "created", number, view)
    return view


def with_people(
    tx: Transaction, account: Account, participants: Participants, customer_id: str
) -> dict[str, Any]:
    """The participants as they are kept: `PNEW` creates a linked person, every time."""
    details: list[dict[str, Any]] = []
    for detail in participants.details:
        kept = written(detail)
        if detail.person_id == NEW and detail.person_details is not None:
            kept["personId"] = insert_person(tx, account, customer_id, detail.person_details)
        details.append(kept)
    return {"numbers": [written(people) for people in participants.numbers], "details": details}


def _check_customer(tx: Transaction, account: Account, customer_id: str) -> None:
    known = tx.one(
        "SELECT 1 AS found FROM customers WHERE account_id = ? AND customer_id = ?",
        account.account_id,
        customer_id,
    )
    if known is None:
        raise Refused(400, "The customer does not exist.")
