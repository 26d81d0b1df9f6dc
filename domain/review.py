"""A registration nobody could tell the outcome of: its case, and a person's decision."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from domain.booking import Booking
from domain.contracts import BookingFacts, ChargeResult, Try
from domain.frozen import Frozen, Instant
from domain.money import Money
from domain.payments import ChargeStatus
from domain.refusals import Reason
from domain.review_causes import ReviewCause
from domain.states import FailureCode
from domain.timing import Timing

Handle = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$")]
"""How an operator is named in the audit trail: short, and no mail address."""

BookingNumber = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:-]+$")
]
"""The provider's own number of a booking."""


class ReviewDecision(StrEnum):
    """What a person found out at the organiser."""

    BOOKED = "booked"
    NOT_BOOKED = "not_booked"


class ReviewRequest(Frozen):
    """A person's decision. Checked at the provider before anything is written."""

    registration_id: UUID
    decision: ReviewDecision
    by: Handle
    booking_number: BookingNumber | None = None
    """With `booked`: which booking it is."""
    another_reference: bool = False
    """The person verified by hand that a booking without our reference is this registration's."""
    fee_returned: bool = False
    """With `not_booked`: a fee that was sent has been given back by hand."""

    def same_as(self, other: "ReviewRequest") -> bool:
        """Whether both decide alike, whoever decides."""
        return (self.decision, self.booking_number) == (other.decision, other.booking_number)


class ReviewOrder(Frozen):
    """The input of the workflow `review`, which waits for one decision."""

    registration_id: UUID
    timing: Timing = Timing()


class ShownBooking(Frozen):
    """A booking as the provider showed it to a reviewer. Another's reference is never kept."""

    booking_number: str
    ours: bool
    """Whether it carries our reference."""
    accepted: bool
    cancelled: bool
    created_at: Instant | None = None
    price: Money | None = None

    @classmethod
    def of(cls, booking: Booking, reference: str) -> "ShownBooking":
        """The booking, told apart from others by our reference."""
        seen = booking.model_dump(exclude={"reference"})
        return cls(**seen, ours=booking.reference == reference)


class ReviewFinding(Frozen):
    """What the check of a decision found: reasons against it, or what to write."""

    reasons: tuple[Reason, ...] = ()
    version: int = 0
    """The row's version at the check."""
    booking: BookingFacts | None = None
    """With `booked`: the booking as fetched back from the provider."""
    failure_code: FailureCode | None = None
    message: str | None = None
    """With `not_booked`: a sentence the parent understands."""
    shown: tuple[ShownBooking, ...] = ()


class ReviewOutcome(Frozen):
    """Write a decision: audit event and outcome in one transaction."""

    registration_id: UUID
    expected_version: int
    operation_key: str
    decision: ReviewDecision
    by: Handle
    booking: BookingFacts | None = None
    charge: ChargeResult | None = None
    another_reference: bool = False
    fee_returned: bool = False
    failure_code: FailureCode | None = None
    message: str | None = None
    shown: tuple[ShownBooking, ...] = ()


class AttemptRecord(Frozen):
    """One marker with everything written under it."""

    fence: int
    send_at: Instant
    opened_at: Instant
    closed_at: Instant | None = None
    outcome: str | None = None
    """How it was closed; None while nobody knows."""
    booking_number: str | None = None
    evidence: str | None = None
    requests: tuple[Try, ...] = ()


class ChargeSeen(Frozen):
    """A charge of the fee that was prepared, and how it ended as far as the database knows."""

    number: int
    status: ChargeStatus


class Resolution(Frozen):
    """How a review was decided."""

    decision: ReviewDecision
    by: str
    at: Instant
    booking_number: str | None = None


class ReviewCase(Frozen):
    """Everything the database knows of a registration that nobody could tell the outcome of."""

    registration_id: UUID
    cause: ReviewCause
    since: Instant
    evidence: str | None = None
    refused_as: FailureCode | None = None
    """The refusal that is doubted, or the failure that could not be written."""
    attempts: tuple[AttemptRecord, ...] = ()
    charges: tuple[ChargeSeen, ...] = ()
    resolution: Resolution | None = None
    """None while it waits."""
