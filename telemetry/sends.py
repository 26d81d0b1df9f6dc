"""The booking requests of one attempt as spans, made once they are over.

Nothing is measured for them: the instants are those that the attempt kept anyhow.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from opentelemetry.trace import SpanKind, StatusCode, get_tracer

from activities.booking_counts import ANSWERS
from activities.tries import SentRequest
from domain.contracts import BookOrder

NAME = "POST /bookings"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND = timedelta(milliseconds=1)


def show(order: BookOrder, sent: Sequence[SentRequest]) -> None:
    """A span for each, from its first byte to its answer, within the attempt's."""
    tracer = get_tracer("signupassist")
    for request in sent:
        span = tracer.start_span(
            NAME,
            kind=SpanKind.CLIENT,
            start_time=_nanoseconds(request.sent_at),
            attributes={
                "http.request.method": "POST",
                "url.template": "/v2/bookings",
                "booking.answer": ANSWERS.get(request.answer, "unknown"),
                "booking.lateness_ms": (request.sent_at - order.send_at) // _MILLISECOND,
                "booking.rank": order.rank,
            },
        )
        if request.answer != "Booked":
            span.set_status(StatusCode.ERROR)
        span.end(_nanoseconds(request.answered_at))


def _nanoseconds(instant: datetime) -> int:
    """Since the epoch; a float would lose what the lateness is measured in."""
    return (instant - _EPOCH) // _MICROSECOND * 1_000
