"""How a registration spends its time. Sent with the workflow's input, so tests use tiny ones."""

from datetime import timedelta

from domain.frozen import Frozen


class Timing(Frozen):
    """The durations of one registration. The defaults are the service's promises."""

    lead: timedelta = timedelta(seconds=20)
    """The last booking of an instant is claimed and armed this long before the opening."""
    longest_spread: timedelta = timedelta(seconds=60)
    """The others are armed earlier, by at most this: at 25 a second, room for 1,500 at once."""
    preparation: timedelta = timedelta(seconds=10)
    """The last preflight comes this long before a registration's turn to be armed."""
    point_of_no_return: timedelta = timedelta(seconds=2)
    """Cancel and reschedule are refused from this long before the opening."""
    late_deadline: timedelta = timedelta(minutes=60)
    """Past the opening by more than this nothing is booked any more: missed_window."""
    opening_grace: timedelta = timedelta(minutes=5)
    """How long "not open yet" is tried again after the opening: then not_opened."""
    opening_retry: timedelta = timedelta(milliseconds=700)
    """Pause between two tries while the window stays shut: above Bookeo's 0.6 s a call."""
    quiet_period: timedelta = timedelta(seconds=20)
    """After an unknown outcome a look-up counts as "nothing there" only this long after the
    send: longer than the client's time-out plus an allowance for the provider's read lag."""
    look_ahead: tuple[timedelta, ...] = (timedelta(hours=24), timedelta(minutes=15))
    """Extra preflights this long before the opening, where time allows."""
    settlement: timedelta = timedelta(days=30)
    """How long the workflow waits for an unpaid fee or a review before it ends as it stands."""


DRAFT_LIFETIME = timedelta(days=7)
"""A draft nobody confirms lapses after this, or past the late deadline of its opening."""
