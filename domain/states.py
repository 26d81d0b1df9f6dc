"""The states of a registration and of its fee, as the database's check constraints spell them."""

from enum import StrEnum


class RegistrationStatus(StrEnum):
    """Where a registration stands."""

    DRAFT = "draft"
    """Described to the parent, promised nothing."""
    PENDING = "pending"
    """Confirmed; its workflow sleeps until the opening."""
    EXECUTING = "executing"
    """Claimed for the opening: being booked, or about to be."""
    COMPLETED = "completed"
    """The place is booked. The fee may still be due."""
    FAILED = "failed"
    """No place was booked; `failure_code` says why."""
    CANCELLED = "cancelled"
    NEEDS_REVIEW = "needs_review"
    """Nobody could tell whether the provider booked; a person decides."""


UNDER_WAY = (RegistrationStatus.PENDING, RegistrationStatus.EXECUTING)
"""Confirmed, and not ended: a run is at work on it."""


LIVE_STATUSES = frozenset(
    {
        RegistrationStatus.PENDING,
        RegistrationStatus.EXECUTING,
        RegistrationStatus.NEEDS_REVIEW,
        RegistrationStatus.COMPLETED,
    }
)
"""A child may have one registration in these states per event."""


class FeeStatus(StrEnum):
    """Where the success fee stands."""

    NOT_DUE = "not_due"
    DUE = "due"
    """The booking stands and the charge was declined; `retry_fee` tries again."""
    REQUIRES_ACTION = "requires_action"
    """The bank wants the parent to approve the payment."""
    PAID = "paid"
    REFUNDED = "refunded"


class FailureCode(StrEnum):
    """Why a registration ended without a booking. Programs may rely on these words."""

    MISSED_WINDOW = "missed_window"
    SOLD_OUT = "sold_out"
    NOT_OPENED = "not_opened"
    REJECTED = "rejected"
    OVER_CAP = "over_cap"
    MANDATE_INVALID = "mandate_invalid"
    PROVIDER_BLOCKED = "provider_blocked"
    UNAUTHORISED = "unauthorised"
    LAPSED = "lapsed"


class AuditKind(StrEnum):
    """What an audit event records."""

    DRAFTED = "drafted"
    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    PROBLEM_FOUND = "problem_found"
    CLAIMED = "claimed"
    ATTEMPT_OPENED = "attempt_opened"
    ATTEMPT_CLOSED = "attempt_closed"
    BOOKED = "booked"
    FEE_FROZEN = "fee_frozen"
    FEE_SETTLED = "fee_settled"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NEEDS_REVIEW = "needs_review"
    MANDATE_REVOKED = "mandate_revoked"
    MANDATE_SIGNED = "mandate_signed"
    """An operator had a permission signed that was given before permissions were."""
    REVIEW_RESOLVED = "review_resolved"
    """A person decided what nobody could tell."""
    SURPLUS_FOUND = "surplus_found"
    """Live bookings beyond the recorded one, or where there is none, and what became of them."""
    BOOKING_CANCELLED = "booking_cancelled"
    """The booking was given back at the provider, or the provider took it back."""
    REFUND_FROZEN = "refund_frozen"
    FEE_REFUNDED = "fee_refunded"


class NotificationKind(StrEnum):
    """What a parent is told by mail."""

    SCHEDULED = "scheduled"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    PROBLEM_AHEAD = "problem_ahead"
    BOOKED = "booked"
    NOT_BOOKED = "not_booked"
    UNDER_REVIEW = "under_review"
    FEE_DUE = "fee_due"
    FEE_PAID = "fee_paid"
    BOOKING_CANCELLED = "booking_cancelled"
    """The parent gave the place back."""
    BOOKING_LOST = "booking_lost"
    """The organiser cancelled the place."""
    NOT_GIVEN_BACK = "not_given_back"
    """The parent wanted to give the place back, and it stays booked."""
    REFUNDED = "refunded"
    """The bank has taken the fee back that was on its way."""
    OPENING_TOMORROW = "opening_tomorrow"
    PROFILE_INCOMPLETE = "profile_incomplete"
    """A draft cannot be confirmed yet: there is no card to pay with."""
    RECEIPT_FOLLOW_UP = "receipt_follow_up"
    """A week after the booking: what the receipt says, and until when the fee can come back."""
