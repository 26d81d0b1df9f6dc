"""What the lanes count of themselves, under the names of docs/metrics.md.

Prometheus adds `_total` to a counter and the unit to a histogram. No label names a person, a
registration or an account: only words that the code knows.
"""

from collections import Counter
from datetime import datetime, timedelta

from temporalio.common import MetricMeter

from domain.programs import BOOKEO

LATENESS = "booking_lateness"
QUEUE_DELAY = "booking_queue_delay"

ANSWERS = {
    "Booked": "booked",
    "NotOpenYet": "not_open_yet",
    "SoldOut": "sold_out",
    "Rejected": "rejected",
    "Throttled": "throttled",
    "Unauthorised": "unauthorised",
    "Unavailable": "unavailable",
    "LaneLost": "unavailable",
    "UnknownOutcome": "unknown",
}
"""The label for each type of answer; for any other it is `unknown` too."""


class BookingCounts:
    """Lanes, booking requests and how late they left.

    What is alarming shows a zero from the start, so that the first one is seen as one more.
    """

    def __init__(self, meter: MetricMeter) -> None:
        self._lanes = meter.create_gauge("lanes_armed", "Lanes that hold an armed booking.")
        self._armed_late = meter.create_counter(
            "bookings_armed_late", "Bookings armed too late to open a connection ahead."
        )
        self._sent = meter.create_counter(
            "booking_attempts", "Booking requests, by what came of each."
        )
        self._unknown = meter.create_counter(
            "booking_unknown", "Booking requests of which nobody knows what became of them."
        )
        self._lateness = meter.create_histogram_timedelta(
            LATENESS, "First byte of the booking request after its assigned send time.", "duration"
        )
        self._queue_delay = meter.create_histogram_timedelta(
            QUEUE_DELAY, "Assigned send time after the opening.", "duration"
        )
        self._lanes.set(0)
        self._armed_late.add(0)
        self._unknown.add(0, {"provider": BOOKEO})

    def lanes(self, armed: int) -> None:
        """So many hold an armed booking in this process now."""
        self._lanes.set(armed)

    def armed_late(self) -> None:
        """One was armed with no time left for a connection."""
        self._armed_late.add(1)

    def sends(self, provider: str, answers: Counter[str]) -> None:
        """The requests of one attempt, by the type of their answers."""
        for answer, many in answers.items():
            said = ANSWERS.get(answer, "unknown")
            self._sent.add(many, {"provider": provider, "answer": said})
        self._unknown.add(answers["UnknownOutcome"], {"provider": provider})

    def first_send(self, first_byte: datetime, send_at: datetime, opening: datetime) -> None:
        """How late an attempt's first request left, and how long after the opening its turn was.

        The queue's delay is none of its lateness: see `activities.booking_facts`.
        """
        self._lateness.record(max(first_byte - send_at, timedelta()))
        self._queue_delay.record(max(send_at - opening, timedelta()))
