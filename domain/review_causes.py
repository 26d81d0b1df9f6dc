"""Why nobody could tell whether a registration was booked."""

from enum import StrEnum

from domain.states import FailureCode


class ReviewCause(StrEnum):
    """Each way into `needs_review`. Programs and the database rely on these words."""

    EARLIER_ATTEMPT_UNANSWERED = "earlier_attempt_unanswered"
    """A process died around its send, and the provider answered no look-up until the deadline."""
    SEND_UNANSWERED = "send_unanswered"
    """Our send got no clear answer, and no look-up after it was answered."""
    TWO_SENDS_WITHOUT_TRACE = "two_sends_without_trace"
    """Two sends got no clear answer, and the provider listed neither."""
    TOO_LATE_TO_SEND_AGAIN = "too_late_to_send_again"
    """One send left no trace, past the late deadline."""
    REFUSED_AFTER_LOST_SEND = "refused_after_lost_send"
    """Refused for certain, after a send that left no trace: our own booking may hold the seat."""
    AWAITS_APPROVAL = "awaits_approval"
    """There is a booking, which the organiser has yet to accept."""
    ABOVE_LIMIT_STANDS = "above_limit_stands"
    """There is a booking dearer than the parent agreed to, which could not be cancelled."""
    ONLY_CANCELLED = "only_cancelled"
    """All that exists under our reference is cancelled."""
    BOOKING_STEP_FAILED = "booking_step_failed"
    """The booking step ended in an error again and again until the late deadline."""
    OUTCOME_NOT_WRITTEN = "outcome_not_written"
    """The outcome was known, and the database refused it for good."""
    UNSPECIFIED = "unspecified"
    """From before causes were kept: the evidence is all that is known."""


NOT_BOOKED_AS = {
    ReviewCause.EARLIER_ATTEMPT_UNANSWERED: FailureCode.MISSED_WINDOW,
    ReviewCause.SEND_UNANSWERED: FailureCode.MISSED_WINDOW,
    ReviewCause.TWO_SENDS_WITHOUT_TRACE: FailureCode.MISSED_WINDOW,
    ReviewCause.TOO_LATE_TO_SEND_AGAIN: FailureCode.MISSED_WINDOW,
    ReviewCause.REFUSED_AFTER_LOST_SEND: FailureCode.REJECTED,
    ReviewCause.AWAITS_APPROVAL: FailureCode.REJECTED,
    ReviewCause.ABOVE_LIMIT_STANDS: FailureCode.OVER_CAP,
    ReviewCause.ONLY_CANCELLED: FailureCode.REJECTED,
    ReviewCause.BOOKING_STEP_FAILED: FailureCode.MISSED_WINDOW,
    ReviewCause.OUTCOME_NOT_WRITTEN: FailureCode.REJECTED,
    ReviewCause.UNSPECIFIED: FailureCode.MISSED_WINDOW,
}
"""What a registration failed of that a person found not booked, where no refusal says better."""
