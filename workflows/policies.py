"""How often each step is tried again, and when its business deadline ends it.

Every policy says why. The error types it names are the class names of `domain.errors`; permanent
errors are already marked by the activities, so none is listed here twice.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy


@dataclass(frozen=True)
class Policy:
    """How one activity is given its time."""

    start_to_close: timedelta
    schedule_to_close: timedelta
    retry: RetryPolicy
    heartbeat: timedelta | None = None

    def under(self, summary: str) -> dict[str, Any]:
        """The activity's options, with the words of the Web UI."""
        return {
            "start_to_close_timeout": self.start_to_close,
            "schedule_to_close_timeout": self.schedule_to_close,
            "retry_policy": self.retry,
            "heartbeat_timeout": self.heartbeat,
            "summary": summary,
        }


CONFIRM = Policy(
    # A person waits, so the first repeats come fast. It goes on after they were told to ask
    # again: giving up on a write whose answer was lost could leave a row without its run.
    start_to_close=timedelta(seconds=8),
    schedule_to_close=timedelta(hours=1),
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=10),
    ),
)

LOOK_AHEAD = Policy(
    # Hours of time, and the next look-ahead repeats it anyway.
    start_to_close=timedelta(seconds=60),
    schedule_to_close=timedelta(minutes=10),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=2),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(minutes=1),
    ),
)

LEAD_PREFLIGHT = Policy(
    # Must leave room in the lead for claim and a warm connection. When it does not finish,
    # booking goes on without it: a slow look-up must not cost the place.
    start_to_close=timedelta(seconds=8),
    schedule_to_close=timedelta(seconds=12),
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=300),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=2),
    ),
)

TRANSITION = Policy(
    # A row must be written, whatever the outage: each transition is idempotent by its key.
    start_to_close=timedelta(seconds=15),
    schedule_to_close=timedelta(days=30),
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=30),
    ),
)

LOCALLY = Policy(
    # Within the workflow task, for a write that answers in milliseconds: in an opening second each
    # ordinary activity costs the server more than all the rest of its step. What does not answer
    # in time is done as an ordinary activity, under TRANSITION and the same operation key.
    # The SDK ends a running attempt at schedule_to_close, never the pauses between attempts that
    # fail at once; and a workflow task that goes on takes no update in. Hence the few attempts.
    start_to_close=timedelta(seconds=2),
    schedule_to_close=timedelta(seconds=3),
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=100),
        maximum_interval=timedelta(seconds=1),
        maximum_attempts=3,
    ),
)

BOOK_RETRY = RetryPolicy(
    # Only what was surely not sent, or a worker that died, comes back here, and then fast:
    # a second after the opening is already late. Its time-outs follow the registration's own.
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=1.5,
    maximum_interval=timedelta(seconds=5),
)

BOOK_HEARTBEAT = timedelta(seconds=60)
"""The last resort: a dead process is noticed within seconds by its lease (`activities.lane_watch`),
which costs the server nothing. A beat every few seconds of every lane did."""

ARMED_PER_SECOND = 25
"""How fast the lanes of one instant are armed. Measured on two cores with every server beside:
about 42 a second is the edge, beyond which the last lanes are late."""

CHECK_REVIEW = Policy(
    # An operator waits for the answer, and may ask again when the organiser's system is silent.
    start_to_close=timedelta(seconds=45),
    schedule_to_close=timedelta(seconds=60),
    retry=RetryPolicy(initial_interval=timedelta(seconds=1), backoff_coefficient=2.0),
)

RELEASE = Policy(
    # Only of use before the point of no return, and Temporal's own cancellation follows it.
    start_to_close=timedelta(seconds=1),
    schedule_to_close=timedelta(seconds=2),
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=100)),
)

RECONCILE_ALLOWANCE = timedelta(hours=24)
"""Past the late deadline `book` sends nothing more, but may still find out what happened."""

CHARGE = Policy(
    # The booking stands and the key is frozen, so repeating is safe and is the look-up. But a
    # payment service that is down must not withhold the receipt: past this the fee is due and
    # undecided, and the same charge is repeated later.
    start_to_close=timedelta(seconds=45),
    schedule_to_close=timedelta(minutes=2),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=20),
    ),
    heartbeat=timedelta(seconds=5),  # a dead worker is noticed before the parent wonders
)

UNDECIDED_CHARGE_PAUSE = timedelta(minutes=10)
"""Pause before an undecided charge is repeated; it doubles up to LONGEST_CHARGE_PAUSE."""

LONGEST_CHARGE_PAUSE = timedelta(hours=6)

NEXT_CHARGE_PAUSE = timedelta(seconds=1)
"""Pause after a charge that turned out never made: the next one has a key of its own."""

CANCEL_BOOKING = Policy(
    # The parent waits, so the first repeats come fast. What the organiser's system does not
    # answer within the hour is told to them: nobody wants a place given back a day later.
    start_to_close=timedelta(seconds=60),
    schedule_to_close=timedelta(hours=1),
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(minutes=1),
    ),
)

MONEY_BACK = Policy(
    # The booking is gone and the fee is owed, so it is repeated for as long as a transition would
    # be: key and parameters are frozen, and the service refunds no more than was charged.
    start_to_close=timedelta(seconds=45),
    schedule_to_close=timedelta(days=30),
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(hours=1),
    ),
    heartbeat=timedelta(seconds=5),
)

STAND_DOWN = Policy(
    # The run first finishes what is in flight: a charge may take CHARGE's two minutes.
    start_to_close=timedelta(seconds=30),
    schedule_to_close=timedelta(days=30),
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=30),
    ),
)

CHARGE_COMES_TO_LIGHT = timedelta(minutes=2)
"""Between two look-ups of an undecided charge before it counts as never made: longer than the
longest call to Stripe, 10 s, and than its lists lag, a minute."""

TELL = Policy(
    # Never blocks the rest: what stays in the outbox is delivered by the sweep of letters.
    start_to_close=timedelta(seconds=60),
    schedule_to_close=timedelta(minutes=10),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=3.0,
        maximum_interval=timedelta(minutes=2),
    ),
    heartbeat=timedelta(seconds=5),
)

NOTICE = Policy(
    # Nothing comes after it, and what it tells may be a place lost: tried for a day.
    start_to_close=timedelta(minutes=1),
    schedule_to_close=timedelta(days=1),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(minutes=5),
    ),
    heartbeat=timedelta(seconds=30),
)

RECOVERY = Policy(
    # Weeks of time, and each step may be repeated: neither an outage of Stripe nor of the database
    # downgrades anybody, or ends a recovery.
    start_to_close=timedelta(minutes=1),
    schedule_to_close=timedelta(days=30),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(minutes=30),
    ),
    heartbeat=timedelta(seconds=10),
)

RECOVERY_LETTER = Policy(
    # A warning that is some hours late still is one, and no other job sends it. Past a day the
    # next letter, or the end, says more.
    start_to_close=timedelta(seconds=60),
    schedule_to_close=timedelta(hours=23),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=2),
        backoff_coefficient=3.0,
        maximum_interval=timedelta(minutes=15),
    ),
    heartbeat=timedelta(seconds=10),
)
