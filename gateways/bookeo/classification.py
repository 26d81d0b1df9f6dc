"""What an answer of Bookeo means: decided here and nowhere else.

Bookeo sends no machine-readable error codes and may translate its messages, so nothing is read
from a message. A booking request ends in one of four ways:

| seen | meaning |
|---|---|
| 2xx with a booking number, in the body or as the last segment of `Location` | booked |
| 429 | not processed: `Throttled` |
| 401; 403 where the keys prove bad | `Unauthorised` |
| any other 4xx but 408 | refused; the cause is read from the slots (`cause_of_refusal`) |
| 1xx, 3xx, 408, 5xx, 2xx without a number, no whole answer | `UnknownOutcome` |
| no connection | `Unavailable`: not a byte was sent |
"""

from datetime import datetime
from enum import Enum
from typing import TypeVar

import httpx
from pydantic import ValidationError

from domain.booking import BookingOrder, Slot
from domain.errors import (
    NotOpenYet,
    ProviderError,
    Rejected,
    SoldOut,
    Throttled,
    Unauthorised,
    Unavailable,
    UnknownOutcome,
)
from gateways.bookeo.answer import Answer
from gateways.bookeo.asked_wait import asked_wait
from gateways.bookeo.models import Wire, WireBookingNumber, WireId


class Refusal(Enum):
    """A booking was refused for certain; why is not in the answer."""

    PLAIN = "plain"
    NOT_FOUND = "not_found"
    """404."""
    MAYBE_KEYS = "maybe_keys"
    """403: a refusal, or keys that were withdrawn."""


def booking_number(answer: Answer) -> str | None:
    """The number in the body, else the last segment of `Location`."""
    named = _parsed(WireBookingNumber, answer)
    return (named and named.booking_number) or _located(answer, "bookings")


def created_id(answer: Answer, collection: str) -> str | None:
    """The id of what a POST to that collection created, from the body or `Location`."""
    named = _parsed(WireId, answer)
    return (named and named.id) or _located(answer, collection)


def verdict_on_booking(answer: Answer) -> str | Refusal:
    """The booking's number, or that it was refused.

    Raises:
        Throttled, Unauthorised, UnknownOutcome: as the table above says.
    """
    match answer.status:
        case status if 200 <= status < 300:  # noqa: PLR2004 - the 2xx statuses
            number = booking_number(answer)
            if number is None:
                raise UnknownOutcome(
                    f"status {status} without a booking number, {len(answer.body)} bytes"
                )
            return number
        case 429:
            raise Throttled(asked_wait(answer))
        case 401:
            raise Unauthorised("the booking provider refused our keys: status 401")
        case 403:
            return Refusal.MAYBE_KEYS
        case 404:
            return Refusal.NOT_FOUND
        case status if 400 <= status < 500 and status != 408:  # noqa: PLR2004 - the 4xx statuses
            return Refusal.PLAIN
        case status:
            raise UnknownOutcome(f"status {status}, {len(answer.body)} bytes")


def cause_of_refusal(
    order: BookingOrder,
    refusal: Refusal,
    *,
    on_sale: Slot | None,
    behind: Slot | None,
    refused_before: bool,
    was_on_sale: bool,
    now: datetime,
) -> ProviderError:
    """Why a booking was refused, told from the slots read after the refusal.

    | customers see | back office sees | answer |
    |---|---|---|
    | too few seats | | `SoldOut` |
    | enough seats, the first time | | `NotOpenYet`: see below |
    | enough seats, again | | `Rejected`: `not_found` for a 404, else `refused` |
    | nothing | no seat | `SoldOut` |
    | nothing, the event began | | `Rejected("closed")` |
    | nothing, though it was on sale earlier | seats | `Rejected("closed")` |
    | nothing, though it was on sale earlier | nothing | `SoldOut`: full ones may be hidden |
    | nothing | seats | `NotOpenYet` |
    | nothing | nothing | `NotOpenYet`: see below |

    A window that opens, or a seat that comes free, between the refusal and the read looks
    exactly like a refusal without a cause. Calling it final would lose the place in the very
    second this service exists for, so it is final only when it happens twice.

    Whether the back office lists an event before its window opens is inferred, not documented,
    so an event listed nowhere, and never seen on sale, is one that has not opened as long as
    it has not begun. The mistake costs tries until the opening grace ends; the opposite one
    costs the place.
    """
    party = len(order.people.person_ids)
    if on_sale is not None:
        if on_sale.seats_available < party:
            return SoldOut("no seat is left for the party")
        if not refused_before:
            return NotOpenYet("refused, though the event is on sale a moment later")
        if refusal is Refusal.NOT_FOUND:
            return Rejected("not_found", "the provider knows no such event, customer or person")
        return Rejected("refused", "the provider refused the booking of an event that is on sale")
    if behind is not None and behind.seats_available == 0:
        return SoldOut("no seat is left")
    if order.event_start <= now:
        return Rejected("closed", "the event has begun and is not on sale")
    if was_on_sale and behind is not None:
        return Rejected("closed", "the event was on sale and is no longer, though it has seats")
    if was_on_sale:
        return SoldOut("the event was on sale and is no longer listed")
    return NotOpenYet("the event is not on sale yet")


def refusal_of_call(answer: Answer, call: str) -> ProviderError | None:
    """What a status other than 2xx means for a call that may be repeated; None for a 2xx.

    `call` is the method and path, never the query.
    """
    if 200 <= answer.status < 300:  # noqa: PLR2004 - the 2xx statuses
        return None
    seen = f"{call}: status {answer.status}"
    match answer.status:
        case 401 | 403:
            return Unauthorised(f"the booking provider refused our keys: {seen}")
        case 404:
            return Rejected("not_found", f"the booking provider knows no such thing: {seen}")
        case 429:
            return Throttled(asked_wait(answer))
        case status if 400 <= status < 500 and status != 408:  # noqa: PLR2004 - the 4xx statuses
            return Rejected("invalid", f"the booking provider refused the request: {seen}")
        case _:
            return Unavailable(f"the booking provider did not serve the request: {seen}")


W = TypeVar("W", bound=Wire)


def _parsed(kind: type[W], answer: Answer) -> W | None:
    try:
        return kind.model_validate_json(answer.body)
    except ValidationError:
        return None


def _located(answer: Answer, collection: str) -> str | None:
    location: str = answer.headers.get("Location", "")
    try:
        path = httpx.URL(location).path
    except httpx.InvalidURL:
        return None
    *_, parent, last = ["", "", *path.rstrip("/").split("/")]
    return last or None if parent == collection else None
